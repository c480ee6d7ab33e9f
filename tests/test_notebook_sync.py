"""Gate: a cell tagged `lib:module.Name` is the package's code, without docstrings and annotations.

Compared are syntax trees, so comments and line breaks are free to differ. Nothing is executed.
"""

import ast
from copy import deepcopy

import pytest
from package_source import defined, definition, target

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, source, tags

# Raise it as chapters grow: without it, tags that nobody wrote would pass this gate.
LIB_CELLS_AT_LEAST = 60


class Bare(ast.NodeTransformer):
    """Take away what a teaching cell leaves out: docstrings and annotations."""

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(without_docstring(node))

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        # The fields of a dataclass or NamedTuple are annotations, so there they stay.
        record = node.decorator_list or any(
            ast.unparse(base) == "NamedTuple" for base in node.bases
        )
        body = without_docstring(node).body
        is_field = [record and isinstance(child, ast.AnnAssign) for child in body]
        bared = [c if field else self.visit(c) for c, field in zip(body, is_field, strict=True)]
        node.body = [child for child in bared if child is not None] or [ast.Pass()]
        return node

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        if node.value is None:
            return None
        return ast.Assign(targets=[node.target], value=self.visit(node.value))


def without_docstring(node):
    if ast.get_docstring(node) is not None:
        node.body = node.body[1:] or [ast.Pass()]
    return node


def bare(node: ast.stmt) -> str:
    return ast.dump(Bare().visit(deepcopy(node)))


def differences(text: str, names: list[tuple[str, str]], package=definition) -> list[str]:
    """Compare a cell with the package's definitions of these (module, name).

    A method's cell defines it as a function: `forward` for `GPT.forward`.
    """
    body = ast.parse(text).body
    ours = defined(body)
    found = []
    for module, name in names:
        here = name.rpartition(".")[2]
        if here not in ours:
            found.append(f"the cell does not define {here}")
        elif bare(ours[here]) != bare(package(module, name)):
            found.append(f"{here} differs from workshop_lib.{module}.{name}")
    tagged = {name.rpartition(".")[2] for _, name in names}
    others = [node for node in body if not tagged & set(defined([node]))]
    return found + [f"{ast.unparse(node)[:60]!r} is not in the package" for node in others]


def lib_cells():
    for path in chapter_notebooks():
        for index, cell in enumerate(read(path)["cells"]):
            wanted = [tag for tag in tags(cell) if tag.startswith("lib:")]
            if wanted:
                yield pytest.param(source(cell), wanted, id=f"{path.stem}-{index}-{wanted[0]}")


LIB_CELLS = list(lib_cells())


@pytest.mark.parametrize(("text", "wanted"), LIB_CELLS)
def test_cell_is_the_package_code(text, wanted):
    problems = differences(text, [target(tag) for tag in wanted])
    assert not problems, "\n".join(problems)


def test_there_are_cells_to_compare():
    assert len(LIB_CELLS) >= LIB_CELLS_AT_LEAST


# --- The gate itself, on code made for it ------------------------------------------------

PACKAGE = '''
@dataclass(frozen=True)
class Config:
    """A config."""

    width: int = 4

    @property
    def half(self) -> int:
        """Half of it."""
        return self.width // 2


class Norm(nn.Module):
    """Norm.

    Source: somebody.
    """

    scale: Tensor

    def __init__(self, width: int, eps: float = 1e-5):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, C) -> (B, T, C)."""
        mean: Tensor = x.mean(-1, keepdim=True)
        if x.ndim < 1:
            raise ValueError(f"x has {x.ndim} dimensions")
        return self.scale * (x - mean) / torch.sqrt(x.var(-1, keepdim=True) + self.eps)


LIMIT: int = 3
'''

CELL = """
class Norm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))  # new
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        if x.ndim < 1:
            raise ValueError(f"x has {x.ndim} dimensions")
        return self.scale * (x - mean) / torch.sqrt(
            x.var(-1, keepdim=True) + self.eps
        )
"""


def in_package(module, name):
    outer, _, method = name.partition(".")
    node = defined(ast.parse(PACKAGE).body)[outer]
    return defined(node.body)[method] if method else node


def compare(text, *names):
    return differences(text, [("norms", name) for name in names], in_package)


def test_equal_code_passes_without_docstrings_annotations_and_comments():
    assert compare(CELL, "Norm") == []
    assert compare("LIMIT = 3", "LIMIT") == []
    assert compare(PACKAGE, "Config", "Norm", "LIMIT") == []


def test_a_method_can_be_taught_alone():
    half = "@property\ndef half(self):\n    return self.width // 2"
    assert compare(half, "Config.half") == []
    assert compare(half.replace("2", "3"), "Config.half") == [
        "half differs from workshop_lib.norms.Config.half"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+ self.eps\n        )", ") + self.eps"),  # epsilon outside the root
        ("keepdim=True) + self", "keepdim=True, unbiased=False) + self"),
        ("1e-5", "1e-6"),
        ("width, eps", "size, eps"),
        ("        self.eps = eps\n", ""),
        ("dimensions", "axes"),
        ("nn.Module", "nn.Linear"),
        ("class Norm", "@final\nclass Norm"),
        ("self.scale * (x", "(x"),
    ],
)
def test_each_difference_is_found(old, new):
    assert old in CELL
    assert compare(CELL.replace(old, new), "Norm") == ["Norm differs from workshop_lib.norms.Norm"]


def test_fields_of_a_dataclass_are_compared():
    config = "@dataclass(frozen=True)\nclass Config:\n    width: int = 4\n{}"
    half = "    @property\n    def half(self):\n        return self.width // 2\n"
    assert compare(config.format(half), "Config") == []
    for wrong in (config.format(half).replace("int", "float"), config.format("").replace("4", "5")):
        assert compare(wrong, "Config") == ["Config differs from workshop_lib.norms.Config"]


def test_other_code_in_the_cell_is_found():
    assert compare(CELL + "\nNorm.forward = None", "Norm") == [
        "'Norm.forward = None' is not in the package"
    ]
    assert compare(CELL + "\ndef helper(): pass", "Norm") != []
    assert compare("print(1)", "Norm") == [
        "the cell does not define Norm",
        "'print(1)' is not in the package",
    ]


def test_tags_are_resolved_to_where_the_name_is_defined():
    assert target("lib:check.same_module") == ("check.compare", "same_module")
    assert target("lib:course.editions.edition") == ("course.editions", "edition")
    assert target("lib:model.LayerNorm.forward") == ("model.layers", "LayerNorm.forward")
    for wrong in ("lib:GPT", "lib:check.GPT", "lib:nothing.GPT", "lib:model.LayerNorm.backward"):
        with pytest.raises(LookupError):
            target(wrong)

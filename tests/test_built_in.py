"""`Built in: 03a` in a docstring names the notebook with the `lib:` cell, `Used in:` one that imports.

So a reader of the package finds the notebook that explains a thing, and no docstring promises more.
"""

import ast
import re
from collections import defaultdict

import pytest
from package_source import DEFINITIONS, home, modules, target, tree

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, source, tags

LINE = re.compile(r"^ *(Built|Used) in: (.*)$", re.MULTILINE)
Names = dict[tuple[str, str], set[str]]  # (file, name) -> notebooks such as "03a"


def definitions() -> dict[tuple[str, str], str]:
    """Return the docstring of each class, function and method, by (file, name)."""

    def walk(module, body, prefix=""):
        for node in body:
            if isinstance(node, DEFINITIONS):
                yield (module, prefix + node.name), ast.get_docstring(node) or ""
                if isinstance(node, ast.ClassDef):
                    yield from walk(module, node.body, f"{prefix}{node.name}.")

    return {key: text for module in modules() for key, text in walk(module, tree(module).body)}


def built(cells) -> Names:
    """Return which names have a `lib:` cell in which notebooks; cells are (notebook, tags, code)."""
    found = defaultdict(set)
    for notebook, marks, _ in cells:
        for mark in marks:
            if mark.startswith("lib:"):
                found[target(mark)].add(notebook)
    return found


def used(cells) -> Names:
    """Return which names of the package notebooks import, or reach through a module they import."""
    found, imported = defaultdict(set), defaultdict(dict)
    for notebook, _, text in cells:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workshop_lib"):
                for alias in node.names:
                    module = f"{node.module}.{alias.name}".removeprefix("workshop_lib.")
                    imported[notebook][alias.asname or alias.name] = module
                    _add(
                        found, node.module.removeprefix("workshop_lib").strip("."), alias, notebook
                    )
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = imported[notebook].get(node.value.id, "")
                _add(found, module, ast.alias(node.attr), notebook)
    return found


def _add(found: Names, module: str, alias: ast.alias, notebook: str) -> None:
    try:
        found[home(module, alias.name)].add(notebook)
    except LookupError:
        pass  # a module, or something of another library


def faults(docstrings: dict[tuple[str, str], str], built_in: Names, used_in: Names) -> list[str]:
    """Say which docstrings name another notebook than the one that builds or uses the thing."""
    found = []
    for key, text in docstrings.items():
        name = ".".join(key)
        lines = LINE.findall(text)
        said = {word: set(re.split(r",\s*", rest.strip())) for word, rest in lines}
        wanted = built_in.get(key, set())
        if text and said.get("Built", set()) != wanted:
            says, should = sorted(said.get("Built", ())), sorted(wanted)
            found.append(f"{name} says built in {says}, and its lib: cell is in {should}")
        if wrong := said.get("Used", set()) - used_in.get(key, set()):
            found.append(f"{name} says used in {sorted(wrong)}, where it is not imported")
        if len(lines) > 1:
            found.append(f"{name}: what is built somewhere need not say where it is used")
    return found


def all_cells():
    return [
        (path.stem[:3], tags(cell), source(cell))
        for path in chapter_notebooks()
        for cell in read(path)["cells"]
        if cell["cell_type"] == "code"
    ]


def test_docstrings_name_the_notebook_that_builds_or_uses_the_thing():
    cells = all_cells()
    problems = faults(definitions(), built(cells), used(cells))
    assert not problems, "\n".join(["", *problems])


def test_there_is_something_to_compare():
    texts = "\n".join(definitions().values())
    words = [word for word, _ in LINE.findall(texts)]
    assert words.count("Built") >= 80 and words.count("Used") >= 10


# --- The gate itself ---------------------------------------------------------------------

CELLS = [
    ("03b", ["lib:model.LayerNorm"], "class LayerNorm: ..."),
    ("05c", [], "from workshop_lib import lit\nlit.litgpt('download')"),
    ("06c", [], "from workshop_lib.lit import litgpt"),
]
NORM, COMMAND = ("model.layers", "LayerNorm"), ("lit.cli", "litgpt")


def test_built_and_used_are_read_from_the_cells():
    assert built(CELLS) == {NORM: {"03b"}}
    assert used(CELLS) == {COMMAND: {"05c", "06c"}}


@pytest.mark.parametrize(
    ("key", "text", "is_right"),
    [
        (NORM, "A norm.\n\nBuilt in: 03b", True),
        (NORM, "A norm.\n\nBuilt in: 03c", False),
        (NORM, "A norm.\n\nBuilt in: 03b, 03c", False),
        (NORM, "A norm.", False),
        (NORM, "A norm.\n\nBuilt in: 03b\nUsed in: 03b", False),
        (COMMAND, "A command.\n\nUsed in: 05c", True),
        (COMMAND, "A command.\n\nUsed in: 05c, 06c", True),
        (COMMAND, "A command.\n\nUsed in: 06d", False),
        (COMMAND, "A command.\n\nBuilt in: 05c", False),
        (COMMAND, "A command.", True),
    ],
)
def test_each_wrong_claim_is_found(key, text, is_right):
    assert (faults({key: text}, built(CELLS), used(CELLS)) == []) is is_right

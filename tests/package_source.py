"""The package's source as syntax trees, for the two gates that compare notebooks with it."""

import ast
import functools
from pathlib import Path

import workshop_lib

PACKAGE = Path(workshop_lib.__file__).parent
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def modules() -> list[str]:
    """Name the files of the package that define something, such as "generate" and "model.gpt"."""
    paths = (path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return sorted(".".join(path.parts) for path in paths if not path.stem.startswith("__"))


def path_of(module: str) -> Path:
    """Give a module's file; for a package, its `__init__`."""
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@functools.cache
def tree(module: str) -> ast.Module:
    path = path_of(module)
    if not path.exists():
        raise LookupError(f"workshop_lib has no module {module!r}")
    return ast.parse(path.read_text(encoding="utf-8"))


def defined(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """Map the names that statements define, as class, function or variable, to their statement."""
    names = {}
    for node in body:
        if isinstance(node, DEFINITIONS):
            names[node.name] = node
        elif isinstance(node, ast.Assign):
            names |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = node
    return names


def home(module: str, name: str) -> tuple[str, str]:
    """Find the module that defines a name, following `from workshop_lib.x import name`.

    Raises:
        LookupError: the module neither defines nor imports it.
    """
    if name in defined(tree(module).body):
        return module, name
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workshop_lib."):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return home(node.module.removeprefix("workshop_lib."), alias.name)
    raise LookupError(f"workshop_lib.{module} has no {name!r}")


def target(tag: str) -> tuple[str, str]:
    """Turn `lib:model.GPT`, or `lib:model.GPT.forward`, into the defining module and the name."""
    parts = tag.removeprefix("lib:").split(".")
    depth = next((n for n in (2, 1) if path_of(".".join(parts[:n])).exists()), 1)
    module, (outer, method) = ".".join(parts[:depth]), (*parts[depth:], "", "")[:2]
    if not outer:
        raise LookupError(f"{tag!r} should read lib:module.Name")
    module, outer = home(module, outer)
    name = f"{outer}.{method}" if method else outer
    definition(module, name)
    return module, name


def definition(module: str, name: str) -> ast.stmt:
    """Return the statement that defines a name, or the method of a class.

    Raises:
        LookupError: there is none.
    """
    body = tree(module).body
    for part in name.split("."):
        if part not in defined(body):
            raise LookupError(f"workshop_lib.{module} has no {name!r}")
        node = defined(body)[part]
        body = getattr(node, "body", [])
    return node


def public_names() -> set[tuple[str, str]]:
    """Return (defining module, name) of what the package offers.

    That is what a module lists in `__all__`; where it has none, its classes and functions that do
    not start with an underscore.
    """
    names = set()
    for module in modules():
        found = defined(tree(module).body)
        if "__all__" in found:
            names |= {home(module, name) for name in ast.literal_eval(found["__all__"].value)}
        else:
            names |= {
                (module, name)
                for name, node in found.items()
                if isinstance(node, DEFINITIONS) and not name.startswith("_")
            }
    return names

"""Who imports whom in the package, read from the syntax trees: nothing is run."""

import ast
from pathlib import Path

from package_source import PACKAGE

Sources = dict[
    str, str
]  # a file's dotted name, such as "model.gpt" or "model.__init__" -> its text

# From what knows nothing of the others up to what may know all: a file imports from its own room
# and from the rooms before it.
ROOMS = (
    # tools that any room may use
    "paths", "require", "files", "progress", "interactive", "plot",
    # what the course teaches, in its order
    "config", "assets", "tokenizer", "data", "model", "sampling", "generate", "train", "weights",
    "finetune", "lit", "evaluate",
    # what is made of it
    "chat", "commands", "check", "course", "__main__",
)  # fmt: skip


def package_sources(package: Path = PACKAGE) -> Sources:
    """Read every file of the package but its own `__init__`."""
    paths = {path.relative_to(package).with_suffix(""): path for path in package.rglob("*.py")}
    paths.pop(Path("__init__"))
    return {".".join(name.parts): path.read_text("utf-8") for name, path in sorted(paths.items())}


def room(module: str) -> str:
    return module.partition(".")[0]


def is_face(module: str) -> bool:
    return module.endswith(".__init__")


def imported(module: str, sources: Sources) -> set[str]:
    """Name the files of the package that one file imports, in functions too.

    `from workshop_lib.model import gpt` imports the file model.gpt, and
    `from workshop_lib.model import GPT` the face, model.__init__.
    """
    found = set()
    for node in ast.walk(ast.parse(sources[module])):
        if isinstance(node, ast.Import):
            found |= {_file(alias.name, sources) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # relative to the folder in which the file lies
                folders = module.split(".")[: -node.level]
                base = ".".join(filter(None, ["workshop_lib", *folders, node.module]))
            for alias in node.names:
                inner = _file(f"{base}.{alias.name}", sources)
                found.add(inner if inner is not None else _file(base, sources))
    return {name for name in found if name is not None}


def _file(dotted: str, sources: Sources) -> str | None:
    top, _, name = dotted.partition(".")
    if top != "workshop_lib":
        return None
    return next((file for file in (name, f"{name}.__init__") if file in sources), None)


def graph(sources: Sources) -> dict[str, set[str]]:
    return {module: imported(module, sources) for module in sources}


def circle(sources: Sources) -> list[str]:
    """Return files of which each imports the next, and the last the first; [] if there are none."""
    edges, done = graph(sources), set()

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module) :]
        if module not in done:
            for other in sorted(edges[module]):
                if found := visit(other, [*path, module]):
                    return found
            done.add(module)
        return []

    for module in sorted(edges):
        if found := visit(module, []):
            return found
    return []


def wrong_directions(sources: Sources) -> list[str]:
    """Say which file imports from a room that comes after its own."""
    found = [
        f"{name} has no place in ROOMS"
        for name in sorted(set(map(room, sources)))
        if name not in ROOMS
    ]
    return found + [
        f"{module} imports {other}: {room(other)} comes after {room(module)}"
        for module, others in graph(sources).items()
        for other in sorted(others)
        if {room(module), room(other)} <= set(ROOMS)
        and ROOMS.index(room(other)) > ROOMS.index(room(module))
    ]


def faces_imported(sources: Sources) -> list[str]:
    """Say which file of the package imports a room's face instead of the file behind it."""
    faces = {f"{name}.__init__" for name in ROOMS}
    return [
        f"{module} imports the face of {room(other)}: name the file"
        for module, others in graph(sources).items()
        for other in sorted(others & faces)
    ]


def face_faults(sources: Sources) -> list[str]:
    """Say which face does more than hand on what it names in `__all__`, in order."""
    found = []
    for module in filter(is_face, sources):
        tree = ast.parse(sources[module])
        handed_on, named = [], []
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workshop_lib."):
                handed_on += [alias.asname or alias.name for alias in node.names]
                if room(node.module.removeprefix("workshop_lib.")) != room(module):
                    found.append(f"{module} hands on from another room: {node.module}")
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                named = ast.literal_eval(node.value)
        if not ast.get_docstring(tree):
            found.append(f"{module} has no docstring")
        if sorted(handed_on) != sorted(named):
            odd = sorted(set(handed_on) ^ set(named))
            found.append(f"{module}: __all__ and the imports differ in {', '.join(odd)}")
        if named != sorted(named):
            found.append(f"{module}: __all__ is not in alphabetical order")
    return found


def too_long(sources: Sources, limit: int) -> list[str]:
    lengths = {module: len(text.splitlines()) for module, text in sources.items()}
    return [
        f"{module} has {n} lines, more than {limit}" for module, n in lengths.items() if n > limit
    ]

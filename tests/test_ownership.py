"""Gate: each public name of the package is taught by one cell, or listed with a reason.

A name of the package is defined in the one cell that carries its `lib:` tag, or in no cell at all:
elsewhere it is imported. So no second version of it can drift away unseen. Exercises and solutions
are free to use any name, and so is all else where a whole module is listed as machinery.
"""

import ast
from collections import Counter

import pytest
from package_source import DEFINITIONS, defined, home, public_names, target

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, source, tags
from workshop_lib.paths import ROOT

NOT_TAUGHT = ROOT / "tests" / "not_taught.txt"


def all_cells() -> list[tuple[str, list[str], str]]:
    """Return (where, tags, source) of every code cell."""
    return [
        (f"{path.stem} cell {index}", tags(cell), source(cell))
        for path in chapter_notebooks()
        for index, cell in enumerate(read(path)["cells"])
        if cell["cell_type"] == "code"
    ]


def taught(cells) -> list[tuple[str, str]]:
    """Return (module, name) for every lib: tag."""
    return [target(tag) for _, marks, _ in cells for tag in marks if tag.startswith("lib:")]


def second_definitions(cells, names) -> list[str]:
    """Say which cells define a name of the package without owning it."""
    public = {name for _, name in names}
    found = []
    for where, marks, text in cells:
        if any(mark.startswith(("exercise:", "solution:")) for mark in marks):
            continue
        owned = {name for _, name in taught([(where, marks, text)])}
        definitions = {
            name
            for name, node in defined(ast.parse(text).body).items()
            if isinstance(node, DEFINITIONS) or name.isupper()
        }
        found += [
            f"{where} defines {name}: import it, or tag the cell lib:module.{name}"
            for name in sorted(definitions & public - owned)
        ]
    twice = [key for key, count in Counter(taught(cells)).items() if count > 1]
    return found + [f"{module}.{name} is taught by two cells" for module, name in twice]


def exemptions(text: str) -> dict[str, str]:
    """Read `file.Name  reason`, `file.*  reason` or `room.*  reason` from the lines of a list."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    pairs = [line.split(maxsplit=1) for line in lines]
    for pair in pairs:
        if len(pair) < 2 or len(pair[1].split()) < 3:
            raise ValueError(f"{pair[0]} has no reason")
    return dict(pairs)


def not_accounted_for(names, taught_names, exempt: dict[str, str]) -> list[str]:
    """Say which names nobody teaches or excuses, and which excuses are out of date."""
    used = set()
    problems = []
    for module, name in sorted(names):
        room = module.partition(".")[0]
        keys = {f"{module}.{name}", f"{module}.*", f"{room}.*"} & set(exempt)
        used |= keys
        if (module, name) in taught_names:
            stale = [key for key in keys if not key.endswith("*")]
            problems += [f"{key} is taught: take it off the list" for key in stale]
        elif not keys:
            problems.append(f"{module}.{name} is neither taught in a lib: cell nor listed")
    return problems + [f"{key} is not in the package" for key in exempt if key not in used]


def test_no_cell_defines_a_name_that_it_does_not_own():
    machinery = {key.removesuffix(".*") for key in listed() if key.endswith(".*")}
    names = {
        (module, name)
        for module, name in public_names()
        if module not in machinery and module.partition(".")[0] not in machinery
    }
    problems = second_definitions(all_cells(), names)
    assert not problems, "\n".join(["", *problems])


def test_each_public_name_is_taught_or_listed_with_a_reason():
    problems = not_accounted_for(public_names(), taught(all_cells()), listed())
    assert not problems, "\n".join(["", *problems])


def listed() -> dict[str, str]:
    return exemptions(NOT_TAUGHT.read_text(encoding="utf-8"))


# --- The gate itself ---------------------------------------------------------------------

NAMES = {
    ("check.exercise", "check"),
    ("check.exercise", "solved"),
    ("course.running", "HEADLINE"),
}


def test_the_package_has_names_to_account_for():
    names = public_names()
    assert {("check.compare", "same_module"), ("model.layers", "LayerNorm")} <= names
    assert not any(name.startswith("_") or name == "torch" for _, name in names)
    assert home("model", "LayerNorm") == ("model.layers", "LayerNorm")


@pytest.mark.parametrize(
    ("marks", "text", "expected"),
    [
        ([], "def check(): pass", "check"),
        ([], "class solved: pass", "solved"),
        ([], "HEADLINE = 'x'", "HEADLINE"),
        (["lib:check.solved"], "def check(): pass\ndef solved(): pass", "check"),
        (["lib:check.check"], "def check(): pass", None),
        (["exercise:02a-1"], "def check(): pass", None),
        (["solution:02a-1"], "def check(): pass", None),
        ([], "from workshop_lib.check import check\ncheck = 3\nother = check", None),
    ],
)
def test_a_second_definition_is_found(marks, text, expected):
    found = second_definitions([("01a cell 3", marks, text)], NAMES)
    assert [line.split(":")[0] for line in found] == (
        [f"01a cell 3 defines {expected}"] if expected else []
    )


def test_two_cells_that_teach_the_same_are_found():
    cell = ("01a cell 3", ["lib:check.check"], "def check(): pass")
    assert second_definitions([cell, cell], NAMES) == [
        "check.exercise.check is taught by two cells"
    ]


def test_names_nobody_accounts_for_and_stale_excuses_are_found():
    exempt = exemptions(
        "# list\ncheck.*  tools of the workshop\ncourse.running.GONE  is not there any more"
    )
    assert not_accounted_for(NAMES, [], exempt) == [
        "course.running.HEADLINE is neither taught in a lib: cell nor listed",
        "course.running.GONE is not in the package",
    ]
    exempt = exemptions(
        "check.exercise.check  it is too easy\ncheck.exercise.solved  it is too hard"
    )
    assert not_accounted_for(
        NAMES, [("check.exercise", "check"), ("course.running", "HEADLINE")], exempt
    ) == ["check.exercise.check is taught: take it off the list"]
    for line in ("check.check", "check.check  later", "check.check  some day"):
        with pytest.raises(ValueError, match="no reason"):
            exemptions(line)

"""The self-checks: each usual mistake is rejected with its own hint, the right answer accepted."""

import importlib
import types
from pathlib import Path

import pytest

from workshop_lib.check import exercises
from workshop_lib.check.exercise import _verdict
from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, tags

MISTAKES_AT_LEAST = 3


def exercises_in_notebooks() -> list[str]:
    marks = [
        tag for path in chapter_notebooks() for cell in read(path)["cells"] for tag in tags(cell)
    ]
    return [mark.removeprefix("exercise:") for mark in marks if mark.startswith("exercise:")]


def exercises_in_package() -> list[str]:
    files = sorted(Path(exercises.__file__).parent.glob("notebook_*.py"))
    return [id for file in files for id in exercises.ids(file.stem.removeprefix("notebook_"))]


def table_of(exercise: str) -> types.ModuleType:
    return importlib.import_module(f"wrong_answers.notebook_{exercise.split('-')[0]}")


def faults(exercise: str, table) -> list[str]:
    """Say what a table of answers shows to be wrong with the check of an exercise."""
    wrong = table.WRONG.get(exercise, [])
    if len(wrong) < MISTAKES_AT_LEAST:
        return [f"{exercise}: {len(wrong)} wrong answers, fewer than {MISTAKES_AT_LEAST}"]
    if exercise not in table.RIGHT:
        return [f"{exercise}: no right answer"]
    found = []
    mark, text = _verdict(exercise, table.RIGHT[exercise])
    if mark != "✅":
        found.append(f"{exercise}: the right answer gets {mark} {text}")
    hints = set()
    for number, (answer, part) in enumerate(wrong):
        mark, text = _verdict(exercise, answer)
        hints.add(text)
        if mark != "❌" or part not in text or not part:
            found.append(f"{exercise}: wrong answer {number} gets {mark} {text!r}, not {part!r}")
    if len(hints) < MISTAKES_AT_LEAST:
        found.append(f"{exercise}: {len(hints)} different hints, fewer than {MISTAKES_AT_LEAST}")
    return found


@pytest.mark.parametrize("exercise", exercises_in_package())
def test_each_mistake_gets_its_hint_and_the_right_answer_passes(exercise):
    problems = faults(exercise, table_of(exercise))
    assert not problems, "\n".join(["", *problems])


def test_notebooks_and_package_have_the_same_exercises():
    here, there = exercises_in_notebooks(), exercises_in_package()
    assert here and sorted(here) == sorted(there)


def test_the_tables_hold_no_other_exercises():
    files = sorted(Path(__file__).parent.glob("wrong_answers/notebook_*.py"))
    tables = [importlib.import_module(f"wrong_answers.{file.stem}") for file in files]
    listed = {id for table in tables for id in [*table.WRONG, *table.RIGHT]}
    assert listed == set(exercises_in_package())


# --- The test itself, on a check made for it ---------------------------------------------


def check_double(answer):
    if answer(3) == 3:
        return "this returns x unchanged"
    if answer(3) == 9:
        return "this is the square"
    return None if answer(3) == 6 and answer(-1) == -2 else "try negative numbers"


WRONG = [
    (lambda x: x, "unchanged"),
    (lambda x: x**2, "square"),
    (lambda x: abs(2 * x), "negative"),
]


def table(wrong=WRONG, right=lambda x: 2 * x):
    return types.SimpleNamespace(WRONG={"99a-1": wrong}, RIGHT={"99a-1": right} if right else {})


@pytest.fixture
def double(monkeypatch):
    monkeypatch.setattr(exercises, "find", lambda _: check_double)


def test_a_good_table_passes(double):
    assert faults("99a-1", table()) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (table(WRONG[:2]), "2 wrong answers, fewer than 3"),
        (table(right=None), "no right answer"),
        (table(right=abs), "the right answer gets ❌ this returns x unchanged"),
        (table([*WRONG, (lambda x: 2 * x, "right")]), "wrong answer 3 gets ✅"),
        (table([*WRONG, (lambda x: x, "square")]), "wrong answer 3 gets ❌ 'this returns"),
        (table([*WRONG, (lambda x: x, "")]), "wrong answer 3"),
        (table([*WRONG, (lambda x: x / 0, "square")]), "stops with ZeroDivisionError"),
        (table(3 * WRONG[:1]), "1 different hints, fewer than 3"),
    ],
)
def test_a_bad_table_is_found(double, bad, message):
    assert message in "\n".join(faults("99a-1", bad))

"""The self-checks: each usual mistake is rejected with its own hint, each right answer accepted.

What the checks share is tried with every exercise: a forgotten `return`, a changed argument, an
answer of an odd type, a number of torch or NumPy. `-rs` prints which notebooks still have short tables.
"""

import importlib
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from workshop_lib.check import exercises
from workshop_lib.check.exercise import _verdict
from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, tags

# Notebooks whose tables are short: three wrong answers and one right one have to do. A notebook
# leaves the list when each of its exercises has five wrong answers, with four different hints,
# and three right ones that are written differently. The list only shrinks.
NOT_CONVERTED = ()
FULL = {"wrong": 5, "hints": 4, "right": 3}
SHORT = {"wrong": 3, "hints": 3, "right": 1}


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


def right_answers(exercise: str, table) -> list:
    """Return the right answers: a list, or one alone in a table that is not converted yet."""
    answers = table.RIGHT.get(exercise, [])
    return answers if isinstance(answers, list) else [answers]


def written(answer) -> object:
    """Return what tells two answers apart that are written differently."""
    code = getattr(answer, "__code__", None)
    if code is None:
        return type(answer), repr(answer)
    return code.co_code, str(code.co_consts), code.co_names


def faults(exercise: str, table, least=SHORT) -> list[str]:
    """Say what a table of answers shows to be wrong with the check of an exercise."""
    wrong, right = table.WRONG.get(exercise, []), right_answers(exercise, table)
    if len(wrong) < least["wrong"]:
        return [f"{exercise}: {len(wrong)} wrong answers, fewer than {least['wrong']}"]
    n_right = len(set(map(written, right)))
    if n_right < least["right"]:
        return [f"{exercise}: {n_right} right answers of their own, fewer than {least['right']}"]
    found = []
    for number, answer in enumerate(right):
        mark, text = _verdict(exercise, answer)
        if mark != "✅":
            found.append(f"{exercise}: right answer {number} gets {mark} {text}")
    hints = set()
    for number, (answer, part) in enumerate(wrong):
        mark, text = _verdict(exercise, answer)
        hints.add(text)
        if mark != "❌" or part not in text or not part:
            found.append(f"{exercise}: wrong answer {number} gets {mark} {text!r}, not {part!r}")
    if len(hints) < least["hints"]:
        found.append(f"{exercise}: {len(hints)} different hints, fewer than {least['hints']}")
    return found


each_exercise = pytest.mark.parametrize("exercise", exercises_in_package())


@each_exercise
def test_each_mistake_gets_its_hint_and_each_right_answer_passes(exercise):
    problems = faults(exercise, table_of(exercise))
    assert not problems, "\n".join(["", *problems])


@each_exercise
def test_the_table_is_full(exercise):
    problems = faults(exercise, table_of(exercise), FULL)
    if problems and exercise.split("-")[0] in NOT_CONVERTED:
        pytest.skip(f"not converted yet: {problems[0]}")
    assert not problems, "\n".join(["", *problems])


def test_the_notebooks_to_convert_exist():
    assert set(NOT_CONVERTED) <= {exercise.split("-")[0] for exercise in exercises_in_package()}


# --- What all checks share ----------------------------------------------------------------

ODD = [[], [71.5, 9], [1, [2]], (71.5, 9), {}, {1}, "text", b"x", -71, 3.71, True, object(), abs]
ODD += [torch.zeros(2), torch.zeros(2, 2), np.array([1.0, 2.0]), np.array(["x"])]


def asks_for_a_function(exercise: str) -> bool:
    return callable(right_answers(exercise, table_of(exercise))[0])


def declared(exercise: str, key: str) -> bool:
    return getattr(exercises.find(exercise), "wants", {}).get(key, False)


def then(exercise: str, change):
    """Return the right function, whose result goes through `change(result, arguments)`."""
    right = right_answers(exercise, table_of(exercise))[0]
    return lambda *args, **kwargs: change(right(*args, **kwargs), [*args, *kwargs.values()])


each_function = pytest.mark.parametrize(
    "exercise", [id for id in exercises_in_package() if asks_for_a_function(id)]
)


@each_function
def test_a_forgotten_return_is_named(exercise):
    if declared(exercise, "in_place"):
        pytest.skip("nothing need be returned")
    mark, text = _verdict(exercise, then(exercise, lambda result, _: None))
    assert (mark, text) == ("❌", "your function returns nothing: did you forget `return`?")


@each_function
def test_a_changed_argument_is_named(exercise):
    if declared(exercise, "in_place"):
        pytest.skip("the argument is to be changed")
    changed = []

    def change(result, arguments):
        for argument in arguments:
            if isinstance(argument, torch.Tensor) and argument.any():
                changed.append(argument.zero_())
            elif isinstance(argument, list):
                changed.append(argument.append(argument[0] if argument else 0))
            elif type(argument) is dict:
                changed.append(argument.update(new=0))
        return result

    mark, text = _verdict(exercise, then(exercise, change))
    if not changed:
        pytest.skip("no argument can be changed")
    assert mark == "❌" and "your function changed its argument" in text, text


@each_function
def test_numbers_of_torch_and_numpy_are_right_too(exercise):
    for number_of in (torch.tensor, np.asarray, lambda number: np.asarray(number)[()]):

        def change(result, _, number_of=number_of):
            return number_of(result) if isinstance(result, bool | int | float) else result

        assert _verdict(exercise, then(exercise, change)) == ("✅", "right")


@each_exercise
def test_an_odd_answer_gets_a_hint_and_breaks_nothing(exercise):
    is_function = asks_for_a_function(exercise)
    for odd in ODD:
        mark, text = _verdict(
            exercise, then(exercise, lambda *_, odd=odd: odd) if is_function else odd
        )
        assert "the check itself failed" not in text, text
        assert mark == "❌" or declared(exercise, "in_place"), f"{odd!r} is right"


@each_function
def test_a_result_in_the_place_of_the_function_is_named(exercise):
    assert "the exercise asks for a function" in _verdict(exercise, 5)[1]


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


RIGHT = [lambda x: 2 * x, lambda x: x + x, lambda x: x * 2]


def table(wrong=WRONG, right=RIGHT[0]):
    return types.SimpleNamespace(WRONG={"99a-1": wrong}, RIGHT={"99a-1": right} if right else {})


@pytest.fixture
def double(monkeypatch):
    monkeypatch.setattr(exercises, "find", lambda _: check_double)


def test_a_good_table_passes(double):
    assert faults("99a-1", table()) == []
    five = [*WRONG, (lambda x: 0, "negative"), (lambda x: None, "returns nothing")]
    assert faults("99a-1", table(five, RIGHT), FULL) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (table(WRONG, RIGHT), "3 wrong answers, fewer than 5"),
        (table(2 * WRONG, RIGHT), "3 different hints, fewer than 4"),
        (table(2 * WRONG, RIGHT[:2]), "2 right answers of their own, fewer than 3"),
        (table(2 * WRONG, 3 * RIGHT[:1]), "1 right answers of their own"),
        (table(2 * WRONG, [*RIGHT, abs]), "right answer 3 gets ❌ this returns x unchanged"),
    ],
)
def test_a_short_table_is_found(double, bad, message):
    assert message in "\n".join(faults("99a-1", bad, FULL))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (table(WRONG[:2]), "2 wrong answers, fewer than 3"),
        (table(right=None), "0 right answers of their own, fewer than 1"),
        (table(right=abs), "right answer 0 gets ❌ this returns x unchanged"),
        (table([*WRONG, (lambda x: 2 * x, "right")]), "wrong answer 3 gets ✅"),
        (table([*WRONG, (lambda x: x, "square")]), "wrong answer 3 gets ❌ 'this returns"),
        (table([*WRONG, (lambda x: x, "")]), "wrong answer 3"),
        (table([*WRONG, (lambda x: x / 0, "square")]), "stops with ZeroDivisionError"),
        (table(3 * WRONG[:1]), "1 different hints, fewer than 3"),
    ],
)
def test_a_bad_table_is_found(double, bad, message):
    assert message in "\n".join(faults("99a-1", bad))

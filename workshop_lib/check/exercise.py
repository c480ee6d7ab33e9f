"""Answers to exercises: right, wrong with a hint, or not attempted.

What every exercise needs is done here once, so that a check says only what is special about it. The
participant's function is watched while a check calls it: a forgotten `return` and a changed argument
are told at once, numbers of torch and NumPy arrive as Python's, and a failure of the check is told
apart from a failure of the answer.
"""

from collections.abc import Callable
from typing import TypeVar

from workshop_lib.check import exercises
from workshop_lib.check.compare import _own_randomness
from workshop_lib.check.watched import Told, Watched, returns_nothing, short

T = TypeVar("T")

_NOT_CALLED = "the exercise asks for a function: hand over the function itself, not {}"


def check(exercise_id: str, answer: object) -> None:
    """Say how an answer to an exercise is doing; never raise.

    Prints one line: ⏳ not attempted (the answer is None or still raises a bare
    NotImplementedError), ✅ right, or ❌ with a hint.

    Args:
        exercise_id: notebook and number, such as "02a-1".
        answer: the value, function or class the exercise asks for.
    """
    mark, text = _verdict(exercise_id, answer)
    _say(f"{mark} {exercise_id}: {text}")


def solved(exercise_id: str, answer: T, solution: T) -> T:
    """Keep a participant's own right answer, else take the solution.

    Args:
        exercise_id: notebook and number, such as "02a-1".
        answer: the participant's value, function or class.
        solution: the workshop's.

    Returns:
        `answer` when it is right, else `solution`.

    Raises:
        AssertionError: the solution itself fails the check.
    """
    if _verdict(exercise_id, answer)[0] == "✅":
        _say(f"✅ {exercise_id}: your own answer is used from here on")
        return answer
    mark, text = _verdict(exercise_id, solution)
    assert mark == "✅", f"the solution of {exercise_id} fails its own check: {text}"
    _say(f"→ {exercise_id}: the workshop's solution is used from here on")
    return solution


def wants(
    kind: type | None = None, *, or_none: bool = False, in_place: bool = False
) -> Callable[[T], T]:
    """Declare, above a check, what its exercise asks for; most checks need no more than `kind`.

    Args:
        kind: what the function returns: float, int, bool, str, list, tuple or torch.Tensor.
            Anything else gets a hint before the check sees it, and near relatives are converted:
            3.0 where an int is wanted, a list for a tuple and the other way round, an array for a
            tensor.
        or_none: None is the right result of some calls.
        in_place: the function changes its argument, and need not return anything.
    """

    def declare(find_mistake: T) -> T:
        wanted = {"kind": kind, "or_none": or_none, "in_place": in_place}
        find_mistake.wants = wanted  # type: ignore[attr-defined]
        return find_mistake

    return declare


def _verdict(exercise_id: str, answer: object) -> tuple[str, str]:
    """Return a mark and its text; whatever a wild answer raises becomes part of the text."""
    try:
        find_mistake = exercises.find(exercise_id)
    except ValueError as error:
        return "❌", str(error)
    if answer is None or answer is ...:
        return "⏳", "not attempted yet"
    watched = Watched(answer, **getattr(find_mistake, "wants", {}))
    try:
        with _own_randomness():
            hint = find_mistake(watched.handed_over())
    except Told as told:
        return "❌", str(told)
    except Exception as error:
        # Only a stub raises it bare; torch's own NotImplementedErrors have a message.
        if isinstance(error, NotImplementedError) and not error.args:
            return "⏳", "not attempted yet"
        return "❌", _why(error, watched)
    if hint is not None and watched.only_none():
        hint = returns_nothing()
    return ("✅", "right") if hint is None else ("❌", hint)


def _why(error: Exception, watched: Watched) -> str:
    """Say why a check came to no result, and whose fault that is."""
    what = f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
    if watched.is_to_blame(error):
        return f"your answer stops with {what}"
    if str(error) == f"{type(watched.answer).__name__!r} object is not callable":
        return _NOT_CALLED.format(short(watched.answer))
    if watched.only_none():
        return returns_nothing()
    seen = watched.results[-1] if watched.results else watched.answer
    return (
        f"the check itself failed on your answer {short(seen)}, which need not be wrong: please "
        f"report it ({what})"
    )


def _say(line: str) -> None:
    """Print a line, without its symbols where the terminal cannot show them."""
    try:
        print(line)
    except UnicodeEncodeError:
        print(line.encode("ascii", "replace").decode())

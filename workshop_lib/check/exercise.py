"""Answers to exercises: right, wrong with a hint, or not attempted."""

from workshop_lib.check import exercises
from workshop_lib.check.compare import T, _own_randomness


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


def _verdict(exercise_id: str, answer: object) -> tuple[str, str]:
    """Return a mark and its text; whatever a wild answer raises becomes part of the text."""
    try:
        find_mistake = exercises.find(exercise_id)
    except ValueError as error:
        return "❌", str(error)
    if answer is None or answer is ...:
        return "⏳", "not attempted yet"
    try:
        with _own_randomness():
            hint = find_mistake(answer)
    except Exception as error:
        # Only a stub raises it bare; torch's own NotImplementedErrors have a message.
        if isinstance(error, NotImplementedError) and not error.args:
            return "⏳", "not attempted yet"
        message = " ".join(str(error).split()) or "no message"
        return "❌", f"your answer stops with {type(error).__name__}: {message}"
    return ("✅", "right") if hint is None else ("❌", hint)


def _say(line: str) -> None:
    """Print a line, without its symbols where the terminal cannot show them."""
    try:
        print(line)
    except UnicodeEncodeError:
        print(line.encode("ascii", "replace").decode())

"""Answers to exercises: right, wrong with a hint, or not attempted.

What every exercise needs is done here once, so that a check says only what is special about it. The
participant's function is watched while a check calls it: a forgotten `return` and a changed argument
are told at once, numbers of torch and NumPy arrive as Python's, and a failure of the check is told
apart from a failure of the answer.
"""

import functools
import inspect
from collections.abc import Callable

import numpy as np
import torch

from typing import TypeVar

from workshop_lib.check import exercises
from workshop_lib.check.compare import _own_randomness

T = TypeVar("T")

KINDS = {
    float: "a number",
    int: "a whole number",
    bool: "True or False",
    str: "a string",
    list: "a list",
    tuple: "a tuple",
    torch.Tensor: "a tensor",
}
NOT_CALLED = "the exercise asks for a function: hand over the function itself, not {}"


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
        find_mistake.wants = {"kind": kind, "or_none": or_none, "in_place": in_place}
        return find_mistake

    return declare


class _Told(BaseException):
    """A hint that ends a check; no `except Exception` of a check takes it for an error."""


class _Watched:
    """What one check has seen of an answer: the results it got and the errors it raised."""

    def __init__(self, answer: object, kind=None, or_none=False, in_place=False):
        self.answer, self.kind, self.or_none, self.in_place = answer, kind, or_none, in_place
        self.errors, self.results = [], []
        self.is_function = callable(answer) and not isinstance(answer, type | torch.nn.Module)

    def handed_over(self) -> object:
        """Return what the check gets instead of the answer."""
        if not self.is_function:
            return self.answer if callable(self.answer) else _plain(self.answer)

        @functools.wraps(self.answer, updated=())
        def watched(*args, **kwargs):
            before = _snapshot((args, kwargs))
            try:
                result = self.answer(*args, **kwargs)
            except Exception as error:
                self.errors.append(error)
                raise
            self.results.append(result)
            if not self.in_place:
                self._complain_of_none(result, args, kwargs)
                self._complain_of_changes(before, args, kwargs)
            if result is None:
                return None
            return _as_kind(result, self.kind)

        return watched

    def _complain_of_none(self, result, args, kwargs):
        if result is not None or self.or_none:
            return
        if any(earlier is not None for earlier in self.results):
            called = ", ".join(_short(value) for value in [*args, *kwargs.values()])
            raise _Told(f"your function returns nothing for ({called}): a path lacks its `return`")
        raise _Told(returns_nothing())

    def _complain_of_changes(self, before, args, kwargs):
        for number, (old, new) in enumerate(zip(before[0], args, strict=True)):
            if not _unchanged(old, new):
                raise _Told(changed_argument(self._name(number)))
        for name, new in kwargs.items():
            if not _unchanged(before[1][name], new):
                raise _Told(changed_argument(f" `{name}`"))

    def _name(self, number: int) -> str:
        try:
            return f" `{list(inspect.signature(self.answer).parameters)[number]}`"
        except (ValueError, TypeError, IndexError):  # a built-in, or *args
            return ""

    def only_none(self) -> bool:
        """Say whether each call returned None where a result was wanted."""
        return (
            not self.in_place
            and self.results != []
            and set(map(type, self.results)) == {type(None)}
        )

    def is_to_blame(self, error: Exception) -> bool:
        """Say whether an error arose in the answer, not in the check."""
        if any(error is raised for raised in self.errors):
            return True
        # A class, or a generator that runs when the check reads it.
        home = getattr(self.answer, "__module__", None) or type(self.answer).__module__
        step = error.__traceback__
        while step is not None:
            if callable(self.answer) and step.tb_frame.f_globals.get("__name__") == home:
                return True
            step = step.tb_next
        return False


def returns_nothing() -> str:
    """Return the hint for a function without a result."""
    return "your function returns nothing: did you forget `return`?"


def changed_argument(name: str = "") -> str:
    """Return the hint for a function that writes into what it was given."""
    return (
        f"your function changed its argument{name}: make a new value instead of writing into the "
        "one that was passed in"
    )


def _verdict(exercise_id: str, answer: object) -> tuple[str, str]:
    """Return a mark and its text; whatever a wild answer raises becomes part of the text."""
    try:
        find_mistake = exercises.find(exercise_id)
    except ValueError as error:
        return "❌", str(error)
    if answer is None or answer is ...:
        return "⏳", "not attempted yet"
    watched = _Watched(answer, **getattr(find_mistake, "wants", {}))
    try:
        with _own_randomness():
            hint = find_mistake(watched.handed_over())
    except _Told as told:
        return "❌", str(told)
    except Exception as error:
        # Only a stub raises it bare; torch's own NotImplementedErrors have a message.
        if isinstance(error, NotImplementedError) and not error.args:
            return "⏳", "not attempted yet"
        return "❌", _why(error, watched)
    if hint is not None and watched.only_none():
        hint = returns_nothing()
    return ("✅", "right") if hint is None else ("❌", hint)


def _why(error: Exception, watched: _Watched) -> str:
    """Say why a check came to no result, and whose fault that is."""
    what = f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
    if watched.is_to_blame(error):
        return f"your answer stops with {what}"
    if str(error) == f"{type(watched.answer).__name__!r} object is not callable":
        return NOT_CALLED.format(_short(watched.answer))
    if watched.only_none():
        return returns_nothing()
    seen = watched.results[-1] if watched.results else watched.answer
    return (
        f"the check itself failed on your answer {_short(seen)}, which need not be wrong: please "
        f"report it ({what})"
    )


def _as_kind(value: object, kind: type | None) -> object:
    """Return a result as the kind that is wanted, or end the check with a hint."""
    if kind is torch.Tensor:
        is_numbers = isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
        value = torch.from_numpy(value) if is_numbers else value
    else:
        value = _plain(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    if kind in (list, tuple) and isinstance(value, list | tuple):
        value = kind(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is bool and not isinstance(value, torch.Tensor | np.ndarray):
        value = bool(value)  # whatever `if` takes
    fits = kind is None or isinstance(value, kind) or (kind is float and is_number)
    if not fits or (kind is int and not is_number):
        raise _Told(f"your function should return {KINDS[kind]}, not {_short(value)}")
    return value


def _plain(value: object) -> object:
    """Turn numbers of torch and NumPy into Python's, also inside lists and tuples."""
    if isinstance(value, torch.Tensor) and value.dim() == 0:
        is_single = value.dtype == torch.float32
        # The shortest number that reads back as the same float32: 0.8, not 0.800000011920929.
        return float(str(np.float32(value.item()))) if is_single else value.item()
    if isinstance(value, np.float32):
        return float(str(value))
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    return value


def _snapshot(value: object) -> object:
    """Copy what data an argument holds; objects with a life of their own stay as they are."""
    if isinstance(value, torch.Tensor):
        return value.detach().as_subclass(torch.Tensor).clone()
    if isinstance(value, np.ndarray | bytearray | set):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(map(_snapshot, value))
    if isinstance(value, dict):
        return {key: _snapshot(entry) for key, entry in value.items()}
    return value


def _unchanged(old: object, new: object) -> bool:
    if old is new:
        return True
    if isinstance(old, torch.Tensor):
        new = new.detach().as_subclass(torch.Tensor)
        if (old.shape, old.dtype) != (new.shape, new.dtype):
            return False
        return bool(((old == new) | ((old != old) & (new != new))).all())
    if isinstance(old, np.ndarray):
        return old.dtype == new.dtype and np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_unchanged, old, new))
    if isinstance(old, dict):
        return list(old) == list(new) and all(_unchanged(old[key], new[key]) for key in old)
    return type(old) is type(new) and old == new


def _short(value: object) -> str:
    """Show a value and its type in a few words."""
    if isinstance(value, torch.Tensor | np.ndarray):
        kind = "a tensor" if isinstance(value, torch.Tensor) else "an array"
        return f"{kind} of shape {tuple(value.shape)}"
    text = " ".join(repr(value).split())
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"the {type(value).__name__} {text}"


def _say(line: str) -> None:
    """Print a line, without its symbols where the terminal cannot show them."""
    try:
        print(line)
    except UnicodeEncodeError:
        print(line.encode("ascii", "replace").decode())

"""An answer watched while a check calls it: what it returned, raised, and wrote into."""

import functools
import inspect
from typing import Any

import numpy as np
import torch

KINDS: dict[type | None, str] = {
    float: "a number",
    int: "a whole number",
    bool: "True or False",
    str: "a string",
    list: "a list",
    tuple: "a tuple",
    torch.Tensor: "a tensor",
}


class Told(BaseException):
    """A hint that ends a check; no `except Exception` of a check takes it for an error."""


class Watched:
    """What one check has seen of an answer: the results it got and the errors it raised."""

    def __init__(
        self,
        answer: Any,
        kind: type | None = None,
        or_none: bool = False,
        in_place: bool = False,
    ):
        self.answer, self.kind, self.or_none, self.in_place = answer, kind, or_none, in_place
        self.errors: list[Exception] = []
        self.results: list[object] = []
        self.is_function = callable(answer) and not isinstance(answer, type | torch.nn.Module)

    def handed_over(self) -> object:
        """Return what the check gets instead of the answer."""
        if not self.is_function:
            return self.answer if callable(self.answer) else _plain(self.answer)

        @functools.wraps(self.answer, updated=())
        def watched(*args: Any, **kwargs: Any) -> Any:
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

    def _complain_of_none(self, result: object, args: tuple, kwargs: dict) -> None:
        if result is not None or self.or_none:
            return
        if any(earlier is not None for earlier in self.results):
            called = ", ".join(short(value) for value in [*args, *kwargs.values()])
            raise Told(f"your function returns nothing for ({called}): a path lacks its `return`")
        raise Told(returns_nothing())

    def _complain_of_changes(self, before: Any, args: tuple, kwargs: dict) -> None:
        for number, (old, new) in enumerate(zip(before[0], args, strict=True)):
            if not _unchanged(old, new):
                raise Told(changed_argument(self._name(number)))
        for name, new in kwargs.items():
            if not _unchanged(before[1][name], new):
                raise Told(changed_argument(f" `{name}`"))

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


def _as_kind(value: Any, kind: type | None) -> object:
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
        raise Told(f"your function should return {KINDS[kind]}, not {short(value)}")
    return value


def _plain(value: Any) -> Any:
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


def _snapshot(value: Any) -> Any:
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


def _unchanged(old: Any, new: Any) -> bool:
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


def short(value: object) -> str:
    """Show a value and its type in a few words."""
    if isinstance(value, torch.Tensor | np.ndarray):
        kind = "a tensor" if isinstance(value, torch.Tensor) else "an array"
        return f"{kind} of shape {tuple(value.shape)}"
    text = " ".join(repr(value).split())
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"the {type(value).__name__} {text}"

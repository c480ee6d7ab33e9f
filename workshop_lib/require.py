"""Checks of arguments that several modules share: one clear sentence, or nothing."""

from collections.abc import Collection


def require_count(name: str, value: object) -> None:
    """Raise unless value is a whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be 1 or more, got {value}")


def require_choice(name: str, value: object, choices: Collection[object]) -> None:
    """Raise unless value is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} {value!r} is not one of {', '.join(map(str, choices))}")


def require_text(name: str, value: object) -> None:
    """Raise unless value is a str that UTF-8 can write: one without half a character."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, got {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        code = ord(value[error.start])
        raise ValueError(
            f"{name} holds a lone surrogate (U+{code:04X}) at {error.start}: not valid text"
        ) from None

"""Check answers by program, and count.

A check is a small dict that travels with an example: the name of a checker and what the answer
must be. Checkers are strict, because an evaluation that forgives chatter measures nothing.

    {"checker": "exact", "answers": ["mice"]}
    {"checker": "number", "value": 77, "units": ["°F"]}
    {"checker": "json", "value": {"name": "Ada", "age": 36}}
    {"checker": "regex", "pattern": "This cannot be answered: .+"}
"""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from workshop_lib.require import require_choice

_NUMBER = re.compile(r"([-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(.*)", re.DOTALL)


def is_correct(check: dict, answer: str) -> bool:
    """Say whether an answer passes a check.

    Args:
        check: "checker" names the checker; the other keys are its parameters.
            exact: "answers", the texts that count; with "strict" true, letter case, line
                breaks and full stops count too.
            number: "value", and "units", the texts that may follow it; an empty list means
                that nothing may follow.
            json: "value", what the answer must decode to.
            regex: "pattern", which must match the whole answer.
        answer: what the model wrote; white space around it never counts.

    Returns:
        True or False.

    Raises:
        TypeError: answer is not a str.
        ValueError: there is no such checker, or a parameter is missing or unknown.

    Used in: 06d
    """
    if not isinstance(answer, str):
        raise TypeError(f"answer must be a str, got {type(answer).__name__}")
    validate_check(check)
    parameters = {key: value for key, value in check.items() if key != "checker"}
    return _CHECKERS[check["checker"]](answer.strip(), **parameters)


def validate_check(check: dict) -> None:
    """Raise a TypeError or ValueError that says what is wrong with a check."""
    if not isinstance(check, dict):
        raise TypeError(f"check must be a dict, got {type(check).__name__}")
    require_choice("checker", check.get("checker"), list(_CHECKERS))
    for key, kinds in _PARAMETERS[check["checker"]].items():
        if key in check and not isinstance(check[key], kinds):
            raise TypeError(f"check has {key} {check[key]!r}, which is of the wrong type")
        if key not in check and key != "strict":
            raise ValueError(f"check {check['checker']!r} lacks {key!r}")
    unknown = set(check) - {"checker", *_PARAMETERS[check["checker"]]}
    if unknown:
        raise ValueError(f"check {check['checker']!r} does not know {sorted(unknown)[0]!r}")
    if "pattern" in check:
        try:
            re.compile(check["pattern"])
        except re.error as error:
            raise ValueError(
                f"pattern {check['pattern']!r} is no regular expression: {error}"
            ) from None


def _normalise(text: str) -> str:
    """Bring a text into the form in which answers are compared.

    Letter case, the kind and amount of white space, and one full stop at the end do not count.
    """
    text = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return text.removesuffix(".")


def _is_exact(answer: str, answers: list[str], strict: bool = False) -> bool:
    """Compare with each text that counts, normalised unless strict."""
    if strict:
        return answer in answers
    return _normalise(answer) in [_normalise(text) for text in answers]


def _is_number(answer: str, value: float, units: list[str]) -> bool:
    """Compare a number, with or without thousands separators, and the unit after it."""
    match = _NUMBER.fullmatch(answer.removesuffix("."))
    if match is None:
        return False
    digits, unit = match.groups()
    found = float(digits.replace(",", "").replace("−", "-"))
    return found == value and _normalise(unit) in map(_normalise, units or [""])


def _is_json(answer: str, value: object) -> bool:
    """Decode the answer and compare; 1 is not "1", true or 1.0, and a key may stand only once."""
    try:
        found = json.loads(answer, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError):
        return False
    return json.dumps(found, sort_keys=True) == json.dumps(value, sort_keys=True)


def _unique_keys(pairs: list[tuple]) -> dict:
    """Make a JSON object's dict; ValueError where a key stands twice."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _is_match(answer: str, pattern: str) -> bool:
    """Match the whole answer, which is one line, against a regular expression."""
    return re.fullmatch(pattern, answer) is not None


_CHECKERS: dict[str, Callable[..., bool]] = {
    "exact": _is_exact,
    "number": _is_number,
    "json": _is_json,
    "regex": _is_match,
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "exact": {"answers": list, "strict": bool},
    "number": {"value": (int, float), "units": list},
    "json": {"value": object},
    "regex": {"pattern": str},
}

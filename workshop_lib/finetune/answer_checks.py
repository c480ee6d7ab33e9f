"""Check answers by program, strictly and leniently.

A check is a small dict that travels with an example: the name of a checker and what the answer
must be. `is_correct` is strict: the answer and nothing else. `holds_answer` is lenient: the answer
stands somewhere in the text. Report both, for their difference is form, not knowledge.

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

# A number that is not part of a longer one, of a date (2021-03-03), a time (12:30) or a name (C3).
_NUMBER_IN_TEXT = re.compile(
    r"(?<!\w)(?<!\d[-−:/,.])([-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?![-−:/,.]?\d)"
)
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


def holds_answer(check: dict, answer: str) -> bool:
    """Say whether the right answer stands somewhere in a text, whatever else stands there.

    It reads no meaning: "not mice" holds "mice", "positive or negative?" holds both labels, and a
    text that repeats its task holds every answer that the task names. Numbers must be in digits,
    and their unit does not count.

    Args:
        check: as for `is_correct`.
        answer: what the model wrote.

    Returns:
        True for every answer that `is_correct` accepts, and for a text with one of the answers as
        whole words, the number, a JSON object of the wanted value, or a match of the pattern.

    Raises:
        TypeError, ValueError: as for `is_correct`.

    Used in: 06c
    """
    if is_correct(check, answer):
        return True
    if check["checker"] == "number":
        found = [
            text.replace(",", "").replace("−", "-") for text in _NUMBER_IN_TEXT.findall(answer)
        ]
        return check["value"] in map(float, found)
    if check["checker"] == "json":
        return any(_is_json(text, check["value"]) for text in json_objects(answer))
    if check["checker"] == "regex":
        return re.search(check["pattern"], answer) is not None
    strict = check.get("strict", False)
    return any(holds_words(answer, words, strict) for words in check["answers"])


def holds_words(text: str, words: str, strict: bool = False) -> bool:
    """Say whether words stand in a text as whole words; strict: letter case and layout count."""
    if not strict:
        text, words = _normalise(text), _normalise(words)
    start, end = r"(?<!\w)(?<!\d[-−:/,.])", r"(?!\w)(?![-−:/,.]\d)"
    return re.search(start + re.escape(words) + end, text) is not None


def json_objects(text: str) -> list[str]:
    """Cut out every JSON object that stands in a text, outermost ones only."""
    found, place = [], text.find("{")
    while place >= 0:
        try:
            _, end = json.JSONDecoder().raw_decode(text, place)
            found.append(text[place:end])
        except (ValueError, RecursionError):
            end = place + 1
        place = text.find("{", end)
    return found


def fields(record: object) -> dict[str, object]:
    """List the values of a nested record by path: {"when.day": "Friday", "place": None}."""
    listed: dict[str, object] = {}
    for key, value in record.items() if isinstance(record, dict) else ():
        inner = fields(value) if isinstance(value, dict) else {"": value}
        listed |= {f"{key}.{name}".removesuffix("."): each for name, each in inner.items()}
    return listed


def has_form(check: dict, answer: str) -> bool:
    """Say whether an answer has the form of the wanted JSON record, whatever its values are.

    Args:
        check: a json check whose value is an object.
        answer: what the model wrote.

    Returns:
        True where the whole answer is one JSON object with exactly the wanted keys, nested alike.

    Used in: 06c
    """
    validate_check(check)
    try:
        found = json.loads(answer, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and fields(found).keys() == fields(check["value"]).keys()


def facts_right(check: dict, answer: str) -> tuple[int, int]:
    """Count the right values of a JSON record, whatever its form is.

    A value is looked up by the name of its field, wherever that is nested, in the first JSON object
    that stands in the text. Letter case and the difference between 3 and "3" do not count. A field
    that is left out counts as null.

    Args:
        check: a json check whose value is an object.
        answer: what the model wrote.

    Returns:
        How many values are right, of how many. No JSON object in the text: none are.

    Used in: 06c
    """
    validate_check(check)
    wanted, objects = fields(check["value"]), json_objects(answer)
    if not objects:
        return 0, len(wanted)
    found = {path.split(".")[-1]: value for path, value in fields(json.loads(objects[0])).items()}
    pairs = [(value, found.get(path.split(".")[-1])) for path, value in wanted.items()]
    right = [
        _normalise(str(given)) == _normalise(str(value)) and (given is None) == (value is None)
        for value, given in pairs
    ]
    return sum(right), len(right)


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
    """Drop what does not count in answers: letter case, white space, one full stop at the end."""
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

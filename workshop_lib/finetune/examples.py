"""Instruction data: examples, and the prompts they become."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from workshop_lib.finetune.answer_checks import validate_check


@dataclass(frozen=True)
class Example:
    """One task with its answer.

    Args:
        instruction: what to do.
        input: what to do it with, or "".
        output: the answer to learn; no prompt ever holds it.
        kind: the kind of task, for scores per kind.
        group: near twins share a group, and `split` never parts a group.
        id: a name for messages.
        check: how a program checks an answer, see `answers.passes`; None where none can.

    Raises:
        TypeError: a text is not a str.
        ValueError: instruction or output is empty, a text has white space around it, or the
            check is wrong.

    Used in: 06a
    """

    instruction: str
    input: str = ""
    output: str = ""
    kind: str = ""
    group: str = ""
    id: str = ""
    check: dict | None = field(default=None, hash=False)

    def __post_init__(self):
        for name in ("instruction", "input", "output", "kind", "group", "id"):
            text = getattr(self, name)
            if not isinstance(text, str):
                raise TypeError(f"{name} must be a str, got {type(text).__name__}")
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"{name} holds half a character (a lone surrogate)") from None
            if text != text.strip():
                raise ValueError(f"{name} has white space around it: {text!r}")
        for name in ("instruction", "output"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty or missing")
        if self.check is not None:
            validate_check(self.check)


def few(heading: str, faults: Sequence[str], most: int = 5) -> str:
    """Give a message with a heading, the first faults, and how many more there are."""
    more = [f"and {len(faults) - most} more"] if len(faults) > most else []
    return "\n".join([heading, *faults[:most], *more])


def read_examples(records: Sequence[dict]) -> list[Example]:
    """Turn records with Alpaca's keys into examples, all or none.

    Args:
        records: dicts with instruction and output, perhaps input, kind, group, id and check.
            White space around texts is dropped; without an id, a record's number is its id.

    Returns:
        The examples, in the records' order.

    Raises:
        ValueError: some records are bad; the message names the first five with their numbers, from 1.

    Used in: 06a
    """
    known = {part.name for part in fields(Example)}
    examples, faults = [], []
    for number, record in enumerate(records, start=1):
        try:
            if not isinstance(record, dict):
                raise TypeError(f"must be an object, got {type(record).__name__}")
            if unknown := [key for key in record if key not in known]:
                raise ValueError(f"unknown key {unknown[0]!r}")
            texts: dict[str, Any] = {
                k: v.strip() if isinstance(v, str) else v for k, v in record.items()
            }
            examples.append(Example(**{"instruction": "", "id": str(number), **texts}))
        except (TypeError, ValueError) as error:
            faults.append(f"record {number}: {error}")
    if faults:
        raise ValueError(few(f"{len(faults)} of {len(records)} records are bad", faults))
    if not examples:
        raise ValueError("there are no records")
    return examples

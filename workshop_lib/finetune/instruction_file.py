"""A file of tasks with answers: read it, and say of each bad record what is wrong with it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from workshop_lib.data.documents import decode_text
from workshop_lib.finetune.examples import Example, few, read_examples
from workshop_lib.finetune.prompts import prompt_ids
from workshop_lib.tokenizer.protocol import Tokenizer


def read_data(path: Path | str) -> list[Example]:
    """Read examples from a file.

    Args:
        path: a JSON list, or JSON Lines with one object per line; Alpaca's keys.

    Returns:
        The examples.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON, or records are bad; the first five are named.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    text = decode_text(path.read_bytes(), path)
    try:
        records = _read_records(text)
        _refuse_other_layouts(records)
        return read_examples(records)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _read_records(text: str) -> list:
    """Read a JSON list, or JSON Lines; a ValueError names lines that are no JSON."""
    if text.lstrip()[:1] == "[":
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON: {error}") from error
    records, faults = [], []
    # Not splitlines(): a JSON string may hold U+2028 and other line ends of Unicode as they are.
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if line.strip():
                records.append(json.loads(line))
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: {error.msg} at column {error.colno}")
    if not faults:
        return records
    try:  # one object over many lines, perhaps with the records inside
        return [json.loads(text)]
    except json.JSONDecodeError:
        raise ValueError(few(f"{len(faults)} lines are not JSON", faults)) from None


# Layouts of other tools, by a key that their records have.
_OTHER_LAYOUTS = {
    "conversations": "ShareGPT conversations (from and value)",
    "messages": "chat messages (role and content)",
    "data": "an object with the records inside",
    "text": "texts that are laid out already",
}


def _refuse_other_layouts(records: list) -> None:
    """Name the layout of a file whose records have no instruction, instead of each record."""
    first = records[0] if records and isinstance(records[0], dict) else {}
    for key, layout in _OTHER_LAYOUTS.items():
        if key in first and "instruction" not in first:
            raise ValueError(
                f"its records are {layout}\n"
                "wanted are objects with instruction, perhaps input, and output"
            )


def check_lengths(
    examples: Sequence[Example], tokenizer: Tokenizer, style: str, max_tokens: int
) -> None:
    """Raise a ValueError that names each example longer than max_tokens: none is cut off."""
    faults = []
    for number, example in enumerate(examples, start=1):
        start = len(prompt_ids(example, tokenizer, style))
        response = len(tokenizer.encode(example.output, special="text")) + 1
        if start + response > max_tokens:
            faults.append(
                f"record {number}: {start} prompt and {response} response tokens, "
                f"more than max_tokens {max_tokens} together"
            )
    if faults:
        raise ValueError(few(f"{len(faults)} of {len(examples)} records are too long", faults))


def fingerprint(examples: Sequence[Example]) -> str:
    """Give the SHA-256 of all examples, which tells one data set from another."""
    text = json.dumps([asdict(example) for example in examples], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()

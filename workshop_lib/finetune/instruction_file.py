"""A file of tasks with answers: read it, and say of each bad record what is wrong with it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from workshop_lib.finetune.examples import Example, read_examples
from workshop_lib.finetune.prompts import prompt_ids


def read_data(path: Path | str) -> list[Example]:
    """Read examples from a file.

    Args:
        path: a JSON list, or JSON Lines with one object a line; Alpaca's keys.

    Returns:
        The examples.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no JSON, or records are bad; each is named with its number.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip()[:1] != "[":
        return read_examples(read_lines(text))
    try:
        return read_examples(json.loads(text))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error


def read_lines(text: str) -> list:
    """Read JSON Lines; a ValueError names each line that is no JSON."""
    records, faults = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            if line.strip():
                records.append(json.loads(line))
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: {error.msg} at column {error.colno}")
    if faults:
        raise ValueError(f"{len(faults)} lines are no JSON\n" + "\n".join(faults))
    return records


def check_lengths(examples: Sequence[Example], tokenizer, style: str, max_tokens: int) -> None:
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
        raise ValueError(
            f"{len(faults)} of {len(examples)} records are too long\n" + "\n".join(faults)
        )


def fingerprint(examples: Sequence[Example]) -> str:
    """Give the SHA-256 of all examples, which tells one data set from another."""
    text = json.dumps([asdict(example) for example in examples], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()

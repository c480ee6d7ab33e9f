"""Hugging Face's tokenizer.json for byte-level BPE: read one, write one.

The format stores bytes as printable characters, merges as pairs of them, and the rule for
cutting text as a list of named steps.
"""

import json
from pathlib import Path

from workshop_lib.files import read_json
from workshop_lib.tokenizer.bpe import GPT2_PATTERN, encode_pre_token

# The same rule with each digit on its own, as SmolLM2 cuts text. Spaces before a digit stay
# together, for there the digits are cut off before the rest of the rule is looked at.
DIGITS_PATTERN = (
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+"
)


class NotByteLevelBPE(ValueError):
    """A tokenizer.json holds a tokenizer of another kind."""


def byte_characters() -> dict[int, str]:
    """Map each byte to the printable character that stands for it in GPT-2's files.

    Returns:
        {byte: character}: printable bytes stand for themselves, the others are counted up
        from character 256.

    Source: OpenAI's released GPT-2 code, encoder.py.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = {byte: chr(byte) for byte in printable}
    return characters | {byte: chr(256 + i) for i, byte in enumerate(others)}


def read_tokenizer_file(path: Path) -> tuple[dict[bytes, int], str, dict[str, int]]:
    """Read a tokenizer.json.

    Args:
        path: the file.

    Returns:
        Ranks {bytes: id}, the pattern that cuts text, and special tokens {text: id}.

    Raises:
        NotByteLevelBPE: it is not a byte-level BPE of a kind that is known here.
        ValueError: the file is not whole.
    """
    content = read_json(Path(path))
    model = content["model"]
    if model.get("type") != "BPE" or content.get("normalizer") or model.get("byte_fallback"):
        kind = model.get("type")
        raise NotByteLevelBPE(f"{path} holds a {kind} tokenizer that is not byte-level BPE")
    special_ids = {token["content"]: token["id"] for token in content.get("added_tokens", [])}
    to_byte = {character: byte for byte, character in byte_characters().items()}
    ranks = {
        bytes(to_byte[character] for character in token): token_id
        for token, token_id in model["vocab"].items()
        if token not in special_ids
    }
    return (
        ranks,
        split_pattern(content.get("pre_tokenizer") or {"type": "nothing"}, path),
        special_ids,
    )


def split_pattern(pre_tokenizer: dict, path: Path) -> str:
    """Express the file's steps for cutting text as one regular expression."""
    steps = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    kinds = [step["type"] for step in steps]
    if steps[-1].get("add_prefix_space"):
        raise NotByteLevelBPE(f"{path}: add_prefix_space is not supported")
    if kinds == ["ByteLevel"]:
        return GPT2_PATTERN
    if kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"]:
        return DIGITS_PATTERN
    if kinds == ["Split", "ByteLevel"] and not steps[1].get("use_regex", True):
        return steps[0]["pattern"]["Regex"]
    raise NotByteLevelBPE(f"{path}: cutting text by {' and '.join(kinds)} is not supported")


def write_tokenizer_file(
    path: Path, ranks: dict[bytes, int], pattern: str, special_ids: dict[str, int]
) -> None:
    """Write a tokenizer.json that Hugging Face's libraries read.

    Args:
        path: the file.
        ranks: {bytes: id}.
        pattern: the rule for cutting text.
        special_ids: {text: id}.
    """
    characters = byte_characters()
    known, names, merges = {}, {}, []
    for token, token_id in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            # Encoding a token with the earlier ones alone gives the two parts it was made of.
            merges.append([names[part] for part in encode_pre_token(token, known)])
        known[token] = token_id
        names[token_id] = "".join(characters[byte] for byte in token)
    vocab = {name: token_id for token_id, name in names.items()}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    if pattern == GPT2_PATTERN:
        pre_tokenizer = byte_level | {"use_regex": True}
    else:
        split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated"}
        steps = [split | {"invert": False}, byte_level | {"use_regex": False}]
        pre_tokenizer = {"type": "Sequence", "pretokenizers": steps}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": token_id, "content": text, **flags, "special": True}
            for text, token_id in special_ids.items()
        ],
        "normalizer": None,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": None,
        "decoder": byte_level | {"use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocab | special_ids,
            "merges": merges,
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    Path(path).write_text(text, encoding="utf-8", newline="\n")

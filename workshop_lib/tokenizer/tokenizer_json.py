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


# Patterns that are known to leave no character out.
_COVERING = (GPT2_PATTERN, DIGITS_PATTERN)


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
    try:
        pattern = _split_pattern(content.get("pre_tokenizer") or {"type": "nothing"}, path)
        special_ids = _special_tokens(content, path)
        ranks = _ranks(content, special_ids, path)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise NotByteLevelBPE(f"{path} is not laid out as byte-level BPE: {error!r}") from error
    return ranks, pattern, special_ids


def _special_tokens(content: dict, path: Path) -> dict[str, int]:
    """Give {text: id} of the added tokens, if all of them are plain special tokens."""
    tokens = content.get("added_tokens") or []
    for token in tokens:
        # Other added tokens are found in any text, or swallow the spaces around them.
        if not token.get("special") or any(
            token.get(flag) for flag in ("single_word", "lstrip", "rstrip")
        ):
            raise NotByteLevelBPE(f"{path}: {token['content']!r} is not a plain special token")
    return {token["content"]: token["id"] for token in tokens}


def _ranks(content: dict, special_ids: dict[str, int], path: Path) -> dict[bytes, int]:
    """Give {bytes: id}, if merging by lowest id does what the file's list of merges says."""
    model = content["model"]
    plain = model.get("type", "BPE") == "BPE" and "merges" in model
    unusual = [
        name
        for name in ("byte_fallback", "dropout", "continuing_subword_prefix", "end_of_word_suffix")
        if model.get(name)
    ]
    if not plain or unusual or content.get("normalizer"):
        raise NotByteLevelBPE(f"{path} holds a tokenizer that is not plain byte-level BPE")
    if (content.get("decoder") or {}).get("type") != "ByteLevel":
        raise NotByteLevelBPE(f"{path} does not decode bytes")
    to_byte = {character: byte for byte, character in byte_characters().items()}
    ranks = {
        bytes(to_byte[character] for character in token): token_id
        for token, token_id in model["vocab"].items()
        if token not in special_ids
    }
    pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
    halves = [[bytes(to_byte[c] for c in part) for part in pair] for pair in pairs]
    merges = [(first, second) for first, second in halves]
    if not merges_follow_ids(ranks, merges, whole=bool(model.get("ignore_merges"))):
        raise NotByteLevelBPE(f"{path} merges in another order than that of its ids")
    return ranks


def merges_follow_ids(
    ranks: dict[bytes, int], merges: list[tuple[bytes, bytes]], *, whole: bool = False
) -> bool:
    """Say whether a list of merges means the same as merging whatever gives the lowest id.

    The list is worked through in its order; ids are asked in theirs. Both come out the same where
    each token has one merge, the orders agree, and no lower id would merge across the middle of a
    token before its two parts are complete.

    Args:
        ranks: {token: id}.
        merges: pairs of tokens, the first learned first.
        whole: whether a pre-token that is a token as a whole is taken as it is ("ignore_merges").
    """
    halves = {first + second: (first, second) for first, second in merges}
    ids = [ranks.get(first + second, -1) for first, second in merges]
    if ids != sorted(set(ids)) or -1 in ids:
        return False
    for token, rank in ranks.items():
        if len(token) == 1:
            continue
        if token not in halves:
            if not whole:
                return False
            if len(_parts_below(token, ranks, rank)) <= 2:
                return False
            continue
        first, second = halves[token]
        middle, complete = len(first), max(ranks.get(first, rank), ranks.get(second, rank))
        if complete >= rank:
            return False
        for start in range(middle):
            for end in range(middle + 1, len(token) + 1):
                if (start, end) != (0, len(token)) and ranks.get(token[start:end], rank) < complete:
                    if _parts_below(token, ranks, rank) != [ranks[first], ranks[second]]:
                        return False
    return True


def _parts_below(token: bytes, ranks: dict[bytes, int], limit: int) -> list[int]:
    """Encode a token with the tokens of lower ids alone: what it was merged from."""
    inside = (token[i:j] for i in range(len(token)) for j in range(i + 1, len(token) + 1))
    known = {part: ranks[part] for part in inside if ranks.get(part, limit) < limit}
    return encode_pre_token(token, known)


def _split_pattern(pre_tokenizer: dict, path: Path) -> str:
    """Express the file's steps for cutting text as one regular expression."""
    steps = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    kinds = [step["type"] for step in steps]
    if steps[-1].get("add_prefix_space"):
        raise NotByteLevelBPE(f"{path}: add_prefix_space is not supported")
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return GPT2_PATTERN
    if kinds == ["ByteLevel"] and not steps[0].get("use_regex", True):
        raise NotByteLevelBPE(f"{path} does not split text before merging")
    if kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"]:
        return DIGITS_PATTERN
    if kinds == ["Split", "ByteLevel"] and not steps[1].get("use_regex", True):
        step = steps[0]
        if step["behavior"] == "Isolated" and not step.get("invert") and "Regex" in step["pattern"]:
            return step["pattern"]["Regex"]
    raise NotByteLevelBPE(f"{path}: cutting text by {' and '.join(kinds)} is not supported")


def covering(pattern: str) -> str:
    """Extend a pattern so that what it does not match becomes a pre-token too, and is not lost."""
    rest = rf"|(?:(?!{pattern})[\s\S])+"
    return pattern if pattern in _COVERING or pattern.endswith("[\\s\\S])+") else pattern + rest


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
    names: dict[int, str] = {}
    merges: list[list[str]] = []
    whole = False
    for token, token_id in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            parts = _parts_below(token, ranks, token_id)
            if len(parts) == 2:
                merges.append([names[part] for part in parts])
            else:  # no merge makes this token: it is only ever taken as a whole
                whole = True
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
            "ignore_merges": whole,
            "vocab": vocab | special_ids,
            "merges": merges,
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    Path(path).write_text(text, encoding="utf-8", newline="\n")

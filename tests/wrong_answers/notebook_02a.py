"""Answers to the exercises of 02a: usual mistakes with the hint each must get, and a right one."""

import regex

from workshop_lib.tokenizer import UNKNOWN, WORD_PATTERN


def share_of_ids(tokenizer, text):
    ids = tokenizer.encode(text)
    return 100 * ids.count(tokenizer.ids[UNKNOWN]) / len(ids)


def spelled(tokenizer, text, spell=list):
    found = []
    for piece in regex.findall(WORD_PATTERN, text):
        found += [piece] if piece in tokenizer.ids else spell(piece)
    return found


def nested(tokenizer, text):
    return [p if p in tokenizer.ids else list(p) for p in regex.findall(WORD_PATTERN, text)]


WRONG = {
    "02a-1": [
        (WORD_PATTERN, "a number behind a space"),
        (r"\w+| ?\d| ?[^\w\s]|\s", "where \\w+ comes first"),
        (r"\d| ?\w+| ?[^\w\s]|\s", "a number behind a space"),
        (r" ?\d| ?\w+| ?[^\w\s]|\s", "Act2 is one token"),
        (r"\d| ?[^\W\d]+| ?[^\w\s]|\s", "keep the space in front of it"),
        (r" ?\d|[^\W\d]+| ?[^\w\s]|\s", "words should keep"),
        (r" ?\d| ?[^\W\d]+|\s", "characters get lost: ['!', ',']"),
        (r" ?\d| ?[^\W\d]+| ?[^\w\s]", "characters get lost"),
        (r"( ?\d)| ?[^\W\d]+| ?[^\w\s]|\s", "round brackets"),
        (r" ?\d| ?[^\W\d]| ?[^\w\s]|\s", "and should give"),
        (["1", "5"], "not list"),
    ],
    "02a-2": [
        (lambda t, s: share_of_ids(t, s) / 100, "multiply by 100"),
        (lambda t, s: t.encode(s).count(t.ids[UNKNOWN]), "how many there are"),
        (lambda t, s: 100 / len(set(t.encode(s))), "no set"),
        (
            lambda t, s: 100 * sum(w not in t.ids for w in s.split()) / len(s.split()),
            "split() cuts the spaces off",
        ),
        (lambda t, s: 100 * t.encode(s).count(len(t.words)) / len(s), "none found"),
        (lambda t, s: 100 * t.encode(s).count(t.ids[UNKNOWN]) / len(s), "not of characters"),
        (
            lambda t, s: 100 * t.encode(s).count(t.ids[UNKNOWN]) / len(t.words),
            "not of the vocabulary",
        ),
        (share_of_ids, "divides by zero"),
        (lambda t, s: share_of_ids(t, s) if s else 100.0, "has 0.0, not 100.0"),
    ],
    "02a-3": [
        (lambda t, s: "|".join(spelled(t, s)), "not str"),
        (lambda t, s: t.encode(s), "not ids"),
        (nested, "inside the list"),
        (lambda t, s: [t.words[i] for i in t.encode(s)], "<|unk|> loses it"),
        (lambda t, s: list(s), "known words should stay whole"),
        (lambda t, s: regex.findall(WORD_PATTERN, s), "should be spelled"),
        (lambda t, s: spelled(t, s, lambda piece: list(piece.strip())), "joined"),
        (lambda t, s: spelled(t, s, lambda piece: [piece[:2], piece[2:]]), "and should give"),
    ],
}
RIGHT = {
    "02a-1": r" ?\d| ?[^\W\d]+| ?[^\w\s]|\s",
    "02a-2": lambda t, s: share_of_ids(t, s) if s else 0.0,
    "02a-3": spelled,
}

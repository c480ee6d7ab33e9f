"""Answers to the exercises of 02a: usual mistakes with the hint each must get, and right ones."""

import itertools

import numpy as np
import regex

from workshop_lib.tokenizer import UNKNOWN, WORD_PATTERN

# --- 02a-2 --------------------------------------------------------------------------------


def rate(tokenizer, text):
    ids = tokenizer.encode(text)
    return 100 * ids.count(tokenizer.ids[UNKNOWN]) / len(ids)


def rate_with_a_loop(tokenizer, text):
    unknown = total = 0
    for token_id in tokenizer.encode(text):
        total += 1
        if token_id == tokenizer.ids[UNKNOWN]:
            unknown += 1
    if total == 0:
        return 0
    return unknown / total * 100


def rate_with_numpy(tokenizer, text):
    ids = np.array(tokenizer.encode(text))
    return np.mean(ids == tokenizer.ids[UNKNOWN]) * 100 if ids.size else np.float64(0)


def rate_without_return(tokenizer, text):
    rate(tokenizer, text or "a")


# --- 02a-3 --------------------------------------------------------------------------------


def spelled(tokenizer, text, spell=list):
    found = []
    for token in regex.findall(WORD_PATTERN, text):
        found += [token] if token in tokenizer.ids else spell(token)
    return found


def spelled_with_a_comprehension(tokenizer, text):
    tokens = regex.findall(WORD_PATTERN, text)
    return [part for token in tokens for part in ([token] if token in tokenizer.ids else token)]


def spelled_with_chain(tokenizer, text):
    known = set(tokenizer.words)
    parts = ((m[0],) if m[0] in known else m[0] for m in regex.finditer(WORD_PATTERN, text))
    return list(itertools.chain.from_iterable(parts))


def nested(tokenizer, text):
    return [p if p in tokenizer.ids else list(p) for p in regex.findall(WORD_PATTERN, text)]


def stripped(tokenizer, text):
    found = []
    for token in regex.findall(WORD_PATTERN, text):
        found += [token] if token.strip() in tokenizer.ids else list(token)
    return found


def learning(tokenizer, text):
    found = spelled(tokenizer, text)
    for token in found:
        tokenizer.ids.setdefault(token, len(tokenizer.ids))
    return found


def without_return(tokenizer, text):
    spelled(tokenizer, text)


WRONG = {
    "02a-1": [
        (WORD_PATTERN, "a number after a space"),
        (r"\w+| ?\d| ?[^\w\s]|\s", "where \\w+ comes first"),
        (r"\d| ?\w+| ?[^\w\s]|\s", "a number after a space"),
        (r" ?\d| ?\w+| ?[^\w\s]|\s", "Act2 is one token"),
        (r"\d| ?[^\W\d]+| ?[^\w\s]|\s", "keep its leading space, as words do"),
        (r" ?\d|[^\W\d]+| ?[^\w\s]|\s", "words should keep"),
        (r" ?\d| ?[^\W\d]+|\s", "characters get lost: ['!', ',', '?']"),
        (r" ?\d| ?[^\W\d]+| ?[^\w\s]", "characters get lost"),
        (r"( ?\d)| ?[^\W\d]+| ?[^\w\s]|\s", "round brackets"),
        (r" ?\d| ?[^\W\d]| ?[^\w\s]|\s", "fall apart into letters"),
        (r" ?\d| ?[^\W\d]+| ?[^\w\s]|\s+", "not \\s+"),
        (r" ?\d| ?[^\W\d]+| ?[^\w\s]+|\s", "and should give"),
        (r" ?\d| ?[A-Za-z_]+| ?[^\w\s]|\s", "letters get lost: ['ï', 'Ж']"),
        (r" ?\d| ?[A-Za-z_]+| ?[^A-Za-z_\d\s]|\s", "naïve falls apart"),
        (r" ?\d| ?\p{L}+| ?[^\w\s]|\s", "characters get lost: ['_']"),
        (r"\s?\d| ?[^\W\d]+| ?[^\w\s]|\s", "not \\s?"),
        (r" ?\d|\s?[^\W\d]+| ?[^\w\s]|\s", "not \\s?"),
        (r"\s?\d|\s?[^\W\d]+|\s?[^\w\s]|\s", "not \\s?"),
        (r" ?\d| ?[^\W\d+", "not a regular expression"),
        (["1", "5"], "not list"),
    ],
    "02a-2": [
        (lambda t, s: rate(t, s) / 100, "multiply by 100"),
        (lambda t, s: t.encode(s).count(t.ids[UNKNOWN]), "how many there are"),
        (lambda t, s: 100 - rate(t, s), "share of known tokens"),
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
        (lambda t, s: round(rate(t, s)), "do not round"),
        (lambda t, s: round(rate(t, s), 1), "33.33, not 33.3"),
        (lambda t, s: f"{rate(t, s):.1f} %", "should return a number"),
        (rate, "divides by zero"),
        (lambda t, s: rate(t, s) if s else 100.0, "is 0.0, not 100.0"),
        (rate_without_return, "returns nothing"),
    ],
    "02a-3": [
        (lambda t, s: "|".join(spelled(t, s)), "not str"),
        (lambda t, s: tuple(spelled(t, s)), "not tuple"),
        (lambda t, s: t.encode(s), "not ids"),
        (nested, "inside the list"),
        (lambda t, s: [t.words[i] for i in t.encode(s)], "<|unk|> loses it"),
        (lambda t, s: list(s), "known words should stay whole"),
        (lambda t, s: regex.findall(WORD_PATTERN, s), "should be spelled"),
        (lambda t, s: spelled(t, s, lambda token: list(token.strip())), "joined"),
        (lambda t, s: spelled(t, s)[:-1], "joined"),
        (stripped, "with its leading space"),
        (lambda t, s: spelled(t, s, lambda token: [token[:2], token[2:]]), "and should give"),
        (learning, "changes tokenizer.ids"),
        (without_return, "returns nothing"),
    ],
}
RIGHT = {
    "02a-1": [
        r" ?\d| ?[^\W\d]+| ?[^\w\s]|\s",
        r" ?(?:\d|[^\W\d]+|[^\w\s])|\s",
        r" ?\d| ?(?:(?!\d)\w)+| ?[^\w\s]|\s",
        r" ?[0-9]| ?[^\W0-9]+| ?[^\w\s]|\s",
        r"[ ]?\p{N}|[ ]?[\p{L}_]+|[ ]?[^\p{L}\p{N}_\s]|\s",
    ],
    "02a-2": [lambda t, s: rate(t, s) if s else 0.0, rate_with_a_loop, rate_with_numpy],
    "02a-3": [spelled, spelled_with_a_comprehension, spelled_with_chain],
}

"""Answers to the exercises of 06c: usual mistakes with the hint each must get, and right ones."""

import math
import re

import numpy as np


def by_search(answer, wanted):
    pattern = rf"(?<!\w){re.escape(wanted.lower())}(?!\w)"
    return re.search(pattern, answer.lower()) is not None


def by_flag(answer, wanted):
    pattern = re.compile(r"(?:^|\W)" + re.escape(wanted) + r"(?:\W|$)", re.IGNORECASE)
    return bool(pattern.search(answer))


def by_neighbours(answer, wanted):
    text, words = f" {answer.lower()} ", wanted.lower()
    start = text.find(words)
    while start >= 0:
        before, after = text[start - 1], text[start + len(words)]
        if not (before.isalnum() or after.isalnum()):
            return True
        start = text.find(words, start + 1)
    return False


def not_escaped(answer, wanted):
    return bool(re.search(rf"(?<!\w){wanted.lower()}(?!\w)", answer.lower()))


def with_boundaries(answer, wanted):
    return bool(re.search(rf"\b{re.escape(wanted.lower())}\b", answer.lower()))


def among_the_words(answer, wanted):
    return wanted.lower() in re.findall(r"[^\s()]+", answer.lower().replace("mice.", "mice"))


WRONG = {
    "06c-1": [
        (lambda right, count: right / count * (1 - right / count) / count, "variance"),
        (lambda right, count: (right / count * (1 - right / count)) ** 0.5, "divide by"),
        (lambda right, count: right / count, "share itself"),
        (lambda right, count: (right / count / count) ** 0.5, "1 - p is missing"),
        (
            lambda right, count: 2 * (right / count * (1 - right / count) / count) ** 0.5,
            "two standard errors",
        ),
        (
            lambda right, count: 1.96 * (right / count * (1 - right / count) / count) ** 0.5,
            "1.96 standard errors",
        ),
        (lambda right, count: (right / count * (1 - right / count)) ** 0.5 / count, "under the"),
        (lambda right, count: 0.5, "not 0.5"),
    ],
    "06c-2": [
        (lambda answer, wanted: answer.lower() == wanted.lower(), "anywhere in the text"),
        (lambda answer, wanted: wanted in answer, "lower case"),
        (lambda answer, wanted: wanted.lower() in answer.lower(), "whole words"),
        (not_escaped, "escape them"),
        (with_boundaries, r"\b after one demands a letter"),
        (lambda answer, wanted: True, "whole words"),
        (among_the_words, "full stop"),
    ],
    "06c-3": [
        (lambda frozen, trained, n_bytes: 4 * (frozen + trained) * n_bytes / 1e9, "count once"),
        (lambda frozen, trained, n_bytes: (frozen + trained) * n_bytes / 1e9, "each trained"),
        (lambda frozen, trained, n_bytes: 4 * trained * n_bytes / 1e9, "in memory too"),
        (lambda frozen, trained, n_bytes: (frozen + 3 * trained) * n_bytes / 1e9, "not three"),
        (lambda frozen, trained, n_bytes: (frozen + 2 * trained) * n_bytes / 1e9, "two moments"),
        (lambda frozen, trained, n_bytes: (frozen + 4 * trained) / 1e9, "number format"),
        (lambda frozen, trained, n_bytes: (frozen + 4 * trained) * n_bytes, "10⁹ bytes"),
        (lambda frozen, trained, n_bytes: (frozen + 4 * trained) * n_bytes / 2**30, "GiB"),
        (lambda frozen, trained, n_bytes: (frozen + 4 * trained) * 2 / 1e9, "n_bytes everywhere"),
    ],
}
RIGHT = {
    "06c-1": [
        lambda right, count: (right / count * (1 - right / count) / count) ** 0.5,
        lambda right, count: math.sqrt(right * (count - right) / count**3),
        lambda right, count: np.std([1] * right + [0] * (count - right)) / np.sqrt(count),
    ],
    "06c-2": [by_search, by_flag, by_neighbours],
    "06c-3": [
        lambda frozen, trained, n_bytes: (frozen + 4 * trained) * n_bytes / 1e9,
        lambda frozen, trained, n_bytes: frozen * n_bytes / 1e9 + trained * n_bytes / 2.5e8,
        lambda frozen, trained, n_bytes: sum([frozen, *[trained] * 4]) * n_bytes * 1e-9,
    ],
}

"""Answers to the exercises of 04b: usual mistakes with the hint each must get, and right ones."""

import re
from math import prod
from operator import itemgetter

import numpy as np


def words(sample):
    return re.findall(r"[a-z]+", sample.lower())


def share(found, vocabulary):
    return sum(word in vocabulary for word in found) / max(1, len(found))


def tokens(c):
    return c.steps * c.batch_size * c.context_length * c.gradient_accumulation_steps


def epochs_in_a_loop(config, n_train_tokens):
    read = 0
    for _ in range(config.steps):
        for _ in range(config.gradient_accumulation_steps):
            read += config.batch_size * config.context_length
    return read / n_train_tokens


def epochs_as_product(config, n_train_tokens):
    names = ("steps", "batch_size", "context_length", "gradient_accumulation_steps")
    return np.float64(prod(getattr(config, name) for name in names)) / n_train_tokens


def share_by_letters(sample, vocabulary):
    letters = "abcdefghijklmnopqrstuvwxyz"
    spaced = "".join(c if c in letters else " " for c in sample.lower())
    found = spaced.split()
    if not found:
        return 0.0
    return float(np.mean([word in vocabulary for word in found]))


def share_by_split(sample, vocabulary):
    known = total = 0
    for word in re.split("[^a-zA-Z]+", sample):
        if word:
            total += 1
            known += word.lower() in vocabulary
    return known / total if total else 0.0


def first_rise(points):
    for (step, loss), (_, following) in zip(points, points[1:], strict=False):
        if following > loss:
            return step
    return points[-1][0]


def lowest_in_a_loop(points):
    best, lowest = None, float("inf")
    for step, loss in points:
        if loss < lowest:
            best, lowest = step, loss
    return best


def lowest_by_numpy(points):
    steps, losses = np.array(points).T
    return steps[losses.argmin()]


def skips_the_first(points):
    return min(points[1:] or points, key=itemgetter(1))[0]


def skips_the_last(points):
    return min(points[:-1] or points, key=itemgetter(1))[0]


WRONG = {
    "04b-1": [
        (
            lambda c, n: c.steps * c.batch_size * c.context_length / n,
            "gradient_accumulation_steps is missing",
        ),
        (
            lambda c, n: c.steps * c.batch_size * c.gradient_accumulation_steps / n,
            "context_length is missing",
        ),
        (lambda c, n: tokens(c) / c.batch_size / n, "batch_size is missing"),
        (lambda c, n: tokens(c) / c.steps / n, "steps is missing"),
        (lambda c, n: tokens(c), "divide it"),
        (lambda c, n: n / tokens(c), "the reciprocal"),
        (lambda c, n: tokens(c) // n, "instead of //"),
        (lambda c, n: round(tokens(c) / n), "do not round"),
        (lambda c, n: round(tokens(c) / n, 1) if n == 1000 else 1.0, "is 0.5 epochs"),
        (lambda c, n: 100 * tokens(c) / n, "100 times too much"),
        (lambda c, n: 7.0, "give 3.6, not 7.0"),
        (lambda c, n: f"{tokens(c) / n:.0%}", "should return a number"),
    ],
    "04b-2": [
        (lambda s, v: sum(w in v for w in s.split()) / len(s.split()), "lower case"),
        (
            lambda s, v: sum(w in v for w in s.lower().split()) / len(s.split()),
            "no part of a word",
        ),
        (lambda s, v: share([w.strip(",.:!") for w in s.lower().split()], v), "is two words"),
        (lambda s, v: share(re.findall(r"[a-z']+", s.lower()), v), "an apostrophe"),
        (lambda s, v: share(re.findall(r"\w+", s.lower()), v), "digits and underscores"),
        (lambda s, v: share(re.findall(r"[a-z0-9]+", s.lower()), v), "digits and underscores"),
        (lambda s, v: sum(w in v for w in words(s)) / len(words(s)), "divides by zero"),
        (lambda s, v: share(words(s), v) if words(s) else 1.0, "the share 0.0"),
        (lambda s, v: share(set(words(s)), v), "each occurrence"),
        (lambda s, v: sum(w in v for w in words(s)) / len(v), "by the vocabulary"),
        (lambda s, v: sum(w in v for w in words(s)), "the number of known words"),
        (lambda s, v: 100 * share(words(s), v), "per cent"),
        (lambda s, v: float(bool(words(s))), "by all words"),
    ],
    "04b-3": [
        (first_rise, "first rises"),
        (lambda points: points[-1][0], "last step"),
        (lambda points: max(points, key=lambda p: p[1])[0], "highest loss"),
        (lambda points: min(loss for _, loss in points), "lowest loss itself"),
        (lambda points: min(range(len(points)), key=lambda i: points[i][1]), "index in the list"),
        (lambda points: min(points, key=lambda p: p[1]), "whole pair"),
        (lambda points: min(points)[0], "first step"),
        (lambda points: sorted(points[1:], key=itemgetter(1))[-1][0], "look for the lowest"),
        (skips_the_first, "a loss that only rises: the step to keep is 10"),
        (skips_the_last, "a loss that only falls: the step to keep is 30"),
        (lambda points: str(min(points, key=itemgetter(1))[0]), "a number, not str"),
        (lambda points: 350, "lowest at step 400, not 350"),
    ],
}
RIGHT = {
    "04b-1": [lambda c, n: tokens(c) / n, epochs_in_a_loop, epochs_as_product],
    "04b-2": [lambda s, v: share(words(s), v), share_by_letters, share_by_split],
    "04b-3": [
        lambda points: min(points, key=lambda p: p[1])[0],
        lowest_in_a_loop,
        lowest_by_numpy,
    ],
}

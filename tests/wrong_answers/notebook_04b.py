"""Answers to the exercises of 04b: usual mistakes with the hint each must get, and a right one."""

import re


def words(sample):
    return re.findall(r"[a-z]+", sample.lower())


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
        (
            lambda c, n: c.steps * c.batch_size * c.context_length * c.gradient_accumulation_steps,
            "divide it",
        ),
        (
            lambda c, n: (
                c.steps * c.batch_size * c.context_length * c.gradient_accumulation_steps // n
            ),
            "instead of //",
        ),
        (lambda c, n: 7.0, "give 3.6, not 7.0"),
    ],
    "04b-2": [
        (lambda s, v: sum(w in v for w in s.split()) / len(s.split()), "lower case"),
        (
            lambda s, v: sum(w in v for w in s.lower().split()) / len(s.split()),
            "no part of a word",
        ),
        (lambda s, v: sum(w in v for w in words(s)) / len(words(s)), "divides by zero"),
        (
            lambda s, v: len(set(words(s)) & v) / max(1, len(set(words(s)))),
            "each occurrence",
        ),
        (lambda s, v: float(bool(words(s))), "which is 0.8"),
    ],
    "04b-3": [
        (lambda points: points[-1][0], "last step"),
        (lambda points: max(points, key=lambda p: p[1])[0], "highest loss"),
        (lambda points: min(loss for _, loss in points), "lowest loss itself"),
        (lambda points: min(range(len(points)), key=lambda i: points[i][1]), "place in the list"),
        (lambda points: min(points, key=lambda p: p[1]), "whole pair"),
    ],
}
RIGHT = {
    "04b-1": lambda c, n: (
        c.steps * c.batch_size * c.context_length * c.gradient_accumulation_steps / n
    ),
    "04b-2": lambda s, v: sum(w in v for w in words(s)) / max(1, len(words(s))),
    "04b-3": lambda points: min(points, key=lambda p: p[1])[0],
}

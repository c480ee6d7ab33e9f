"""Answers to the exercises of 06c: usual mistakes with the hint each must get, and a right one."""

import re

WRONG = {
    "06c-1": [
        (lambda right, count: right / count * (1 - right / count) / count, "variance"),
        (lambda right, count: (right / count * (1 - right / count)) ** 0.5, "divide by"),
        (lambda right, count: right / count, "share itself"),
        (lambda right, count: (right / count / count) ** 0.5, "1 - p is missing"),
        (lambda right, count: 0.5, "not 0.5"),
    ],
    "06c-2": [
        (lambda answer, wanted: answer.lower() == wanted.lower(), "anywhere in the answer"),
        (lambda answer, wanted: wanted in answer, "lower case"),
        (lambda answer, wanted: wanted.lower() in answer.lower(), "whole words"),
        (
            lambda answer, wanted: bool(re.search(rf"\b{wanted.lower()}\b", answer.lower())),
            "escape them",
        ),
    ],
    "06c-3": [
        (lambda shapes, r: sum(out * n_in for out, n_in in shapes), "frozen weights"),
        (lambda shapes, r: sum(out + n_in for out, n_in in shapes), "r is missing"),
        (lambda shapes, r: sum(r * n_in for out, n_in in shapes), "B is missing"),
        (lambda shapes, r: sum(r * out for out, n_in in shapes), "A is missing"),
        (lambda shapes, r: r * sum(shapes[0]), "first weight alone"),
        (lambda shapes, r: sum(r * out * n_in for out, n_in in shapes), "not multiplied"),
    ],
}
RIGHT = {
    "06c-1": lambda right, count: (right / count * (1 - right / count) / count) ** 0.5,
    "06c-2": lambda answer, wanted: bool(
        re.search(rf"(?<!\w){re.escape(wanted.lower())}(?!\w)", answer.lower())
    ),
    "06c-3": lambda shapes, r: sum(r * (out + n_in) for out, n_in in shapes),
}

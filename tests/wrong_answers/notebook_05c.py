"""Answers to the exercises of 05c: usual mistakes with the hint each must get, and a right one."""

import torch


def shared(a, b):
    n = min(a.shape[-1], b.shape[-1])
    return a[..., :n] - b[..., :n]


WRONG = {
    "05c-1": [
        (lambda a, b, t: torch.equal(a, b), "do not ask for equality"),
        (lambda a, b, t: bool((shared(a, b) <= t).all()), "absolute difference"),
        (lambda a, b, t: bool((shared(b, a) <= t).all()), "a difference of 1 is too much"),
        (lambda a, b, t: bool(shared(a, b).abs().mean() <= 400 * t), "do not average"),
        (lambda a, b, t: not bool((shared(a, b).abs() > t).any()), "NaN agrees with nothing"),
        (lambda a, b, t: bool(((a - b).abs() <= t).all()), "columns both have"),
        (
            lambda a, b, t: a.shape == b.shape and bool(((a - b).abs() <= t).all()),
            "padded vocabulary",
        ),
    ],
    "05c-2": [
        (lambda n, bits: n * bits / 1e9, "divide by 8"),
        (lambda n, bits: n * bits / 8, "in bytes"),
        (lambda n, bits: n * bits / 8 / 2**30, "not 2³⁰"),
        (lambda n, bits: n * 2 / 1e9, "not 16"),
        (lambda n, bits: 1.0, "1.5 GB, not 1.0"),
    ],
    "05c-3": [
        (lambda layers, heads, width, n, size: layers * heads * width * n * size, "twice"),
        (lambda layers, heads, width, n, size: 2 * heads * width * n * size, "n_layers"),
        (lambda layers, heads, width, n, size: 2 * layers * heads * width * n, "bytes_each"),
        (lambda layers, heads, width, n, size: 2 * layers * heads * width * size, "n_tokens"),
        (lambda layers, heads, width, n, size: 0, "5040, not 0"),
    ],
}
RIGHT = {
    "05c-1": lambda a, b, t: bool((shared(a, b).abs() <= t).all()),
    "05c-2": lambda n, bits: n * bits / 8 / 1e9,
    "05c-3": lambda layers, heads, width, n, size: 2 * layers * heads * width * n * size,
}

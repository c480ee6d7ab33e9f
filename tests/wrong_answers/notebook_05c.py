"""Answers to the exercises of 05c: usual mistakes with the hint each must get, and right ones."""

import math

import torch
import torch.nn.functional as F


def shared(a, b):
    n = min(a.shape[-1], b.shape[-1])
    return a[..., :n] - b[..., :n]


def padded(a, b):
    n = max(a.shape[-1], b.shape[-1])
    return [F.pad(x, (0, n - x.shape[-1])) for x in (a, b)]


def by_a_loop(a, b, tolerance):
    n = min(a.shape[-1], b.shape[-1])
    pairs = zip(a[..., :n].flatten().tolist(), b[..., :n].flatten().tolist(), strict=True)
    for one, other in pairs:
        if not abs(one - other) <= tolerance:
            return False
    return True


def by_allclose(a, b, tolerance):
    n = min(a.shape[-1], b.shape[-1])
    return torch.allclose(a[..., :n], b[..., :n], rtol=0, atol=tolerance)


def relative(a, b, tolerance):
    n = min(a.shape[-1], b.shape[-1])
    return torch.allclose(a[..., :n], b[..., :n], rtol=tolerance, atol=tolerance)


def nan_is_equal(a, b, tolerance):
    n = min(a.shape[-1], b.shape[-1])
    return torch.allclose(a[..., :n], b[..., :n], rtol=0, atol=tolerance, equal_nan=True)


def close_argmax(a, b, tolerance):
    n = min(a.shape[-1], b.shape[-1])
    return torch.equal(a[..., :n].argmax(-1), b[..., :n].argmax(-1))


def cuts_the_second_only(a, b, tolerance):
    return bool(((a - b[..., : a.shape[-1]]).abs() <= tolerance).all())


def true_when_padded(a, b, tolerance):
    return a.shape != b.shape or bool(((a - b).abs() <= tolerance).all())


WRONG = {
    "05c-1": [
        (lambda a, b, t: torch.equal(a, b), "do not ask for equality"),
        (lambda a, b, t: bool((shared(a, b) <= t).all()), "absolute difference"),
        (lambda a, b, t: bool((shared(b, a) <= t).all()), "a difference of 1 is too much"),
        (lambda a, b, t: bool(shared(a, b).abs().mean() <= 400 * t), "do not average"),
        (lambda a, b, t: bool(shared(a, b).abs().mean() <= t), "do not average"),
        (lambda a, b, t: not bool((shared(a, b).abs() > t).any()), "NaN agrees with nothing"),
        (nan_is_equal, "not even with NaN"),
        (close_argmax, "compare the logits themselves"),
        (lambda a, b, t: True, "compare the logits themselves"),
        (relative, "the tolerance is absolute"),
        (lambda a, b, t: torch.allclose(a, b, atol=t), "the tolerance is absolute"),
        (lambda a, b, t: by_allclose(*padded(a, b), t), "do not fill up with zeros"),
        (lambda a, b, t: bool(((a - b).abs() <= t).all()), "columns both have"),
        (
            lambda a, b, t: a.shape == b.shape and bool(((a - b).abs() <= t).all()),
            "padded vocabulary",
        ),
        (cuts_the_second_only, "columns both have"),
        (true_when_padded, "the shared columns still count"),
    ],
    "05c-2": [
        (lambda n, bits: n * bits / 1e9, "divide by 8"),
        (lambda n, bits: n * bits / 8, "in bytes"),
        (lambda n, bits: n * bits, "then by 10⁹"),
        (lambda n, bits: n * bits / 8 / 2**30, "not 2³⁰"),
        (lambda n, bits: n * bits / 2**30, "divide by 8; and a GB"),
        (lambda n, bits: n * 2 / 1e9, "not 16"),
        (lambda n, bits: n / 1e9, "here 4, not 8"),
        (lambda n, bits: n * bits / 16 / 1e9, "8 bits, not 16"),
        (lambda n, bits: 1.0, "1.5 GB, not 1.0"),
    ],
    "05c-3": [
        (lambda layers, heads, width, n, size: layers * heads * width * n * size, "twice"),
        (lambda layers, heads, width, n, size: 2 * heads * width * n * size, "n_layers"),
        (lambda layers, heads, width, n, size: 2 * layers * heads * width * n, "bytes_each"),
        (lambda layers, heads, width, n, size: 2 * layers * heads * width * size, "n_tokens"),
        (lambda layers, heads, width, n, size: 2 * layers * width * n * size, "n_kv_heads"),
        (lambda layers, heads, width, n, size: 2 * layers * heads * n * size, "head_dim"),
        (lambda layers, heads, width, n, size: 4 * layers * heads * width * n * size, "not 4"),
        (lambda layers, heads, width, n, size: 2 * layers * heads * width * n * n * size, "once"),
        (lambda layers, heads, width, n, size: 0, "5040, not 0"),
    ],
}
RIGHT = {
    "05c-1": [
        lambda a, b, t: bool((shared(a, b).abs() <= t).all()),
        by_allclose,
        by_a_loop,
        lambda a, b, t: bool(shared(a, b).abs().max() <= t),
    ],
    "05c-2": [
        lambda n, bits: n * bits / 8 / 1e9,
        lambda n, bits: n / 1e9 * (bits / 8),
        lambda n, bits: n * bits / 8e9,
    ],
    "05c-3": [
        lambda layers, heads, width, n, size: 2 * layers * heads * width * n * size,
        lambda layers, heads, width, n, size: (
            sum(2 * heads * width * n for _ in range(layers)) * size
        ),
        lambda n_layers, n_kv_heads, head_dim, n_tokens, bytes_each: (
            math.prod((2, n_layers, n_kv_heads, head_dim, n_tokens)) * bytes_each
        ),
    ],
}

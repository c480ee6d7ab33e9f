"""Answers to the exercises of 03a: usual mistakes with the hint each must get, and a right one."""

import torch


def in_place(scores):
    scores -= scores.max(dim=-1, keepdim=True).values
    return scores.softmax(dim=-1)


def largest_of_all(scores):
    exponentials = (scores - scores.max()).exp()
    return exponentials / exponentials.sum(dim=-1, keepdim=True)


def behind(n):
    return torch.arange(n)[:, None] - torch.arange(n)


def window(n, w):
    return (behind(n) >= 0) & (behind(n) < w)


def merge(y):
    return y.transpose(1, 2).flatten(2)


C = 768

WRONG = {
    "03a-1": [
        (lambda s: s / s.sum(dim=-1, keepdim=True), "take their exponentials"),
        (lambda s: s.exp() / s.exp().sum(dim=0), "the columns sum to 1"),
        (lambda s: s.exp() / s.exp().sum(), "the whole matrix sums to 1"),
        (lambda s: s.exp() / s.exp().sum(dim=-1), "another row's sum"),
        (lambda s: s.exp() / s.exp().sum(dim=-1, keepdim=True), "overflows"),
        (largest_of_all, "each row's own largest"),
        (in_place, "changed its argument"),
        (lambda s: s.log_softmax(dim=-1), "the logarithm"),
        (lambda s: (2**s) / (2**s).sum(dim=-1, keepdim=True), "[1/3, 2/3]"),
        (lambda s: s.softmax(dim=-1)[0], "the shape (2, 2)"),
        (lambda s: s.tolist(), "got list"),
    ],
    "03a-2": [
        (lambda n, w: ~window(n, w), "the opposite"),
        (lambda n, w: window(n, w).T, "look ahead"),
        (lambda n, w: behind(n) >= 0, "there is no window"),
        (lambda n, w: behind(n).abs() < w, "into the future too"),
        (lambda n, w: behind(n) < w, "the future is open"),
        (lambda n, w: (behind(n) >= 0) & (behind(n) <= w), "one too wide"),
        (lambda n, w: (behind(n) > 0) & (behind(n) <= w), "the first of the three"),
        (lambda n, w: (behind(n) > 0) & (behind(n) < w), "the diagonal is True"),
        (lambda n, w: window(n, w).float(), "torch.bool"),
        (lambda n, w: window(n, 3), "window=1"),
        (lambda n, w: window(n, w) & (behind(n) != n - 1), "wider than the text"),
        (lambda n, w: window(n, w) & (behind(n) != 1), "should see the tokens 3, 4 and 5"),
        (lambda n, w: torch.ones(n, dtype=torch.bool), "the shape (6, 6)"),
    ],
    "03a-3": [
        (lambda y: y.reshape(2, 4, 15), "tokens are mixed up"),
        (lambda y: y.permute(0, 2, 3, 1).reshape(2, 4, 15), "interleaved"),
        (lambda y: y.sum(dim=1), "added up or averaged"),
        (lambda y: y.transpose(1, 2), "one axis"),
        (lambda y: y.flip(1).transpose(1, 2).reshape(2, 4, 15), "reverse order"),
        (lambda y: y.transpose(1, 2).view(2, 4, 15), "stops with RuntimeError"),
        (lambda y: y.flatten(1), "the shape (2, 4, 15)"),
        (lambda y: merge(y).flip(1), "undo splitting"),
    ],
    "03a-4": [
        (4 * C * C, "has a bias too"),
        (4 * C * C + C, "qkv has biases too"),
        (4 * C * C + 3 * C, "out has a bias too"),
        (3 * C * C + 3 * C, "the layer out belongs"),
        (3 * C * C, "qkv alone, without biases"),
        (2 * C * C + 2 * C, "3 C outputs, not C"),
        (12 * (4 * C * C + 4 * C), "H does not matter"),
        (12 * 4 * C * C, "one block is asked for"),
        (4 * 64 * 64 * 12 + 4 * C, "not only its own D"),
        (124_439_808, "qkv maps C to 3 C"),
        ("2.4 million", "a whole number"),
        (2.4e6 + 0.5, "a whole number"),
    ],
}

RIGHT = {
    "03a-1": lambda scores: scores.softmax(dim=-1),
    "03a-2": window,
    "03a-3": merge,
    "03a-4": 2_362_368,
}

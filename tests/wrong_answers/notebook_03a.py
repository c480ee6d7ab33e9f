"""Answers to the exercises of 03a: usual mistakes with the hint each must get, and right ones."""

import numpy as np
import torch


def minus(pick):
    """Softmax that subtracts what `pick` takes from each row."""

    def softmax_rows(scores):
        exponentials = (scores - pick(scores)).exp()
        return exponentials / exponentials.sum(dim=-1, keepdim=True)

    return softmax_rows


def largest(scores):
    return scores.max(dim=-1, keepdim=True).values


def in_place(scores):
    scores -= largest(scores)
    return scores.softmax(dim=-1)


def softmax_loop(scores):
    rows = []
    for row in scores:
        exponentials = [torch.exp(score - max(row)) for score in row]
        rows.append(torch.stack([e / sum(exponentials) for e in exponentials]))
    return torch.stack(rows)


def distance(n):
    return torch.arange(n)[:, None] - torch.arange(n)


def window(n, w):
    return (distance(n) >= 0) & (distance(n) < w)


def window_loop(n, w):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        for j in range(max(0, i - w + 1), i + 1):
            mask[i, j] = True
    return mask


def window_sliced(n, w):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        mask[i, i - w + 1 : i + 1] = True
    return mask


def window_counted_back(n, w):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        for back in range(min(w, n)):
            mask[i, i - back] = True
    return mask


def merge(y):
    return y.transpose(1, 2).flatten(2)


def merge_loop(y):
    B, H, T, D = y.shape
    merged = torch.empty(B, T, H * D)
    for h in range(H):
        merged[:, :, h * D : (h + 1) * D] = y[:, h]
    return merged


C = 768

WRONG = {
    "03a-1": [
        (lambda s: s / s.sum(dim=-1, keepdim=True), "take their exponentials"),
        (lambda s: s.exp() / s.exp().sum(dim=0), "the columns sum to 1"),
        (lambda s: s.exp() / s.exp().sum(), "the whole matrix sums to 1"),
        (lambda s: s.exp() / s.exp().sum(dim=-1), "another row's sum"),
        (lambda s: s.exp() / s.exp().sum(dim=-1, keepdim=True), "overflows: subtract first"),
        (minus(lambda s: s.max()), "each row's own largest"),
        (minus(lambda s: s.mean(dim=-1, keepdim=True)), "the row's mean"),
        (minus(lambda s: s.min(dim=-1, keepdim=True).values), "the row's smallest"),
        (minus(lambda s: s[:, :1]), "[0, 1000] overflows, and the same"),
        (minus(lambda s: s[:, -1:]), "[1000, 0] overflows, and the same"),
        (minus(lambda s: s.abs().amax(dim=-1, keepdim=True)), "not its absolute value"),
        (lambda s: s.clamp(-80, 80).softmax(dim=-1), "clipping large scores"),
        (in_place, "changed its argument"),
        (lambda s: s.log_softmax(dim=-1), "the logarithm"),
        (lambda s: (2**s) / (2**s).sum(dim=-1, keepdim=True), "[1/3, 2/3]"),
        (lambda s: s.softmax(dim=-1)[0], "the shape (2, 2)"),
        (lambda s: s.tolist(), "should return a tensor"),
        (lambda s: None, "returns nothing"),
    ],
    "03a-2": [
        (lambda n, w: ~window(n, w), "the opposite"),
        (lambda n, w: window(n, w).T, "look ahead"),
        (lambda n, w: distance(n) >= 0, "there is no window"),
        (lambda n, w: distance(n).abs() < w, "into the future too"),
        (lambda n, w: distance(n) < w, "the future is open"),
        (lambda n, w: (distance(n) >= 0) & (distance(n) <= w), "one too wide"),
        (lambda n, w: (distance(n) > 0) & (distance(n) <= w), "the first of the three"),
        (lambda n, w: (distance(n) > 0) & (distance(n) < w), "the diagonal is True"),
        (window_sliced, "the first rows go wrong"),
        (window_counted_back, "see the last tokens of the text"),
        (lambda n, w: window(n, w).float(), "torch.bool"),
        (lambda n, w: window(n, 3), "window=1"),
        (lambda n, w: window(n, w) & (distance(n) != n - 1), "wider than the text"),
        (lambda n, w: window(n, w) & (distance(n) != 1), "token 1 should see the tokens [0, 1]"),
        (lambda n, w: torch.ones(n, dtype=torch.bool), "the shape (6, 6)"),
        (lambda n, w: None, "returns nothing"),
    ],
    "03a-3": [
        (lambda y: y.reshape(*y.transpose(1, 2).flatten(2).shape), "tokens are mixed up"),
        (lambda y: y.permute(0, 2, 3, 1).flatten(2), "interleaved"),
        (lambda y: y.sum(dim=1), "added up or averaged"),
        (lambda y: y.transpose(1, 2), "one axis"),
        (lambda y: y.flip(1).transpose(1, 2).flatten(2), "reverse order"),
        (lambda y: y.transpose(1, 2).view(2, 4, 15), "stops with RuntimeError"),
        (lambda y: y.flatten(1), "the shape (2, 4, 15)"),
        (lambda y: merge(y).flip(1), "undo splitting"),
        (lambda y: torch.cat([y[:, h] for h in range(3)], dim=-1), "take the sizes from the shape"),
        (lambda y: None, "returns nothing"),
        (lambda y: merge(y).tolist(), "should return a tensor"),
    ],
    "03a-4": [
        (4 * C * C, "has a bias too"),
        (4 * C * C + C, "qkv has biases too"),
        (4 * C * C + 3 * C, "out has a bias too"),
        (3 * C * C + 3 * C, "the layer out belongs"),
        (3 * C * C, "qkv alone, without biases"),
        (2 * C * C + 2 * C, "3 C outputs, not C"),
        (12 * (4 * C * C + 4 * C), "one block is asked for. If you counted 12 heads"),
        (12 * 4 * C * C, "one block is asked for, and the biases"),
        (4 * 64 * 64 * 12 + 4 * C, "not only its own D"),
        (4 * C * C + 6 * C, "include the norm"),
        (7_087_872, "the whole block"),
        (124_439_808, "the whole model"),
        (4 * C * C + 4 * C + 1, "qkv maps C to 3 C"),
        ("2.4 million", "a whole number"),
        (2.4e6 + 0.5, "a whole number"),
    ],
}

RIGHT = {
    "03a-1": [lambda scores: scores.softmax(dim=-1), softmax_loop, minus(largest)],
    "03a-2": [
        window,
        window_loop,
        lambda n, w: torch.ones(n, n, dtype=torch.bool).tril().triu(1 - w),
    ],
    "03a-3": [merge, merge_loop, lambda y: torch.cat(y.unbind(dim=1), dim=-1)],
    "03a-4": [2_362_368, np.int64(2_362_368), 2_362_368.0, torch.tensor(2_362_368)],
}

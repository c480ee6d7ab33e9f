"""Answers to the exercises of 06b: usual mistakes with the hint each must get, and right ones."""

import torch
import torch.nn.functional as F


def widths(config):
    head, wide = config.head_dim, config.mlp_dim
    return {
        "q": (config.emb_dim, config.n_heads * head),
        "v": (config.emb_dim, config.n_kv_heads * head),
        "down": (wide, config.emb_dim),
    }


def count(config, rank, targets):
    return sum(config.n_layers * rank * sum(widths(config)[target]) for target in targets)


def all_queries(config, rank, targets):
    return count(config, rank, ["q"] * len(targets))


def square_queries(config, rank, targets):
    square = {**widths(config), "q": (config.emb_dim, config.emb_dim)}
    return sum(config.n_layers * rank * sum(square[target]) for target in targets)


def whole_matrices(config, rank, targets):
    pairs = [widths(config)[target] for target in targets]
    return sum(config.n_layers * rank * n_in * n_out for n_in, n_out in pairs)


def four_times(config, rank, targets):
    wide = {**widths(config), "down": (4 * config.emb_dim, config.emb_dim)}
    return sum(config.n_layers * rank * sum(wide[target]) for target in targets)


def only_A(config, rank, targets):
    return sum(config.n_layers * rank * widths(config)[target][0] for target in targets)


def only_B(config, rank, targets):
    return sum(config.n_layers * rank * widths(config)[target][1] for target in targets)


def twice_A(config, rank, targets):
    return 2 * only_A(config, rank, targets)


def count_matrices(config, rank, targets):
    total = 0
    for target in targets:
        n_in, n_out = widths(config)[target]
        a, b = rank * n_in, n_out * rank
        total += a + b
    return config.n_layers * total


def count_by_cases(config, rank, targets):
    total = 0
    for target in targets:
        if target == "down":
            total += config.mlp_dim + config.emb_dim
        else:
            heads = config.n_heads if target == "q" else config.n_kv_heads
            total += config.emb_dim + heads * config.head_dim
    return rank * total * config.n_layers


def merged_by_rows(weight, A, B, alpha, start):
    change = alpha / A.shape[0] * (B @ A)
    above, below = weight[:start], weight[start + B.shape[0] :]
    return torch.cat([above, weight[start : start + B.shape[0]] + change, below])


def merged_padded(weight, A, B, alpha, start):
    n_after = len(weight) - start - len(B)
    return weight + F.pad(B @ A * alpha / len(A), (0, 0, start, n_after))


def merged(weight, A, B, alpha, start, *, rank=None, sign=1, first=None):
    result = weight.clone()
    first = start if first is None else first
    result[first : first + len(B)] += sign * alpha / (rank or len(A)) * B @ A
    return result


def in_place(weight, A, B, alpha, start):
    weight[start : start + len(B)] += alpha / len(A) * B @ A
    return weight


def replaced(weight, A, B, alpha, start):
    result = weight.clone()
    result[start : start + len(B)] = alpha / len(A) * B @ A
    return result


def everywhere(weight, A, B, alpha, start):
    return weight + (alpha / len(A) * B @ A).repeat(len(weight) // len(B), 1)


WRONG = {
    "06b-1": [
        (lambda frozen, trained: 16 * (frozen + trained), "no gradient and no averages"),
        (lambda frozen, trained: 4 * (frozen + trained), "have gradients and averages beside"),
        (lambda frozen, trained: 16 * trained, "frozen weights are in memory too"),
        (lambda frozen, trained: 16 * frozen + 4 * trained, "not the frozen"),
        (lambda frozen, trained: 4 * frozen + 12 * trained, "the gradient is a number too"),
        (lambda frozen, trained: 4 * frozen + 8 * trained, "two averages for each"),
        (lambda frozen, trained: frozen + 4 * trained, "that counts numbers"),
        (lambda frozen, trained: 0, "not 0"),
    ],
    "06b-2": [
        (lambda c, r, t: count(c, r, t) // c.n_layers, "times n_layers"),
        (lambda c, r, t: count(c, 1, t), "times the rank"),
        (only_A, "this is A alone"),
        (only_B, "this is B alone"),
        (twice_A, "the layers are not square"),
        (all_queries, "values are narrower"),
        (square_queries, "need not be emb_dim"),
        (whole_matrices, "counted one by one"),
        (four_times, "need not be 4 * emb_dim"),
        (lambda c, r, t: count(c, r, t[:1]), "several targets"),
        (lambda c, r, t: 0, "not 0"),
    ],
    "06b-3": [
        (in_place, "changed its argument"),
        (lambda w, A, B, alpha, start: w.clone(), "nothing has been added"),
        (lambda w, A, B, alpha, start: merged(w, A, B, alpha, start, rank=1), "alpha / r, and r"),
        (
            lambda w, A, B, alpha, start: merged(w, A, B, len(A), start),
            "multiplied by alpha / r",
        ),
        (lambda w, A, B, alpha, start: merged(w, A, B, alpha, start, rank=3), "not of B's"),
        (lambda w, A, B, alpha, start: merged(w, A, B, alpha, start, first=0), "row start"),
        (lambda w, A, B, alpha, start: merged(w, A, B, alpha, start, sign=-1), "not taken away"),
        (replaced, "it does not replace them"),
        (everywhere, "only rows start to start"),
        (lambda w, A, B, alpha, start: B @ A, "return the whole weight"),
    ],
}
RIGHT = {
    "06b-1": [
        lambda frozen, trained: 4 * frozen + 16 * trained,
        lambda frozen, trained: 4 * (frozen + 4 * trained),
        lambda frozen, trained: sum([4 * (frozen + trained), 4 * trained, 8 * trained]),
    ],
    "06b-2": [count, count_matrices, count_by_cases],
    "06b-3": [merged, merged_by_rows, merged_padded],
}

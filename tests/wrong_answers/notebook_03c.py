"""Answers to the exercises of 03c: usual mistakes with the hint each must get, and right ones."""

import copy
import math

import numpy as np
from torch import nn


def tie_copy(model):
    model.head.weight = nn.Parameter(model.tok_emb.weight.clone())


def tie_data(model):
    model.head.weight.data = model.tok_emb.weight.data


def tie_backwards(model):
    model.tok_emb.weight = model.head.weight


def tie_layer(model):
    model.head = model.tok_emb


def tie_frozen(model):
    model.head.weight = model.tok_emb.weight.requires_grad_(False)


def tie_numbers(model):
    model.head.weight.data.copy_(model.tok_emb.weight)


def tie_another(model):
    model = copy.deepcopy(model)
    model.head.weight = model.tok_emb.weight
    return model


def tie_transposed(model):
    model.head.weight = nn.Parameter(model.tok_emb.weight.T)


def tie_right(model):
    model.head.weight = model.tok_emb.weight
    return model


def sizes(config):
    return config.vocab_size, config.context_length, config.emb_dim, config.n_layers


def counting(tables="VC + TC", block="12 * C * C + 13 * C", last="2 * C"):
    """A count from three formulas, of which a test spoils one."""
    tables = tables.replace("VC", "V * C").replace("TC", "T * C")

    def count_parameters(config):
        V, T, C, N = sizes(config)
        names = {"V": V, "T": T, "C": C, "N": N}
        return eval(f"({tables}) + N * ({block}) + {last}", names)

    return count_parameters


def count_right(config):
    head = 0 if config.tie_weights else config.vocab_size * config.emb_dim
    return counting()(config) + head


def count_shapes(config):
    """The shape of every tensor, one after the other."""
    V, T, C, N = sizes(config)
    shapes = [(V, C), (T, C), (C,), (C,)] + ([] if config.tie_weights else [(V, C)])
    for _ in range(N):
        shapes += [(C,), (C,), (C, 3 * C), (3 * C,), (C, C), (C,), (C,), (C,)]
        shapes += [(C, 4 * C), (4 * C,), (4 * C, C), (C,)]
    return sum(math.prod(shape) for shape in shapes)


def count_numpy(config):
    V, T, C, N = np.array(sizes(config))
    tables = np.array([V, T, 0 if config.tie_weights else V]) * C
    return tables.sum() + N * np.dot([12, 13], [C**2, C]) + 2 * C


def flops_loop(config, n_tokens):
    V, _, C, N = sizes(config)
    total = 2 * V * C
    for _ in range(N):
        for n_in, n_out in ((C, 3 * C), (C, C), (C, 4 * C), (4 * C, C)):
            total += 2 * n_in * n_out
        total += 2 * n_tokens * C  # queries with keys
        total += 2 * n_tokens * C  # weights with values
    return total


def flops_numpy(config, n_tokens):
    V, _, C, N = np.array(sizes(config))
    return np.float64(2 * (V * C + N * (12 * C**2 + 2 * n_tokens * C)))


def count_by_heads(config):
    return count_right(config) + (config.n_heads - 2) * config.emb_dim


def working(formula):
    def flops_per_token(config, n_tokens):
        V, T, C, N = sizes(config)
        return eval(formula, {"V": V, "T": T, "C": C, "N": N, "n": n_tokens})

    return flops_per_token


FLOPS = "2 * (N * 12 * C * C + V * C) + N * 4 * n * C"

WRONG = {
    "03c-1": [
        (lambda model: None, "nothing is shared"),
        (tie_copy, "but a copy"),
        (tie_data, "two parameters"),
        (tie_backwards, "should be the embedding's"),
        (tie_layer, "not the layer"),
        (tie_frozen, "can no longer learn"),
        (tie_numbers, "but a copy"),
        (tie_another, "nothing is shared"),
        (tie_transposed, "nothing is shared"),
    ],
    "03c-2": [
        (counting(tables="2 * VC + TC"), "the head is tied here"),
        (counting(tables="TC"), "table of tokens is missing"),
        (counting(tables="VC"), "table of positions is missing"),
        (counting(last="0"), "after the last block"),
        (counting(block="12 * C * C + 9 * C", last="0"), "the norms are missing"),
        (counting(block="12 * C * C + 9 * C"), "the two norms (2 C each), attention's biases"),
        (counting(block="12 * C * C + 4 * C + 5 * C"), "or the bias of `up`"),
        (counting(block="12 * C * C + 11 * C"), "each block has two norms"),
        (counting(block="12 * C * C + 12 * C"), "attention's `out`, or that of `down`"),
        (counting(block="12 * C * C + 10 * C"), "the biases of queries, keys and values"),
        (counting(block="12 * C * C + 8 * C"), "`up` (4 C) and `down` (C)"),
        (counting(block="12 * C * C + 16 * C"), "the bias of `down` has C numbers"),
        (counting(block="12 * C * C + 11 * C", last="C"), "a norm has a bias too"),
        (counting(block="12 * C * C + 4 * C"), "the biases are missing"),
        (counting(block="9 * C * C + 13 * C"), "four C × C matrices"),
        (counting(block="11 * C * C + 13 * C"), "four C × C matrices"),
        (counting(block="8 * C * C + 13 * C"), "one up and one down"),
        (lambda config: counting()(config) - 2, "parameters, not"),
        (
            lambda c: counting()(c) - (c.n_layers - 1) * (12 * c.emb_dim**2 + 13 * c.emb_dim),
            "one block only",
        ),
        (counting(), "of its own"),
        (count_by_heads, "heads does not matter"),
    ],
    "03c-3": [
        (working(f"({FLOPS}) / 2"), "a multiplication and an addition"),
        (working("N * 12 * C * C + V * C + N * 4 * n * C"), "a multiplication and an addition"),
        (working(f"({FLOPS}) * n"), "per token"),
        (working("2 * (N * 12 * C * C + V * C)"), "two products are missing"),
        (working("2 * (N * 12 * C * C + V * C) + N * 2 * n * C"), "does not halve for the mask"),
        (working("2 * (N * 12 * C * C + V * C) + N * 4 * n * C / 2"), "count both products"),
        (working("2 * (N * 12 * C * C + V * C) + N * 2 * (n + 1) * C"), "leaves the mask out"),
        (working("2 * (N * 12 * C * C + V * C) + N * 4 * (n - 1) * C"), "FLOPs per token, not"),
        (working("2 * (N * 12 * C * C + V * C) + N * 4 * T * C"), "not config.context_length"),
        (working("2 * (N * 12 * C * C + V * C) + 4 * n * C"), "in each of the N blocks"),
        (working("2 * N * 12 * C * C + N * 4 * n * C"), "the head is missing"),
        (working(f"{FLOPS} + 2 * (V + T) * C"), "looking up a row"),
        (working(f"{FLOPS} + 2 * 9 * C * N"), "leave the biases out"),
        (working(f"3 * ({FLOPS})"), "the factor 3 is for training"),
        (working(f"{FLOPS} + 1"), "FLOPs per token, not"),
    ],
}
RIGHT = {
    "03c-1": [
        tie_right,
        lambda model: setattr(model.head, "weight", model.tok_emb.weight),
        lambda model: model.head.register_parameter("weight", model.tok_emb.weight),
    ],
    "03c-2": [count_right, count_shapes, count_numpy],
    "03c-3": [working(FLOPS), flops_loop, flops_numpy],
}

"""Answers to the exercises of 03c: usual mistakes with the hint each must get, and a right one."""

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
    ],
    "03c-2": [
        (counting(tables="2 * VC + TC"), "the head is tied here"),
        (counting(tables="TC"), "table of tokens is missing"),
        (counting(tables="VC"), "table of positions is missing"),
        (counting(last="0"), "behind the last block"),
        (counting(block="12 * C * C + 9 * C", last="0"), "the norms are missing"),
        (counting(block="12 * C * C + 9 * C"), "two norms"),
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
        (working(f"({FLOPS}) * n"), "for one token"),
        (working("2 * (N * 12 * C * C + V * C)"), "own products are missing"),
        (working("2 * (N * 12 * C * C + V * C) + N * 2 * n * C"), "two products of its own"),
        (working("2 * (N * 12 * C * C + V * C) + N * 4 * T * C"), "not config.context_length"),
        (working("2 * (N * 12 * C * C + V * C) + 4 * n * C"), "in each of the N blocks"),
        (working("2 * N * 12 * C * C + N * 4 * n * C"), "the head is missing"),
        (working(f"{FLOPS} + 2 * (V + T) * C"), "looking up a row"),
        (working(f"{FLOPS} + 2 * 9 * C * N"), "leave biases out"),
        (working(f"3 * ({FLOPS})"), "the factor 3 is for training"),
        (working(f"{FLOPS} + 1"), "FLOP a token, not"),
    ],
}
RIGHT = {"03c-1": tie_right, "03c-2": count_right, "03c-3": working(FLOPS)}

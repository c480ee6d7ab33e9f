"""Answers to the exercises of 05a: usual mistakes with the hint each must get, and a right one."""

import math

import torch
from torch import nn

from workshop_lib.weights import GPT2_NAMES, GPT2_TRANSPOSED, hf_keys


def entries(header):
    return [entry for name, entry in header.items() if name != "__metadata__"]


def linear(weight, bias, *, transposed=True, keep_bias=True):
    layer = nn.Linear(*weight.shape)
    layer.weight.data = weight.t().contiguous() if transposed else weight
    if keep_bias:
        layer.bias.data = bias.clone()
    return layer


def transposed_if_it_does_not_fit(weight, bias):
    return linear(weight, bias, transposed=weight.shape[0] != weight.shape[1])


def reshaped_where_not_square(weight, bias):
    layer = linear(weight, bias)
    if weight.shape[0] != weight.shape[1]:
        layer.weight.data = weight.reshape(weight.shape[1], weight.shape[0])
    return layer


def stored(ours, tensors):
    return tensors[hf_keys(ours, GPT2_NAMES)[0]]


def untransposed(state, tensors, endings=GPT2_TRANSPOSED, symmetric_too=False):
    return [
        ours
        for ours, weight in state.items()
        if ours.endswith(endings)
        and torch.equal(weight, stored(ours, tensors))
        and (symmetric_too or not torch.equal(weight, stored(ours, tensors).t()))
    ]


WRONG = {
    "05a-1": [
        (lambda h: sum(math.prod(e["shape"]) for e in h.values()), "leave out '__metadata__'"),
        (lambda h: max(e["data_offsets"][1] for e in entries(h)), "those are bytes"),
        (lambda h: max(e["data_offsets"][1] for e in entries(h)) // 2, "takes 4 bytes"),
        (lambda h: len(entries(h)), "the number of tensors"),
        (lambda h: len(h), "the number of entries"),
        (lambda h: sum(sum(e["shape"]) for e in entries(h)), "are multiplied"),
        (lambda h: math.prod(math.prod(e["shape"]) for e in entries(h)), "add up the tensors"),
        (lambda h: 0, "= 22 weights, not 0"),
    ],
    "05a-2": [
        (lambda weight, bias: weight.t(), "return an nn.Linear"),
        (lambda weight, bias: linear(weight, bias, keep_bias=False), "the bias is not"),
        (transposed_if_it_does_not_fit, "a square weight must be transposed"),
        (reshaped_where_not_square, ".reshape is no .t()"),
        (lambda weight, bias: linear(weight, bias, transposed=False), "a square weight"),
    ],
    "05a-3": [
        (lambda s, t: tuple(untransposed(s, t)), "not a tuple"),
        (
            lambda s, t: [hf_keys(ours, GPT2_NAMES)[0] for ours in untransposed(s, t)],
            "not OpenAI's",
        ),
        (lambda s, t: untransposed(s, t, endings=".weight"), "the embedding"),
        (lambda s, t: untransposed(s, t, symmetric_too=True), "its own transpose"),
        (
            lambda s, t: [n for n in s if n.endswith(GPT2_TRANSPOSED) and "down" not in n],
            "a transposed matrix is right",
        ),
        (lambda s, t: untransposed(s, t)[::-1], "in the order of state"),
        (lambda s, t: untransposed(s, t, endings="attn.out.weight"), "not the only Conv1D"),
        (lambda s, t: [], "but you return []"),
    ],
}
RIGHT = {
    "05a-1": lambda h: sum(math.prod(e["shape"]) for e in entries(h)),
    "05a-2": linear,
    "05a-3": untransposed,
}

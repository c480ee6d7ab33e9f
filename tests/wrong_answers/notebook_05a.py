"""Answers to the exercises of 05a: usual mistakes with the hint each must get, and right ones."""

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


def by_bytes(header):
    widths = {"F16": 2, "BF16": 2, "F32": 4}
    total = 0
    for entry in entries(header):
        start, end = entry["data_offsets"]
        total += (end - start) // widths[entry["dtype"]]
    return total


def copied_under_no_grad(weight, bias):
    layer = nn.Linear(weight.shape[0], weight.shape[1])
    with torch.no_grad():
        layer.weight.copy_(weight.T)
        layer.bias.copy_(bias)
    return layer


def from_a_state_dict(weight, bias):
    layer = nn.Linear(*weight.shape)
    layer.load_state_dict({"weight": weight.t(), "bias": bias})
    return layer


def by_a_loop(state, tensors):
    found = []
    for ours in state:
        if not ours.endswith(GPT2_TRANSPOSED):
            continue
        one = stored(ours, tensors)
        if (state[ours] == one).all() and (state[ours] != one.t()).any():
            found.append(ours)
    return found


def by_the_table(state, tensors):
    return [
        ours
        for ours in state
        if any(ours.endswith(ending) for ending in GPT2_TRANSPOSED)
        and torch.allclose(state[ours], stored(ours, tensors), atol=0, rtol=0)
        and not torch.allclose(state[ours], stored(ours, tensors).t(), atol=0, rtol=0)
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
        (lambda s, t: sorted(untransposed(s, t)), "in the order of state"),
        (lambda s, t: untransposed(s, t, endings="attn.out.weight"), "take all endings"),
        (lambda s, t: untransposed(s, t)[-1:], "collect the names in a list"),
        (lambda s, t: untransposed(s, t)[:1], "do not return inside the loop"),
        (
            lambda s, t: [
                n for n in s if n.endswith(GPT2_TRANSPOSED) and not torch.equal(s[n], stored(n, t))
            ],
            "return the others",
        ),
        (lambda s, t: [], "but you return []"),
    ],
}
RIGHT = {
    "05a-1": [
        lambda h: sum(math.prod(e["shape"]) for e in entries(h)),
        by_bytes,
        lambda h: sum(torch.empty(e["shape"], device="meta").numel() for e in entries(h)),
    ],
    "05a-2": [linear, copied_under_no_grad, from_a_state_dict],
    "05a-3": [untransposed, by_a_loop, by_the_table],
}

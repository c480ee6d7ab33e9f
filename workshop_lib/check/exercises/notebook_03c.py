"""Self-checks of 03c_gpt."""

from dataclasses import replace

import torch

from workshop_lib.check.exercise import wants
from workshop_lib.config.model import GPTConfig
from workshop_lib.config.presets import PRESETS
from workshop_lib.model.gpt import GPT

# All sizes differ, so that most mistakes are off by a number of their own.
SIZES = GPTConfig(vocab_size=101, context_length=17, emb_dim=12, n_layers=3, n_heads=2)
WORDS = "V = 101, T = 17, C = 12, N = 3 and tied weights"


@wants(in_place=True)
def check_03c_1(tie) -> str | None:
    """Head and token embedding share one parameter."""
    model = GPT(replace(PRESETS["tiny"], tie_weights=False))
    before, n_before = model.tok_emb.weight.detach().clone(), len(list(model.parameters()))
    tie(model)
    head, table = model.head, model.tok_emb
    if not isinstance(head, torch.nn.Linear) or not isinstance(table, torch.nn.Embedding):
        return "replace the weight, not the layer: the head still has to multiply"
    if not torch.equal(table.weight, before):
        return "the shared numbers should be the embedding's; yours has changed"
    if head.weight is not table.weight:
        if not torch.equal(head.weight, table.weight):
            return "nothing is shared: head.weight still has numbers of its own"
        if head.weight.data_ptr() == table.weight.data_ptr():
            return (
                "the memory is shared, but there are two parameters: the optimizer would move the "
                "same numbers twice; assign the parameter itself, not its .data"
            )
        return "equal now, but a copy: one step of training pulls them apart"
    if not head.weight.requires_grad:
        return "the shared weight can no longer learn: it needs requires_grad"
    n_after = len(list(model.parameters()))
    return None if n_after == n_before - 1 else f"{n_after} tensors, instead of {n_before - 1}"


@wants(int)
def check_03c_2(count_parameters) -> str | None:
    """The number of parameters, by arithmetic."""
    V, T, C, N = SIZES.vocab_size, SIZES.context_length, SIZES.emb_dim, SIZES.n_layers
    found = count_parameters(SIZES)
    right = n_parameters(SIZES)
    hints = {
        V * C: "the head is tied here: its table is counted already",
        -V * C: "the table of tokens is missing: V rows of C numbers",
        -T * C: "the table of positions is missing: T rows of C numbers",
        -2 * C: "the norm after the last block is missing",
        -2 * C - 4 * C * N: "the norms are missing: a weight and a bias of C numbers each",
        -C - 2 * C * N: "a norm has a bias too: C more for each",
        # Some sums of biases are equal: then the hint names all that it can be.
        -C * N: "C per block are missing: the bias of attention's `out`, or that of `down`",
        -2 * C * N: "2 C per block are missing: each block has two norms of 2 C numbers",
        -3
        * C
        * N: "3 C per block are missing: the biases of queries, keys and values; or the bias "
        "of `up` was counted with C numbers instead of 4 C",
        -4
        * C
        * N: "4 C per block are missing: the two norms (2 C each), attention's biases (4 C), "
        "or the bias of `up` (4 C)",
        -5 * C * N: "5 C per block are missing: the biases of `up` (4 C) and `down` (C)",
        -9 * C * N: "the biases are missing: 4 C in attention, 5 C in the feed-forward network",
        3 * C * N: "3 C per block too many: the bias of `down` has C numbers, one per output",
        -2 * C * C * N: "attention has four C × C matrices: queries, keys, values and out",
        -3 * C * C * N: "attention has four C × C matrices: queries, keys, values and out",
        -C * C * N: "attention has four C × C matrices: queries, keys, values and out",
        -4 * C * C * N: "the feed-forward network has two matrices of C × 4 C, one up and one down",
        -(12 * C * C + 13 * C) * (N - 1): "that is one block only: there are config.n_layers",
    }
    if found - right in hints:
        return hints[found - right]
    if found != right:
        return f"a model of {WORDS} has {right:,} parameters, not {found:,}"
    untied = replace(SIZES, tie_weights=False)
    if count_parameters(untied) != right + V * C:
        return "with tie_weights=False the head has V × C parameters of its own"
    shaped = replace(SIZES, n_heads=4)
    if count_parameters(shaped) != right:
        return "the number of heads does not matter: they share the C channels"
    return None


@wants(float)
def check_03c_3(flops_per_token) -> str | None:
    """The forward pass's FLOPs for one token."""
    V, T, C, N = SIZES.vocab_size, SIZES.context_length, SIZES.emb_dim, SIZES.n_layers
    n_tokens = 7
    matrices, attention = 2 * (12 * C * C * N + V * C), 4 * n_tokens * C * N
    right = matrices + attention
    found = flops_per_token(SIZES, n_tokens)
    hints = {
        right / 2: "two operations per weight: a multiplication and an addition",
        matrices / 2 + attention: "each weight costs two: a multiplication and an addition",
        right * n_tokens: "per token: do not multiply by n_tokens at the end",
        matrices: "attention's two products are missing: queries with keys, weights with values",
        matrices
        + attention / 2: "half of attention's operations are missing: count both products, "
        "2 T C for queries with keys and 2 T C for weights with values, and all n_tokens keys; the "
        "text does not halve for the mask",
        matrices + attention * (n_tokens + 1) / (2 * n_tokens): "count all n_tokens keys for every "
        "token: the text leaves the mask out of it",
        matrices
        + 4 * T * C * N: "each query is multiplied with n_tokens keys, not config.context_length",
        matrices + attention / N: "attention's two products happen in each of the N blocks",
        right - 2 * V * C: "the head is missing: a product with V × C weights, tied or not",
        right + 2 * (V + T) * C: "looking up a row of a table costs nothing",
        right + 2 * T * C: "looking up a row of a table costs nothing",
        right + 2 * 9 * C * N: "leave the biases out, as the text does: matrices only",
        2 * n_parameters(SIZES)
        + attention: "count matrices only: no position table, biases, norms",
        3 * right: "the forward pass only: the factor 3 is for training",
    }
    if found in hints:
        return hints[found]
    if found != right:
        return f"{n_tokens} tokens and {WORDS} take {right:,} FLOPs per token, not {found:,}"
    return None


def n_parameters(config: GPTConfig) -> int:
    """Count by building the model, without giving it memory."""
    with torch.device("meta"):
        return sum(weight.numel() for weight in GPT(config).parameters())

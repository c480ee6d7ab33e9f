"""Answers to the exercises of 02c: usual mistakes with the hint each must get, and right ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from workshop_lib.data import windows


def peek_global(loader):
    state = torch.get_rng_state()
    batch = next(iter(loader))
    torch.set_rng_state(state)
    return batch


def peek_reseed(loader):
    batch = next(iter(loader))
    loader.generator.manual_seed(loader.generator.initial_seed())
    return batch


def peek_seed_first(loader):
    loader.generator.manual_seed(loader.generator.initial_seed())
    return next(iter(loader))


def peek_seed_global(loader):
    torch.manual_seed(0)
    return next(iter(loader))


def peek_too_early(loader):
    loader.generator.set_state(loader.generator.get_state())
    return next(iter(loader))


def peek_list(loader):
    state = loader.generator.get_state()
    batches = list(loader)
    loader.generator.set_state(state)
    return batches


def peek_dataset(loader):
    batch = [loader.dataset[i] for i in range(loader.batch_size)]
    return tuple(torch.stack(part) for part in zip(*batch, strict=True))


def peek(loader):
    state = loader.generator.get_state()
    batch = next(iter(loader))
    loader.generator.set_state(state)
    return batch


def peek_inputs(loader):
    return peek(loader)[0], peek(loader)[0]


def positions(ids):
    return torch.arange(ids.shape[1])


def count(n, t, s):
    return 1 + -(-(n - 1 - t) // s)


def count_with_a_loop(n, t, s):
    start = windows = 0
    covered = 0  # targets so far
    while covered < n - 1:
        covered = start + t
        windows += 1
        start += s
    return windows


def count_with_numpy(n, t, s):
    return np.ceil((n - 1 - t) / s).astype(int) + 1


def count_without_return(n, t, s):
    count(n, t, s)


def peek_with_a_break(loader):
    before = loader.generator.get_state()
    found = None
    for batch in loader:
        found = batch
        break
    loader.generator.set_state(before)
    return found


def peek_with_a_twin(loader):
    generator = torch.Generator()
    generator.set_state(loader.generator.get_state())
    size = loader.batch_size
    return next(iter(DataLoader(loader.dataset, size, shuffle=True, generator=generator)))


def peek_at_the_end(loader):
    state = loader.generator.get_state()
    try:
        return list(loader)[0]
    finally:
        loader.generator.set_state(state)


def peek_last(loader):
    state = loader.generator.get_state()
    batch = list(loader)[-1]
    loader.generator.set_state(state)
    return batch


def peek_without_return(loader):
    peek(loader)


def embed(ids, tok, pos):
    return tok[ids] + pos[positions(ids)]


def embed_with_a_loop(ids, tok, pos):
    rows = []
    for window in ids:
        rows.append(torch.stack([tok[i] + pos[t] for t, i in enumerate(window)]))
    return torch.stack(rows)


def embed_with_one_hot(ids, tok, pos):
    one_hot = F.one_hot(ids, num_classes=len(tok)).to(tok.dtype)
    return one_hot @ tok + pos[: ids.shape[-1]]


def embed_with_functional(ids, tok, pos):
    return F.embedding(ids, tok) + F.embedding(positions(ids), pos)


def embed_with_numpy(ids, tok, pos):
    return tok.numpy()[ids.numpy()] + pos.numpy()[None, : ids.shape[1]]


def embed_in_place(ids, tok, pos):
    found = embed(ids, tok, pos)
    tok[: ids.shape[1]] += pos[: ids.shape[1]]
    return found


def embed_without_return(ids, tok, pos):
    embed(ids, tok, pos)


WRONG = {
    "02c-1": [
        (lambda n, t, s: 1 + (n - 1 - t) // s, "the padded window at the end"),
        (lambda n, t, s: len(range(0, n - t, s)), "the padded window at the end"),
        (lambda n, t, s: math.ceil((n - t) / s), "the padded window at the end"),
        (lambda n, t, s: 1 + -(-(n - t) // s), "n - 1 targets"),
        (lambda n, t, s: -(-(n - 1) // t), "the stride is not used"),
        (lambda n, t, s: -(-(n - 1 - t) // s), "first window is missing"),
        (lambda n, t, s: -(-(n - 1) // s), "leaves some target uncovered"),
        (lambda n, t, s: 2 + (n - 1 - t) // s, "one window too many"),
        (lambda n, t, s: n - t, "should be 3, not 6"),
        (lambda n, t, s: 1 + (n - 1 - t) / s, "not 2.25: round up"),
        (lambda n, t, s: float(count(n, t, s)), "whole number"),
        (lambda n, t, s: windows(range(n), t, s), "whole number"),
        (count_without_return, "returns nothing"),
    ],
    "02c-2": [
        (lambda loader: next(iter(loader)), "another order: save the state"),
        (peek_global, "another order: save the state"),
        (peek_too_early, "another order: save the state"),
        (peek_reseed, "seeded again"),
        (peek_seed_first, "seeded again"),
        (peek_seed_global, "global generator"),
        (peek_list, "return one batch"),
        (lambda loader: iter(loader), "return one batch"),
        (peek_dataset, "not the batch that the next pass begins with"),
        (lambda loader: loader.dataset[0], "have the shape (3, 4)"),
        (peek_last, "not the batch that the next pass begins with"),
        (peek_inputs, "should be its targets"),
        (peek_without_return, "returns nothing"),
    ],
    "02c-3": [
        (lambda ids, tok, pos: tok[positions(ids)] + pos[ids], "tables are swapped"),
        (lambda ids, tok, pos: tok[ids], "only the token embeddings"),
        (
            lambda ids, tok, pos: pos[positions(ids)].expand(len(ids), -1, -1),
            "only the positional embeddings",
        ),
        (lambda ids, tok, pos: tok[ids] + pos[ids], "not on the token id"),
        (lambda ids, tok, pos: tok[ids] + pos, "take its first 4 rows"),
        (
            lambda ids, tok, pos: tok[ids] + pos[: ids.numel()].view(*ids.shape, -1),
            "starts at position 0",
        ),
        (lambda ids, tok, pos: tok[ids] + pos[: len(ids), None], "index in the batch"),
        (lambda ids, tok, pos: tok[ids] * pos[positions(ids)], "not multiplied"),
        (lambda ids, tok, pos: tok[ids] + pos[positions(ids) + 1], "counted from 0"),
        (
            lambda ids, tok, pos: torch.cat(
                [tok[ids], pos[positions(ids)].expand(len(ids), -1, -1)], dim=-1
            ),
            "not put one after the other",
        ),
        (lambda ids, tok, pos: tok[ids][0] + pos[positions(ids)], "the shape (2, 4, 3)"),
        (lambda ids, tok, pos: tok[ids] - pos[positions(ids)], "element [b, t]"),
        (lambda ids, tok, pos: (tok[ids] + pos[positions(ids)]).tolist(), "return a tensor"),
        (embed_with_numpy, "not ndarray"),
        (embed_in_place, "changed its argument"),
        (embed_without_return, "returns nothing"),
    ],
}
RIGHT = {
    "02c-1": [
        count,
        count_with_a_loop,
        count_with_numpy,
        lambda n, t, s: math.ceil((n - 1 - t) / s) + 1,
        lambda n, t, s: len(windows(range(n), t, s)[0]),
    ],
    "02c-2": [peek, peek_with_a_break, peek_with_a_twin, peek_at_the_end],
    "02c-3": [embed, embed_with_a_loop, embed_with_one_hot, embed_with_functional],
}

"""Answers to the exercises of 02c: usual mistakes with the hint each must get, and a right one."""

import torch


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


def places(ids):
    return torch.arange(ids.shape[1])


WRONG = {
    "02c-1": [
        (lambda n, t, s: 1 + (n - 1 - t) // s, "round up"),
        (lambda n, t, s: len(range(0, n - t, s)), "round up"),
        (lambda n, t, s: 1 + -(-(n - t) // s), "n - 1 targets"),
        (lambda n, t, s: -(-(n - 1) // t), "the stride is not used"),
        (lambda n, t, s: -(-(n - 1 - t) // s), "first window is missing"),
        (lambda n, t, s: -(-(n - 1) // s), "not yet covered"),
        (lambda n, t, s: n - t, "should be 3, not 6"),
        (lambda n, t, s: float(1 + -(-(n - 1 - t) // s)), "whole number"),
    ],
    "02c-2": [
        (lambda loader: next(iter(loader)), "another order: keep the state"),
        (peek_global, "another order: keep the state"),
        (peek_too_early, "another order: keep the state"),
        (peek_reseed, "started again from a seed"),
        (peek_seed_first, "started again from a seed"),
        (peek_seed_global, "global source"),
        (peek_list, "return one batch"),
        (lambda loader: iter(loader), "return one batch"),
        (peek_dataset, "not the batch that the next pass begins with"),
        (lambda loader: loader.dataset[0], "have the shape (3, 4)"),
        (peek_inputs, "should be its targets"),
    ],
    "02c-3": [
        (lambda ids, tok, pos: tok[places(ids)] + pos[ids], "tables are swapped"),
        (lambda ids, tok, pos: tok[ids], "only the token rows"),
        (lambda ids, tok, pos: pos[places(ids)].expand(len(ids), -1, -1), "only the position rows"),
        (lambda ids, tok, pos: tok[ids] + pos[ids], "not on its id"),
        (lambda ids, tok, pos: tok[ids] + pos, "take its first 4 rows"),
        (
            lambda ids, tok, pos: tok[ids] + pos[: ids.numel()].view(*ids.shape, -1),
            "starts at place 0",
        ),
        (lambda ids, tok, pos: tok[ids] + pos[: len(ids), None], "place in the batch"),
        (lambda ids, tok, pos: tok[ids] * pos[places(ids)], "not multiplied"),
        (lambda ids, tok, pos: tok[ids] + pos[places(ids) + 1], "counted from 0"),
        (
            lambda ids, tok, pos: torch.cat(
                [tok[ids], pos[places(ids)].expand(len(ids), -1, -1)], dim=-1
            ),
            "not put one after the other",
        ),
        (lambda ids, tok, pos: tok[ids][0] + pos[places(ids)], "the shape (2, 4, 3)"),
        (lambda ids, tok, pos: tok[ids] - pos[places(ids)], "element [b, t]"),
        (lambda ids, tok, pos: (tok[ids] + pos[places(ids)]).tolist(), "return a tensor"),
    ],
}
RIGHT = {
    "02c-1": lambda n, t, s: 1 + -(-(n - 1 - t) // s),
    "02c-2": peek,
    "02c-3": lambda ids, tok, pos: tok[ids] + pos[places(ids)],
}

"""Self-checks of 02c_batches."""

import torch

from workshop_lib.config.training import TrainConfig
from workshop_lib.data.batches import make_loader, windows


def check_02c_1(count_windows) -> str | None:
    """The number of windows of a text."""
    sizes = [(10, 4, 4), (10, 4, 2), (9, 4, 4), (5, 4, 4), (8, 4, 3), (100, 7, 5), (101, 8, 8)]
    found = [count_windows(*size) for size in sizes]
    if not all(isinstance(number, int | float) for number in found):
        return f"return a whole number, not {found[0]!r}"
    mistakes = {
        "the padded window at the end is missing: after the first window, n_tokens - 1 - "
        "context_length targets are left; divide them by the stride and round up": (
            lambda n, t, s: 1 + (n - 1 - t) // s
        ),
        "one window too many where the targets fill the windows exactly: n tokens have n - 1 "
        "targets, since nothing precedes the first": lambda n, t, s: 1 + -(-(n - t) // s),
        "the stride is not used: windows start every stride tokens": lambda n, t, s: (
            -(-(n - 1) // t)
        ),
        "the first window is missing: add 1 to the number of steps after it": lambda n, t, s: (
            -(-(n - 1 - t) // s)
        ),
        "a start counts only if the window before leaves some target uncovered": (
            lambda n, t, s: -(-(n - 1) // s)
        ),
    }
    for hint, formula in mistakes.items():
        if found == [formula(*size) for size in sizes]:
            return hint
    for size, number in zip(sizes, found, strict=True):
        right = len(windows(range(size[0]), *size[1:])[0])
        if number != right and number != int(number):
            return f"count_windows{size} should be {right}, not {number}: round up"
        if number != right:
            return f"count_windows{size} should be {right}, not {number}"
    if any(isinstance(number, float) for number in found):
        return "the number of windows is a whole number: use // instead of /, or int"
    return None


def check_02c_2(peek) -> str | None:
    """Looking at the next batch without changing the run."""
    config = TrainConfig(steps=1, batch_size=3, context_length=4)

    def loader_in_its_second_epoch():
        loader = make_loader(range(60), config, generator=torch.Generator().manual_seed(5))
        list(loader)
        return loader

    expected = [inputs.tolist() for inputs, _ in loader_in_its_second_epoch()]
    loader = loader_in_its_second_epoch()
    global_state = torch.get_rng_state()
    batch = peek(loader)
    if not isinstance(batch, list | tuple) or len(batch) != 2:
        return "return one batch, the pair (inputs, targets): next(iter(loader))"
    if not all(isinstance(part, torch.Tensor) for part in batch):
        return f"inputs and targets are two tensors, not {batch!r}"
    if not torch.equal(torch.get_rng_state(), global_state):
        return "torch's global generator has been used or seeded; the loader has its own"
    inputs, targets = batch
    after = [inputs.tolist() for inputs, _ in loader]
    loader.generator.manual_seed(5)
    reseeded = [inputs.tolist() for inputs, _ in loader]
    if after == reseeded or inputs.tolist() == reseeded[0]:
        return "the generator was seeded again: restore the state it had"
    if tuple(inputs.shape) != (3, 4):
        return f"the inputs of a batch have the shape (3, 4) here, yours {tuple(inputs.shape)}"
    if inputs.tolist() != expected[0]:
        return "this is not the batch that the next pass begins with"
    if after != expected:
        return (
            "the right batch, but the next pass now has another order: save the state of "
            "loader.generator before you look, and restore it afterwards"
        )
    if not torch.equal(targets, inputs + 1):
        return "the second part of the batch should be its targets"
    return None


def check_02c_3(embed) -> str | None:
    """Token embedding plus positional embedding."""
    draw = torch.Generator().manual_seed(0)
    # As many tokens as positions, so that swapped tables fail by their values alone.
    tok_table, pos_table = (torch.randn(8, 3, generator=draw) for _ in range(2))
    token_ids = torch.tensor([[3, 1, 4, 1], [5, 7, 2, 6]])
    tokens, positions = tok_table[token_ids], pos_table[:4]
    try:
        found = embed(token_ids, tok_table.clone(), pos_table.clone())
    except RuntimeError as error:
        if "must match the size" in str(error):
            return (
                "pos_table has a row for 8 positions, but there are 4 tokens: take its first 4 rows"
            )
        raise
    if not isinstance(found, torch.Tensor):
        return f"return a tensor (B, T, C), not {type(found).__name__}"
    if found.shape == (2, 4, 6):
        return "the two vectors are added, not put one after the other"
    if found.shape != (2, 4, 3):
        return f"the result should have the shape (2, 4, 3), yours has {tuple(found.shape)}"
    mistakes = {
        "the tables are swapped: ids select rows of tok_table, positions rows of pos_table": (
            tok_table[:4] + pos_table[token_ids]
        ),
        "only the token embeddings are there: add the positional embedding": tokens,
        "only the positional embeddings are there: add the token embedding": positions.expand(
            2, 4, 3
        ),
        "the positional embedding depends on the position in the window, not on the token id": (
            tokens + pos_table[token_ids]
        ),
        "every window starts at position 0, also the second one of the batch": (
            tokens + pos_table.view(2, 4, 3)
        ),
        "the position is the index in the window, not the window's index in the batch": (
            tokens + pos_table[:2, None]
        ),
        "the two vectors are added, not multiplied": tokens * positions,
        "positions are counted from 0: the first token takes row 0": tokens + pos_table[1:5],
    }
    for hint, wrong in mistakes.items():
        if torch.allclose(found, wrong):
            return hint
    if not torch.allclose(found, tokens + positions):
        return "element [b, t] should be tok_table[token_ids[b, t]] + pos_table[t]"
    return None

"""Finetuning on instructions: batches with masked labels, and splits without leaks.

Shapes: B batch, T tokens.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from workshop_lib.answers import Score, score
from workshop_lib.data import IGNORE
from workshop_lib.examples import Example, prompt, prompt_ids, read_examples, user_text
from workshop_lib.loss import chunked_loss
from workshop_lib.require import require_count

__all__ = [
    "Batch",
    "Example",
    "Packed",
    "Score",
    "make_batch",
    "pack",
    "packed_loss",
    "prompt",
    "prompt_ids",
    "read_examples",
    "score",
    "split",
    "user_text",
]


class Batch(NamedTuple):
    """Inputs and targets of one training step, both (B, T) int64."""

    inputs: Tensor
    targets: Tensor


def make_batch(
    examples: Sequence[Example],
    tokenizer,
    *,
    max_tokens: int,
    style: str = "chatml",
    device: torch.device | str = "cpu",
    mask_prompt: bool = True,
) -> Batch:
    """Lay examples side by side as inputs and targets.

    Each row is prompt, response and one end token; targets are the same tokens, one place on.
    A target counts where it is part of the response or its end token. Prompt and padding are
    masked by their places, never by their ids, so that padding may be the end token too.

    Args:
        examples: B examples.
        tokenizer: as for `prompt_ids`, and has end_id.
        max_tokens: the most tokens a row may have. Nothing is ever cut off.
        style: see `prompt`.
        device: where the batch is put.
        mask_prompt: False makes the prompt count as well.

    Returns:
        inputs and targets, (B, T) int64 with T one below the longest row; IGNORE in targets
        that do not count.

    Raises:
        ValueError: there are no examples, or one is longer than max_tokens.

    Built in: 06a
    """
    require_count("max_tokens", max_tokens)
    if not examples:
        raise ValueError("a batch needs one example or more")
    rows, labels = [], []
    for example in examples:
        start = prompt_ids(example, tokenizer, style)
        response = [*tokenizer.encode(example.output, special="text"), tokenizer.end_id]
        if len(start) + len(response) > max_tokens:
            raise ValueError(
                f"example {example.id!r} has {len(start)} prompt and {len(response)} response "
                f"tokens, more than max_tokens {max_tokens} together"
            )
        rows.append(start + response)
        labels.append([IGNORE] * len(start) + response if mask_prompt else start + response)
    longest = max(map(len, rows))
    rows = [row + [tokenizer.end_id] * (longest - len(row)) for row in rows]
    labels = [row + [IGNORE] * (longest - len(row)) for row in labels]
    return Batch(
        inputs=torch.tensor(rows, device=device)[:, :-1],
        targets=torch.tensor(labels, device=device)[:, 1:],
    )


class Packed:
    """What a model needs to know of packed rows; it stands where a `KVCache` would.

    Args:
        positions: (N,) int, each token's place in its own row.
        mask: (N, N) bool, True where a token looks.

    Built in: 06b
    """

    def __init__(self, positions: Tensor, mask: Tensor):
        self.positions, self.mask = positions, mask
        # length + N is what the model holds against its context: here the longest row.
        self.length = int(positions.max()) + 1 - len(positions)

    def place(self, n_new: int) -> tuple[Tensor, Tensor]:
        """Give the tokens' positions and the mask of who sees whom."""
        return self.positions, self.mask

    def append(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Remember nothing: all keys and values are here."""
        return k, v


def pack(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Packed]:
    """Lay the rows of a batch behind one another, without what need not be computed.

    Padding is left out, and what all rows begin with is there once: under a causal mask its
    vectors are the same in each row. `model.hidden(inputs, packed)` then gives the same vectors
    as before, for fewer tokens.

    Args:
        inputs: (B, T) int.
        targets: (B, T) int. What lies behind the last target of a row that counts is padding.

    Returns:
        inputs and targets, (1, N) int, and what tells the model where they came from.

    Raises:
        ValueError: no target counts.

    Source: Krell et al. 2021, section 3, for packing rows behind one another.
    Built in: 06b
    """
    rows = torch.arange(len(inputs), device=inputs.device)[:, None].expand_as(inputs)
    columns = torch.arange(inputs.shape[1], device=inputs.device).expand_as(inputs)
    counts = targets != IGNORE
    if not counts.any():
        raise ValueError(f"all {targets.numel()} targets are masked: there is nothing to learn")
    common = (inputs == inputs[:1]).all(dim=0) & ~counts.any(dim=0)
    n_common = common.cumprod(dim=0).sum()
    ends = (counts * (columns + 1)).amax(dim=1, keepdim=True)
    kept = (columns < ends) & ((columns >= n_common) | (rows == 0))
    row, position = rows[kept], columns[kept]
    sees = (row[:, None] == row) | (position < n_common)
    packed = Packed(position, sees & (position <= position[:, None]))
    return inputs[kept][None], targets[kept][None], packed


def packed_loss(model, inputs: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    """Measure the loss of a batch without computing what is not needed for it.

    The rows are packed, and logits are made only where a target counts.

    Args:
        model: a GPT.
        inputs, targets: (B, T) int, see `make_batch`.
        reduction: see `next_token_loss`.

    Returns:
        A scalar, the same as from all logits.

    Raises:
        ValueError: no target counts.

    Built in: 06b
    """
    token_ids, wanted, packed = pack(inputs, targets)
    hidden = model.hidden(token_ids, packed)
    return chunked_loss(hidden, model.head.weight, wanted, reduction=reduction)


def split(
    examples: Sequence[Example], *, test_fraction: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Set whole groups of every kind aside for testing.

    Args:
        examples: those without a group are groups of their own.
        test_fraction: the share of each kind to set aside. Only whole groups are taken, so it
            comes out a little lower, but each kind with two groups or more gives one at least.
        seed: which groups; the same seed always sets the same ones aside.

    Returns:
        Training examples and test examples, both in their old order.

    Raises:
        ValueError: test_fraction is not between 0 and 1, or nothing can be set aside.

    Built in: 06a
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction {test_fraction} is outside 0 < test_fraction < 1")
    groups, kinds = defaultdict(list), defaultdict(list)
    for place, example in enumerate(examples):
        groups[example.group or f"alone {place}"].append(place)
    for name, places in sorted(groups.items()):
        kinds[examples[places[0]].kind].append(name)
    held_out = set()
    for kind, names in kinds.items():
        random.Random(f"{seed} {kind}").shuffle(names)
        sizes = {name: len(groups[name]) for name in names}
        for name in choose_groups(sizes, test_fraction):
            held_out.update(groups[name])
    if not held_out:
        raise ValueError(f"{len(groups)} groups are too few to set one of any kind aside")
    train = [example for place, example in enumerate(examples) if place not in held_out]
    test = [example for place, example in enumerate(examples) if place in held_out]
    return train, test


def choose_groups(sizes: dict[str, int], fraction: float) -> list[str]:
    """Take groups in order as long as they fit into the fraction, or else the smallest one.

    Args:
        sizes: {name: examples} of all groups of one kind.
        fraction: the share of examples to take at most.

    Returns:
        Names of groups; none where there is a single group, which is needed for training.

    Built in: 06a
    """
    if len(sizes) < 2:
        return []
    chosen, room = [], fraction * sum(sizes.values())
    for name, size in sizes.items():
        if size <= room:
            chosen.append(name)
            room -= size
    return chosen or [min(sizes, key=sizes.__getitem__)]

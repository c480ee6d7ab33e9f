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
from workshop_lib.require import require_count

__all__ = [
    "Batch",
    "Example",
    "Score",
    "make_batch",
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

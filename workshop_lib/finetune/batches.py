"""Finetuning on instructions: batches with masked labels, and splits without leaks.

Shapes: B batch, T tokens.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from workshop_lib.data.batches import IGNORE_INDEX
from workshop_lib.finetune.examples import Example
from workshop_lib.finetune.prompts import prompt_ids
from workshop_lib.require import require_count
from workshop_lib.tokenizer.protocol import Tokenizer


class Batch(NamedTuple):
    """Inputs and targets of one training step, both (B, T) int64."""

    inputs: Tensor
    targets: Tensor


def make_batch(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    *,
    max_tokens: int,
    style: str = "chatml",
    device: torch.device | str = "cpu",
    mask_prompt: bool = True,
) -> Batch:
    """Lay examples side by side as inputs and targets.

    Each row is prompt, response and one end token; targets are the same tokens, shifted by one position.
    A target counts where it is part of the response or its end token. Prompt and padding are
    masked by their positions, never by their ids, so that padding may be the end token too.

    Args:
        examples: B examples.
        tokenizer: as for `prompt_ids`, and has eos_token_id.
        max_tokens: the most tokens a row may have. Nothing is ever cut off.
        style: see `prompt`.
        device: where the batch is put.
        mask_prompt: False makes the prompt count as well.

    Returns:
        inputs and targets, (B, T) int64 with T one below the longest row; IGNORE_INDEX in targets
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
        response = [*tokenizer.encode(example.output, special="text"), tokenizer.eos_token_id]
        if len(start) + len(response) > max_tokens:
            raise ValueError(
                f"example {example.id!r} has {len(start)} prompt and {len(response)} response "
                f"tokens, more than max_tokens {max_tokens} together"
            )
        rows.append(start + response)
        labels.append([IGNORE_INDEX] * len(start) + response if mask_prompt else start + response)
    longest = max(map(len, rows))
    rows = [row + [tokenizer.eos_token_id] * (longest - len(row)) for row in rows]
    labels = [row + [IGNORE_INDEX] * (longest - len(row)) for row in labels]
    return Batch(
        inputs=torch.tensor(rows, device=device)[:, :-1],
        targets=torch.tensor(labels, device=device)[:, 1:],
    )

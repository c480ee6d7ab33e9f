"""The loss, and its measurement over a data set.

Losses are nats per token: summed over all targets that count, divided by their number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from workshop_lib.data import IGNORE
from workshop_lib.model import GPT


def next_token_loss(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    """Measure how surprised the model is by the tokens that really came next.

    Args:
        logits: (B, T, V) float.
        targets: (B, T) int, the token after each place; IGNORE where none counts.
        reduction: "mean" over the targets that count, or their "sum".

    Returns:
        A scalar: nats per token, or nats.

    Raises:
        ValueError: no target counts, so that the mean would be 0 / 0.

    Source: Radford et al. 2018, section 3.1, equation 1.
    Built in: 04a
    """
    if not (targets != IGNORE).any():
        raise ValueError(f"all {targets.numel()} targets are masked: there is nothing to learn")
    return F.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORE, reduction=reduction
    )


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model into eval mode without gradients, and back as it was afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def evaluate(model: GPT, loader: DataLoader, *, max_batches: int | None = None) -> float:
    """Measure the loss over a loader, each token counted once.

    Args:
        model: a GPT.
        loader: yields (inputs, targets), both (B, T).
        max_batches: stop after so many; None takes all.

    Returns:
        Nats per token.

    Raises:
        ValueError: the loader yields nothing.

    Built in: 04a
    """
    device = model.tok_emb.weight.device
    nats, n_tokens = 0.0, 0
    with evaluating(model):
        for inputs, targets in islice(loader, max_batches):
            inputs, targets = inputs.to(device), targets.to(device)
            nats += next_token_loss(model(inputs), targets, reduction="sum").item()
            n_tokens += int((targets != IGNORE).sum())
    if n_tokens == 0:
        raise ValueError("the loader yields no batch to evaluate")
    return nats / n_tokens

"""The loss on unseen text."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import torch
from torch import nn
from torch.utils.data import DataLoader

from workshop_lib.data.batches import IGNORE_INDEX
from workshop_lib.model.gpt import GPT
from workshop_lib.train.loss_in_chunks import loss_sum


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model into eval mode without gradients, and back as it was afterwards.

    Built in: 04a
    """
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
            nats += loss_sum(model, inputs, targets).item()
            n_tokens += int((targets != IGNORE_INDEX).sum())
    if n_tokens == 0:
        raise ValueError("the loader yields no batch to evaluate")
    return nats / n_tokens

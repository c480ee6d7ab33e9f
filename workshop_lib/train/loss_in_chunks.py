"""The loss without all logits at once."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workshop_lib.data.batches import IGNORE_INDEX
from workshop_lib.model.gpt import GPT
from workshop_lib.model.linear import linear
from workshop_lib.train.loss import next_token_loss

# `chunked_loss` makes at most so many logits at once: 2**23 float32 numbers are 34 MB.
CHUNK_LOGITS = 2**23


class ChunkedLoss(torch.autograd.Function):
    """Head and cross-entropy in one, a few tokens at a time; `chunked_loss` explains it.

    The loss of a token changes with its logits by softmax(logits) - one_hot(target). That is at
    hand as soon as the logits are. So `forward` computes the gradients too, and the logits of one
    chunk are gone before those of the next are made.

    Built in: 04c
    """

    @staticmethod
    def forward(ctx, hidden, weight, targets):
        wants_hidden, wants_weight, _ = ctx.needs_input_grad
        grad_hidden = torch.zeros_like(hidden)
        grad_weight = torch.zeros_like(weight) if wants_weight else None
        precise = torch.promote_types(hidden.dtype, torch.float32)
        nats = torch.zeros((), device=hidden.device, dtype=precise)
        counting = (targets != IGNORE_INDEX).nonzero()[:, 0]
        for rows in counting.split(max(1, CHUNK_LOGITS // len(weight))):
            x, wanted = hidden[rows], targets[rows]
            log_probs = F.log_softmax(linear(x, weight), dim=-1, dtype=precise)
            nats = nats + F.nll_loss(log_probs, wanted, reduction="sum")
            if wants_hidden or wants_weight:
                grad = log_probs.exp_()  # the probabilities, …
                grad[torch.arange(len(rows)), wanted] -= 1  # … less 1 for what came
                grad = grad.to(weight.dtype)
                grad_hidden[rows] = grad @ weight
            if wants_weight:
                grad_weight.addmm_(grad.T, x)
        ctx.save_for_backward(grad_hidden, grad_weight)
        return nats

    @staticmethod
    def backward(ctx, factor):
        grad_hidden, grad_weight = ctx.saved_tensors
        if grad_weight is not None:
            grad_weight *= factor  # in place: for a large vocabulary a copy would be large
        return grad_hidden * factor, grad_weight, None


def chunked_loss(
    hidden: Tensor, weight: Tensor, targets: Tensor, *, reduction: str = "mean"
) -> Tensor:
    """Compute what `next_token_loss(hidden @ weight.T, targets)` does, without all logits at once.

    Masked targets cost nothing: their logits are not computed at all. Loss and gradients equal
    those of the plain form. A frozen weight gets no gradient and costs no time for it. `backward`
    can go through it once.

    Args:
        hidden: (B, T, C) float, what the head reads: `model.hidden(inputs)`.
        weight: (V, C), the head's: `model.head.weight`.
        targets: (B, T) int, the token after each place; IGNORE_INDEX where none counts.
        reduction: "mean" over the targets that count, or their "sum".

    Returns:
        A scalar: nats per token, or nats.

    Raises:
        ValueError: no target counts, so that the mean would be 0 / 0.

    Source: Hsu et al. 2024 (Liger Kernel), section 3.2, fused linear cross-entropy.
    Built in: 04c
    """
    n_targets = int((targets != IGNORE_INDEX).sum())
    if n_targets == 0:
        raise ValueError(f"all {targets.numel()} targets are masked: there is nothing to learn")
    if not torch.is_grad_enabled():
        hidden, weight = hidden.detach(), weight.detach()
    nats = ChunkedLoss.apply(hidden.flatten(0, 1), weight, targets.flatten())
    return nats / n_targets if reduction == "mean" else nats


def loss_sum(model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
    """Sum the loss over a batch: `next_token_loss(model(inputs), targets, reduction="sum")`.

    Without the logits of all tokens at once, where the model is a GPT as it is. One that is
    wrapped, by Fabric or a compiler, must be called as a whole.

    Args:
        model: a GPT, or a wrapper of one.
        inputs: (B, T) int.
        targets: (B, T) int; IGNORE_INDEX where none counts.

    Returns:
        A scalar, nats.

    Raises:
        ValueError: no target counts.

    Built in: 04c
    """
    if isinstance(model, GPT):
        return chunked_loss(model.hidden(inputs), model.head.weight, targets, reduction="sum")
    return next_token_loss(model(inputs), targets, reduction="sum")

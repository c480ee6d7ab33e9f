"""The loss: cross-entropy of the next token.

Losses are in nats per token: summed over all targets that are not masked, divided by their number.
"""

import torch.nn.functional as F
from torch import Tensor

from workshop_lib.data.batches import IGNORE_INDEX


def next_token_loss(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    """Compute the cross-entropy: -log of the probability that the model gave the real next token.

    Args:
        logits: (B, T, V) float.
        targets: (B, T) int, the token after each position; IGNORE_INDEX where it is masked.
        reduction: "mean" over the targets that are not masked, or their "sum".

    Returns:
        A scalar: nats per token, or nats.

    Raises:
        ValueError: all targets are masked, so that the mean would be 0 / 0.

    Source: Radford et al. 2018, section 3.1, equation 1.
    Built in: 04a
    """
    if not (targets != IGNORE_INDEX).any():
        raise ValueError(f"all {targets.numel()} targets are masked: there is nothing to learn")
    return F.cross_entropy(
        logits.flatten(0, 1).float(),
        targets.flatten(),
        ignore_index=IGNORE_INDEX,
        reduction=reduction,
    )

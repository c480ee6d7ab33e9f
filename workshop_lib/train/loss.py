"""The loss, and its measurement over a data set.

Losses are nats per token: summed over all targets that count, divided by their number.
"""

import torch.nn.functional as F
from torch import Tensor

from workshop_lib.data.batches import IGNORE_INDEX


def next_token_loss(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    """Measure how surprised the model is by the tokens that really came next.

    Args:
        logits: (B, T, V) float.
        targets: (B, T) int, the token after each place; IGNORE_INDEX where none counts.
        reduction: "mean" over the targets that count, or their "sum".

    Returns:
        A scalar: nats per token, or nats.

    Raises:
        ValueError: no target counts, so that the mean would be 0 / 0.

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

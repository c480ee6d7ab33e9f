"""Several examples in one row, each blind to the others."""

import torch
from torch import Tensor

from workshop_lib.data.batches import IGNORE_INDEX
from workshop_lib.model.gpt import GPT
from workshop_lib.train.loss_in_chunks import chunked_loss


class Packed:
    """What a model needs to know of packed rows; it stands where a `KVCache` would.

    Args:
        positions: (N,) int, each token's position in its own row.
        mask: (N, N) bool, True where a token looks.

    Built in: 06b
    """

    def __init__(self, positions: Tensor, mask: Tensor):
        self.positions, self.mask = positions, mask
        # length + N is what the model holds against its context: here the longest row.
        self.length = int(positions.max()) + 1 - len(positions)

    def positions_and_mask(self, n_new: int) -> tuple[Tensor, Tensor]:
        """Give the tokens' positions and the mask of who sees whom."""
        return self.positions, self.mask

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Remember nothing: all keys and values are here."""
        return k, v


def pack(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Packed]:
    """Lay the rows of a batch one after another, without what need not be computed.

    Padding is left out, and what all rows begin with is there once: under a causal mask its
    vectors are the same in each row. `model.hidden(inputs, packed)` then gives the same vectors
    as before, for fewer tokens.

    Args:
        inputs: (B, T) int.
        targets: (B, T) int. What follows the last target of a row that counts is padding.

    Returns:
        inputs and targets, (1, N) int, and what tells the model where they came from.

    Raises:
        ValueError: no target counts.

    Source: Krell et al. 2021, section 3, for packing rows one after another.
    Built in: 06b
    """
    rows = torch.arange(len(inputs), device=inputs.device)[:, None].expand_as(inputs)
    columns = torch.arange(inputs.shape[1], device=inputs.device).expand_as(inputs)
    counts = targets != IGNORE_INDEX
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


def packed_loss(model: GPT, inputs: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
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

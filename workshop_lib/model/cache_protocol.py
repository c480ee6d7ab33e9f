"""What the model asks of a cache."""

from typing import Protocol

from torch import Tensor


class Cache(Protocol):
    """What the attention layers look at beside the new tokens: a `KVCache`, or packed rows.

    Attributes:
        length: tokens held so far.
    """

    length: int

    def positions_and_mask(self, n_new: int) -> tuple[Tensor, Tensor | None]:
        """Give the next tokens' positions, (T,) or (B, T), and the mask of who sees whom."""
        ...

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Store a layer's new k and v, (B, G, T, D); return all of them, (B, G, length + T, D)."""
        ...

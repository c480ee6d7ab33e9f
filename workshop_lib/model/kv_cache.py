"""The KV cache."""

from typing import Protocol

import torch
from torch import Tensor

from workshop_lib.config.model import GPTConfig


class Cache(Protocol):
    """What the model asks of a cache: `KVCache` is one, and so are the packed rows of chapter 6.

    `update` takes a layer's new keys and values, (B, G, T, D), and returns all that its queries
    may see; `length` says how many tokens were there before.
    """

    length: int

    def positions_and_mask(self, n_new: int) -> tuple[Tensor, Tensor | None]: ...

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]: ...


def positions_and_mask(
    token_ids: Tensor, cache: Cache | None = None
) -> tuple[Tensor, Tensor | None]:
    """Give each token's position, and the mask where the plain causal one won't do."""
    if cache is None:
        return torch.arange(token_ids.shape[1], device=token_ids.device), None
    return cache.positions_and_mask(token_ids.shape[1])


class KVCache:
    """Keys and values of the tokens already seen, so that a new token costs one token's work.

    Args:
        config: the model's.
        batch_size: B.
        capacity: the most tokens it can hold; None means the config's context_length.
        left_padding: (B,) int, how many padding tokens each row begins with. None means that
            no row is padded.
        device: of keys and values.
        dtype: of keys and values.

    Source: Pope et al. 2022, section 2.
    Built in: 03d
    """

    def __init__(
        self,
        config: GPTConfig,
        batch_size: int = 1,
        capacity: int | None = None,
        *,
        left_padding: Tensor | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ):
        capacity = config.context_length if capacity is None else capacity
        shape = (config.n_layers, batch_size, config.n_kv_heads, capacity, config.head_dim)
        self.keys = torch.zeros(shape, device=device, dtype=dtype)
        self.values = torch.zeros(shape, device=device, dtype=dtype)
        self.length = 0  # tokens held so far
        self.left_padding = left_padding

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Store a layer's new k and v, (B, G, T, D); return all of them, (B, G, length + T, D).

        Once the last layer has stored its own, the new tokens count as held.

        Raises:
            ValueError: there are more rows or more tokens than the cache was made for.
        """
        end = self.length + k.shape[2]
        if k.shape[0] != self.keys.shape[1] or end > self.keys.shape[3]:
            capacity, needed = tuple(self.keys.shape[1:4:2]), (k.shape[0], end)
            raise ValueError(f"the cache holds (rows, tokens) {capacity}, but {needed} are needed")
        self.keys[layer, :, :, self.length : end] = k
        self.values[layer, :, :, self.length : end] = v
        if layer == len(self.keys) - 1:
            self.length = end
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def positions_and_mask(self, n_new: int) -> tuple[Tensor, Tensor | None]:
        """Give the next tokens' positions, (T,) or (B, T), and the mask of their queries."""
        columns = torch.arange(self.length + n_new, device=self.keys.device)
        rows = columns[self.length :]
        if self.left_padding is None:
            # One new token sees everything; from an empty cache the plain causal mask will do.
            return rows, None if n_new == 1 or self.length == 0 else columns <= rows[:, None]
        left_padding = self.left_padding[:, None]
        mask = (columns <= rows[:, None]) & (columns >= left_padding[:, None])  # (B, T, length + T)
        return (rows - left_padding).clamp(min=0), mask[:, None]

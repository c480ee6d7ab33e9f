"""Rotary position embedding (RoPE)."""

import math

import torch
from torch import Tensor

from workshop_lib.config.model import GPTConfig, RopeScaling

CosSin = tuple[Tensor, Tensor]


def rope_cos_sin(positions: Tensor, config: GPTConfig, dtype: torch.dtype) -> CosSin:
    """Compute cosine and sine of the angle by which each pair of channels is rotated.

    Pair i is rotated by position * theta^(-2i/D) radians; theta^(-2i/D) is its inverse frequency.

    Args:
        positions: (T,) or (B, T) int, the tokens' positions in the text.
        config: gives head_dim D, rope_theta and rope_scaling.
        dtype: of the result; the angles themselves need float32.

    Returns:
        Cosines and sines, each (..., 1, T, D/2): the 1 stands for all heads.

    Source: Su et al. 2021, section 3.2.2.
    Built in: 05b
    """
    pair = torch.arange(0, config.head_dim, 2, device=positions.device).float()
    inv_freq = config.rope_theta ** (-pair / config.head_dim)
    if config.rope_scaling is not None:
        inv_freq = scale_inverse_frequencies(inv_freq, config.rope_scaling)
    angles = (positions[..., None] * inv_freq).unsqueeze(-3)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def scale_inverse_frequencies(inv_freq: Tensor, scaling: RopeScaling) -> Tensor:
    """Slow the slow pairs of channels down as Llama 3.1 does, and leave the fast ones.

    Fast pairs tell neighbours apart, which stays the same in longer texts. Pairs too slow for one
    full rotation in the original context would reach angles that training never showed them.

    Args:
        inv_freq: (D/2,) radians from one position to the next.
        scaling: by how much, and where slow begins and fast ends.

    Returns:
        (D/2,).

    Source: Peng et al. 2023, section 3.2, for the idea; Meta's released Llama 3.1 code.
    Built in: 05b
    """
    rotations = scaling.original_context * inv_freq / (2 * math.pi)
    low, high = scaling.low_freq_factor, scaling.high_freq_factor
    keep = ((rotations - low) / (high - low)).clamp(0, 1)  # 1 for fast pairs, 0 for slow ones
    return inv_freq * (keep + (1 - keep) / scaling.factor)


def apply_rope(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate each pair of channels of a query or key by its angle.

    Channel i is paired with channel i + D/2, as Hugging Face's Llama files expect it.

    Args:
        x: (B, H, T, D) queries or keys.
        cos: cosines of the angles, broadcastable to (B, H, T, D/2).
        sin: sines of the angles, same shape.

    Returns:
        (B, H, T, D).

    Source: Su et al. 2021, section 3.4.2.
    Built in: 05b
    """
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)

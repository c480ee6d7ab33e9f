"""The model's small parts: norms, rotary positions and feed-forward layers.

Shapes: B batch, T tokens, C channels (emb_dim), H heads, D head width, M mlp width.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workshop_lib.config import GPTConfig, RopeScaling


class LayerNorm(nn.Module):
    """Shift and scale each token's vector to mean 0 and variance 1, then let it be relearned.

    y = (x - mean) / sqrt(variance + eps) * weight + bias, over the C channels of each token.
    Parameters: weight (C,), bias (C,).

    Source: Ba et al. 2016, section 3.
    Built in: 03b
    """

    def __init__(self, emb_dim: int, eps: float = 1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(emb_dim))
        self.bias = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., C) -> (..., C)."""
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)


class RMSNorm(nn.Module):
    """Scale each token's vector to a mean square of 1: LayerNorm without mean and bias.

    y = x / sqrt(mean(x²) + eps) * weight.  Parameters: weight (C,).

    Source: Zhang and Sennrich 2019, section 3.
    Built in: 05b
    """

    def __init__(self, emb_dim: int, eps: float = 1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(emb_dim))

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., C) -> (..., C)."""
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


def make_norm(config: GPTConfig) -> nn.Module:
    """Make the norm that the config names."""
    norm = LayerNorm if config.norm == "layernorm" else RMSNorm
    return norm(config.emb_dim, config.norm_eps)


def rotary_turns(positions: Tensor, config: GPTConfig, dtype: torch.dtype) -> tuple:
    """Compute cosine and sine of the angle by which each pair of channels is turned.

    Pair i is turned by position * theta^(-2i/D) radians.

    Args:
        positions: (T,) or (B, T) int, places in the text.
        config: gives head_width D, rope_theta and rope_scaling.
        dtype: of the result; the angles themselves need float32.

    Returns:
        Cosines and sines, each (..., 1, T, D/2): the 1 stands for all heads.

    Source: Su et al. 2021, section 3.2.2.
    Built in: 05b
    """
    pair = torch.arange(0, config.head_width, 2, device=positions.device).float()
    speed = config.rope_theta ** (-pair / config.head_width)
    if config.rope_scaling is not None:
        speed = scale_rotary_speed(speed, config.rope_scaling)
    angles = (positions[..., None] * speed).unsqueeze(-3)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def scale_rotary_speed(speed: Tensor, scaling: RopeScaling) -> Tensor:
    """Slow the slow pairs of channels down as Llama 3.1 does, and leave the fast ones.

    Fast pairs tell neighbours apart, which stays the same in longer texts. Pairs too slow to get
    round once in the original context would reach angles that training never showed them.

    Args:
        speed: (D/2,) radians from one place to the next.
        scaling: by how much, and where slow begins and fast ends.

    Returns:
        (D/2,).

    Source: Peng et al. 2023, section 3.2, for the idea; Meta's released Llama 3.1 code.
    Built in: 05b
    """
    turns = scaling.original_context * speed / (2 * math.pi)
    low, high = scaling.low_freq_factor, scaling.high_freq_factor
    keep = ((turns - low) / (high - low)).clamp(0, 1)  # 1 for fast pairs, 0 for slow ones
    return speed * (keep + (1 - keep) / scaling.factor)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair of channels of a query or key by its angle.

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


class FeedForward(nn.Module):
    """Think about each token on its own: widen, bend with GELU, narrow again.

    down(gelu(up(x))), with the tanh form of GELU that GPT-2 was trained with.
    Parameters: up (4C, C), down (C, 4C).

    Source: Vaswani et al. 2017, section 3.3; Hendrycks and Gimpel 2016, section 2.
    Built in: 03b
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.up = nn.Linear(config.emb_dim, config.mlp_width, bias=config.bias)
        self.down = nn.Linear(config.mlp_width, config.emb_dim, bias=config.bias)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, C) -> (B, T, C)."""
        return self.down(F.gelu(self.up(x), approximate="tanh"))


class SwiGLU(nn.Module):
    """Llama's feed-forward part: one widened copy gates the other.

    down(silu(gate(x)) * up(x)).  Parameters: gate (M, C), up (M, C), down (C, M).

    Source: Shazeer 2020, section 2.
    Built in: 05b
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.gate = nn.Linear(config.emb_dim, config.mlp_width, bias=config.bias)
        self.up = nn.Linear(config.emb_dim, config.mlp_width, bias=config.bias)
        self.down = nn.Linear(config.mlp_width, config.emb_dim, bias=config.bias)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, C) -> (B, T, C)."""
        return self.down(F.silu(self.gate(x)) * self.up(x))

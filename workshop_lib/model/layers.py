"""The model's layers: normalization and feed-forward networks.

Shapes: B batch, T tokens, C channels (emb_dim), M hidden units (mlp_dim).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workshop_lib.config.model import GPTConfig
from workshop_lib.model.linear import Linear


class LayerNorm(nn.Module):
    """Layer normalization: shift and scale each token's vector to mean 0 and variance 1.

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
    """Root mean square normalization: LayerNorm without subtracting the mean, and without bias.

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
    """Make the normalization layer that the config names.

    Built in: 05b
    """
    norm = LayerNorm if config.norm == "layernorm" else RMSNorm
    return norm(config.emb_dim, config.norm_eps)


class FeedForward(nn.Module):
    """The feed-forward network (MLP) of GPT-2: two linear layers with GELU between them.

    down(gelu(up(x))), for each token on its own, with the tanh form of GELU that GPT-2 was trained
    with.
    Parameters: up (4C, C), down (C, 4C).

    Source: Vaswani et al. 2017, section 3.3; Hendrycks and Gimpel 2016, section 2.
    Built in: 03b
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.up = Linear(config.emb_dim, config.mlp_dim, bias=config.bias)
        self.down = Linear(config.mlp_dim, config.emb_dim, bias=config.bias)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, C) -> (B, T, C)."""
        return self.down(F.gelu(self.up(x), approximate="tanh"))


class SwiGLU(nn.Module):
    """The feed-forward network of Llama: a gated linear unit with SiLU as its activation function.

    down(silu(gate(x)) * up(x)).  Parameters: gate (M, C), up (M, C), down (C, M).

    Source: Shazeer 2020, section 2.
    Built in: 05b
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.gate = Linear(config.emb_dim, config.mlp_dim, bias=config.bias)
        self.up = Linear(config.emb_dim, config.mlp_dim, bias=config.bias)
        self.down = Linear(config.mlp_dim, config.emb_dim, bias=config.bias)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, C) -> (B, T, C)."""
        return self.down(F.silu(self.gate(x)) * self.up(x))

"""The model: one GPT for GPT-2 and for Llama, chosen by its config.

Shapes: B batch, T tokens, C channels (emb_dim), H heads, D head dimension, V vocabulary.
G is the number of key/value heads: H, unless query heads share them.
"""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from workshop_lib.config.model import GPTConfig
from workshop_lib.model.kv_cache import Cache, positions_and_mask
from workshop_lib.model.layers import FeedForward, SwiGLU, make_norm
from workshop_lib.model.linear import Linear
from workshop_lib.model.rotary import CosSin, apply_rope, rope_cos_sin


class CausalSelfAttention(nn.Module):
    """Multi-head causal self-attention, with rotary positions, shared heads and a cache if asked for.

    softmax(q kᵀ / sqrt(D) + mask) v in each head, then one linear layer over all heads.
    Parameters: qkv ((H + 2G) D, C), out (C, H D), each with a bias where the config says so.
    03a builds the plain form, which is GPT-2's.

    Args:
        config: n_heads, n_kv_heads, head_dim, emb_dim and bias are read.
        layer: index of the block; the cache keeps keys and values of each block apart.

    Source: Vaswani et al. 2017, section 3.2; Ainslie et al. 2023, section 2.2, for sharing
    key/value heads.
    Built in: 05b
    """

    def __init__(self, config: GPTConfig, layer: int = 0):
        super().__init__()
        self.layer = layer  # its index in the cache
        self.head_dim = config.head_dim
        self.q_width = config.n_heads * config.head_dim
        self.kv_width = config.n_kv_heads * config.head_dim
        self.qkv = Linear(config.emb_dim, self.q_width + 2 * self.kv_width, bias=config.bias)
        self.out = Linear(self.q_width, config.emb_dim, bias=config.bias)

    def forward(
        self,
        x: Tensor,
        rotary: CosSin | None = None,
        mask: Tensor | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """x: (B, T, C) -> (B, T, C); mask: bool, True where a query may see a key."""
        B, T, C = x.shape
        q, k, v = self.qkv(x).split([self.q_width, self.kv_width, self.kv_width], dim=-1)
        q = q.view(B, T, -1, self.head_dim).transpose(1, 2)  # (B, H, T, D)
        k = k.view(B, T, -1, self.head_dim).transpose(1, 2)  # (B, G, T, D)
        v = v.view(B, T, -1, self.head_dim).transpose(1, 2)  # (B, G, T, D)
        if rotary is not None:
            q, k = apply_rope(q, *rotary), apply_rope(k, *rotary)
        if cache is not None:
            k, v = cache.update(self.layer, k, v)
        y = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=mask is None and T > 1, enable_gqa=True
        )
        return self.out(y.transpose(1, 2).reshape(B, T, -1))


class Block(nn.Module):
    """One Transformer block: attention, then the feed-forward network, each with a skip connection.

    x = x + attn(norm1(x));  x = x + mlp(norm2(x)).

    Source: Radford et al. 2019, section 2.3, for the norm before each sub-layer (pre-norm).
    Built in: 05b
    """

    def __init__(self, config: GPTConfig, layer: int = 0):
        super().__init__()
        self.norm1 = make_norm(config)
        self.attn = CausalSelfAttention(config, layer)
        self.norm2 = make_norm(config)
        self.mlp = FeedForward(config) if config.mlp == "gelu" else SwiGLU(config)
        self.drop = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        rotary: CosSin | None = None,
        mask: Tensor | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """x: (B, T, C) -> (B, T, C)."""
        x = x + self.drop(self.attn(self.norm1(x), rotary, mask, cache))
        return x + self.drop(self.mlp(self.norm2(x)))


class GPT(nn.Module):
    """The whole model: embeddings, blocks, a final norm, and a head that gives the logits.

    Source: Radford et al. 2019, section 2.3; Touvron et al. 2023, section 2.2.
    Built in: 05b
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.config = config
        self.tok_emb = nn.Embedding(config.vocab_size, config.emb_dim)
        if config.positions == "learned":
            self.pos_emb = nn.Embedding(config.context_length, config.emb_dim)
        self.drop = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.n_layers))
        self.norm_out = make_norm(config)
        self.head = Linear(config.emb_dim, config.vocab_size, bias=False)
        init_weights(self)
        if config.tie_weights:
            self.head.weight = self.tok_emb.weight

    def hidden(self, token_ids: Tensor, cache: Cache | None = None) -> Tensor:
        """token_ids: (B, T) int -> hidden states (B, T, C), the input of the head."""
        check_token_ids(token_ids, self.config, cache)
        positions, mask = positions_and_mask(token_ids, cache)
        x, rotary = self.tok_emb(token_ids), None
        if self.config.positions == "learned":
            x = x + self.pos_emb(positions)
        else:
            rotary = rope_cos_sin(positions, self.config, x.dtype)
        x = self.drop(x)
        for block in self.blocks:
            x = block(x, rotary, mask, cache)
        return self.norm_out(x)

    def forward(self, token_ids: Tensor, cache: Cache | None = None) -> Tensor:
        """token_ids: (B, T) int -> logits (B, T, V)."""
        return self.head(self.hidden(token_ids, cache))


def init_weights(model: GPT) -> None:
    """Draw all weights small; those that write to the residual stream smaller still.

    Source: Radford et al. 2019, section 2.3.
    Built in: 03c
    """
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(weight)
        elif weight.dim() == 2:
            writes_residual = name.endswith(("attn.out.weight", "mlp.down.weight"))
            n_writes = 2 * model.config.n_layers if writes_residual else 1
            nn.init.normal_(weight, std=0.02 / math.sqrt(n_writes))


def check_token_ids(token_ids: Tensor, config: GPTConfig, cache: Cache | None = None) -> None:
    """Raise a clear error unless token_ids is (B, T) int, fits the context and the vocabulary."""
    if not isinstance(token_ids, Tensor) or token_ids.is_floating_point():
        kind = getattr(token_ids, "dtype", type(token_ids).__name__)
        raise TypeError(f"token_ids must be a tensor of whole numbers, got {kind}")
    if token_ids.dim() != 2 or token_ids.numel() == 0:
        shape = tuple(token_ids.shape)
        raise ValueError(f"token_ids must have a shape (B, T) without zeros, got {shape}")
    end = token_ids.shape[1] + (0 if cache is None else cache.length)
    if end > config.context_length:
        raise ValueError(f"{end} tokens are more than the context_length {config.context_length}")
    # On a GPU this check would make the CPU wait; CUDA raises an error of its own there.
    if (
        token_ids.device.type == "cpu"
        and not 0 <= token_ids.min() <= token_ids.max() < config.vocab_size
    ):
        bad = int(token_ids.max() if token_ids.max() >= config.vocab_size else token_ids.min())
        raise ValueError(f"token id {bad} is outside 0 to {config.vocab_size - 1}")

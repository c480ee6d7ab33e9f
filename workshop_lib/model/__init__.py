"""The model: one class for GPT-2 and Llama (chapters 3 and 5)."""

from workshop_lib.model.gpt import GPT, Block, CausalSelfAttention, check_token_ids, init_weights
from workshop_lib.model.kv_cache import KVCache, positions_and_mask
from workshop_lib.model.layers import FeedForward, LayerNorm, RMSNorm, SwiGLU, make_norm
from workshop_lib.model.linear import Linear, LinearProduct, linear, uses_onednn
from workshop_lib.model.rotary import apply_rope, rope_cos_sin, scale_inverse_frequencies

__all__ = [
    "Linear",
    "LinearProduct",
    "linear",
    "uses_onednn",
    "Block",
    "CausalSelfAttention",
    "FeedForward",
    "GPT",
    "KVCache",
    "LayerNorm",
    "RMSNorm",
    "SwiGLU",
    "check_token_ids",
    "init_weights",
    "make_norm",
    "positions_and_mask",
    "rope_cos_sin",
    "apply_rope",
    "scale_inverse_frequencies",
]

"""The model: one class for GPT-2 and Llama (chapters 3 and 5)."""

from workshop_lib.model.gpt import GPT, Block, CausalSelfAttention, check_token_ids, init_weights
from workshop_lib.model.kv_cache import KVCache, positions_and_mask
from workshop_lib.model.layers import FeedForward, LayerNorm, RMSNorm, SwiGLU, make_norm
from workshop_lib.model.linear import (
    FastLinear,
    FastProduct,
    FastTrainingLinear,
    can_use_onednn,
    onednn,
    product,
    use_fast_linears,
    use_fast_training,
)
from workshop_lib.model.rotary import apply_rope, rope_cos_sin, scale_inverse_frequencies

__all__ = [
    "Block",
    "CausalSelfAttention",
    "FastLinear",
    "FastProduct",
    "FastTrainingLinear",
    "FeedForward",
    "GPT",
    "KVCache",
    "LayerNorm",
    "RMSNorm",
    "SwiGLU",
    "can_use_onednn",
    "check_token_ids",
    "init_weights",
    "make_norm",
    "onednn",
    "positions_and_mask",
    "product",
    "rope_cos_sin",
    "apply_rope",
    "scale_inverse_frequencies",
    "use_fast_linears",
    "use_fast_training",
]

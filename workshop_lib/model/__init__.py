"""The model: one class for GPT-2 and Llama (chapters 3 and 5).

The same parameter under other roofs (`weights/names.py` has the complete tables):

    ours                  nanoGPT, Hugging Face's GPT-2      Hugging Face's Llama
    tok_emb               transformer.wte                    model.embed_tokens
    pos_emb               transformer.wpe                    none: rotary positions
    blocks.N.norm1        transformer.h.N.ln_1               model.layers.N.input_layernorm
    blocks.N.attn.qkv     transformer.h.N.attn.c_attn        self_attn.q_proj, .k_proj, .v_proj
    blocks.N.attn.out     transformer.h.N.attn.c_proj        model.layers.N.self_attn.o_proj
    blocks.N.norm2        transformer.h.N.ln_2               model.layers.N.post_attention_layernorm
    blocks.N.mlp.gate     none                               model.layers.N.mlp.gate_proj
    blocks.N.mlp.up       transformer.h.N.mlp.c_fc           model.layers.N.mlp.up_proj
    blocks.N.mlp.down     transformer.h.N.mlp.c_proj         model.layers.N.mlp.down_proj
    norm_out              transformer.ln_f                   model.norm
    head                  lm_head (tied to wte)              lm_head (often tied)
"""

from workshop_lib.model.gpt import GPT, Block, CausalSelfAttention, check_token_ids, init_weights
from workshop_lib.model.kv_cache import KVCache, positions_and_mask
from workshop_lib.model.layers import FeedForward, LayerNorm, RMSNorm, SwiGLU, make_norm
from workshop_lib.model.linear import Linear, LinearProduct, linear, uses_onednn
from workshop_lib.model.rotary import apply_rope, rope_cos_sin, scale_inverse_frequencies

__all__ = [
    "Block",
    "CausalSelfAttention",
    "FeedForward",
    "GPT",
    "KVCache",
    "LayerNorm",
    "Linear",
    "LinearProduct",
    "RMSNorm",
    "SwiGLU",
    "apply_rope",
    "check_token_ids",
    "init_weights",
    "linear",
    "make_norm",
    "positions_and_mask",
    "rope_cos_sin",
    "scale_inverse_frequencies",
    "uses_onednn",
]

"""How the checkpoints of GPT-2 and Llama name what our model names otherwise.

{} stands for the number of the block.
"""

from collections.abc import Mapping
from typing import TypeAlias

from workshop_lib.config.model import GPTConfig

Names: TypeAlias = Mapping[str, str | tuple[str, ...]]

# Our name -> OpenAI's name. GPT-2's linear layers store their weights transposed.
GPT2_NAMES: Names = {
    "tok_emb.weight": "wte.weight",
    "pos_emb.weight": "wpe.weight",
    "blocks.{}.norm1.weight": "h.{}.ln_1.weight",
    "blocks.{}.norm1.bias": "h.{}.ln_1.bias",
    "blocks.{}.attn.qkv.weight": "h.{}.attn.c_attn.weight",
    "blocks.{}.attn.qkv.bias": "h.{}.attn.c_attn.bias",
    "blocks.{}.attn.out.weight": "h.{}.attn.c_proj.weight",
    "blocks.{}.attn.out.bias": "h.{}.attn.c_proj.bias",
    "blocks.{}.norm2.weight": "h.{}.ln_2.weight",
    "blocks.{}.norm2.bias": "h.{}.ln_2.bias",
    "blocks.{}.mlp.up.weight": "h.{}.mlp.c_fc.weight",
    "blocks.{}.mlp.up.bias": "h.{}.mlp.c_fc.bias",
    "blocks.{}.mlp.down.weight": "h.{}.mlp.c_proj.weight",
    "blocks.{}.mlp.down.bias": "h.{}.mlp.c_proj.bias",
    "norm_out.weight": "ln_f.weight",
    "norm_out.bias": "ln_f.bias",
    "head.weight": "lm_head.weight",
}
GPT2_TRANSPOSED = ("attn.qkv.weight", "attn.out.weight", "mlp.up.weight", "mlp.down.weight")
# Masks that old files carry along; they are no weights.
GPT2_IGNORED = (".attn.bias", ".attn.masked_bias")

# Our name -> Meta's names; where there are several, their rows stand one below the other.
LLAMA_NAMES: Names = {
    "tok_emb.weight": "model.embed_tokens.weight",
    "blocks.{}.norm1.weight": "model.layers.{}.input_layernorm.weight",
    "blocks.{}.attn.qkv.weight": (
        "model.layers.{}.self_attn.q_proj.weight",
        "model.layers.{}.self_attn.k_proj.weight",
        "model.layers.{}.self_attn.v_proj.weight",
    ),
    "blocks.{}.attn.out.weight": "model.layers.{}.self_attn.o_proj.weight",
    "blocks.{}.norm2.weight": "model.layers.{}.post_attention_layernorm.weight",
    "blocks.{}.mlp.gate.weight": "model.layers.{}.mlp.gate_proj.weight",
    "blocks.{}.mlp.up.weight": "model.layers.{}.mlp.up_proj.weight",
    "blocks.{}.mlp.down.weight": "model.layers.{}.mlp.down_proj.weight",
    "norm_out.weight": "model.norm.weight",
    "head.weight": "lm_head.weight",
}
LLAMA_IGNORED = (".rotary_emb.inv_freq",)


def hf_keys(ours: str, names: Names) -> list[str]:
    """Look up the names under which a checkpoint keeps one of our parameters.

    Built in: 05a
    """
    parts = ours.split(".")
    block = parts[1] if parts[0] == "blocks" else ""
    theirs = names[".".join([parts[0], "{}", *parts[2:]]) if block else ours]
    return [name.format(block) for name in ([theirs] if isinstance(theirs, str) else theirs)]


def part_rows(config: GPTConfig, n_rows: int, n_parts: int) -> list[int]:
    """Say how many of a weight's rows lie in each of the parts in which a checkpoint keeps it.

    Args:
        config: the model's.
        n_rows: of the whole weight.
        n_parts: 1, or 3 for queries, keys and values.

    Built in: 05a
    """
    if n_parts == 1:
        return [n_rows]
    return [n_heads * config.head_dim for n_heads in (config.n_heads, *[config.n_kv_heads] * 2)]

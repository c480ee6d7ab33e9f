"""The families that LitGPT knows, each as a small model that is checked against transformers.

A family's checkpoints have billions of weights, but what tells families apart (norms, rotary
share, biases, soft caps, sliding windows) is all there in a model of a few thousand.
"""

import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import torch

from workshop_lib.require import require_choice

# What transformers' config classes are told for every family, and LitGPT in its own words.
_SMALL: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}
_LLAMA3_ROPE = {
    "rope_type": "llama3",
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
_GEMMA = {
    "head_dim": 8,
    "query_pre_attn_scalar": 256,
    "sliding_window": 16,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": True,
}

# LitGPT's name of a checkpoint: the class in transformers, and what its config.json has beyond
# SMALL. The values are those of the real checkpoint where the small sizes allow it.
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama-2-7b-hf": ("LlamaForCausalLM", {"num_key_value_heads": 4, "rms_norm_eps": 1e-5}),
    "Llama-3-8B": ("LlamaForCausalLM", {"rms_norm_eps": 1e-5, "rope_theta": 5e5}),
    "Llama-3.2-1B": (
        "LlamaForCausalLM",
        {
            "rms_norm_eps": 1e-5,
            "rope_theta": 5e5,
            "rope_scaling": _LLAMA3_ROPE,
            "tie_word_embeddings": True,
        },
    ),
    "Mistral-7B-v0.1": (
        "MistralForCausalLM",
        {"rms_norm_eps": 1e-5, "rope_theta": 1e4, "sliding_window": 16},
    ),
    "Mistral-7B-v0.3": (
        "MistralForCausalLM",
        {"rms_norm_eps": 1e-5, "rope_theta": 1e6, "sliding_window": None},
    ),
    "phi-2": (
        "PhiForCausalLM",
        # Two fifths of each head are rotated: the head must be wide enough for an even number.
        {"num_key_value_heads": 4, "partial_rotary_factor": 0.4, "hidden_size": 40},
    ),
    "Phi-3-mini-4k-instruct": (
        "Phi3ForCausalLM",
        {"num_key_value_heads": 4, "sliding_window": 16, "pad_token_id": 0},
    ),
    "phi-4": ("Phi3ForCausalLM", {"rope_theta": 250_000.0, "pad_token_id": 0}),
    "Gemma-2-2b": ("Gemma2ForCausalLM", _GEMMA),
    "Gemma-3-1b-it": (
        "Gemma3ForCausalLM",
        _GEMMA
        | {
            "layer_types": ["sliding_attention", "full_attention"],
            "rope_theta": 1e6,
            "rope_local_base_freq": 1e4,
        },
    ),
}


def small_twins(name: str) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Build a small model of a family in transformers, and convert it with LitGPT.

    The checkpoint on the way has the real key names, and LitGPT's real converter reads it.

    Args:
        name: a key of FAMILIES, which is LitGPT's name of a checkpoint of that family.

    Returns:
        The model of transformers and LitGPT's, both in eval mode with equal weights.

    Raises:
        ValueError: there is no such family.

    Used in: 05c
    """
    require_choice("name", name, list(FAMILIES))
    import transformers
    from litgpt.config import Config, name_to_config
    from litgpt.model import GPT
    from litgpt.scripts.convert_hf_checkpoint import convert_hf_checkpoint

    class_name, settings = FAMILIES[name]
    settings = _SMALL | settings
    model_class = getattr(transformers, class_name)
    theirs = model_class(
        model_class.config_class(
            **settings,
            bos_token_id=1,
            eos_token_id=1,
            # The plain implementation: Gemma 2's soft cap is left out by the fast one.
            attn_implementation="eager",
        )
    ).eval()
    _draw_weights(theirs)
    small_name = f"{name}-small"
    name_to_config[small_name] = _litgpt_settings(name, settings) | {"name": small_name}
    with tempfile.TemporaryDirectory() as temporary:
        theirs.save_pretrained(temporary)
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            convert_hf_checkpoint(checkpoint_dir=Path(temporary), model_name=small_name)
        weights = torch.load(Path(temporary) / "lit_model.pth", weights_only=True)
    ours = GPT(Config.from_name(small_name)).eval()
    ours.load_state_dict(weights, strict=True)
    return theirs, ours


def _draw_weights(model: torch.nn.Module, seed: int = 0) -> None:
    """Draw weights so large that every part of the model shows in its logits."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.2 * torch.randn(weight.shape, generator=generator)
            weight.copy_(spread if weight.dim() > 1 else weight + spread)


def _litgpt_settings(name: str, settings: dict) -> dict:
    """Shrink LitGPT's own settings of a checkpoint to the sizes that transformers was told."""
    from litgpt.config import name_to_config

    sizes = {
        "vocab_size": settings["vocab_size"],
        "padded_vocab_size": settings["vocab_size"],
        "block_size": settings["max_position_embeddings"],
        "n_embd": settings["hidden_size"],
        "n_layer": settings["num_hidden_layers"],
        "n_head": settings["num_attention_heads"],
        "n_query_groups": settings["num_key_value_heads"],
        "head_size": settings["hidden_size"] // settings["num_attention_heads"],
        "intermediate_size": settings["intermediate_size"],
    }
    if settings.get("sliding_window"):
        sizes["sliding_window_size"] = settings["sliding_window"]
    if name.startswith("Gemma"):
        # LitGPT's table leaves out Gemma's epsilon of 1e-6 and so takes 1e-5. Here that shows only in
        # the fourth digit of the logits. With a real Gemma 3 270M the loss is 4.194 instead of 4.150
        # and one greedy token in fifteen differs, so `lit.convert` takes it from config.json too.
        sizes["norm_eps"] = settings["rms_norm_eps"]
    if "layer_types" in settings:
        local = [int(kind == "sliding_attention") for kind in settings["layer_types"]]
        sizes |= {"sliding_window_indices": local, "rope_indices": local}
    return name_to_config[name] | sizes

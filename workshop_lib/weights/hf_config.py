"""Hugging Face's config.json in the words of our GPTConfig, for GPT-2, Llama and Mistral."""

from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from workshop_lib.config.model import GPTConfig, RopeScaling
from workshop_lib.files import read_json

# What other well-known architectures have that ours has not.
_OTHER_PARTS = {
    "bloom": "positions by ALiBi",
    "falcon": "attention and feed-forward part side by side",
    "gemma": "scaled embeddings, and norm weights that count from 1",
    "gemma2": "scaled embeddings, two more norms in each block, and capped logits",
    "gemma3": "images, scaled embeddings, and two more norms in each block",
    "gemma3_text": "scaled embeddings, two more norms in each block, and local attention",
    "gpt_neox": "attention and feed-forward part side by side",
    "mamba": "no attention",
    "mixtral": "a mixture of experts",
    "opt": "a position table that starts at 2, and ReLU",
    "phi": "attention and feed-forward part side by side, and heads that turn in part",
    "phi3": "queries, keys and values stored as one tensor",
    "qwen2": "biases of queries, keys and values",
    "qwen3": "norms of queries and keys",
}


class Settings(dict):
    """The entries of a config.json; asking for one that is missing names the file.

    Args:
        entries: what the file holds.
        path: the file.
    """

    def __init__(self, entries: dict, path: Path):
        super().__init__(entries)
        self.path = path

    def __missing__(self, name: str) -> NoReturn:
        raise ValueError(f"{self.path} says nothing about {name}")


def read_config(directory: Path | str) -> Settings:
    """Read a Hugging Face config.json.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is not whole.
    """
    path = Path(directory) / "config.json"
    if not path.is_file():
        raise FileNotFoundError(f"{directory} holds no config.json")
    return Settings(read_json(path), path)


def gpt2_config(theirs: Settings) -> GPTConfig:
    """Say in the words of our config what the config.json of a GPT-2 says.

    Args:
        theirs: what `read_config` returned.

    Returns:
        Our config.

    Raises:
        ValueError: it asks for something that our model does not have.

    Source: Radford et al. 2019; OpenAI's names, as Hugging Face stores them.
    Built in: 05a
    """
    require(theirs, model_type="gpt2", activation_function=("gelu_new", "gelu_pytorch_tanh"))
    require(theirs, scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False)
    require(theirs, add_cross_attention=False, quantization_config=None)
    return GPTConfig(
        vocab_size=theirs["vocab_size"],
        context_length=theirs["n_positions"],
        emb_dim=theirs["n_embd"],
        n_layers=theirs["n_layer"],
        n_heads=theirs["n_head"],
        mlp_dim=theirs.get("n_inner"),  # type: ignore[arg-type]
        norm_eps=theirs.get("layer_norm_epsilon", 1e-5),
        tie_weights=theirs.get("tie_word_embeddings", True),
    )


def llama_config(theirs: Settings) -> GPTConfig:
    """Say in the words of our config what the config.json of a Llama or a Mistral says.

    Args:
        theirs: what `read_config` returned.

    Returns:
        Our config. A Mistral whose tokens look back over a window only gets that window as
        its context_length: up to there, every token sees all earlier ones.

    Raises:
        ValueError: it asks for something that our model does not have.

    Source: Touvron et al. 2023, section 2.2; Jiang et al. 2023, section 2.
    Built in: 05b
    """
    require(theirs, model_type=("llama", "mistral"), hidden_act="silu", quantization_config=None)
    require(theirs, attention_bias=False, mlp_bias=False)
    context_length = theirs["max_position_embeddings"]
    if theirs["model_type"] == "mistral":
        context_length = min(context_length, theirs.get("sliding_window") or context_length)
    return GPTConfig(
        vocab_size=theirs["vocab_size"],
        context_length=context_length,
        emb_dim=theirs["hidden_size"],
        n_layers=theirs["num_hidden_layers"],
        n_heads=theirs["num_attention_heads"],
        n_kv_heads=theirs.get("num_key_value_heads"),  # type: ignore[arg-type]
        head_dim=theirs.get("head_dim"),  # type: ignore[arg-type]
        mlp_dim=theirs["intermediate_size"],
        norm="rmsnorm",
        norm_eps=theirs["rms_norm_eps"],
        positions="rotary",
        **rotary_settings(theirs),
        mlp="swiglu",
        bias=False,
        tie_weights=theirs.get("tie_word_embeddings", False),
    )


def rotary_settings(theirs: Settings) -> dict:
    """Give rope_theta and rope_scaling, which newer files keep together in rope_parameters."""
    rope = Settings(theirs.get("rope_parameters") or theirs.get("rope_scaling") or {}, theirs.path)
    kind = rope.get("rope_type", rope.get("type", "default"))
    scaling = None
    if kind == "llama3":
        scaling = RopeScaling(
            factor=rope["factor"],
            original_context=rope["original_max_position_embeddings"],
            low_freq_factor=rope["low_freq_factor"],
            high_freq_factor=rope["high_freq_factor"],
        )
    elif kind != "default":
        raise ValueError(f"{theirs.path}: rope_scaling {kind!r} is not supported, only 'llama3' is")
    theta = rope.get("rope_theta", theirs.get("rope_theta", 10_000.0))
    return {"rope_theta": theta, "rope_scaling": scaling}


def require(theirs: Settings, **expected: object) -> None:
    """Raise unless the settings have the expected values; a missing one counts as expected.

    Args:
        theirs: what `read_config` returned.
        **expected: the one value that an entry may have, or a tuple of several.

    Raises:
        ValueError: an entry has another value.
    """
    for name, values in expected.items():
        values = values if isinstance(values, tuple) else (values,)
        found = theirs.get(name, values[0])
        if found not in values:
            known = " or ".join(map(repr, values))
            raise ValueError(f"{theirs.path}: {name} {found!r} is not supported, only {known}")


def why_unsupported(theirs: Settings, supported: tuple[str, ...]) -> str:
    """Say that a model is of another architecture, and what it has that ours has not."""
    kind = theirs.get("model_type")
    has = f", which has {_OTHER_PARTS[kind]}" if kind in _OTHER_PARTS else ""
    return (
        f"{theirs.path.parent} holds a {kind} model{has}: that is not supported, "
        f"only {', '.join(supported)} are (LitGPT reads more, see 05c)"
    )


def gpt2_settings(config: GPTConfig) -> dict:
    """Say in the words of Hugging Face's GPT-2 what the config says."""
    if config.n_kv_heads != config.n_heads or not config.bias:
        raise ValueError("GPT-2's format needs biases and as many key/value heads as query heads")
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "n_positions": config.context_length,
        "n_embd": config.emb_dim,
        "n_layer": config.n_layers,
        "n_head": config.n_heads,
        "n_inner": config.mlp_dim,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": config.norm_eps,
        # Where nothing is said, transformers trains GPT-2 with a dropout of 0.1.
        "resid_pdrop": config.dropout,
        "embd_pdrop": config.dropout,
        "attn_pdrop": 0.0,
    }


def llama_settings(config: GPTConfig) -> dict:
    """Say in the words of Hugging Face's Llama what the config says."""
    if config.bias:
        raise ValueError("Llama's format has no biases, but this config has bias=True")
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "max_position_embeddings": config.context_length,
        "hidden_size": config.emb_dim,
        "intermediate_size": config.mlp_dim,
        "num_hidden_layers": config.n_layers,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "rms_norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,
        "rope_scaling": _rope_scaling_settings(config),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
    }


def _rope_scaling_settings(config: GPTConfig) -> dict | None:
    """Say in the words of Hugging Face's Llama how rotary positions are slowed down."""
    if config.rope_scaling is None:
        return None
    settings = asdict(config.rope_scaling)
    settings["original_max_position_embeddings"] = settings.pop("original_context")
    return {"rope_type": "llama3"} | settings

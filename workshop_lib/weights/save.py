"""Our models as directories that Hugging Face's classes open."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from workshop_lib.files import atomic_files
from workshop_lib.model.gpt import GPT
from workshop_lib.tokenizer.protocol import Tokenizer
from workshop_lib.weights.hf_config import gpt2_settings, llama_settings
from workshop_lib.weights.names import (
    GPT2_NAMES,
    GPT2_TRANSPOSED,
    LLAMA_NAMES,
    hf_keys,
    part_rows,
)


def save_pretrained(
    model: GPT, tokenizer: Tokenizer, directory: Path | str, *, dtype: torch.dtype | None = None
) -> Path:
    """Write a directory that `from_pretrained` and Hugging Face's classes open.

    A model like GPT-2 is stored as GPT-2, one like Llama as Llama.

    Args:
        model: a GPT.
        tokenizer: its tokenizer.
        directory: where to; files of an earlier checkpoint there are replaced.
        dtype: number format of the stored weights; None means the model's.

    Returns:
        The directory.

    Raises:
        ValueError: the model mixes parts of both kinds, which no Hugging Face class knows.

    Built in: 05a
    """
    config, directory = model.config, Path(directory)
    if (config.norm, config.positions, config.mlp) == ("layernorm", "learned", "gelu"):
        settings, names, prefix = gpt2_settings(config), GPT2_NAMES, "transformer."
    elif (config.norm, config.positions, config.mlp) == ("rmsnorm", "rotary", "swiglu"):
        settings, names, prefix = llama_settings(config), LLAMA_NAMES, ""
    else:
        kind = f"{config.norm} norm, {config.positions} positions and {config.mlp}"
        raise ValueError(f"{kind} together are neither GPT-2 nor Llama")
    settings |= {
        "vocab_size": config.vocab_size,
        "tie_word_embeddings": config.tie_weights,
        **{name: i for name, i in token_settings(tokenizer).items() if i < config.vocab_size},
        "torch_dtype": str(dtype or model.tok_emb.weight.dtype).removeprefix("torch."),
    }
    tensors = {}
    for ours, tensor in model.state_dict().items():
        if ours == "head.weight" and config.tie_weights:
            continue
        if names is GPT2_NAMES and ours.endswith(GPT2_TRANSPOSED):
            tensor = tensor.t()
        theirs = hf_keys(ours, names)
        parts = tensor.split(part_rows(config, len(tensor), len(theirs)))
        for name, part in zip(theirs, parts, strict=True):
            name = name if name.startswith("lm_head") else prefix + name
            tensors[name] = part.to(dtype or tensor.dtype).contiguous().cpu().clone()
    write_directory(directory, settings, tensors, tokenizer)
    return directory


def token_settings(tokenizer: Tokenizer) -> dict[str, int]:
    """Give the ids of the tokens that begin, end and pad a text, where the tokenizer has them."""
    settings = tokenizer.settings
    names = {"bos_token_id": settings.bos_token, "pad_token_id": settings.pad_token}
    ids = {name: tokenizer.special_ids.get(text) for name, text in names.items() if text}
    known = {name: token_id for name, token_id in ids.items() if token_id is not None}
    return {"bos_token_id": tokenizer.eos_token_id, "eos_token_id": tokenizer.eos_token_id} | known


def write_directory(
    directory: Path, settings: dict, tensors: dict[str, Tensor], tokenizer: Tokenizer
) -> None:
    """Write a model's files together, so that a crash leaves nothing half-written.

    Args:
        directory: where to; the weights of an earlier model there are replaced.
        settings: the content of config.json.
        tensors: the weights by Hugging Face's names.
        tokenizer: the model's.
    """
    with atomic_files(directory) as temporary:
        save_file(tensors, temporary / "model.safetensors", metadata={"format": "pt"})
        config = temporary / "config.json"
        config.write_text(json.dumps(settings, indent=1), encoding="utf-8", newline="\n")
        generation = Path(temporary) / "generation_config.json"
        generation.write_text(json.dumps(token_settings(tokenizer)), encoding="utf-8", newline="\n")
        tokenizer.save(temporary)
    for path in directory.glob("model*.safetensors*"):  # shards of an earlier model
        if path.name != "model.safetensors":
            path.unlink()

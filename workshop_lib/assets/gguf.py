"""Turn SmolLM2 from llama.cpp's file format (GGUF) into a Hugging Face directory.

A GGUF file holds everything in one place: the model's sizes, its tokenizer, its chat template and
its weights, most of them quantised to four bits. A Hugging Face directory holds the same things in
files of their own, which ``transformers``, LitGPT and our own ``weights.from_pretrained`` read.

Source: the GGUF specification, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workshop_lib.files import write_json

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# llama.cpp's short names for the parts of one block, and Hugging Face's names for the same.
_BLOCK_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TOP_NAMES = {"token_embd": "embed_tokens", "output_norm": "norm"}
_CONTROL_TOKEN = 3  # GGUF's token type for special tokens such as <|im_start|>


def convert(gguf_file: Path, folder: Path) -> None:
    """Write the Hugging Face directory for one GGUF file of the Llama architecture.

    Args:
        gguf_file: The GGUF file to read.
        folder: An existing folder that receives the six files.

    Raises:
        ValueError: The file does not hold a Llama model with a byte-level BPE tokenizer.
    """
    from gguf import GGUFReader

    reader = GGUFReader(gguf_file)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    architecture, tokenizer = fields["general.architecture"], fields["tokenizer.ggml.model"]
    if (architecture, tokenizer) != ("llama", "gpt2"):
        raise ValueError(
            f"{gguf_file.name} holds architecture {architecture!r} with tokenizer {tokenizer!r}, "
            "but only 'llama' with 'gpt2' can be converted"
        )
    special = _special_tokens(fields)
    write_json(folder / "config.json", model_config(fields), indent=2)
    write_json(folder / "generation_config.json", generation_config(fields), indent=2)
    write_json(folder / "tokenizer_config.json", tokenizer_config(fields), indent=2)
    write_json(folder / "special_tokens_map.json", special, indent=2)
    _build_tokenizer(fields).save(str(folder / "tokenizer.json"))
    _save_weights(reader.tensors, model_config(fields), folder / "model.safetensors")


def model_config(fields: dict) -> dict:
    """The sizes of the model, under the names of Hugging Face's ``LlamaConfig``."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": fields["llama.vocab_size"],
        "max_position_embeddings": fields["llama.context_length"],
        "hidden_size": fields["llama.embedding_length"],
        "intermediate_size": fields["llama.feed_forward_length"],
        "num_hidden_layers": fields["llama.block_count"],
        "num_attention_heads": fields["llama.attention.head_count"],
        "num_key_value_heads": fields["llama.attention.head_count_kv"],
        "head_dim": fields["llama.rope.dimension_count"],
        # Stored as float32, so 1e-5 reads back as 9.99999975e-06: seven digits are real.
        "rms_norm_eps": float(f"{fields['llama.attention.layer_norm_rms_epsilon']:.7g}"),
        "rope_theta": fields["llama.rope.freq_base"],
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        # There is no output.weight in the file: the embedding is the output head too.
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        **special_ids(fields),
    }


def special_ids(fields: dict) -> dict:
    names = {"bos": "bos", "eos": "eos", "pad": "padding"}
    return {
        f"{ours}_token_id": fields[f"tokenizer.ggml.{theirs}_token_id"]
        for ours, theirs in names.items()
    }


def _special_tokens(fields: dict) -> dict:
    """The special tokens by role, as text: ``{"eos_token": "<|im_end|>", ...}``."""
    ids = special_ids(fields) | {"unk_token_id": fields["tokenizer.ggml.unknown_token_id"]}
    tokens = fields["tokenizer.ggml.tokens"]
    return {role.removesuffix("_id"): tokens[token_id] for role, token_id in ids.items()}


def generation_config(fields: dict) -> dict:
    return {"_from_model_config": True, **special_ids(fields)}


def tokenizer_config(fields: dict) -> dict:
    """What ``AutoTokenizer`` needs beside ``tokenizer.json``: roles, limits, the chat template."""
    return {
        "tokenizer_class": "GPT2Tokenizer",
        # Hugging Face's classes pay no heed to it here. LitGPT does: without it, it takes the
        # <|im_start|> that opens a chat for a stray begin-of-text token and drops it.
        "add_bos_token": True,
        "add_prefix_space": fields["tokenizer.ggml.add_space_prefix"],
        "clean_up_tokenization_spaces": False,
        "model_max_length": fields["llama.context_length"],
        "chat_template": fields["tokenizer.chat_template"],
        **_special_tokens(fields),
    }


def _build_tokenizer(fields: dict) -> Tokenizer:
    """The byte-level BPE of SmolLM2: digits one by one, then GPT-2's split, then the merges.

    Returns:
        A ``tokenizers.Tokenizer``.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    vocabulary = {token: token_id for token_id, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    types = fields["tokenizer.ggml.token_type"]
    special = [token for token, kind in zip(tokens, types, strict=True) if kind == _CONTROL_TOKEN]
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in special]
    )
    return tokenizer


def _save_weights(tensors: list, config: dict, path: Path) -> None:
    """Dequantise every tensor, give it Hugging Face's name and write one safetensors file.

    Stored as float16, which halves the file: the numbers come from four or eight bits each, and
    rounding them moves a logit by 0.04 at most (logits spread by 8) and no greedy choice.
    """
    from gguf import dequantize
    from safetensors.numpy import save_file

    weights = {}
    for tensor in tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        if ".attn_q." in tensor.name:
            values = undo_interleaving(values, config["num_attention_heads"])
        if ".attn_k." in tensor.name:
            values = undo_interleaving(values, config["num_key_value_heads"])
        weights[hugging_face_name(tensor.name)] = values.astype(np.float16)
    save_file(weights, path, metadata={"format": "pt"})
    path.chmod(0o644)  # it would be the owner's alone, and classrooms share the assets


def hugging_face_name(name: str) -> str:
    """``blk.3.attn_q.weight`` becomes ``model.layers.3.self_attn.q_proj.weight``."""
    parts = name.split(".")
    if parts[0] == "blk" and len(parts) == 4 and parts[2] in _BLOCK_NAMES:
        return f"model.layers.{parts[1]}.{_BLOCK_NAMES[parts[2]]}.{parts[3]}"
    if len(parts) == 2 and parts[0] in _TOP_NAMES:
        return f"model.{_TOP_NAMES[parts[0]]}.{parts[1]}"
    raise ValueError(f"the tensor {name!r} has no counterpart in a Llama model without biases")


def undo_interleaving(weight: np.ndarray, heads: int) -> np.ndarray:
    """Put the rows of a query or key projection back into Hugging Face's order.

    Rotary positions rotate pairs of channels. llama.cpp keeps the two of a pair side by side
    (0, 1), (2, 3), ...; Hugging Face keeps them half a head apart (0, D/2), (1, D/2 + 1), ...

    Args:
        weight: Projection, (heads * D, C).
        heads: Number of heads in it.

    Returns:
        The same rows reordered within each head, (heads * D, C).
    """
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)

"""SmolLM2 from its GGUF file, against llama.cpp's layout, tiktoken and transformers."""

import json

import gguf
import numpy as np
import pytest
import regex
import tiktoken
import torch
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from workshop_lib import assets
from workshop_lib.assets import gguf as converter

TRICKY = [
    "The year 2024, 3.14 and 1,000,000 or ½ and ٣",
    "    four spaces\n\n\nthree newlines\t\ttabs \r\n end   ",
    "Don't we'll I'VE they're",
    "😀👩‍👩‍👧 naïve 你好 e\u0301 \u200b\ufeff",
    "def f(x):\n        return x**2  # 10 20  30",
    "\x00\x1f~ €uro",
    "",
    " ",
]


@pytest.fixture(scope="module")
def fields():
    reader = gguf.GGUFReader(assets.smollm2_gguf())
    return {name: field.contents() for name, field in reader.fields.items()}


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(assets.smollm2())


@pytest.fixture(scope="module")
def reference(fields):
    """tiktoken's engine with the GGUF file's tokens, as llama.cpp splits for "smollm"."""
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    to_byte = {char: byte for byte, char in bytes_to_unicode().items()}

    def as_bytes(token):
        return bytes(to_byte[char] for char in token)

    ids = {as_bytes(t): i for i, t in enumerate(fields["tokenizer.ggml.tokens"]) if i > 16}
    # tiktoken joins by rank: single bytes first, then the merges in their order.
    ranks = {token: rank for rank, token in enumerate(sorted(t for t in ids if len(t) == 1))}
    for merge in fields["tokenizer.ggml.merges"]:
        ranks.setdefault(as_bytes(merge.replace(" ", "")), len(ranks))
    pattern = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    engine = tiktoken.Encoding("smollm2", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    token_of = {rank: token for token, rank in ranks.items()}

    def encode(text):
        pieces = regex.findall(r"\p{N}|[^\p{N}]+", text)  # digits one by one
        return [ids[token_of[rank]] for piece in pieces for rank in engine.encode_ordinary(piece)]

    return encode


@pytest.mark.parametrize("text", TRICKY)
def test_token_ids_equal_tiktokens(tokenizer, reference, text):
    token_ids = tokenizer.encode(text)
    assert token_ids == reference(text)
    assert tokenizer.decode(token_ids) == text


def test_token_ids_of_a_play_equal_tiktokens(tokenizer, reference):
    scene = assets.scenes()[100]
    assert tokenizer.encode(scene) == reference(scene)


def test_the_vocabulary_is_the_files_own(tokenizer, fields):
    assert tokenizer.convert_ids_to_tokens(range(len(tokenizer))) == fields["tokenizer.ggml.tokens"]
    special = {
        token
        for token, kind in zip(
            fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"], strict=True
        )
        if kind == 3
    }
    assert set(tokenizer.added_tokens_encoder) == special and len(special) == 17
    assert tokenizer.encode("<|im_start|>user") == [1, *tokenizer.encode("user")]
    assert (tokenizer.bos_token, tokenizer.eos_token) == ("<|im_start|>", "<|im_end|>")
    assert (tokenizer.pad_token, tokenizer.unk_token) == ("<|im_end|>", "<|endoftext|>")


def test_the_config_has_smollm2s_sizes():
    config = json.loads((assets.smollm2() / "config.json").read_text(encoding="utf-8"))
    sizes = {
        "vocab_size": 49152,
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "head_dim": 64,
        "max_position_embeddings": 8192,
        "rope_theta": 100_000.0,
        "rms_norm_eps": 1e-5,
        "tie_word_embeddings": True,
    }
    assert {name: config[name] for name in sizes} == sizes


def test_rows_are_put_back_where_llama_cpp_took_them_from():
    """llama.cpp moves row i of a head's first half to 2i and of its second half to 2i + 1."""
    heads, width, columns = 3, 8, 5
    original = np.arange(heads * width * columns).reshape(heads * width, columns)
    interleaved = np.empty_like(original)
    for head in range(heads):
        for i in range(width // 2):
            interleaved[head * width + 2 * i] = original[head * width + i]
            interleaved[head * width + 2 * i + 1] = original[head * width + width // 2 + i]
    assert (converter.undo_interleaving(interleaved, heads) == original).all()
    assert (interleaved != original).any()


def test_every_weight_is_the_files_own_up_to_float16():
    stored = load_file(assets.smollm2() / "model.safetensors")
    tensors = gguf.GGUFReader(assets.smollm2_gguf()).tensors
    assert len(stored) == len(tensors) == 272
    for tensor in tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        found = stored[converter.hugging_face_name(tensor.name)].astype(np.float32)
        if ".attn_q." in tensor.name or ".attn_k." in tensor.name:
            values, found = (
                np.sort(values, axis=0),
                np.sort(found, axis=0),
            )  # the order is tested above
        np.testing.assert_allclose(found, values, rtol=2**-11, atol=2**-25)


def test_unknown_tensors_are_refused():
    assert converter.hugging_face_name("blk.7.ffn_up.weight") == "model.layers.7.mlp.up_proj.weight"
    for name in ("blk.0.attn_q_norm.weight", "output.weight", "rope_freqs"):
        with pytest.raises(ValueError, match=name):
            converter.hugging_face_name(name)


def test_the_model_answers_paris(tokenizer):
    model = AutoModelForCausalLM.from_pretrained(assets.smollm2(), dtype=torch.float32)
    question = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(
        question, add_generation_prompt=True, return_tensors="pt"
    )
    mask = torch.ones_like(prompt)
    answer = model.generate(prompt, attention_mask=mask, max_new_tokens=12, do_sample=False)
    assert (
        tokenizer.decode(answer[0, prompt.shape[1] :])
        == "The capital of France is Paris.<|im_end|>"
    )

"""Loading and saving weights, against transformers as the independent implementation."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from small_models import SMALL_LLAMA
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from workshop_lib import assets
from workshop_lib.config import PRESETS, GPTConfig, RopeScaling
from workshop_lib.generate import generate
from workshop_lib.model import GPT, scale_inverse_frequencies
from workshop_lib.tokenizer import train_bpe
from workshop_lib.weights import from_pretrained, load_gpt2, load_llama, save_pretrained

V = 270
LLAMA = replace(SMALL_LLAMA, vocab_size=V)
GPT2 = replace(PRESETS["tiny"], vocab_size=V)


@pytest.fixture(scope="module")
def tokenizer():
    return train_bpe("the quick brown fox jumps over the lazy dog " * 20, V)


def large_weights(model):
    """Weights of a size at which every part of the model matters to the logits."""
    torch.manual_seed(0)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    return model.eval()


def hf_gpt2(directory, **settings):
    config = GPT2Config(vocab_size=V, n_positions=16, n_embd=32, n_layer=2, n_head=4, **settings)
    model = large_weights(GPT2LMHeadModel(config))
    model.save_pretrained(directory)
    return model


def hf_llama(directory, **settings):
    config = LlamaConfig(
        vocab_size=V,
        max_position_embeddings=16,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        **settings,
    )
    model = large_weights(LlamaForCausalLM(config))
    model.save_pretrained(directory)
    return model


def change_config(directory, **entries):
    path = directory / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def token_ids(rows=2, length=16):
    return torch.randint(V, (rows, length), generator=torch.Generator().manual_seed(1))


def assert_same_logits(ours, theirs, tolerance=1e-5):
    with torch.no_grad():
        expected = theirs(token_ids()).logits
        assert expected.std() > 0.1  # else being close would mean nothing
        torch.testing.assert_close(ours(token_ids()), expected, atol=tolerance, rtol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"tie_word_embeddings": False}, {"n_inner": 80}])
def test_gpt2_logits_equal_transformers(tmp_path, settings):
    theirs = hf_gpt2(tmp_path, **settings)
    assert_same_logits(load_gpt2(tmp_path), theirs)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tie_word_embeddings": True},
        {"rope_theta": 5e5},
        {"head_dim": 16},
        {"rms_norm_eps": 0.1},
    ],
)
def test_llama_logits_equal_transformers(tmp_path, settings):
    theirs = hf_llama(tmp_path, **settings)
    assert_same_logits(load_llama(tmp_path), theirs)


LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


@pytest.mark.parametrize("factor, context", [(8.0, 8192), (32.0, 8192), (4.0, 64)])
def test_scaled_rotary_speeds_equal_transformers(factor, context):
    """Llama 3.1, Llama 3.2, and a context so short that most pairs are slowed."""
    rope = LLAMA3 | {"factor": factor, "original_max_position_embeddings": context}
    theirs = LlamaConfig(head_dim=128, rope_theta=5e5, rope_scaling=rope)
    expected, _ = ROPE_INIT_FUNCTIONS["llama3"](theirs, torch.device("cpu"))
    plain = 5e5 ** (-torch.arange(0, 128, 2) / 128)
    found = scale_inverse_frequencies(plain, RopeScaling(factor, context))
    torch.testing.assert_close(found, expected)
    assert found[0] == plain[0] and found[-1] < plain[-1]


@pytest.mark.parametrize(
    "settings", [{"factor": 0.5}, {"original_context": 0}, {"low_freq_factor": 4.0}]
)
def test_wrong_rotary_scaling_is_refused(settings):
    with pytest.raises(ValueError):
        RopeScaling(**({"factor": 8.0, "original_context": 8192} | settings))


def test_a_config_with_rotary_scaling_survives_asdict():
    config = replace(LLAMA, rope_scaling=RopeScaling(8.0, 8192))
    assert GPTConfig(**asdict(config)) == config


@pytest.mark.parametrize("factor, context", [(8.0, 4), (2.0, 12)])
def test_llama3_logits_equal_transformers(tmp_path, factor, context):
    """Contexts so short that slow pairs are slowed within the 16 tokens of the test."""
    rope = LLAMA3 | {"factor": factor, "original_max_position_embeddings": context}
    theirs = hf_llama(tmp_path, rope_scaling=rope, rope_theta=5e5, head_dim=32)
    ours = load_llama(tmp_path)
    assert ours.config.rope_scaling == RopeScaling(factor, context)
    assert_same_logits(ours, theirs)
    with pytest.raises(AssertionError):  # without the scaling they would differ
        assert_same_logits(unscaled(ours), theirs)


def unscaled(model):
    model.config = replace(model.config, rope_scaling=None)
    return model


def test_rotary_settings_as_newer_files_keep_them(tmp_path):
    """transformers 5 writes one entry, rope_parameters, with theta in it."""
    theirs = hf_llama(tmp_path, rope_scaling=LLAMA3 | {"original_max_position_embeddings": 4})
    change_config(tmp_path, rope_scaling=None, rope_theta=None)
    rope = LLAMA3 | {"original_max_position_embeddings": 4, "rope_theta": 10_000.0}
    change_config(tmp_path, rope_parameters=rope)
    assert_same_logits(load_llama(tmp_path), theirs)


def hf_mistral(directory, **settings):
    config = MistralConfig(
        max_position_embeddings=16,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        **{"vocab_size": V} | settings,
    )
    model = large_weights(MistralForCausalLM(config))
    model.save_pretrained(directory)
    return model


@pytest.mark.parametrize(
    "settings", [{"sliding_window": None}, {"head_dim": 16}, {"rope_theta": 1e6}]
)
def test_mistral_logits_equal_transformers(tmp_path, settings):
    theirs = hf_mistral(tmp_path, **settings)
    assert_same_logits(load_llama(tmp_path), theirs)


def test_mistral_takes_as_many_tokens_as_its_window(tmp_path):
    """Up to the window's width all earlier tokens are seen; beyond, ours refuses to guess."""
    theirs = hf_mistral(tmp_path, sliding_window=8)
    ours = load_llama(tmp_path)
    assert ours.config.context_length == 8
    with torch.no_grad():
        expected = theirs(token_ids(length=16)).logits
        torch.testing.assert_close(
            ours(token_ids(length=16)[:, :8]), expected[:, :8], atol=1e-5, rtol=1e-5
        )
        with pytest.raises(ValueError, match="9 tokens are more than the context_length 8"):
            ours(token_ids(length=16)[:, :9])


def test_gpt2_files_as_they_are_on_the_hub(tmp_path):
    """Without the prefix, with the causal masks, and with the head stored a second time."""
    theirs = hf_gpt2(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = {k.removeprefix("transformer."): v for k, v in load_file(file).items()}
    for layer in range(2):
        tensors[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 16, 16)
        tensors[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    tensors["lm_head.weight"] = tensors["wte.weight"].clone()
    save_file(tensors, file)
    assert_same_logits(load_gpt2(tmp_path), theirs)


@pytest.fixture(scope="module")
def gpt2_124m(tmp_path_factory):
    """GPT-2 in the shapes of OpenAI's smallest, with random weights, in transformers' files."""
    directory = tmp_path_factory.mktemp("gpt2-124m")
    torch.manual_seed(0)
    theirs = GPT2LMHeadModel(GPT2Config()).eval()
    theirs.save_pretrained(directory)
    return theirs, directory


@pytest.mark.parametrize("prefix", ["transformer.", ""])
def test_gpt2_124m_logits_equal_transformers(gpt2_124m, tmp_path, prefix):
    theirs, directory = gpt2_124m
    if not prefix:
        tensors = load_file(directory / "model.safetensors")
        tensors = {name.removeprefix("transformer."): t for name, t in tensors.items()}
        save_file(tensors, tmp_path / "model.safetensors")
        shutil.copy(directory / "config.json", tmp_path)
        directory = tmp_path
    ours = load_gpt2(directory)
    assert ours.config == PRESETS["gpt2"]
    assert sum(weight.numel() for weight in ours.parameters()) == 124_439_808
    ids = torch.randint(50257, (1, 24), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        torch.testing.assert_close(ours(ids), theirs(ids).logits, atol=1e-4, rtol=0)


def test_a_checkpoint_in_pieces(tmp_path):
    theirs = hf_llama(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert_same_logits(load_llama(tmp_path), theirs)


@pytest.mark.parametrize("stored", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("wanted", [torch.float32, torch.float16, torch.bfloat16])
def test_dtypes(tmp_path, stored, wanted):
    theirs = hf_gpt2(tmp_path).to(stored)
    theirs.save_pretrained(tmp_path)
    ours = load_gpt2(tmp_path, dtype=wanted)
    assert {weight.dtype for weight in ours.parameters()} == {wanted}
    expected = theirs.transformer.h[1].attn.c_attn.weight.t().to(wanted)
    assert torch.equal(ours.blocks[1].attn.qkv.weight, expected)


PEAK = """
import re, sys
from pathlib import Path
from workshop_lib.weights import from_pretrained, load_gpt2

def memory(name):
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(name + r":\\s+(\\d+) kB", status)[1])

before = memory("VmRSS")
model = load_gpt2(sys.argv[1]) if "/" in sys.argv[1] else from_pretrained(sys.argv[1])[0]
weights = sum(weight.numel() * weight.itemsize for weight in model.parameters())
print((memory("VmHWM") - before) / weights, weights)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize("name", ["smollm2", "gpt2-124m"])
def test_loading_takes_hardly_more_memory_than_the_weights(gpt2_124m, name):
    """From float16 to float32, and from float32 with every matrix transposed."""
    source = str(gpt2_124m[1]) if name == "gpt2-124m" else name
    run = subprocess.run(
        [sys.executable, "-c", PEAK, source], capture_output=True, text=True, check=True
    )
    ratio, n_bytes = map(float, run.stdout.split())
    assert n_bytes > 4e8
    assert 1.0 <= ratio < 1.3


def test_tied_weights_are_one(tmp_path):
    hf_gpt2(tmp_path)
    model = load_gpt2(tmp_path)
    assert model.head.weight is model.tok_emb.weight
    assert not model.training


@pytest.mark.parametrize(
    "config",
    [
        GPT2,
        LLAMA,
        replace(GPT2, tie_weights=False),
        replace(LLAMA, tie_weights=False),
        replace(LLAMA, rope_scaling=RopeScaling(8.0, 4), rope_theta=5e5),
    ],
)
def test_saved_models_open_in_transformers(tmp_path, tokenizer, config):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    ours = large_weights(GPT(config))
    save_pretrained(ours, tokenizer, tmp_path / "new" / "model")
    assert_same_logits(ours, AutoModelForCausalLM.from_pretrained(tmp_path / "new" / "model"))
    text = "the lazy fox, 12 dogs\n\n  naïve"
    theirs = AutoTokenizer.from_pretrained(tmp_path / "new" / "model")
    assert theirs.encode(text) == tokenizer.encode(text)
    assert theirs.eos_token_id == tokenizer.eos_token_id
    again, tokenizer_again = from_pretrained(tmp_path / "new" / "model")
    assert again.config == ours.config
    with torch.no_grad():
        assert torch.equal(again(token_ids()), ours(token_ids()))
    assert tokenizer_again.encode(text) == tokenizer.encode(text)


def test_saving_over_a_checkpoint_in_pieces_leaves_none_of_them(tmp_path, tokenizer):
    hf_llama(tmp_path).save_pretrained(tmp_path, max_shard_size="20KB")
    (tmp_path / "model.safetensors").unlink()
    save_pretrained(large_weights(GPT(GPT2)), tokenizer, tmp_path)
    assert [path.name for path in tmp_path.glob("model*")] == ["model.safetensors"]


def test_saving_in_float16(tmp_path, tokenizer):
    save_pretrained(large_weights(GPT(GPT2)), tokenizer, tmp_path, dtype=torch.float16)
    stored = load_file(tmp_path / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}


def test_a_mixture_cannot_be_saved(tmp_path, tokenizer):
    with pytest.raises(ValueError, match="rmsnorm norm, learned positions and gelu"):
        save_pretrained(GPT(replace(GPT2, norm="rmsnorm")), tokenizer, tmp_path / "x")
    assert not (tmp_path / "x").exists()


# --- the real model ----------------------------------------------------------------------

CHAT = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\n<|im_start|>user\nWhat is the capital of France?<|im_end|>\n"
    "<|im_start|>assistant\n"
)


@pytest.fixture(scope="module")
def smollm2():
    return from_pretrained("smollm2")


@pytest.fixture(scope="module")
def hf_smollm2():
    return LlamaForCausalLM.from_pretrained(assets.smollm2(), torch_dtype=torch.float32).eval()


def test_smollm2_is_the_preset(smollm2):
    model, _ = smollm2
    assert model.config == PRESETS["smollm2-135m"]


def test_smollm2_logits_equal_transformers(smollm2, hf_smollm2):
    model, tokenizer = smollm2
    ids = torch.tensor([tokenizer.encode(CHAT, special="allow")])
    with torch.no_grad():
        torch.testing.assert_close(model(ids), hf_smollm2(ids).logits, atol=1e-3, rtol=0)


def test_smollm2_writes_the_same_50_tokens(smollm2, hf_smollm2):
    model, tokenizer = smollm2
    ids = torch.tensor([tokenizer.encode("Once upon a time")])
    expected = hf_smollm2.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=50,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )
    assert generate(model, ids, 50).tolist() == expected.tolist()


def test_smollm2_knows_the_capital_of_france(smollm2):
    model, tokenizer = smollm2
    ids = torch.tensor([tokenizer.encode(CHAT, special="allow")])
    new = generate(model, ids, 20, stop_ids=[tokenizer.eos_token_id])[0, ids.shape[1] :].tolist()
    assert tokenizer.decode(new) == "The capital of France is Paris.<|im_end|>"

"""Loading and saving weights, against transformers as the independent implementation."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from workshop_lib import assets
from workshop_lib.config import PRESETS, GPTConfig, RopeScaling
from workshop_lib.generate import generate
from workshop_lib.layers import scale_rotary_speed
from workshop_lib.model import GPT
from workshop_lib.tokenizer import train_bpe
from workshop_lib.weights import from_pretrained, load_gpt2, load_llama, save_pretrained

V = 270
LLAMA = GPTConfig(
    vocab_size=V,
    context_length=16,
    emb_dim=32,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    mlp_dim=48,
    norm="rmsnorm",
    positions="rotary",
    mlp="swiglu",
    bias=False,
)
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
    found = scale_rotary_speed(plain, RopeScaling(factor, context))
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


def test_a_checkpoint_in_pieces(tmp_path):
    theirs = hf_llama(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert_same_logits(load_llama(tmp_path), theirs)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_dtype(tmp_path, dtype):
    hf_gpt2(tmp_path)
    assert {weight.dtype for weight in load_gpt2(tmp_path, dtype=dtype).parameters()} == {dtype}


def test_tied_weights_are_one(tmp_path):
    hf_gpt2(tmp_path)
    model = load_gpt2(tmp_path)
    assert model.head.weight is model.tok_emb.weight
    assert not model.training


@pytest.mark.parametrize(
    "config", [GPT2, LLAMA, replace(GPT2, tie_weights=False), replace(LLAMA, tie_weights=False)]
)
def test_saved_models_open_in_transformers(tmp_path, tokenizer, config):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    ours = large_weights(GPT(config))
    save_pretrained(ours, tokenizer, tmp_path / "new" / "model")
    assert_same_logits(ours, AutoModelForCausalLM.from_pretrained(tmp_path / "new" / "model"))
    text = "the lazy fox, 12 dogs\n\n  naïve"
    theirs = AutoTokenizer.from_pretrained(tmp_path / "new" / "model")
    assert theirs.encode(text) == tokenizer.encode(text)
    assert theirs.eos_token_id == tokenizer.end_id
    again, tokenizer_again = from_pretrained(tmp_path / "new" / "model")
    assert again.config == ours.config or again.config == replace(
        config, mlp_dim=config.mlp_width, head_dim=again.config.head_dim
    )
    with torch.no_grad():
        assert torch.equal(again(token_ids()), ours(token_ids()))
    assert tokenizer_again.encode(text) == tokenizer.encode(text)


def test_saving_in_float16(tmp_path, tokenizer):
    save_pretrained(large_weights(GPT(GPT2)), tokenizer, tmp_path, dtype=torch.float16)
    stored = load_file(tmp_path / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}


def test_a_mixture_cannot_be_saved(tmp_path, tokenizer):
    with pytest.raises(ValueError, match="rmsnorm norm, learned positions and gelu"):
        save_pretrained(GPT(replace(GPT2, norm="rmsnorm")), tokenizer, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def rewrite(directory, change):
    tensors = load_file(directory / "model.safetensors")
    change(tensors)
    save_file(tensors, directory / "model.safetensors")


NORM = "transformer.h.0.ln_1.weight"
SQUARE = "transformer.h.0.attn.c_proj.weight"


def misname(tensors):
    tensors["transformer.h.0.ln_one.weight"] = tensors.pop(NORM)


FAULTS = {
    "missing": (lambda t: t.pop(NORM), "h.0.ln_1.weight is missing"),
    "extra": (lambda t: t.update(more=torch.ones(1)), "1 tensors fit nowhere, more"),
    "misnamed": (misname, "h.0.ln_1.weight is missing"),
    "misshaped": (lambda t: t.update({NORM: torch.ones(31)}), r"shape \(31,\), not \(32,\)"),
    "not finite": (lambda t: t[NORM].fill_(float("nan")), "not finite"),
    "untied": (lambda t: t.update({"lm_head.weight": torch.ones(V, 32)}), "tied"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_weights_are_refused(tmp_path, fault):
    hf_gpt2(tmp_path)
    change, message = FAULTS[fault]
    rewrite(tmp_path, change)
    with pytest.raises(ValueError, match=message):
        load_gpt2(tmp_path)


def test_a_transposed_square_matrix_shows_in_the_logits(tmp_path):
    """No shape check can see it, which is why logits are compared."""
    theirs = hf_gpt2(tmp_path)
    rewrite(tmp_path, lambda t: t.update({SQUARE: t[SQUARE].t().contiguous()}))
    with pytest.raises(AssertionError):
        assert_same_logits(load_gpt2(tmp_path), theirs)


def test_a_truncated_file(tmp_path):
    hf_gpt2(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ValueError, match="no whole safetensors file"):
        load_gpt2(tmp_path)


def test_pickles_are_refused(tmp_path):
    hf_gpt2(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match="pickle, which can run code"):
        load_gpt2(tmp_path)


@pytest.mark.parametrize(
    "setting, message",
    [
        ({"model_type": "opt"}, "opt model; supported are gpt2, llama"),
        ({"activation_function": "gelu"}, "activation_function 'gelu' is not supported"),
    ],
)
def test_unsupported_models_are_named(tmp_path, setting, message):
    hf_gpt2(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | setting))
    with pytest.raises(ValueError, match=message):
        from_pretrained(tmp_path)


def test_unsupported_llama_settings_are_named(tmp_path):
    hf_llama(tmp_path, rope_scaling={"rope_type": "linear", "factor": 2.0})
    with pytest.raises(ValueError, match="rope_scaling"):
        load_llama(tmp_path)


def test_a_missing_directory(tmp_path):
    with pytest.raises(FileNotFoundError, match="no directory"):
        from_pretrained(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="config.json"):
        from_pretrained(tmp_path)


def test_a_hub_name_without_a_network(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(RuntimeError, match="someone/some-model could not be downloaded"):
        from_pretrained("someone/some-model")


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
    assert replace(model.config, head_dim=None) == PRESETS["smollm2-135m"]


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
    new = generate(model, ids, 20, stop_ids=[tokenizer.end_id])[0, ids.shape[1] :].tolist()
    assert tokenizer.decode(new) == "The capital of France is Paris.<|im_end|>"

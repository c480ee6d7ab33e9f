"""Checkpoints that are not what they should be: each a clear error, and nothing half-loaded."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from test_weights import V, assert_same_logits, change_config, hf_gpt2, hf_llama, hf_mistral

from workshop_lib.model import GPT
from workshop_lib.tokenizer import train_bpe
from workshop_lib.weights import from_pretrained, load_gpt2, load_llama


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A directory in which nothing is wrong."""
    directory = tmp_path_factory.mktemp("whole")
    hf_gpt2(directory)
    train_bpe("the quick brown fox jumps over the lazy dog " * 20, V).save(directory)
    from_pretrained(directory)
    return directory


@pytest.fixture
def directory(whole, tmp_path):
    """A copy of it, to be spoiled."""
    return shutil.copytree(whole, tmp_path / "model")


def rewrite(directory, change):
    tensors = load_file(directory / "model.safetensors")
    change(tensors)
    save_file(tensors, directory / "model.safetensors")


def cut(path, n_bytes):
    path.write_bytes(path.read_bytes()[:n_bytes])


NORM = "transformer.h.0.ln_1.weight"
SQUARE = "transformer.h.0.attn.c_proj.weight"
WIDE = "transformer.h.1.attn.c_attn.weight"


def misname(tensors):
    tensors["transformer.h.0.ln_one.weight"] = tensors.pop(NORM)


def lose_a_block(tensors):
    for name in [name for name in tensors if ".h.1." in name]:
        del tensors[name]


FAULTS = {
    "missing": (lambda t: t.pop(NORM), "h.0.ln_1.weight is missing"),
    "extra": (lambda t: t.update(more=torch.ones(1)), "more fits nowhere"),
    "misnamed": (misname, "h.0.ln_1.weight is missing, h.0.ln_one.weight fits nowhere"),
    "misshaped": (lambda t: t.update({NORM: torch.ones(31)}), r"shape \(31,\), not \(32,\)"),
    "transposed": (
        lambda t: t.update({WIDE: t[WIDE].t().contiguous()}),
        r"h.1.attn.c_attn.weight has the shape \(96, 32\), not \(32, 96\)",
    ),
    "a block too few": (lose_a_block, "h.1.attn.c_attn.bias is missing.* and 8 more"),
    "nan": (lambda t: t[NORM].fill_(float("nan")), "ln_1.weight is not finite in the file"),
    "one inf": (lambda t: t[WIDE].view(-1)[7].fill_(float("inf")), "c_attn.weight is not finite"),
    "whole numbers": (lambda t: t.update({NORM: torch.ones(32).long()}), "stored as I64, not F32"),
    "eight bits": (lambda t: t.update({NORM: torch.ones(32).to(torch.float8_e4m3fn)}), "F8_E4M3"),
    "untied": (lambda t: t.update({"lm_head.weight": torch.ones(V, 32)}), "but differs"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_weights_are_refused(directory, fault):
    change, message = FAULTS[fault]
    rewrite(directory, change)
    with pytest.raises(ValueError, match=message):
        from_pretrained(directory)


@pytest.mark.parametrize("fault", ["missing", "extra", "misnamed", "misshaped", "whole numbers"])
def test_what_the_header_shows_is_refused_before_any_number_is_read(directory, fault, monkeypatch):
    rewrite(directory, FAULTS[fault][0])
    monkeypatch.setattr("workshop_lib.weights.load.read_tensor", pytest.fail)
    with pytest.raises(ValueError):
        load_gpt2(directory)


def test_numbers_that_the_wanted_format_cannot_hold(directory):
    rewrite(directory, lambda t: t[NORM].fill_(1e5))
    load_gpt2(directory)
    with pytest.raises(ValueError, match="ln_1.weight is not finite as torch.float16"):
        load_gpt2(directory, dtype=torch.float16)


def test_a_transposed_square_matrix_shows_in_the_logits(tmp_path):
    """No shape check can see it, which is why logits are compared."""
    theirs = hf_gpt2(tmp_path)
    rewrite(tmp_path, lambda t: t.update({SQUARE: t[SQUARE].t().contiguous()}))
    with pytest.raises(AssertionError):
        assert_same_logits(load_gpt2(tmp_path), theirs)


def test_queries_and_keys_of_swapped_widths(tmp_path):
    """As many rows as needed together, but not one by one."""
    hf_llama(tmp_path)
    q, k = (f"model.layers.0.self_attn.{name}_proj.weight" for name in "qk")
    rewrite(tmp_path, lambda t: t.update({q: t[k], k: t[q]}))
    with pytest.raises(ValueError, match=r"q_proj.weight has the shape \(16, 32\), not \(32, 32\)"):
        load_llama(tmp_path)


@pytest.mark.parametrize("n_bytes", [0, 4, 8, 500, -100, -1])
def test_truncated_weights(directory, n_bytes):
    cut(directory / "model.safetensors", n_bytes)
    with pytest.raises(ValueError, match="model.safetensors is no whole safetensors file"):
        from_pretrained(directory)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_truncated_text_files(directory, name):
    cut(directory / name, 100)
    with pytest.raises(ValueError, match=name.replace(".", "[.]")):
        from_pretrained(directory)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_missing_files(directory, name):
    (directory / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"holds no {name}"):
        from_pretrained(directory)


def test_pieces_that_are_missing_or_cut(tmp_path):
    theirs = hf_llama(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    first, second, *_ = sorted(tmp_path.glob("*.safetensors"))
    content = first.read_bytes()
    cut(first, 300)
    with pytest.raises(ValueError, match=f"{first.name} is no whole safetensors file"):
        load_llama(tmp_path)
    first.write_bytes(content)
    second.unlink()
    with pytest.raises(FileNotFoundError, match=f"1 of the .* files .* {second.name}"):
        load_llama(tmp_path)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"lm_head.weight": first.name}}))
    with pytest.raises(ValueError, match="is missing"):
        load_llama(tmp_path)
    index.write_text("{")
    with pytest.raises(ValueError, match="index.json is no whole JSON file"):
        load_llama(tmp_path)


def test_a_pickle_instead(directory):
    (directory / "model.safetensors").unlink()
    torch.save({}, directory / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match="pickle, which can run code"):
        from_pretrained(directory)


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_pickle_under_the_name_of_a_safetensors_file(directory, is_zip):
    torch.save({}, directory / "model.safetensors", _use_new_zipfile_serialization=is_zip)
    with pytest.raises(ValueError, match="it is a pickle, which can run code"):
        from_pretrained(directory)


def test_a_pointer_instead_of_the_file(directory):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    (directory / "model.safetensors").write_text(pointer)
    with pytest.raises(ValueError, match="git lfs pull"):
        from_pretrained(directory)


def test_a_fault_leaves_a_loaded_model_alone(directory):
    """Loading fills a new model or none: what was loaded before stays as it is."""
    model, _ = from_pretrained(directory)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    rewrite(directory, lambda t: t["transformer.ln_f.bias"].fill_(float("nan")))
    with pytest.raises(ValueError):
        from_pretrained(directory)
    assert isinstance(model, GPT)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


# --- Settings that our model does not have -----------------------------------------------


@pytest.mark.parametrize(
    "setting, message",
    [
        ({"model_type": "opt"}, "a opt model, which has a position table that starts at 2"),
        ({"model_type": "qwen2"}, "has biases of queries, .* only gpt2, llama, mistral"),
        ({"model_type": "new"}, "holds a new model: that is not supported"),
        ({"model_type": None}, "holds a None model"),
        ({"activation_function": "gelu"}, "activation_function 'gelu' is not supported"),
        ({"scale_attn_weights": False}, "scale_attn_weights False is not supported"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx True"),
        ({"quantization_config": {"bits": 4}}, "quantization_config {'bits': 4} is not"),
        ({"n_head": 5}, "emb_dim 32 is not a multiple of n_heads 5"),
        ({"n_layer": "2"}, "n_layers"),
    ],
)
def test_unsupported_gpt2_settings_are_named(directory, setting, message):
    change_config(directory, **setting)
    with pytest.raises((ValueError, TypeError), match=message):
        from_pretrained(directory)


def test_a_missing_setting_is_named(directory):
    path = directory / "config.json"
    entries = json.loads(path.read_text())
    del entries["n_embd"]
    path.write_text(json.dumps(entries))
    with pytest.raises(ValueError, match="config.json says nothing about n_embd"):
        from_pretrained(directory)


@pytest.mark.parametrize(
    "setting, message",
    [
        ({"rope_scaling": {"rope_type": "linear", "factor": 2.0}}, "rope_scaling 'linear' is not"),
        ({"rope_scaling": {"type": "yarn", "factor": 2.0}}, "rope_scaling 'yarn' is not supported"),
        ({"rope_scaling": {"rope_type": "llama3"}}, "says nothing about factor"),
        ({"attention_bias": True}, "attention_bias True is not supported, only False"),
        ({"mlp_bias": True}, "mlp_bias True is not supported"),
        ({"hidden_act": "gelu"}, "hidden_act 'gelu' is not supported, only 'silu'"),
    ],
)
@pytest.mark.parametrize("make", [hf_llama, hf_mistral])
def test_unsupported_llama_settings_are_named(tmp_path, make, setting, message):
    make(tmp_path)
    change_config(tmp_path, **setting)
    with pytest.raises(ValueError, match=message):
        load_llama(tmp_path)


def test_a_loader_for_another_architecture(tmp_path, directory):
    hf_llama(tmp_path)
    with pytest.raises(ValueError, match="model_type 'llama' is not supported, only 'gpt2'"):
        load_gpt2(tmp_path)
    with pytest.raises(ValueError, match="model_type 'gpt2' is not supported, only 'llama' or"):
        load_llama(directory)


def test_a_missing_directory(tmp_path):
    with pytest.raises(FileNotFoundError, match="no directory"):
        from_pretrained(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="config.json"):
        from_pretrained(tmp_path)

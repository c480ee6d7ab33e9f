"""LoRA, against peft as the independent implementation."""

from dataclasses import replace

import pytest
import torch
from small_models import SMALL_LLAMA

from workshop_lib.config import PRESETS
from workshop_lib.finetune import (
    TARGETS,
    LoRALinear,
    add_lora,
    load_lora,
    lora_parameters,
    lora_settings,
    merge_lora,
    save_lora,
)
from workshop_lib.model import GPT
from workshop_lib.train import next_token_loss
from workshop_lib.weights import from_pretrained

GPT2 = PRESETS["tiny"]
LLAMA = SMALL_LLAMA
IDS = torch.randint(64, (2, 9), generator=torch.Generator().manual_seed(0))


def model_of(config):
    torch.manual_seed(0)
    model = GPT(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    return model.eval()


def train_a_little(model):
    """Give B values other than zero, by real steps."""
    optimizer = torch.optim.SGD(lora_parameters(model).values(), lr=0.5)
    for _ in range(3):
        loss = next_token_loss(model(IDS[:, :-1]), IDS[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def targets_of(config):
    return tuple(t for t in TARGETS if t != "gate" or config.mlp == "swiglu")


@pytest.mark.parametrize("config", [GPT2, LLAMA])
def test_with_b_at_zero_the_model_is_bit_identical(config):
    model = model_of(config)
    with torch.no_grad():
        before = model(IDS)
        add_lora(model, targets=targets_of(config))
        assert torch.equal(model(IDS), before)


@pytest.mark.parametrize("config", [GPT2, LLAMA])
def test_merged_equals_unmerged(config):
    model = add_lora(model_of(config), targets=targets_of(config))
    train_a_little(model)
    with torch.no_grad():
        unmerged, base = model(IDS), model_of(config)(IDS)
        assert (unmerged - base).abs().max() > 0.1  # else the comparison would mean nothing
        merged = merge_lora(model)(IDS)
    torch.testing.assert_close(merged, unmerged, atol=1e-5, rtol=1e-5)
    assert not lora_parameters(model)
    assert list(model.state_dict()) == list(GPT(config).state_dict())
    assert all(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize("config", [GPT2, LLAMA])
def test_only_a_and_b_get_gradients(config):
    model = add_lora(model_of(config), targets=targets_of(config))
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    train_a_little(model)
    matrices = lora_parameters(model)
    for name, weight in model.named_parameters():
        assert (weight.grad is not None) == (name in matrices), name
        assert torch.equal(weight, before[name]) == (name not in matrices), name


@pytest.mark.parametrize("target, rows", [("q", (0, 32)), ("k", (32, 48)), ("v", (48, 64))])
def test_a_part_of_qkv_changes_its_rows_alone(target, rows):
    model = add_lora(model_of(LLAMA), targets=(target,))
    layer = model.blocks[0].attn.qkv
    torch.nn.init.ones_(layer.B)
    x = torch.randn(3, 32)
    changed = (layer(x) != layer.base(x)).all(dim=0)
    assert changed.tolist() == [rows[0] <= i < rows[1] for i in range(64)]


def test_lora_equals_peft(tmp_path):
    """Outputs and gradients, on GPT-2's layers that both can name."""
    from peft import LoraConfig, get_peft_model

    base = model_of(GPT2)
    theirs = get_peft_model(
        model_of(GPT2),
        LoraConfig(r=4, lora_alpha=12, target_modules=["out", "up", "down"], lora_dropout=0.0),
    ).base_model.model
    ours = add_lora(base, rank=4, alpha=12.0, targets=("out", "up", "down"))
    matrices = lora_parameters(ours)
    generator = torch.Generator().manual_seed(3)
    pairs = {}
    with torch.no_grad():
        for name, matrix in matrices.items():
            place, letter = name.rsplit(".", 1)
            their_weight = theirs.get_submodule(f"{place}.lora_{letter}.default").weight
            values = torch.randn(matrix.shape, generator=generator)
            matrix.copy_(values)
            their_weight.copy_(values)
            pairs[name] = (matrix, their_weight)
    assert len(pairs) == 2 * 3 * GPT2.n_layers
    expected = theirs(IDS)
    torch.testing.assert_close(ours(IDS), expected, atol=1e-5, rtol=1e-5)
    next_token_loss(ours(IDS[:, :-1]), IDS[:, 1:]).backward()
    next_token_loss(theirs(IDS[:, :-1]), IDS[:, 1:]).backward()
    for name, (matrix, their_weight) in pairs.items():
        assert matrix.grad.abs().max() > 0, name
        torch.testing.assert_close(matrix.grad, their_weight.grad, atol=1e-6, rtol=1e-4)


def test_alpha_over_rank_is_the_strength():
    layer = LoRALinear(torch.nn.Linear(3, 5), rank=2, alpha=6.0)
    torch.nn.init.normal_(layer.B)
    x = torch.randn(3)
    torch.testing.assert_close(layer(x), layer.base(x) + 3.0 * (layer.B @ (layer.A @ x)))


def test_a_saved_adapter_loads(tmp_path):
    settings = {"rank": 4, "alpha": 8.0, "targets": ["q", "v", "down"]}
    model = add_lora(model_of(LLAMA), **settings)
    train_a_little(model)
    save_lora(model, tmp_path / "new" / "adapter.safetensors")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["adapter.safetensors"]
    loaded = load_lora(model_of(LLAMA), tmp_path / "new" / "adapter.safetensors")
    with torch.no_grad():
        assert torch.equal(loaded(IDS), model(IDS))


@pytest.mark.parametrize(
    "settings",
    [
        {"rank": 4, "alpha": 8.0, "targets": ["q", "v", "down"]},
        {"rank": 3, "alpha": 0.7, "targets": ["v", "gate", "q", "out", "k"]},
        {"rank": 1, "alpha": 1.0, "targets": ["up"]},
    ],
)
def test_settings_are_read_off_the_layers(settings):
    model = add_lora(model_of(LLAMA), **settings)
    found = lora_settings(model)
    assert found | {"targets": sorted(found["targets"])} == settings | {
        "targets": sorted(settings["targets"])
    }
    again = add_lora(model_of(LLAMA), **found)
    shapes = {name: matrix.shape for name, matrix in lora_parameters(model).items()}
    assert {name: matrix.shape for name, matrix in lora_parameters(again).items()} == shapes


def test_an_adapter_of_another_model_is_refused(tmp_path):
    settings = {"rank": 4, "alpha": 8.0, "targets": ["q"]}
    save_lora(add_lora(model_of(LLAMA), **settings), tmp_path / "a.safetensors")
    other = model_of(replace(LLAMA, n_layers=3))
    before = other.state_dict()
    with pytest.raises(ValueError, match="model of another shape"):
        load_lora(other, tmp_path / "a.safetensors")
    assert list(other.state_dict()) == list(before)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no adapter"):
        load_lora(model_of(GPT2), tmp_path / "a.safetensors")
    from safetensors.torch import save_file

    save_file({"x": torch.ones(1)}, tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="no LoRA adapter"):
        load_lora(model_of(GPT2), tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"rank": 0}, "rank must be 1 or more, got 0"),
        ({"alpha": 0}, "alpha 0 must be above 0"),
        ({"targets": ()}, "targets are empty"),
        ({"targets": ("head",)}, "target 'head' is not one of q, k, v"),
        ({"targets": ("gate",)}, "'gate' is not in this model"),
    ],
)
def test_bad_settings(settings, message):
    model = model_of(GPT2)
    with pytest.raises(ValueError, match=message):
        add_lora(model, **settings)
    assert all(weight.requires_grad for weight in model.parameters())


def test_lora_is_added_once_and_merged_once():
    model = add_lora(model_of(GPT2))
    with pytest.raises(ValueError, match="LoRA already"):
        add_lora(model)
    merge_lora(model)
    with pytest.raises(ValueError, match="no LoRA to merge"):
        merge_lora(model)
    with pytest.raises(ValueError, match="has no LoRA"):
        save_lora(model, "unused")


def test_the_adapter_of_smollm2_is_small(tmp_path):
    model, _ = from_pretrained("smollm2")
    settings = {"rank": 8, "alpha": 16.0, "targets": ["q", "v"]}
    add_lora(model, **settings)
    n = sum(matrix.numel() for matrix in lora_parameters(model).values())
    assert n == 30 * 8 * ((576 + 576) + (576 + 192))
    save_lora(model, tmp_path / "adapter.safetensors")
    assert (tmp_path / "adapter.safetensors").stat().st_size < 2_000_000

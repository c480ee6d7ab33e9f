"""Configs that refuse what cannot work, and the choice of profile, device and number format."""

import dataclasses
from dataclasses import replace

import pytest
import torch

from workshop_lib.config import (
    PRESETS,
    PRETRAIN,
    PRETRAIN_MODEL,
    GPTConfig,
    TrainConfig,
    device,
    pick_device,
    pick_dtype,
    profile,
    profiles,
)
from workshop_lib.config.model import resized

TINY = PRESETS["tiny"]
RUN = TrainConfig(steps=10, batch_size=2, context_length=8)


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch):
    """What the machine that runs the tests has set does not count here."""
    for name in ("WORKSHOP_PROFILE", "WORKSHOP_DEVICE"):
        monkeypatch.delenv(name, raising=False)


# --- GPTConfig ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 0}, "vocab_size must be 1 or more, got 0"),
        ({"context_length": -1}, "context_length must be 1 or more, got -1"),
        ({"n_layers": 0}, "n_layers must be 1 or more, got 0"),
        ({"n_kv_heads": 0}, "n_kv_heads must be 1 or more, got 0"),
        ({"head_dim": 0}, "head_dim must be 1 or more, got 0"),
        ({"mlp_dim": 0}, "mlp_dim must be 1 or more, got 0"),
        ({"emb_dim": 30}, "emb_dim 30 is not a multiple of n_heads 4"),
        ({"n_kv_heads": 3}, "n_heads 4 is not a multiple of n_kv_heads 3"),
        ({"n_kv_heads": 8}, "n_heads 4 is not a multiple of n_kv_heads 8"),
        ({"norm": "batchnorm"}, "norm 'batchnorm' is not one of layernorm, rmsnorm"),
        ({"positions": "sine"}, "positions 'sine' is not one of learned, rotary"),
        ({"mlp": "relu"}, "mlp 'relu' is not one of gelu, swiglu"),
        ({"positions": "rotary", "head_dim": 7}, "an even head_dim, got 7"),
        ({"dropout": 1.0}, "dropout 1.0 is outside 0 <= dropout < 1"),
        ({"dropout": -0.1}, "dropout -0.1 is outside 0 <= dropout < 1"),
        ({"dropout": float("nan")}, "dropout nan is outside"),
        ({"norm_eps": 0.0}, "norm_eps 0.0 must be above 0"),
    ],
)
def test_models_that_cannot_be_are_refused_with_value_and_limit(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **({"head_dim": None} | changes))


@pytest.mark.parametrize("value", [1.0, "4", True])
def test_sizes_must_be_whole_numbers(value):
    with pytest.raises(TypeError, match=f"n_layers must be a whole number, got {value!r}"):
        replace(TINY, n_layers=value)


def test_configs_at_the_edge_are_allowed():
    GPTConfig(vocab_size=1, context_length=1, emb_dim=1, n_layers=1, n_heads=1)
    replace(TINY, emb_dim=30, head_dim=8, mlp_dim=None)  # a head_dim of its own needs no division
    replace(TINY, n_kv_heads=1, dropout=0.0)


def test_configs_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TINY.emb_dim = 64
    with pytest.raises(dataclasses.FrozenInstanceError):
        RUN.steps = 20


def test_defaults_are_worked_out():
    assert (TINY.n_kv_heads, TINY.head_dim, TINY.mlp_dim) == (4, 8, 128)
    other = replace(TINY, n_kv_heads=2, head_dim=10, mlp_dim=7)
    assert (other.n_kv_heads, other.head_dim, other.mlp_dim) == (2, 10, 7)


def test_sizes_that_followed_from_others_follow_them_again():
    wide = resized(TINY, emb_dim=64)
    assert (wide.head_dim, wide.mlp_dim, wide.n_kv_heads) == (16, 256, 4)
    assert resized(TINY, n_heads=8).n_kv_heads == 8
    llama = resized(PRESETS["plays-llama"], emb_dim=512)
    assert (llama.head_dim, llama.mlp_dim, llama.n_kv_heads) == (128, 704, 2)
    assert resized(TINY, emb_dim=64, mlp_dim=100).mlp_dim == 100
    assert resized(TINY) == TINY


def test_the_presets_named_in_the_contract_are_there():
    gpt2 = {"gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"}
    plays = {"plays", "plays-gpt2", "plays-llama"}
    assert set(PRESETS) == {"tiny", "smollm2-135m"} | plays | gpt2
    widths = {name: (c.emb_dim, c.n_layers, c.n_heads) for name, c in PRESETS.items()}
    # Radford et al. 2019, table 2
    assert widths["gpt2"] == (768, 12, 12)
    assert widths["gpt2-xl"] == (1600, 48, 25)
    assert {PRESETS[name].head_dim for name in gpt2} == {64}


# --- TrainConfig -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps must be 1 or more, got 0"),
        ({"batch_size": 0}, "batch_size must be 1 or more, got 0"),
        ({"context_length": 0}, "context_length must be 1 or more, got 0"),
        (
            {"gradient_accumulation_steps": 0},
            "gradient_accumulation_steps must be 1 or more, got 0",
        ),
        ({"warmup_steps": -1}, "warmup_steps -1 is below 0"),
        ({"max_lr": 1e-4}, "0 <= min_lr <= max_lr, got 0.0003 and 0.0001"),
        ({"min_lr": -1e-4}, "0 <= min_lr <= max_lr, got -0.0001"),
        ({"weight_decay": -0.1}, "weight_decay -0.1 is below 0"),
        ({"beta1": 1.0}, "beta1 1.0 is outside 0 <= beta1 < 1"),
        ({"beta2": -0.5}, "beta2 -0.5 is outside 0 <= beta2 < 1"),
        ({"grad_clip": 0.0}, "grad_clip 0.0 must be above 0"),
    ],
)
def test_runs_that_cannot_be_are_refused_with_value_and_limit(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(RUN, **changes)


def test_runs_at_the_edge_are_allowed():
    replace(RUN, warmup_steps=0, weight_decay=0.0, beta1=0.0, min_lr=0.0)
    replace(RUN, min_lr=1e-3, max_lr=1e-3)
    replace(RUN, warmup_steps=1000)  # longer than the run: it ends while still warming up


# --- Profile, device, number format ------------------------------------------------------


@pytest.mark.parametrize("word", ["smoke", "cpu", "gpu"])
def test_the_environment_chooses_the_profile(monkeypatch, word):
    monkeypatch.setenv("WORKSHOP_PROFILE", word)
    assert profile() == word


@pytest.mark.parametrize(("there", "expected"), [(True, "gpu"), (False, "cpu")])
def test_else_the_device_chooses_the_profile(monkeypatch, there, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert profile() == expected
    monkeypatch.setenv("WORKSHOP_PROFILE", "")  # set, but empty: no choice was made
    assert profile() == expected


def test_a_forced_cpu_does_not_get_the_gpus_sizes(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("WORKSHOP_DEVICE", "cpu")
    assert profile() == "cpu"


def test_an_unknown_profile_is_named(monkeypatch):
    monkeypatch.setenv("WORKSHOP_PROFILE", "fast")
    with pytest.raises(ValueError, match="WORKSHOP_PROFILE 'fast' is not one of smoke, cpu, gpu"):
        profile()


@pytest.mark.parametrize("table", [PRETRAIN, PRETRAIN_MODEL])
def test_every_profile_has_its_sizes(table):
    assert tuple(table) == profiles.PROFILES


def test_runs_fit_into_their_models():
    for name in profiles.PROFILES:
        assert PRETRAIN[name].context_length <= PRETRAIN_MODEL[name].context_length


@pytest.mark.parametrize(("there", "expected"), [(True, "cuda"), (False, "cpu")])
def test_a_cuda_device_is_taken_where_there_is_one(monkeypatch, there, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert pick_device() == torch.device(expected)


def test_mps_is_never_chosen_unasked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device().type == "cpu"


@pytest.mark.parametrize(("agrees", "expected"), [(True, "mps"), (False, "cpu")])
def test_mps_is_used_on_request_if_it_computes_like_the_cpu(monkeypatch, capsys, agrees, expected):
    monkeypatch.setenv("WORKSHOP_DEVICE", "mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(device, "computes_like_cpu", lambda name: agrees)
    assert pick_device().type == expected
    assert ("using the CPU instead" in capsys.readouterr().out) != agrees


def test_the_comparison_with_the_cpu_can_fail(monkeypatch):
    """A device whose matrix products are wrong on large batches, as MPS's once were."""
    assert device.computes_like_cpu("cpu")
    right, calls = torch.nn.functional.linear, []

    def wrong_the_second_time(x, weight, bias=None):
        calls.append(x.shape[0])
        return right(x, weight, bias) * (1.01 if len(calls) > 4 else 1.0)  # 4 products a device

    monkeypatch.setattr(torch.nn.functional, "linear", wrong_the_second_time)
    assert not device.computes_like_cpu("cpu")
    assert calls == [12] * 8


def test_the_comparison_leaves_the_random_numbers_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    device.computes_like_cpu("cpu")
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("tpu", "WORKSHOP_DEVICE 'tpu' is not one of cpu, cuda, mps"),
        ("cuda", "finds no CUDA device"),
        ("mps", "finds no MPS device"),
    ],
)
def test_devices_that_are_not_there_are_named(monkeypatch, wanted, message):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("WORKSHOP_DEVICE", wanted)
    with pytest.raises(ValueError, match=message):
        pick_device()


@pytest.mark.parametrize(
    ("name", "native", "expected"),
    [
        ("cuda", True, torch.bfloat16),
        ("cuda", False, torch.float32),  # a T4 or V100 only imitates bfloat16
        ("cpu", True, torch.float32),
        ("mps", True, torch.float32),
    ],
)
def test_bfloat16_only_on_gpus_built_for_it(monkeypatch, name, native, expected):
    def is_supported(including_emulation=True):
        return native or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_supported)
    assert pick_dtype(torch.device(name)) == expected
    assert pick_dtype(name) == expected

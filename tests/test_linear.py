"""Fast and 8-bit linear layers against nn.Linear, and against the formula in double precision."""

import copy

import pytest
import torch
from torch import nn

from workshop_lib import assets
from workshop_lib.config import PRESETS
from workshop_lib.finetune import LoRALinear
from workshop_lib.generate import generate
from workshop_lib.model import GPT, FastLinear, use_fast_linears
from workshop_lib.model.int8 import Int8Linear, quantize
from workshop_lib.train import next_token_loss
from workshop_lib.weights import from_pretrained

SHAPES = [(24,), (1, 24), (1, 1, 24), (16, 24), (2, 3, 24), (4, 40, 24), (0, 24)]
needs_onednn = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="this PyTorch has no oneDNN"
)


def linear(bias=True, n_in=24):
    torch.manual_seed(0)
    return nn.Linear(n_in, 40, bias=bias)


def fast(layer):
    layer = nn.Sequential(copy.deepcopy(layer))
    use_fast_linears(layer)
    return layer[0]


# --- Fast linear layers ------------------------------------------------------------------


@needs_onednn
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_fast_layer_is_the_layer(shape, bias):
    plain, x = linear(bias), torch.randn(shape)
    with torch.inference_mode():
        found, expected = fast(plain)(x), plain(x)
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_fast_layer_takes_numbers_that_lie_apart():
    plain, x = linear(), torch.randn(24, 3, 2).transpose(0, 2)
    torch.testing.assert_close(fast(plain)(x), plain(x), atol=1e-5, rtol=1e-5)
    every_second = torch.randn(5, 2, 24)[:, 0]
    torch.testing.assert_close(fast(plain)(every_second), plain(every_second))


@needs_onednn
def test_only_float32_without_gradients_goes_to_onednn(monkeypatch):
    calls, real = [], torch.ops.mkldnn._linear_pointwise
    monkeypatch.setattr(
        torch.ops.mkldnn, "_linear_pointwise", lambda *args: calls.append(1) or real(*args)
    )
    layer, x = fast(linear()), torch.randn(3, 24)
    layer(x)
    with torch.no_grad():
        layer.double()(x.double())
        layer.bfloat16()(x.bfloat16())
        assert not calls
        layer.float()(x)
    assert len(calls) == 1


def test_fast_layers_train_as_before():
    models = [GPT(PRESETS["tiny"]) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    use_fast_linears(models[1])
    token_ids = torch.arange(24).view(2, 12)
    for model in models:
        next_token_loss(model(token_ids[:, :-1]), token_ids[:, 1:]).backward()
    for ours, theirs in zip(*(model.parameters() for model in models), strict=True):
        assert torch.equal(ours.grad, theirs.grad)


@needs_onednn
def test_names_weights_and_tying_stay():
    model = GPT(PRESETS["tiny"])
    before = list(model.named_parameters())
    use_fast_linears(model)
    use_fast_linears(model)  # once more changes nothing
    after = list(model.named_parameters())
    assert [name for name, _ in before] == [name for name, _ in after]
    assert all(x is y for (_, x), (_, y) in zip(before, after, strict=True))
    assert model.head.weight is model.tok_emb.weight
    assert type(model.head) is type(model.blocks[0].attn.qkv) is FastLinear


@needs_onednn
def test_layers_of_other_kinds_stay_and_those_inside_lora_are_found():
    class Own(nn.Linear):
        pass

    model = nn.Sequential(LoRALinear(linear(), rank=2, alpha=4.0), Own(3, 3), nn.LayerNorm(3))
    use_fast_linears(model)
    assert [type(layer) for layer in model] == [LoRALinear, Own, nn.LayerNorm]
    assert type(model[0].base) is FastLinear


def test_without_onednn_all_stays(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert type(fast(linear())) is nn.Linear


@needs_onednn
def test_generating_uses_fast_layers():
    model = GPT(PRESETS["tiny"])
    generate(model, torch.tensor([[1, 2]]), 2)
    assert type(model.blocks[1].mlp.up) is FastLinear


# --- 8-bit weights -----------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(64,), (1, 64), (1, 1, 64), (16, 64), (2, 3, 64), (4, 40, 64)])
def test_8_bits_are_the_formula(shape, bias):
    plain, x = linear(bias, n_in=64), torch.randn(shape).bfloat16().float()
    layer = Int8Linear(plain)
    weight = layer.weight.double() * layer.scale.double()[:, None]
    expected = x.double() @ weight.T + (plain.bias.double() if bias else 0)
    found = layer(x)
    assert found.dtype == torch.float32 and found.shape == (*shape[:-1], 40)
    torch.testing.assert_close(found.double(), expected, atol=0.02, rtol=0.01)


def test_each_row_uses_all_levels_and_is_off_by_half_a_level_at_most():
    plain = linear(n_in=64)
    with torch.no_grad():
        plain.weight *= torch.logspace(-3, 3, 40)[:, None]  # rows of very different size
    layer = Int8Linear(plain)
    assert (layer.weight.abs().amax(dim=1) >= 126).all()
    levels = plain.weight / layer.scale.float()[:, None]
    assert (levels.clamp(-127, 127) - layer.weight).abs().max() <= 0.5 + 1e-4
    assert (levels.abs() <= 127.5).all()  # what the scale's own rounding cuts off


def test_a_row_of_zeros_stays_zero():
    plain = linear(bias=False, n_in=64)
    nn.init.zeros_(plain.weight[3].data)
    found = Int8Linear(plain)(torch.randn(2, 64))
    assert found.isfinite().all() and (found[:, 3] == 0).all()


@pytest.mark.parametrize("n_in", [24, 16, 33])
def test_inputs_that_the_kernel_would_read_beyond_are_refused(n_in):
    with pytest.raises(ValueError, match=f"{n_in} inputs are no multiple of 32"):
        Int8Linear(linear(n_in=n_in))


def test_quantize_takes_all_linear_layers_and_leaves_the_table():
    torch.manual_seed(0)
    model = GPT(PRESETS["plays"]).eval()
    table = model.tok_emb.weight.clone()
    use_fast_linears(model)
    assert quantize(model) is model
    assert not any(isinstance(layer, nn.Linear) for layer in model.modules())
    assert torch.equal(model.tok_emb.weight, table) and isinstance(model.head, Int8Linear)
    assert not any(weight.requires_grad for weight in model.parameters())
    layer = model.blocks[0].mlp.up
    n_bytes = sum(x.numel() * x.element_size() for x in (layer.weight, layer.scale))
    assert n_bytes < 0.26 * layer.weight.numel() * 4


def test_8_bits_cost_smollm2_less_than_a_hundredth_of_its_loss():
    model, tokenizer = from_pretrained("smollm2")
    token_ids = torch.tensor([tokenizer.encode(assets.plays()[200_000:201_500])[:257]])
    losses = []
    with torch.inference_mode():
        for change in (use_fast_linears, quantize):
            change(model)
            losses.append(next_token_loss(model(token_ids[:, :-1]), token_ids[:, 1:]).item())
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.01)
    text = generate(model, torch.tensor([tokenizer.encode("The capital of France is")]), 3)
    assert "Paris" in tokenizer.decode(text[0].tolist())

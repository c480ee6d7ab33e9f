"""Our linear layer and the 8-bit one against nn.Linear, and against the formula in double precision."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from workshop_lib import assets
from workshop_lib.config import PRESETS
from workshop_lib.generate import generate
from workshop_lib.model import GPT, Linear
from workshop_lib.model.int8 import Int8Linear, quantize
from workshop_lib.model.linear import has_onednn
from workshop_lib.train import next_token_loss
from workshop_lib.weights import from_pretrained

SHAPES = [(24,), (1, 24), (1, 1, 24), (16, 24), (2, 3, 24), (4, 40, 24), (0, 24)]
needs_onednn = pytest.mark.skipif(not has_onednn(), reason="this PyTorch has no oneDNN product")


def plain_and_ours(bias=True, n_in=24):
    """Give nn.Linear and our Linear, with the same numbers."""
    torch.manual_seed(0)
    plain = nn.Linear(n_in, 40, bias=bias)
    torch.manual_seed(0)
    return plain, Linear(n_in, 40, bias=bias)


@pytest.fixture
def calls(monkeypatch):
    """Count what oneDNN multiplies."""
    calls, real = [], torch.ops.mkldnn._linear_pointwise
    monkeypatch.setattr(
        torch.ops.mkldnn, "_linear_pointwise", lambda *args: calls.append(1) or real(*args)
    )
    return calls


# --- Our linear layer --------------------------------------------------------------------


def test_start_values_and_names_are_torchs():
    plain, ours = plain_and_ours()
    assert list(plain.state_dict()) == list(ours.state_dict())
    assert all(map(torch.equal, plain.parameters(), ours.parameters()))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_without_gradients_it_is_torchs_layer(shape, bias):
    plain, ours = plain_and_ours(bias)
    x = torch.randn(shape)
    with torch.inference_mode():
        found, expected = ours(x), plain(x)
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_it_takes_numbers_that_lie_apart():
    plain, ours = plain_and_ours()
    for x in (torch.randn(24, 3, 2).transpose(0, 2), torch.randn(5, 2, 24)[:, 0]):
        torch.testing.assert_close(ours(x), plain(x), atol=1e-5, rtol=1e-5)


@needs_onednn
@pytest.mark.parametrize("shape", [(5, 24), (2, 7, 24), (1, 1, 24), (24,)])
@pytest.mark.parametrize("bias", [True, False])
def test_output_and_gradients_are_torchs(shape, bias, calls):
    results = []
    for layer in plain_and_ours(bias):
        x = torch.randn(shape, generator=torch.Generator().manual_seed(1)).requires_grad_()
        y = layer(x)
        (y * y).sum().backward()
        results.append([y, x.grad, *(weight.grad for weight in layer.parameters())])
    assert len(calls) == 3
    torch.testing.assert_close(*results, atol=1e-5, rtol=1e-5)


@needs_onednn
def test_a_frozen_weight_costs_no_product(calls):
    layer = Linear(8, 8).requires_grad_(False)
    layer(torch.randn(3, 8, requires_grad=True)).sum().backward()
    assert len(calls) == 2


def test_other_formats_and_autocast_are_left_to_torch(calls):
    layer, x = Linear(8, 8), torch.randn(3, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(x).dtype == torch.bfloat16
        with torch.no_grad():
            assert layer(x).dtype == torch.bfloat16
    layer.double()(x.double()).sum().backward()
    with torch.no_grad():
        assert layer.bfloat16()(x.bfloat16()).dtype == torch.bfloat16
        assert layer.to("meta")(x.to("meta")).device.type == "meta"
    with pytest.raises(RuntimeError, match="dtype"):
        Linear(8, 8)(x.double())
    assert not calls


def test_on_a_fake_gpu_nothing_goes_to_onednn(calls):
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        layer = Linear(8, 8)
        layer(torch.randn(3, 8)).sum().backward()
    assert not calls


@needs_onednn
def test_a_torch_without_the_private_operator_computes_the_same(monkeypatch):
    plain, ours = plain_and_ours()
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())
    assert not has_onednn()
    x = torch.randn(3, 24)
    assert torch.equal(ours(x), plain(x))
    ours(x).sum().backward()
    plain(x).sum().backward()
    assert torch.equal(ours.weight.grad, plain.weight.grad)


@needs_onednn
def test_onednn_can_be_switched_off(calls):
    layer, x = Linear(8, 8), torch.randn(3, 8)
    torch.backends.mkldnn.set_flags(False)
    try:
        layer(x)
        assert not calls
    finally:
        torch.backends.mkldnn.set_flags(True)
    layer(x)
    assert len(calls) == 1


def test_a_flop_counter_sees_every_product():
    with FlopCounterMode(display=False) as counter:
        Linear(8, 16)(torch.randn(3, 8)).sum().backward()
    assert counter.get_total_flops() == 2 * 2 * 3 * 8 * 16  # forward, and the weight's gradient


@needs_onednn
def test_compiled_code_is_torchs(calls):
    compiled = torch.compile(Linear(8, 8), backend="eager")
    compiled(torch.randn(3, 8)).sum().backward()
    assert not calls


def test_a_model_uses_it_from_the_start_and_no_class_is_swapped(calls):
    model = GPT(PRESETS["tiny"])
    before = [type(layer) for layer in model.modules()]
    assert nn.Linear not in before and before.count(Linear) == 4 * 2 + 1
    generate(model, torch.tensor([[1, 2]]), 2)
    assert [type(layer) for layer in model.modules()] == before
    assert model.head.weight is model.tok_emb.weight
    assert calls or not has_onednn()


# --- 8-bit weights -----------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(64,), (1, 64), (1, 1, 64), (16, 64), (2, 3, 64), (4, 40, 64)])
def test_8_bits_are_the_formula(shape, bias):
    (plain, _), x = plain_and_ours(bias, n_in=64), torch.randn(shape).bfloat16().float()
    layer = Int8Linear(plain)
    weight = layer.weight.double() * layer.scale.double()[:, None]
    expected = x.double() @ weight.T + (plain.bias.double() if bias else 0)
    found = layer(x)
    assert found.dtype == torch.float32 and found.shape == (*shape[:-1], 40)
    torch.testing.assert_close(found.double(), expected, atol=0.02, rtol=0.01)


def test_each_row_uses_all_levels_and_is_off_by_half_a_level_at_most():
    plain, _ = plain_and_ours(n_in=64)
    with torch.no_grad():
        plain.weight *= torch.logspace(-3, 3, 40)[:, None]  # rows of very different size
    layer = Int8Linear(plain)
    assert (layer.weight.abs().amax(dim=1) >= 126).all()
    levels = plain.weight / layer.scale.float()[:, None]
    assert (levels.clamp(-127, 127) - layer.weight).abs().max() <= 0.5 + 1e-4
    assert (levels.abs() <= 127.5).all()  # what the scale's own rounding cuts off


def test_a_row_of_zeros_stays_zero():
    plain, _ = plain_and_ours(bias=False, n_in=64)
    nn.init.zeros_(plain.weight[3].data)
    found = Int8Linear(plain)(torch.randn(2, 64))
    assert found.isfinite().all() and (found[:, 3] == 0).all()


@pytest.mark.parametrize("n_in", [24, 16, 33])
def test_inputs_that_the_kernel_would_read_beyond_are_refused(n_in):
    with pytest.raises(ValueError, match=f"{n_in} inputs are not a multiple of 32"):
        Int8Linear(nn.Linear(n_in, 40))


def test_quantize_takes_all_linear_layers_and_leaves_the_table():
    torch.manual_seed(0)
    model = GPT(PRESETS["plays"]).eval()
    table = model.tok_emb.weight.clone()
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
        for change in (lambda model: model, quantize):
            change(model)
            losses.append(next_token_loss(model(token_ids[:, :-1]), token_ids[:, 1:]).item())
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.01)
    text = generate(model, torch.tensor([tokenizer.encode("The capital of France is")]), 3)
    assert "Paris" in tokenizer.decode(text[0].tolist())

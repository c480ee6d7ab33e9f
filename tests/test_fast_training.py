"""Training with oneDNN's products gives what PyTorch's own give, to rounding."""

import copy

import pytest
import torch
from torch import nn

from workshop_lib.config import PRESETS
from workshop_lib.model import GPT, FastTrainingLinear, product, use_fast_training
from workshop_lib.train import next_token_loss

needs_onednn = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="this PyTorch has no oneDNN"
)


@pytest.fixture
def calls(monkeypatch):
    """Count what oneDNN multiplies."""
    calls, real = [], torch.ops.mkldnn._linear_pointwise
    monkeypatch.setattr(
        torch.ops.mkldnn, "_linear_pointwise", lambda *args: calls.append(1) or real(*args)
    )
    return calls


@needs_onednn
@pytest.mark.parametrize("shape", [(5, 24), (2, 7, 24), (1, 1, 24)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_and_its_gradients_are_torchs(shape, bias, calls):
    torch.manual_seed(0)
    plain = nn.Linear(24, 40, bias=bias)
    fast = nn.Sequential(copy.deepcopy(plain))
    use_fast_training(fast)
    results = []
    for layer in (plain, fast):
        x = torch.randn(shape, generator=torch.Generator().manual_seed(1)).requires_grad_()
        y = layer(x)
        (y * y).sum().backward()
        results.append([y, x.grad, *(weight.grad for weight in layer.parameters())])
    assert len(calls) == 3
    torch.testing.assert_close(*results, atol=1e-5, rtol=1e-5)


def test_a_model_learns_the_same_and_keeps_its_names():
    models = [GPT(PRESETS["tiny"]) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    use_fast_training(models[1])
    token_ids = torch.arange(24).view(2, 12)
    for model in models:
        next_token_loss(model(token_ids[:, :-1]), token_ids[:, 1:]).backward()
    names = [[name for name, _ in model.named_parameters()] for model in models]
    assert names[0] == names[1]
    assert models[1].head.weight is models[1].tok_emb.weight
    gradients = [[weight.grad for weight in model.parameters()] for model in models]
    torch.testing.assert_close(*gradients, atol=1e-6, rtol=1e-4)


@needs_onednn
def test_a_frozen_weight_costs_no_product(calls):
    layer = nn.Sequential(nn.Linear(8, 8))
    layer.requires_grad_(False)
    use_fast_training(layer)
    layer(torch.randn(3, 8, requires_grad=True)).sum().backward()
    assert len(calls) == 2


def test_other_formats_and_autocast_take_torchs_way(calls):
    layer = nn.Sequential(nn.Linear(8, 8))
    use_fast_training(layer)
    assert type(layer[0]) is FastTrainingLinear
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(3, 8)).dtype == torch.bfloat16
    layer.double()(torch.randn(3, 8).double()).sum().backward()
    x, weight = torch.randn(3, 8).double(), torch.randn(4, 8).double()
    torch.testing.assert_close(product(x, weight), x @ weight.T)
    assert not calls

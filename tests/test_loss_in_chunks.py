"""The chunked loss against torch's own cross-entropy and autograd, in float64."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from workshop_lib.config import PRESETS
from workshop_lib.data import IGNORE_INDEX
from workshop_lib.finetune import add_lora, lora_parameters
from workshop_lib.model import GPT
from workshop_lib.train import chunked_loss, evaluate, loss_sum, next_token_loss
from workshop_lib.train import loss_in_chunks as loss_module

V = 50


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Seven rows a chunk: several chunks, and a last one that is not full."""
    monkeypatch.setattr(loss_module, "CHUNK_LOGITS", 7 * V)


def numbers(masked=0, dtype=torch.float64):
    rng = torch.Generator().manual_seed(0)
    hidden = torch.randn(3, 8, 6, generator=rng, dtype=dtype, requires_grad=True)
    weight = torch.randn(V, 6, generator=rng, dtype=dtype, requires_grad=True)
    targets = torch.randint(V, (3, 8), generator=rng)
    targets.view(-1)[torch.randperm(24, generator=rng)[:masked]] = IGNORE_INDEX
    return hidden, weight, targets


def by_torch(hidden, weight, targets, reduction):
    logits = (hidden @ weight.T).flatten(0, 1)
    return F.cross_entropy(
        logits, targets.flatten(), ignore_index=IGNORE_INDEX, reduction=reduction
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("masked", [0, 5, 23])
def test_loss_and_gradients_equal_plain_cross_entropy(masked, reduction):
    hidden, weight, targets = numbers(masked)
    plain = by_torch(hidden, weight, targets, reduction)
    chunked = chunked_loss(hidden, weight, targets, reduction=reduction)
    torch.testing.assert_close(chunked, plain, rtol=1e-12, atol=0)
    expected = torch.autograd.grad(3 * plain, (hidden, weight))
    found = torch.autograd.grad(3 * chunked, (hidden, weight))
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-14)


def test_loss_is_refused_where_no_target_counts():
    hidden, weight, targets = numbers(masked=24)
    with pytest.raises(ValueError, match="all 24 targets are masked"):
        chunked_loss(hidden, weight, targets)


def product_added(total, a, b, **_) -> int:
    """Count what PyTorch's counter leaves out: a product added in place."""
    return 2 * a[0] * a[1] * b[1]


def test_masked_targets_and_frozen_weights_cost_no_products():
    def products(masked, frozen=False, grad=True):
        hidden, weight, targets = numbers(masked)
        weight.requires_grad_(not frozen)
        counter = FlopCounterMode(
            display=False, custom_mapping={torch.ops.aten.addmm_: product_added}
        )
        with torch.set_grad_enabled(grad), counter:
            chunked_loss(hidden, weight, targets)
        return counter.get_total_flops() / (2 * V * 6)

    assert products(masked=0) == 3 * 24  # forwards, for hidden and for the weight
    assert products(masked=20) == 3 * 4
    assert products(masked=0, frozen=True) == 2 * 24
    assert products(masked=0, grad=False) == 24


def test_no_tensor_holds_the_logits_of_all_tokens(monkeypatch):
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                largest = max(largest, result.numel())
            return result

    hidden, weight, targets = numbers()
    with Watch():
        chunked_loss(hidden, weight, targets).backward()
    assert largest == 7 * V


def test_going_backward_twice_is_an_error_not_a_wrong_gradient():
    hidden, weight, targets = numbers()
    loss = chunked_loss(hidden, weight, targets)
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_half_precision_is_summed_in_float32():
    hidden, weight, targets = numbers(dtype=torch.bfloat16)
    loss = chunked_loss(hidden, weight, targets)
    assert loss.dtype == torch.float32
    expected = next_token_loss(hidden @ weight.T, targets)
    torch.testing.assert_close(loss, expected, rtol=1e-3, atol=0)
    loss.backward()
    exact = torch.autograd.grad(by_torch(hidden.double(), weight.double(), targets, "mean"), weight)
    torch.testing.assert_close(weight.grad, *exact, rtol=0.1, atol=2e-3, check_dtype=False)


# --- In a model --------------------------------------------------------------------------


def model_and_batch(**changes):
    torch.manual_seed(0)
    model = GPT(replace(PRESETS["tiny"], **changes))
    token_ids = torch.randint(64, (4, 17))
    targets = token_ids[:, 1:].clone()
    targets[1, 3:9] = IGNORE_INDEX
    return model, token_ids[:, :-1], targets


def gradients(model):
    return {name: w.grad.clone() for name, w in model.named_parameters() if w.grad is not None}


@pytest.mark.parametrize("tie_weights", [True, False])
def test_gradients_of_a_model_equal_the_plain_ones(tie_weights):
    model, inputs, targets = model_and_batch(tie_weights=tie_weights)
    loss = loss_sum(model, inputs, targets) / (targets != IGNORE_INDEX).sum()
    loss.backward()
    found = gradients(model)
    model.zero_grad()
    plain = next_token_loss(model(inputs), targets)
    plain.backward()
    assert loss.item() == pytest.approx(plain.item(), rel=1e-6)
    torch.testing.assert_close(found, gradients(model), rtol=1e-4, atol=1e-7)


def test_lora_trains_beside_a_frozen_head():
    model, inputs, targets = model_and_batch()
    add_lora(model, rank=2)
    for matrix in lora_parameters(model).values():
        torch.nn.init.normal_(matrix, std=0.1)
    (loss_sum(model, inputs, targets) / (targets != IGNORE_INDEX).sum()).backward()
    found = gradients(model)
    assert set(found) == set(lora_parameters(model))
    model.zero_grad()
    next_token_loss(model(inputs), targets).backward()
    torch.testing.assert_close(found, gradients(model), rtol=1e-4, atol=1e-7)


def test_evaluation_gives_the_plain_loss():
    model, inputs, targets = model_and_batch()
    with torch.no_grad():
        expected = next_token_loss(model(inputs), targets).item()
    assert evaluate(model, [(inputs, targets)]) == pytest.approx(expected, rel=1e-6)


def test_a_wrapped_model_is_called_as_a_whole():
    model, inputs, targets = model_and_batch()

    class Wrapper(torch.nn.Module):
        calls = 0

        def forward(self, token_ids):
            self.calls += 1
            return model(token_ids)

    wrapper = Wrapper()
    nats = loss_sum(wrapper, inputs, targets)
    assert wrapper.calls == 1
    torch.testing.assert_close(nats, loss_sum(model, inputs, targets))

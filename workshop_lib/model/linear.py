"""Linear layers that pick the faster product."""

import torch
from torch import Tensor, nn


def can_use_onednn(x: Tensor) -> bool:
    """Say whether oneDNN is there and can multiply this tensor, float32 on a CPU."""
    plain = x.device.type == "cpu" and x.dtype == torch.float32
    # "mkldnn" is oneDNN's old name; some Macs have none.
    return plain and torch.backends.mkldnn.is_available() and not torch.is_autocast_enabled("cpu")


def onednn(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute x weightᵀ + bias with oneDNN, (..., n_in) and (n_out, n_in) -> (..., n_out)."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def product(x: Tensor, weight: Tensor) -> Tensor:
    """Compute x weightᵀ by the faster way; no gradient goes through it.

    Args:
        x: (..., n_in).
        weight: (n_out, n_in).

    Returns:
        (..., n_out).
    """
    return onednn(x, weight) if can_use_onednn(x) else x @ weight.T


class FastProduct(torch.autograd.Function):
    """A linear layer's product and the two products of its gradient, all with oneDNN.

    Built in: 04c
    """

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return onednn(x, weight, bias)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        wants_x, wants_weight, wants_bias = ctx.needs_input_grad
        rows = grad.flatten(0, -2)
        grad_x = onednn(grad, weight.T) if wants_x else None
        grad_weight = onednn(rows.T, x.flatten(0, -2).T) if wants_weight else None
        return grad_x, grad_weight, rows.sum(dim=0) if wants_bias else None


class FastLinear(nn.Linear):
    """nn.Linear that multiplies with oneDNN where no gradient is needed on a CPU.

    PyTorch gives float32 products on a PC to MKL. On some processors that takes a single row with
    one core only, and many rows slowly too. oneDNN is in PyTorch as well.

    Built in: 03d
    """

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., n_in) -> (..., n_out)."""
        if torch.is_grad_enabled() or x.device.type != "cpu" or x.dtype != torch.float32:
            return super().forward(x)
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")


class FastTrainingLinear(FastLinear):
    """nn.Linear that multiplies with oneDNN on a CPU, also where gradients are wanted.

    Built in: 04c
    """

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., n_in) -> (..., n_out)."""
        if torch.is_grad_enabled() and can_use_onednn(x):
            return FastProduct.apply(x, self.weight, self.bias)
        return super().forward(x)


def use_fast_training(model: nn.Module) -> None:
    """Turn each nn.Linear of a model into a FastTrainingLinear: same weights, same names.

    Args:
        model: any; it is changed.
    """
    for layer in model.modules():
        if type(layer) in (nn.Linear, FastLinear):
            layer.__class__ = FastTrainingLinear


def use_fast_linears(model: nn.Module) -> None:
    """Turn each nn.Linear of a model into a FastLinear: same weights, same names.

    Args:
        model: any; it is changed, but trains as before.

    Built in: 03d
    """
    if not torch.backends.mkldnn.is_available():  # oneDNN's old name; some Macs have none
        return
    for layer in model.modules():
        if type(layer) is nn.Linear:
            layer.__class__ = FastLinear

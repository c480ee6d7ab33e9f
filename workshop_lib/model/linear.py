"""The linear layer of the model: nn.Linear, computed by the faster of PyTorch's two CPU libraries.

PyTorch hands float32 products on a CPU to MKL. oneDNN, which comes with PyTorch too, is faster on
many processors: much so for a single row, which is what generating multiplies. Everything else
(GPUs, other number formats, autocast, compiled code, tensors spread over devices) is left to PyTorch.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_CAN_ASK = hasattr(torch._C, "_len_torch_dispatch_stack")


def uses_onednn(x: Tensor, weight: Tensor) -> bool:
    """Say whether oneDNN multiplies these: plain float32 tensors on a CPU, outside of autocast."""
    plain = all(type(t) in (Tensor, nn.Parameter) and t.dtype == torch.float32 for t in (x, weight))
    on_cpu = x.device.type == weight.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    return plain and on_cpu and has_onednn() and not torch.compiler.is_compiling() and not watched()


def watched() -> bool:
    """Say whether something like a FLOP counter looks at each operator: it knows PyTorch's own."""
    return torch._C._len_torch_dispatch_stack() > 0 if _CAN_ASK else False


def has_onednn() -> bool:
    """Say whether this PyTorch has oneDNN ("mkldnn" is its old name), switched on, and its product.

    `torch.backends.mkldnn.set_flags(False)` switches it off, and `set_flags(True)` on again.
    """
    mkldnn = torch.backends.mkldnn
    here = bool(mkldnn.is_available() and mkldnn.enabled)
    return here and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute x weightᵀ + bias as `F.linear` does, to rounding; no gradient goes through it.

    The only place that calls PyTorch's private operator. Where it is missing, `F.linear` serves.

    Args:
        x: (..., n_in).
        weight: (n_out, n_in).
        bias: (n_out,), or None.

    Returns:
        (..., n_out).

    Used in: 04c
    """
    if uses_onednn(x, weight):
        return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return F.linear(x, weight, bias)


class LinearProduct(torch.autograd.Function):
    """The product of a linear layer and the two products of its backward pass.

    Built in: 04c
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return linear(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        wants_x, wants_weight, wants_bias = ctx.needs_input_grad
        rows = grad.reshape(-1, grad.shape[-1])
        grad_x = linear(grad, weight.T) if wants_x else None
        grad_weight = linear(rows.T, x.reshape(-1, x.shape[-1]).T) if wants_weight else None
        return grad_x, grad_weight, rows.sum(dim=0) if wants_bias else None


class Linear(nn.Linear):
    """nn.Linear with the same weights, names and start values, by the faster product.

    Built in: 04c
    """

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., n_in) -> (..., n_out)."""
        if torch.is_grad_enabled() and uses_onednn(x, self.weight):
            return LinearProduct.apply(x, self.weight, self.bias)
        return linear(x, self.weight, self.bias)

"""Linear layers for reading, not learning: the same weights by a faster way, or in 8 bits.

Generating on a CPU is waiting for weights: each new token needs all of them once.
"""

import torch
from torch import Tensor, nn


class Int8Linear(nn.Module):
    """A linear layer with weights of 8 bits: whole numbers, and one scale for each row.

    y = x (weight * scale)ᵀ + bias, in bfloat16; a quarter of float32's bytes to read.
    Buffers: weight (n_out, n_in) int8, scale (n_out,) bfloat16.

    Args:
        linear: the layer to take the weights from; its bias is kept.

    Raises:
        ValueError: its inputs are not a multiple of 32, which the kernel reads at a time.

    Source: Dettmers et al. 2022, section 2, for one scale per row.
    """

    weight: Tensor
    scale: Tensor

    def __init__(self, linear: nn.Linear):
        super().__init__()
        if linear.in_features % 32:
            raise ValueError(f"{linear.in_features} inputs are not a multiple of 32")
        weight = linear.weight.detach().float()
        smallest = torch.finfo(torch.float32).tiny  # a row of zeros is divided by this
        scale = (weight.abs().amax(dim=1, keepdim=True) / 127).clamp(min=smallest).bfloat16()
        levels = (weight / scale.float()).round().clamp(-127, 127)
        self.register_buffer("weight", levels.to(torch.int8))
        self.register_buffer("scale", scale[:, 0])
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., n_in) -> (..., n_out), as x's number format."""
        rows = x.reshape(-1, x.shape[-1]).bfloat16()
        y = torch._weight_int8pack_mm(rows, self.weight, self.scale).to(x.dtype)
        y = y.view(*x.shape[:-1], -1)
        return y if self.bias is None else y + self.bias


def quantize(model: nn.Module) -> nn.Module:
    """Replace each linear layer by an Int8Linear, for generating only.

    The embedding table stays as it is: of it a token needs one row. Where it is tied to the head,
    the head gets 8 bits and the table keeps its own.

    Args:
        model: a GPT or another model; it is changed.

    Returns:
        The same model, which can no longer be trained.

    Raises:
        ValueError: see `Int8Linear`.
    """
    for parent in list(model.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, nn.Linear):
                setattr(parent, name, Int8Linear(layer))
    return model.requires_grad_(False)

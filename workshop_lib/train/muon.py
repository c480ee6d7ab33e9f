"""Muon: an optimizer that updates a weight matrix equally in all directions."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from workshop_lib.config.training import TrainConfig

# Coefficients of the iteration, from Jordan et al. 2024: small singular values grow fast.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalize(matrix: Tensor, *, steps: int = 5) -> Tensor:
    """Bring all singular values of a matrix close to 1, and keep its singular vectors.

    Each step applies the odd polynomial a x + b x³ + c x⁵ to the singular values. That takes only
    matrix products, which are fast; a singular value decomposition is slow.

    Args:
        matrix: (M, N) float.
        steps: iterations; after 5 the singular values lie between about 0.7 and 1.2, except those
            that were far below the largest.

    Returns:
        (M, N).

    Source: Jordan et al. 2024 (Muon), the Newton-Schulz iteration.
    Built in: 04b
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.mT if tall else matrix  # the products below are smaller when it lies flat
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        squared = x @ x.mT
        x = a * x + (b * squared + c * squared @ squared) @ x
    return x.mT if tall else x


class Muon(torch.optim.AdamW):
    """Muon for the parameter groups with `"muon": True`, AdamW for the others.

    Muon keeps a running average of the gradients (momentum) and orthogonalizes it. The update is
    scaled to the usual size of AdamW's, so that both can share one learning rate.

    Source: Jordan et al. 2024 (Muon); Liu et al. 2025, section 2.2, for the scale.
    Built in: 04b
    """

    momentum = 0.95

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore
        """Take one optimizer step."""
        for group in self.param_groups:
            if group["muon"]:
                for weight in group["params"]:
                    self.move(weight, group["lr"], group["weight_decay"])
                    weight.grad = None  # AdamW skips a weight without a gradient
        return super().step(closure)

    def move(self, weight: Tensor, lr: float, weight_decay: float) -> None:
        """Update one matrix by Muon's rule."""
        if weight.grad is None:
            return
        state = self.state[weight]
        if not state:
            state["average"] = torch.zeros_like(weight)
            state["step"] = torch.zeros(())  # AdamW looks for one when it loads a state
        state["average"].lerp_(weight.grad, 1 - self.momentum)
        ahead = weight.grad.lerp(state["average"], self.momentum)  # Nesterov's look ahead
        scale = 0.2 * math.sqrt(max(weight.shape))
        weight.mul_(1 - lr * weight_decay)
        weight.add_(orthogonalize(ahead), alpha=-lr * scale)


def make_muon(model: nn.Module, config: TrainConfig) -> Muon:
    """Make Muon for the matrices inside the blocks, AdamW for embeddings, norms and biases.

    Args:
        model: only its weights that require gradients are optimized.
        config: gives max_lr, weight_decay and AdamW's betas.

    Source: Jordan et al. 2024 (Muon), for which weights are left to AdamW.
    Built in: 04b
    """
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    matrices = [w for name, w in named if w.dim() == 2 and name.startswith("blocks.")]
    tables = [w for name, w in named if w.dim() == 2 and not name.startswith("blocks.")]
    vectors = [w for _, w in named if w.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay, "muon": True},
        {"params": tables, "weight_decay": config.weight_decay, "muon": False},
        {"params": vectors, "weight_decay": 0.0, "muon": False},
    ]
    return Muon(groups, lr=config.max_lr, betas=(config.beta1, config.beta2), fused=True)

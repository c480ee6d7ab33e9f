"""The device to compute on, and its number format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workshop_lib.require import require_choice

if TYPE_CHECKING:
    import torch


def pick_device() -> torch.device:
    """Choose the device: a CUDA GPU if there is one, else the CPU.

    The environment variable WORKSHOP_DEVICE ("cpu", "cuda" or "mps") overrides the choice.
    Apple's MPS is used only on request, and only after a check that it computes the loss of one
    batch like the CPU: it has returned wrong losses without an error.

    Returns:
        A torch.device.

    Raises:
        ValueError: WORKSHOP_DEVICE holds another word, or names a device that does not exist here.
    """
    import torch

    wanted = os.environ.get("WORKSHOP_DEVICE")
    if not wanted:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    require_choice("WORKSHOP_DEVICE", wanted, ("cpu", "cuda", "mps"))
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("WORKSHOP_DEVICE is cuda, but PyTorch finds no CUDA device here")
    if wanted == "mps":
        if not torch.backends.mps.is_available():
            raise ValueError("WORKSHOP_DEVICE is mps, but PyTorch finds no MPS device here")
        if not computes_like_cpu("mps"):
            print("MPS disagrees with the CPU on one batch's loss: using the CPU instead.")
            return torch.device("cpu")
    return torch.device(wanted)


def computes_like_cpu(device: str, tolerance: float = 1e-3) -> bool:
    """Say whether a device gives the same loss and gradients as the CPU on one small batch.

    The batch goes through what a GPT is made of: an embedding, causal attention, a norm, a
    feed-forward network and the cross-entropy.

    Args:
        device: its type, such as "mps".
        tolerance: the relative difference allowed.
    """
    import torch
    import torch.nn.functional as F

    generator = torch.Generator().manual_seed(0)
    V, C, B, T, H = 64, 32, 12, 16, 4  # more than 8 rows: some MPS versions go wrong only there
    token_ids = torch.randint(V, (B, T + 1), generator=generator)
    sizes = {"table": (V, C), "qkv": (3 * C, C), "up": (4 * C, C), "down": (C, 4 * C)}
    drawn = {name: torch.randn(size, generator=generator) / 4 for name, size in sizes.items()}

    def loss_and_gradient(where: str) -> tuple[float, float]:
        ids = token_ids.to(where)
        weights = {name: w.clone().to(where).requires_grad_() for name, w in drawn.items()}
        x = F.embedding(ids[:, :-1], weights["table"])
        qkv = F.linear(F.layer_norm(x, (C,)), weights["qkv"]).view(B, T, 3, H, C // H)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + attended.transpose(1, 2).reshape(B, T, C)
        hidden = F.gelu(F.linear(F.layer_norm(x, (C,)), weights["up"]), approximate="tanh")
        x = x + F.linear(hidden, weights["down"])
        logits = F.linear(F.layer_norm(x, (C,)), weights["table"])
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        norms = [weight.grad.norm() for weight in weights.values() if weight.grad is not None]
        return loss.item(), torch.stack(norms).norm().item()

    pairs = zip(loss_and_gradient("cpu"), loss_and_gradient(device), strict=True)
    return all(abs(a - b) <= tolerance * max(1.0, abs(a)) for a, b in pairs)


def pick_dtype(device: torch.device | str) -> torch.dtype:
    """Choose the number format: bfloat16 on GPUs built for it, float32 everywhere else.

    Args:
        device: what `pick_device` returned.

    Returns:
        torch.bfloat16 or torch.float32. Older GPUs and most CPUs only emulate bfloat16, and are
        slower with it.
    """
    import torch

    on_cuda = torch.device(device).type == "cuda"
    if on_cuda and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32

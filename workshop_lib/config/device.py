"""Where to compute, and in which number format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workshop_lib.require import require_choice

if TYPE_CHECKING:
    import torch


def pick_device() -> torch.device:
    """Choose where to compute: a CUDA GPU where there is one, else the CPU.

    The environment variable WORKSHOP_DEVICE ("cpu", "cuda" or "mps") overrides the choice.
    Apple's MPS is never chosen unasked, and only used after it has computed one batch's
    loss as the CPU does: it has returned wrong losses without an error.

    Returns:
        A torch.device.

    Raises:
        ValueError: WORKSHOP_DEVICE holds another word, or names a device that is not there.
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
    """Say whether a device gives the same loss and gradients as the CPU on one small batch."""
    import torch

    from workshop_lib.config.presets import PRESETS
    from workshop_lib.model.gpt import GPT
    from workshop_lib.train.loss import next_token_loss

    config = PRESETS["tiny"]
    results = []
    for where in ("cpu", device):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = GPT(config)
            # More than 8 rows: some MPS versions go wrong only there.
            token_ids = torch.randint(config.vocab_size, (12, config.context_length + 1))
        model, token_ids = model.to(where), token_ids.to(where)
        loss = next_token_loss(model(token_ids[:, :-1]), token_ids[:, 1:])
        loss.backward()
        norm = sum(p.grad.square().sum() for p in model.parameters()).sqrt()
        results.append((loss.item(), norm.item()))
    pairs = zip(*results, strict=True)
    return all(abs(a - b) <= tolerance * max(1.0, abs(a)) for a, b in pairs)


def pick_dtype(device: torch.device | str) -> torch.dtype:
    """Choose the number format: bfloat16 on GPUs built for it, float32 everywhere else.

    Args:
        device: what `pick_device` returned.

    Returns:
        torch.bfloat16 or torch.float32. Older GPUs and most CPUs only imitate bfloat16,
        and are slower with it.
    """
    import torch

    on_cuda = torch.device(device).type == "cuda"
    if on_cuda and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32

"""The learning-rate schedule and the optimizer."""

import math

import torch
from torch import nn

from workshop_lib.config.training import TrainConfig
from workshop_lib.train.muon import make_muon


def learning_rate(step: int, config: TrainConfig) -> float:
    """Compute the learning rate of a step: a linear warm-up, then a cosine decay.

    Args:
        step: 0 for the first step.
        config: gives steps, warmup_steps, max_lr and min_lr.

    Returns:
        The learning rate: above 0 already at step 0, max_lr at the end of the warm-up, min_lr at
        the last step and after.

    Source: Loshchilov and Hutter 2017, equation 5; Goyal et al. 2017, section 2.2.
    Built in: 04a
    """
    if step < config.warmup_steps:
        return config.max_lr * (step + 1) / config.warmup_steps
    last = config.steps - 1
    if step >= last:
        return config.min_lr if last > config.warmup_steps else config.max_lr
    progress = (step - config.warmup_steps) / (last - config.warmup_steps)
    return config.min_lr + (config.max_lr - config.min_lr) * (1 + math.cos(math.pi * progress)) / 2


def make_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Make AdamW, or Muon; weight decay applies to weight matrices, not to biases and norms.

    Args:
        model: only its weights that require gradients are optimized.
        config: gives the optimizer and its settings.

    Source: Loshchilov and Hutter 2019, algorithm 2.
    Built in: 04a
    """
    if config.optimizer == "muon":
        return make_muon(model, config)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in weights if w.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [w for w in weights if w.dim() < 2], "weight_decay": 0.0},
    ]
    betas = (config.beta1, config.beta2)
    return torch.optim.AdamW(groups, lr=config.max_lr, betas=betas, fused=True)

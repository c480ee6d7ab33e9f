"""Where a training run stands."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from workshop_lib.config.training import TrainConfig
from workshop_lib.model.gpt import GPT


@dataclass
class TrainState:
    """Where a run stands after a step; `on_step` receives it and `save_checkpoint` stores it.

    Args:
        model: the GPT in training.
        optimizer: its optimizer.
        config: the run's TrainConfig.
        step: steps done so far.
        loss: the last step's loss, nats per token.
        grad_norm: the last gradient's norm, before clipping.
        epoch_rng: the loader's generator as it stood when the current epoch began.
        epoch_batches: batches of the current epoch that were used.
        torch_rng: the state of PyTorch's own random numbers (dropout) after the step.

    Built in: 04a
    """

    model: GPT
    optimizer: torch.optim.Optimizer
    config: TrainConfig
    step: int = 0
    loss: float = math.nan
    grad_norm: float = math.nan
    epoch_rng: Tensor | None = None
    epoch_batches: int = 0
    torch_rng: Tensor = field(default_factory=torch.get_rng_state)


@dataclass(frozen=True)
class StepLog:
    """One line of a run's history: step (from 1), loss (nats per token), grad_norm, lr.

    Built in: 04a
    """

    step: int
    loss: float
    grad_norm: float
    lr: float

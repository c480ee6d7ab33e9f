"""Every size and switch of the workshop, in one place: model, training, profile, device."""

import os
from dataclasses import dataclass

from workshop_lib.device import pick_device, pick_dtype
from workshop_lib.model_config import PRESETS, GPTConfig, RopeScaling
from workshop_lib.require import require_choice, require_count

__all__ = [
    "EVALUATE_EVERY",
    "FINETUNE",
    "FinetuneConfig",
    "GPTConfig",
    "PRESETS",
    "PRETRAIN",
    "PRETRAIN_MODEL",
    "RopeScaling",
    "TrainConfig",
    "pick_device",
    "pick_dtype",
    "profile",
]

# --- Training ----------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainConfig:
    """How to train: batches, schedule and optimizer.

    Args:
        steps: optimizer steps in the whole run.
        batch_size: B, windows a step (a micro-batch where accumulate > 1).
        context_length: T, tokens in a window.
        accumulate: micro-batches whose gradients are summed before one step.
        max_lr: the learning rate at the end of the warm-up.
        min_lr: the learning rate that the cosine ends at.
        warmup_steps: steps in which the rate rises linearly to max_lr.
        weight_decay: AdamW's pull of the weight matrices towards zero.
        beta1, beta2: AdamW's memory of the gradient and of its square.
        grad_clip: the greatest norm the gradient may have.
        optimizer: "adamw", or "muon" for the matrices inside the blocks and AdamW for the rest.
        seed: the one seed that everything random in the run starts from.

    Raises:
        ValueError: a number is outside its range.

    Source: Brown et al. 2020, appendix B, for the schedule and AdamW's settings.
    Built in: 04a
    """

    steps: int
    batch_size: int
    context_length: int
    accumulate: int = 1
    max_lr: float = 3e-3
    min_lr: float = 3e-4
    warmup_steps: int = 20
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    grad_clip: float = 1.0
    optimizer: str = "adamw"
    seed: int = 1337

    def __post_init__(self):
        for name in ("steps", "batch_size", "context_length", "accumulate"):
            require_count(name, getattr(self, name))
        if self.warmup_steps < 0:
            raise ValueError(f"warmup_steps {self.warmup_steps} is below 0")
        if not 0 <= self.min_lr <= self.max_lr:
            raise ValueError(f"need 0 <= min_lr <= max_lr, got {self.min_lr} and {self.max_lr}")
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay {self.weight_decay} is below 0")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is outside 0 <= {name} < 1")
        if not self.grad_clip > 0:
            raise ValueError(f"grad_clip {self.grad_clip} must be above 0")
        require_choice("optimizer", self.optimizer, ("adamw", "muon"))


# --- Finetuning --------------------------------------------------------------------------


@dataclass(frozen=True)
class FinetuneConfig:
    """How large chapter 6's finetuning run and its test are.

    Args:
        train_every: train on every n-th training example.
        test_every: test on every n-th held-out example.
        epochs: how often the run goes through its training examples.
        learning_rate: AdamW's greatest rate.

    Built in: 06c
    """

    train_every: int
    test_every: int
    epochs: int = 1
    learning_rate: float = 1e-3

    def __post_init__(self):
        for name in ("train_every", "test_every", "epochs"):
            require_count(name, getattr(self, name))
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate {self.learning_rate} must be above 0")


# --- Profiles: how large the notebooks' runs are -----------------------------------------

PROFILES = ("smoke", "cpu", "gpu")

# Chapter 4's model and run at each profile.
PRETRAIN_MODEL = {
    "smoke": GPTConfig(vocab_size=512, context_length=64, emb_dim=32, n_layers=2, n_heads=2),
    "cpu": PRESETS["plays"],
    "gpu": GPTConfig(vocab_size=4096, context_length=256, emb_dim=512, n_layers=8, n_heads=8),
}
PRETRAIN = {
    "smoke": TrainConfig(
        steps=20, batch_size=16, context_length=64, warmup_steps=5, optimizer="muon"
    ),
    "cpu": TrainConfig(
        steps=400, batch_size=16, context_length=128, max_lr=8e-3, min_lr=0.0, optimizer="muon"
    ),
    "gpu": TrainConfig(steps=400, batch_size=64, context_length=256, min_lr=0.0, optimizer="muon"),
}
# What 04c measures: one step of a model with GPT-2's vocabulary.
SCALING_MODEL = {
    "smoke": GPTConfig(vocab_size=50257, context_length=128, emb_dim=32, n_layers=2, n_heads=2),
    "cpu": GPTConfig(vocab_size=50257, context_length=128, emb_dim=256, n_layers=4, n_heads=4),
    "gpu": PRESETS["gpt2"],
}
SCALING = {
    "smoke": TrainConfig(steps=10, batch_size=4, context_length=128),
    "cpu": TrainConfig(steps=10, batch_size=8, context_length=128),
    "gpu": TrainConfig(steps=10, batch_size=16, context_length=1024),
}
# Chapter 6's run at each profile.
FINETUNE = {
    "smoke": FinetuneConfig(train_every=100, test_every=20),
    "cpu": FinetuneConfig(train_every=1, test_every=1),
    "gpu": FinetuneConfig(train_every=1, test_every=1, epochs=2),
}

# Chapter 6's evaluation: one in so many of the tasks, questions and pairs is used.
EVALUATE_EVERY = {"smoke": 20, "cpu": 1, "gpu": 1}


def profile() -> str:
    """Name the profile in force: "smoke", "cpu" or "gpu".

    Returns:
        The value of the environment variable WORKSHOP_PROFILE, else "gpu" where a CUDA
        device is found and "cpu" elsewhere.

    Raises:
        ValueError: WORKSHOP_PROFILE holds another word.
    """
    chosen = os.environ.get("WORKSHOP_PROFILE")
    if chosen:
        require_choice("WORKSHOP_PROFILE", chosen, PROFILES)
        return chosen
    return "gpu" if pick_device().type == "cuda" else "cpu"

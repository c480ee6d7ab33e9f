"""Every size and switch of the workshop, in one place: model, training, profile, device."""

import os
from dataclasses import dataclass

from workshop_lib.config.device import pick_device
from workshop_lib.config.model import GPTConfig
from workshop_lib.config.presets import PRESETS
from workshop_lib.config.training import TrainConfig
from workshop_lib.require import require_choice, require_count

# --- Training ----------------------------------------------------------------------------


# --- Finetuning --------------------------------------------------------------------------


@dataclass(frozen=True)
class FinetuneConfig:
    """How large chapter 6's finetuning run and its test are.

    Args:
        train_every: train on every n-th training example.
        test_every: test on every n-th held-out example.
        epochs: how often the run goes through its training examples.
        learning_rate: AdamW's greatest rate.
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


# GPT-2 124M at the gpu profile: batches of 131,072 tokens, rates as in Brown et al. 2020, table 2.1.
GPT2_RUN = TrainConfig(
    steps=2000,
    batch_size=16,
    context_length=1024,
    gradient_accumulation_steps=8,
    max_lr=6e-4,
    min_lr=6e-5,
    warmup_steps=200,
)

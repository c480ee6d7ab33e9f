"""The profiles, and the sizes of the notebooks' models and runs at each of them."""

import os

from workshop_lib.config.device import pick_device
from workshop_lib.config.finetuning import FinetuneSizes
from workshop_lib.config.model import GPTConfig
from workshop_lib.config.presets import PRESETS
from workshop_lib.config.training import TrainConfig
from workshop_lib.require import require_choice

PROFILES = ("smoke", "cpu", "gpu")

# The model and the run of 04b.
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
        steps=760, batch_size=16, context_length=128, max_lr=8e-3, min_lr=0.0, optimizer="muon"
    ),
    "gpu": TrainConfig(steps=400, batch_size=64, context_length=256, min_lr=0.0, optimizer="muon"),
}
# `pretrain` at the gpu profile, GPT-2 124M: batches of 131,072 tokens, learning rates as in
# Brown et al. 2020, table 2.1.
GPT2_RUN = TrainConfig(
    steps=2000,
    batch_size=16,
    context_length=1024,
    gradient_accumulation_steps=8,
    max_lr=6e-4,
    min_lr=6e-5,
    warmup_steps=200,
)
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
# The run of 06c with LitGPT.
FINETUNE = {
    "smoke": FinetuneSizes(train_every=100, test_every=20),
    "cpu": FinetuneSizes(train_every=1, test_every=2),
    "gpu": FinetuneSizes(train_every=1, test_every=1, epochs=2),
}
# 06d uses every n-th group of the held-out tasks, every n-th pair, and one n-th of the questions.
EVALUATE_EVERY = {"smoke": 20, "cpu": 1, "gpu": 1}


def profile() -> str:
    """Return the name of the current profile: "smoke", "cpu" or "gpu".

    Returns:
        The value of the environment variable WORKSHOP_PROFILE, else "gpu" if
        `pick_device` chooses a CUDA device, else "cpu".

    Raises:
        ValueError: WORKSHOP_PROFILE holds another word.
    """
    chosen = os.environ.get("WORKSHOP_PROFILE")
    if chosen:
        require_choice("WORKSHOP_PROFILE", chosen, PROFILES)
        return chosen
    return "gpu" if pick_device().type == "cuda" else "cpu"

"""Every size and switch of the workshop: model, training, finetuning, profile, device."""

from workshop_lib.config.device import pick_device, pick_dtype
from workshop_lib.config.finetuning import FinetuneConfig, FinetuneSizes
from workshop_lib.config.model import GPTConfig, RopeScaling
from workshop_lib.config.presets import PRESETS
from workshop_lib.config.profiles import (
    EVALUATE_EVERY,
    FINETUNE,
    GPT2_RUN,
    PRETRAIN,
    PRETRAIN_MODEL,
    SCALING,
    SCALING_MODEL,
    profile,
)
from workshop_lib.config.training import TrainConfig

__all__ = [
    "EVALUATE_EVERY",
    "FINETUNE",
    "FinetuneConfig",
    "FinetuneSizes",
    "GPT2_RUN",
    "GPTConfig",
    "PRESETS",
    "PRETRAIN",
    "PRETRAIN_MODEL",
    "RopeScaling",
    "SCALING",
    "SCALING_MODEL",
    "TrainConfig",
    "pick_device",
    "pick_dtype",
    "profile",
]

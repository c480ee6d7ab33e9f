"""Every size and switch of the workshop: model, training, profile, device."""

from workshop_lib.config.device import pick_device, pick_dtype
from workshop_lib.config.model import GPTConfig, RopeScaling
from workshop_lib.config.presets import PRESETS
from workshop_lib.config.profiles import (
    EVALUATE_EVERY,
    FINETUNE,
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

"""Checkpoints: all that a training run needs to go on as if it had never stopped."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from workshop_lib.config.model import GPTConfig
from workshop_lib.config.training import TrainConfig
from workshop_lib.train.parallel import is_sharded, sharded_state

if TYPE_CHECKING:
    from workshop_lib.train.state import TrainState


def save_checkpoint(path: Path | str, state: TrainState) -> None:
    """Write all that a run needs to go on: weights, optimizer, step, place in the data.

    The file is written beside its place and then renamed: a crash leaves the old one whole.

    Args:
        path: the file.
        state: what `on_step` received.

    Built in: 04b
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + f".{os.getpid()}.part")
    content = {
        "model_config": asdict(state.model.config),
        "train_config": asdict(state.config),
        "model": state.model.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "step": state.step,
        "epoch_rng": state.epoch_rng,
        "epoch_batches": state.epoch_batches,
        "torch_rng": state.torch_rng,
    }
    try:
        torch.save(content, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load_checkpoint(path: Path | str) -> dict:
    """Read a checkpoint; nothing in the file is executed.

    Args:
        path: what `save_checkpoint` wrote.

    Returns:
        A dict of model_config (GPTConfig), train_config (TrainConfig), model and optimizer
        (state dicts), step, and the states of the random generators.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no checkpoint of ours, or was cut off.

    Used in: 04b
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        content["model_config"] = GPTConfig(**content["model_config"])
        content["train_config"] = TrainConfig(**content["train_config"])
    except Exception as error:
        raise ValueError(
            f"{path} is not a whole checkpoint of this workshop: it was cut off or is another file"
        ) from error
    return content


def restore(state: TrainState, checkpoint: dict) -> None:
    """Put a checkpoint's content into a fresh state, after checking that it belongs to it."""
    for name, ours in (("model_config", state.model.config), ("train_config", state.config)):
        if checkpoint[name] != ours:
            raise ValueError(
                f"the checkpoint's {name} is {checkpoint[name]}, but this run's {ours}"
            )
    if is_sharded(next(state.model.parameters())):
        checkpoint = sharded_state(checkpoint, state)
    loaded = state.model.load_state_dict(checkpoint["model"], strict=False)
    # Frozen weights may be missing: they are not the run's, but those of the model it started from.
    named = state.model.named_parameters(remove_duplicate=False)
    frozen = {name for name, weight in named if not weight.requires_grad}
    wrong = [*loaded.unexpected_keys, *sorted(set(loaded.missing_keys) - frozen)]
    if wrong:
        raise ValueError(f"the checkpoint is of another model: {wrong[0]} does not fit")
    state.optimizer.load_state_dict(checkpoint["optimizer"])
    state.step = checkpoint["step"]
    state.epoch_rng, state.epoch_batches = checkpoint["epoch_rng"], checkpoint["epoch_batches"]
    torch.set_rng_state(checkpoint["torch_rng"])

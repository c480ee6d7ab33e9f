"""Data parallelism: Lightning Fabric starts a process per device, and they share each batch."""

from __future__ import annotations

import logging
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, default_collate

from workshop_lib.config.device import pick_device, pick_dtype
from workshop_lib.require import require_choice

if TYPE_CHECKING:
    from lightning.fabric import Fabric
    from torch.distributed.device_mesh import DeviceMesh

    from workshop_lib.model.gpt import GPT
    from workshop_lib.train.state import TrainState

STRATEGIES = ("ddp", "fsdp")


def launch(devices: int = 1, nodes: int = 1, strategy: str = "ddp") -> Fabric:
    """Start one process per device; each of them continues from this call.

    The other devices of a node run the same command from its beginning, so everything before this
    call happens in each process. On a CPU a device is a process.

    Args:
        devices: devices on each node.
        nodes: computers that share the work. Start the command on each, with MASTER_ADDR,
            MASTER_PORT and NODE_RANK set, or with torchrun or Slurm.
        strategy: "ddp", where each device holds the whole model, or "fsdp", where each holds a
            shard of it.

    Returns:
        A launched Fabric: bfloat16 mixed precision on GPUs built for it, else float32.

    Raises:
        ValueError: there is no such strategy, or there are fewer GPUs than devices.
    """
    require_choice("strategy", strategy, STRATEGIES)
    device = pick_device()
    if device.type != "cpu" and devices > torch.get_device_module(device).device_count():
        found = torch.get_device_module(device).device_count()
        raise ValueError(f"devices is {devices}, but this computer has {found} ({device.type})")
    from lightning.fabric import Fabric
    from lightning.fabric.strategies import DDPStrategy, ModelParallelStrategy

    for name in ("lightning.fabric", "lightning.pytorch"):
        logging.getLogger(name).setLevel(logging.WARNING)
    sharded = ModelParallelStrategy(shard, devices * nodes, tensor_parallel_size=1)
    several = sharded if strategy == "fsdp" else DDPStrategy()
    fabric = Fabric(
        accelerator=device.type,
        devices=devices,
        num_nodes=nodes,
        strategy=several if devices * nodes > 1 else "auto",
        precision="bf16-mixed" if pick_dtype(device) == torch.bfloat16 else "32-true",
    )
    fabric.launch()
    return fabric


def shard(model: nn.Module, mesh: DeviceMesh) -> nn.Module:
    """Leave each device a shard of every weight, and gather a block's weights only to compute it.

    Args:
        model: a GPT, changed in place.
        mesh: the devices; Fabric passes it.

    Source: Zhao et al. 2023 (FSDP), section 3.
    """
    from torch.distributed.fsdp import fully_shard

    for block in cast("GPT", model).blocks:
        fully_shard(block, mesh=mesh["data_parallel"])
    fully_shard(model, mesh=mesh["data_parallel"])
    return model


def shard_batches(loader: DataLoader, fabric: Fabric) -> None:
    """Let each device load its own windows of every batch.

    All devices draw the same batches in the same order. So several devices train on the same
    windows per step as one device would.

    Args:
        loader: changed in place.
        fabric: says how many devices there are, and which of them this one is.
    """
    rank, n_devices = fabric.global_rank, fabric.world_size
    loader.collate_fn = lambda windows: default_collate(windows[rank::n_devices])


# --- Checkpoints of sharded models -------------------------------------------------------


def full_state(state: TrainState) -> TrainState:
    """Gather a sharded state into whole tensors, to save it; others are returned as they are.

    All devices must call it together.
    """
    if not is_sharded(next(state.model.parameters())):
        return state
    from torch.utils._pytree import tree_map

    def whole(value: Any) -> Any:
        return value.full_tensor().cpu() if is_sharded(value) else value

    weights = tree_map(whole, state.model.state_dict())
    optimizer_state = tree_map(whole, state.optimizer.state_dict())
    return with_weights(state, weights, optimizer_state)


def with_weights(
    state: TrainState, weights: dict[str, Tensor], optimizer_state: dict | None = None
) -> TrainState:
    """Copy a state for `save_checkpoint`, with other state dicts in it.

    Args:
        state: stays as it is.
        weights: what the model's state_dict() shall be.
        optimizer_state: what the optimizer's shall be; None leaves it.
    """
    model = SimpleNamespace(config=state.model.config, state_dict=lambda: weights)
    changes: dict[str, Any] = {"model": model}
    if optimizer_state is not None:
        changes["optimizer"] = SimpleNamespace(state_dict=lambda: optimizer_state)
    return replace(state, **changes)


def sharded_state(checkpoint: dict, state: TrainState) -> dict:
    """Shard a checkpoint's tensors like those of a state.

    Args:
        checkpoint: what `load_checkpoint` returned; stays as it is.
        state: its model's weights are sharded.
    """
    from torch.distributed.tensor import distribute_tensor

    def cut(value: Any, like: Any) -> Any:
        if not is_sharded(like) or not isinstance(value, Tensor) or value.shape != like.shape:
            return value
        return distribute_tensor(value.to(like.device), like.device_mesh, like.placements)

    ours = state.model.state_dict()
    weights = [weight for group in state.optimizer.param_groups for weight in group["params"]]
    whole = checkpoint["optimizer_state"]
    optimizer_state = {
        index: {name: cut(value, weights[index]) for name, value in entries.items()}
        for index, entries in whole["state"].items()
    }
    return checkpoint | {
        "model": {name: cut(value, ours[name]) for name, value in checkpoint["model"].items()},
        "optimizer_state": whole | {"state": optimizer_state},
    }


def is_sharded(value: object) -> bool:
    """Say whether a value is a tensor of which each device holds a shard (a DTensor)."""
    return hasattr(value, "placements")


def all_reduce_mean(number: float, fabric: Fabric | None = None) -> float:
    """Average a number over all devices that train together; without Fabric there is only one.

    Args:
        number: this device's.
        fabric: see `train`.

    Returns:
        The mean, the same on all devices.

    Built in: 04a
    """
    if fabric is None:
        return number
    mine = torch.tensor(float(number), device=fabric.device)
    return fabric.all_reduce(mine, reduce_op="mean").item()  # type: ignore[union-attr]

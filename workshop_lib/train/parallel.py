"""Several devices that train one model: Lightning Fabric starts them, and they share each batch."""

from __future__ import annotations

import logging
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, default_collate

from workshop_lib.config.device import pick_device, pick_dtype
from workshop_lib.require import require_choice

if TYPE_CHECKING:
    from lightning.fabric import Fabric

    from workshop_lib.train.state import TrainState

STRATEGIES = ("ddp", "fsdp")


def launch(devices: int = 1, nodes: int = 1, strategy: str = "ddp") -> Fabric:
    """Start one process for each device; each of them goes on from here.

    On a node's other devices the command of this process is started once more, so all that
    stands before this call happens in each process. On a CPU a device is a process.

    Args:
        devices: devices on each node.
        nodes: computers that share the work. Start the command on each, with MASTER_ADDR,
            MASTER_PORT and NODE_RANK set, or with torchrun or Slurm.
        strategy: "ddp", each device holds the whole model, or "fsdp", each holds a share of it.

    Returns:
        A launched Fabric: bfloat16 products on GPUs built for them, else float32.

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


def shard(model: nn.Module, mesh) -> nn.Module:
    """Let each device keep a share of every weight, and gather a block's only while it computes.

    Source: Zhao et al. 2023 (FSDP), section 3.
    """
    from torch.distributed.fsdp import fully_shard

    for block in model.blocks:
        fully_shard(block, mesh=mesh["data_parallel"])
    return fully_shard(model, mesh=mesh["data_parallel"])


def shard_batches(loader: DataLoader, fabric: Fabric) -> None:
    """Let each device load its own windows of every batch.

    All devices draw the same batches in the same order. So several devices see what one would.
    """
    rank, n_devices = fabric.global_rank, fabric.world_size
    loader.collate_fn = lambda windows: default_collate(windows[rank::n_devices])


# --- Checkpoints of sharded models -------------------------------------------------------


def full_state(state: TrainState) -> TrainState:
    """Give a state with whole tensors, to save, where each device holds only a share of them.

    All devices must call it together.
    """
    from torch.utils._pytree import tree_map

    def whole(value):
        return value.full_tensor().cpu() if is_sharded(value) else value

    weights, memory = tree_map(whole, [state.model.state_dict(), state.optimizer.state_dict()])
    model = SimpleNamespace(config=state.model.config, state_dict=lambda: weights)
    return replace(state, model=model, optimizer=SimpleNamespace(state_dict=lambda: memory))


def sharded_state(checkpoint: dict, state: TrainState) -> dict:
    """Give a checkpoint cut into shares like the state's tensors, where those are shared."""
    from torch.distributed.tensor import distribute_tensor

    def cut(value, like):
        if not is_sharded(like) or not isinstance(value, Tensor) or value.shape != like.shape:
            return value
        return distribute_tensor(value.to(like.device), like.device_mesh, like.placements)

    ours = state.model.state_dict()
    weights = [weight for group in state.optimizer.param_groups for weight in group["params"]]
    memory = {
        index: {name: cut(value, weights[index]) for name, value in entries.items()}
        for index, entries in checkpoint["optimizer"]["state"].items()
    }
    return checkpoint | {
        "model": {name: cut(value, ours[name]) for name, value in checkpoint["model"].items()},
        "optimizer": checkpoint["optimizer"] | {"state": memory},
    }


def is_sharded(value) -> bool:
    """Say whether a value is a tensor of which each device holds a share (a DTensor)."""
    return hasattr(value, "placements")


def all_reduce_mean(number: float, fabric: Fabric | None = None) -> float:
    """Average a number over all devices that train together; without Fabric there is one.

    Built in: 04a
    """
    if fabric is None:
        return number
    mine = torch.tensor(float(number), device=fabric.device)
    return fabric.all_reduce(mine, reduce_op="mean").item()

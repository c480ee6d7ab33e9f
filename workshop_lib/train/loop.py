"""The training loop."""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from workshop_lib.config.training import TrainConfig
from workshop_lib.data.batches import IGNORE_INDEX
from workshop_lib.model.gpt import GPT
from workshop_lib.train.checkpoint import load_checkpoint, restore
from workshop_lib.train.loss_in_chunks import loss_sum
from workshop_lib.train.optimizer import learning_rate, make_optimizer
from workshop_lib.train.parallel import all_reduce_mean
from workshop_lib.train.state import Callback, StepLog, TrainState

if TYPE_CHECKING:
    from lightning.fabric import Fabric


def repeat_epochs(loader: DataLoader, state: TrainState) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches without end, epoch after epoch, and keep track of the position in the state.

    Args:
        loader: has a generator of its own, which decides the order of each epoch.
        state: its epoch_rng and epoch_batches say where to start, and are kept up to date.

    Yields:
        (inputs, targets), each (B, T).

    Raises:
        ValueError: the loader has no generator of its own.

    Built in: 04a
    """
    if loader.generator is None:
        raise ValueError("the loader has no generator of its own: make it with make_loader")
    while True:
        if state.epoch_rng is None:
            state.epoch_rng = loader.generator.get_state()
        else:
            loader.generator.set_state(state.epoch_rng)
        for batch in islice(loader, state.epoch_batches, None):
            state.epoch_batches += 1
            yield batch
        state.epoch_rng, state.epoch_batches = None, 0


def train(
    model: GPT,
    loader: DataLoader,
    config: TrainConfig,
    *,
    on_step: Callback | None = None,
    resume: Path | str | None = None,
    fabric: "Fabric | None" = None,
    loss_fn: Callable[[nn.Module, Tensor, Tensor], Tensor] = loss_sum,
) -> list[StepLog]:
    """Train a model.

    Each target counts the same, in whichever micro-batch and on whichever device it is: the
    gradient is that of the mean loss over all targets of a step.

    Args:
        model: a GPT, changed in place.
        loader: yields (inputs, targets); made by `make_loader`.
        config: steps, schedule and optimizer.
        on_step: a callback, called after each step: it may evaluate, plot, print or save. Nothing
            it does to the model's mode or to random numbers changes the run.
        resume: a checkpoint to resume from; the result is the same as without the interruption.
        fabric: a launched Lightning Fabric, when several devices share each batch.
        loss_fn: maps (model, inputs, targets) to the summed loss of a micro-batch, in nats.

    Returns:
        One StepLog for each step done in this call.

    Raises:
        ValueError: the checkpoint belongs to another model or run, or the loss is not finite.

    Source: Radford et al. 2018, section 4.1, for the recipe this one descends from.
    Built in: 04a
    """
    wrapped = model if fabric is None else fabric.setup_module(model)
    device = model.tok_emb.weight.device
    state = TrainState(model, make_optimizer(model, config), config)
    if resume is not None:
        restore(state, load_checkpoint(resume))
    model.train()
    batches, history = repeat_epochs(loader, state), []
    while state.step < config.steps:
        lr = learning_rate(state.step, config)
        for group in state.optimizer.param_groups:
            group["lr"] = lr
        micro_batches = [next(batches) for _ in range(config.gradient_accumulation_steps)]
        n_targets, mean = count_targets(micro_batches, fabric), 0.0
        state.optimizer.zero_grad()
        for inputs, targets in micro_batches:
            loss = loss_fn(wrapped, inputs.to(device), targets.to(device)) / n_targets
            loss.backward()
            mean += loss.item()
        state.loss = all_reduce_mean(mean, fabric)
        if not math.isfinite(state.loss):
            raise ValueError(f"the loss is {state.loss} at step {state.step}: lower max_lr")
        state.grad_norm = nn.utils.clip_grad_norm_(model.parameters(), config.grad_clip).item()
        state.optimizer.step()
        state.step += 1
        state.torch_rng = torch.get_rng_state()
        history.append(StepLog(state.step, state.loss, state.grad_norm, lr))
        if on_step is not None:
            run_callback(on_step, state, loader)
    return history


def count_targets(
    micro_batches: list[tuple[Tensor, Tensor]], fabric: "Fabric | None" = None
) -> float:
    """Count the targets of a step that are not masked, as the mean over devices.

    Fabric averages the gradients of the devices. So each of them must divide its summed loss by
    the mean number of targets, not by its own.

    Args:
        micro_batches: (inputs, targets), each (B, T); B and T may differ between them.
        fabric: see `train`.

    Returns:
        The count; without Fabric a whole number.

    Built in: 04a
    """
    n_targets = sum(int((targets != IGNORE_INDEX).sum()) for _, targets in micro_batches)
    return all_reduce_mean(n_targets, fabric)


def run_callback(on_step: Callback, state: TrainState, loader: DataLoader) -> None:
    """Call on_step without letting it change the run: mode and random numbers are put back.

    Args:
        on_step: may evaluate, also on the run's own loader, sample, and draw random numbers.
        state: what on_step receives.
        loader: the run's; the state of its generator is put back too.

    Built in: 04a
    """
    was_training, order = state.model.training, loader.generator.get_state()
    with torch.random.fork_rng():
        on_step(state)
    loader.generator.set_state(order)
    state.model.train(was_training)

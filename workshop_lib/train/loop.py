"""Training: schedule, optimizer and the loop."""

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
from workshop_lib.train.state import StepLog, TrainState

if TYPE_CHECKING:
    from lightning.fabric import Fabric


def repeat_epochs(loader: DataLoader, state: TrainState) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches for ever, noting in the state where we are, and starting from there.

    Args:
        loader: with a generator of its own, which decides the order of each epoch.
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
    on_step: Callable[[TrainState], None] | None = None,
    resume: Path | str | None = None,
    fabric: "Fabric | None" = None,
    gradients: Callable[..., float] | None = None,
) -> list[StepLog]:
    """Train a model.

    Args:
        model: a GPT, changed in place.
        loader: yields (inputs, targets); made by `make_loader`.
        config: steps, schedule and optimizer.
        on_step: called after each step, to evaluate, draw, print or save. It cannot change
            the run by looking at it.
        resume: a checkpoint to go on from; the result is the same as without the break.
        fabric: a launched Lightning Fabric, where several devices share each batch.
        gradients: what is called in the place of `forward_backward`.

    Returns:
        One StepLog a step done in this call.

    Raises:
        ValueError: the checkpoint belongs to another model or run, or the loss is not finite.

    Source: Radford et al. 2018, section 4.1, for the recipe this one descends from.
    Built in: 04a
    """
    gradients = forward_backward if gradients is None else gradients
    wrapped = model if fabric is None else fabric.setup_module(model)
    state = TrainState(model, make_optimizer(model, config), config)
    if resume is not None:
        restore(state, load_checkpoint(resume))
    model.train()
    batches, history = repeat_epochs(loader, state), []
    while state.step < config.steps:
        lr = learning_rate(state.step, config)
        for group in state.optimizer.param_groups:
            group["lr"] = lr
        state.optimizer.zero_grad(set_to_none=True)
        micro_batches = [next(batches) for _ in range(config.gradient_accumulation_steps)]
        state.loss = gradients(wrapped, micro_batches, fabric)
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


def forward_backward(
    model: GPT, micro_batches: list[tuple[Tensor, Tensor]], fabric: "Fabric | None" = None
) -> float:
    """Compute the gradient of the mean loss over several micro-batches.

    Each token counts the same, in whichever micro-batch and on whichever device it stands.

    Args:
        model: a GPT; its gradients grow by the result.
        micro_batches: (inputs, targets), each (B, T); B and T may differ between them.
        fabric: see `train`. It averages the devices' gradients; so each device divides its sum
            of losses by the devices' mean number of targets, not by its own.

    Returns:
        The mean loss over all targets that count, nats per token, over all devices.

    Built in: 04a
    """
    device = model.tok_emb.weight.device
    counts = (int((targets != IGNORE_INDEX).sum()) for _, targets in micro_batches)
    n_tokens, mean = all_reduce_mean(sum(counts), fabric), 0.0
    for inputs, targets in micro_batches:
        loss = loss_sum(model, inputs.to(device), targets.to(device)) / n_tokens
        loss.backward()
        mean += loss.item()
    return all_reduce_mean(mean, fabric)


def run_callback(
    on_step: Callable[[TrainState], None], state: TrainState, loader: DataLoader
) -> None:
    """Call on_step so that it cannot change the run: same mode and same random numbers after.

    Args:
        on_step: may evaluate, also on the run's own loader, sample, and draw random numbers.
        state: what on_step receives.
        loader: the run's; its generator is put back too.

    Built in: 04a
    """
    was_training, order = state.model.training, loader.generator.get_state()
    with torch.random.fork_rng():
        on_step(state)
    loader.generator.set_state(order)
    state.model.train(was_training)

"""The verb `finetune`: a file of tasks with answers goes in, a LoRA adapter comes out.

The loop is `train.train`, the batches are those of 06a and the LoRA layers those of 06b.
"""

import math
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch.utils.data import DataLoader, Dataset

from workshop_lib.commands.on_step import StepCallback
from workshop_lib.commands.run_folder import RunFolder, clear_write_errors
from workshop_lib.config.device import pick_device
from workshop_lib.config.finetuning import FinetuneConfig
from workshop_lib.config.training import TrainConfig
from workshop_lib.finetune.batches import make_batch
from workshop_lib.finetune.examples import Example
from workshop_lib.finetune.instruction_file import check_lengths, fingerprint, read_data
from workshop_lib.finetune.lora import add_lora, lora_parameters, merge_lora, save_lora
from workshop_lib.finetune.packing import packed_loss
from workshop_lib.finetune.splitting import split
from workshop_lib.require import require_count
from workshop_lib.train.loop import train
from workshop_lib.train.parallel import with_weights
from workshop_lib.train.state import TrainState
from workshop_lib.train.validation import evaluate
from workshop_lib.weights.load import from_pretrained
from workshop_lib.weights.save import save_pretrained

ADAPTER, MERGED = "adapter.safetensors", "merged"


def finetune(
    data: Path | str,
    out: Path | str,
    config: FinetuneConfig,
    *,
    merge: bool = False,
    save_every: int = 20,
) -> bool:
    """Train an adapter on a file of examples, or resume the same run after a stop.

    Args:
        data: see `read_data`.
        out: the folder for run.json, checkpoint.pt and adapter.safetensors.
        config: base model and settings.
        merge: write out/merged too, a Hugging Face directory with the adapter in its weights.
        save_every: steps from one checkpoint to the next.

    Returns:
        Whether the run is finished; after Ctrl-C, when all is saved, it is not.

    Raises:
        FileNotFoundError: the data or the base are missing.
        ValueError: a record or a setting is bad, or `out` holds something else.
        RuntimeError: a file could not be written.
    """
    require_count("save_every", save_every)
    examples = read_data(data)
    folder = RunFolder(out, asdict(config) | {"data": fingerprint(examples)})
    model, tokenizer = from_pretrained(config.base, device=pick_device())
    style = config.style or ("chatml" if "<|im_start|>" in tokenizer.special_ids else "alpaca")
    max_tokens = min(config.max_tokens or model.config.context_length, model.config.context_length)
    check_lengths(examples, tokenizer, style, max_tokens)
    training: list[Example] = examples
    held_out: list[Example] = []
    if config.held_out:
        training, held_out = split(examples, test_fraction=config.held_out, seed=config.seed)
    run = train_config(config, len(training), max_tokens)
    torch.manual_seed(config.seed)
    add_lora(model, rank=config.rank, alpha=config.alpha, targets=config.targets)
    folder.claim()  # every fault of data and settings has been found by now

    collate = partial(make_batch, tokenizer=tokenizer, max_tokens=max_tokens, style=style)
    order = torch.Generator().manual_seed(config.seed)

    def load(part: list[Example], **settings: Any) -> DataLoader:
        return DataLoader(cast(Dataset, part), config.batch_size, collate_fn=collate, **settings)

    def report(when: str) -> None:
        if held_out:
            print(f"held-out loss {when}: {evaluate(model, load(held_out)):.3f} nats per token")

    loader = load(training, shuffle=True, generator=order)
    print(f"{len(training)} examples to train on, {len(held_out)} held out; {run.steps} steps")
    report("before")
    n_tokens = sum(collate([example]).inputs.numel() for example in training)  # no padding
    callback = StepCallback(
        folder,
        steps=run.steps,
        save_every=save_every,
        tokens_per_step=n_tokens / len(training) * config.batch_size,
        to_save=adapter_alone,
    )
    summed = partial(packed_loss, reduction="sum")
    with callback:
        train(model, loader, run, on_step=callback, resume=folder.resume, loss_fn=summed)
    if callback.stopped:
        return False
    report("after")
    with clear_write_errors(folder.path):
        save_lora(model, folder.path / ADAPTER)
    print(f"The adapter is {folder.path / ADAPTER}.")
    if merge:
        merge_lora(model)
        with clear_write_errors(folder.path):
            save_pretrained(model, tokenizer, folder.path / MERGED)
        print(f"The merged model is {folder.path / MERGED}.")
    return True


def train_config(config: FinetuneConfig, n_examples: int, max_tokens: int) -> TrainConfig:
    """Give the settings of the training loop for a finetuning run.

    Args:
        config: the run's.
        n_examples: to train on.
        max_tokens: the maximum length of an example.
    """
    steps = config.epochs * math.ceil(n_examples / config.batch_size)
    return TrainConfig(
        steps=steps,
        batch_size=config.batch_size,
        context_length=max_tokens,
        max_lr=config.learning_rate,
        min_lr=0.0,
        warmup_steps=min(10, steps // 4),
        weight_decay=0.0,
        seed=config.seed,
    )


def adapter_alone(state: TrainState) -> TrainState:
    """Copy a state without the frozen weights, to save it: the base model has them."""
    matrices = lora_parameters(state.model)
    return with_weights(state, {name: matrix.detach() for name, matrix in matrices.items()})

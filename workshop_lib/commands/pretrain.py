"""The verb `pretrain`: a text goes in, a folder with a checkpoint and a finished model comes out.

The loop is `train.train`; Lightning Fabric runs it on several devices.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from workshop_lib.commands.on_step import StepCallback
from workshop_lib.commands.run_folder import RunFolder, clear_write_errors
from workshop_lib.config.model import GPTConfig, resized
from workshop_lib.config.presets import PRESETS
from workshop_lib.config.profiles import GPT2_RUN, PRETRAIN, PRETRAIN_MODEL, profile
from workshop_lib.config.training import TrainConfig
from workshop_lib.data.batches import make_loader
from workshop_lib.data.documents import (
    encode_documents,
    fingerprint,
    make_tokenizer,
    read_documents,
)
from workshop_lib.model.gpt import GPT
from workshop_lib.require import require_choice, require_count
from workshop_lib.tokenizer.load import load_tokenizer
from workshop_lib.tokenizer.protocol import Tokenizer
from workshop_lib.train.checkpoint import load_checkpoint
from workshop_lib.train.loop import train
from workshop_lib.train.parallel import full_state, launch, shard_batches
from workshop_lib.weights.save import save_pretrained


def choose_configs(preset: str | None = None, **changes: Any) -> tuple[GPTConfig, TrainConfig]:
    """Choose the configs of a model and of its run.

    Args:
        preset: a name in PRESETS; None means the profile's model, at "gpu" GPT-2 124M.
        changes: fields of GPTConfig and TrainConfig by name; None leaves a field as it is.

    Returns:
        Both configs, with one context length.

    Raises:
        ValueError: there is no such preset, or a size is not possible.
    """
    if preset is None and profile() == "gpu":
        preset = "gpt2"
    if preset is not None:
        require_choice("preset", preset, PRESETS)
    model = PRETRAIN_MODEL[profile()] if preset is None else PRESETS[preset]
    run = GPT2_RUN if profile() == "gpu" and preset == "gpt2" else PRETRAIN[profile()]
    given = {name: value for name, value in changes.items() if value is not None}
    given.setdefault("context_length", min(model.context_length, run.context_length))
    if "max_lr" in given:
        given.setdefault("min_lr", given["max_lr"] / 10)
    of_model = {name: given[name] for name in GPTConfig.__dataclass_fields__ if name in given}
    of_run = {name: given[name] for name in TrainConfig.__dataclass_fields__ if name in given}
    return resized(model, **of_model), replace(run, **of_run)


def pretrain(
    out: Path | str,
    model_config: GPTConfig,
    run_config: TrainConfig,
    *,
    text: Path | str | None = None,
    devices: int = 1,
    nodes: int = 1,
    strategy: str = "ddp",
    save_every: int = 100,
) -> bool:
    """Train a model on a text, or resume the same run after a stop.

    Args:
        out: the folder for the checkpoint, the loss log and the finished model.
        model_config: the model; its vocab_size is an upper limit.
        run_config: its batch_size is the number of windows on all devices together.
        text: see `read_documents`.
        devices: see `launch`.
        nodes: see `launch`.
        strategy: see `launch`.
        save_every: steps from one checkpoint to the next.

    Returns:
        Whether the run is finished; after Ctrl-C, when all is saved, it is not.

    Raises:
        ValueError: the text or a size is not possible, or `out` holds something else.
        RuntimeError: a file could not be written.
    """
    for name, value in (("devices", devices), ("nodes", nodes), ("save_every", save_every)):
        require_count(name, value)
    if run_config.batch_size < devices * nodes:
        raise ValueError(
            f"batch_size {run_config.batch_size} is too small for {devices * nodes} devices: "
            "each needs one window or more"
        )
    documents = read_documents(text)
    configs = {"model": asdict(model_config), "train": asdict(run_config)}
    folder = RunFolder(out, configs | {"text": fingerprint(documents)})
    tokenizer: Tokenizer
    if folder.is_new:
        tokenizer = make_tokenizer(documents, model_config.vocab_size)
    else:
        tokenizer = load_tokenizer(folder.path)
    token_ids = encode_documents(documents, tokenizer)
    order = torch.Generator().manual_seed(run_config.seed)
    loader = make_loader(token_ids, run_config, generator=order)
    torch.manual_seed(run_config.seed)
    model = GPT(replace(model_config, vocab_size=tokenizer.vocab_size))
    folder.claim(tokenizer.save)  # every fault of text and sizes has been found by now
    fabric = launch(devices, nodes, strategy)
    shard_batches(loader, fabric)
    if fabric.device.type == "cuda":
        for block in model.blocks:
            block.compile()  # block by block: all are alike, so the work is done once
    n_weights = sum(weight.numel() for weight in model.parameters())
    shared = f", {strategy}" if fabric.world_size > 1 else ""
    fabric.print(
        f"{'Resuming' if folder.resume else 'Training'} {n_weights:,} weights on {len(token_ids):,} "
        f"tokens, with {fabric.world_size} x {fabric.device.type}{shared}"
    )
    windows_per_step = run_config.batch_size * run_config.gradient_accumulation_steps
    callback = StepCallback(
        folder,
        steps=run_config.steps,
        save_every=save_every,
        tokens_per_step=windows_per_step * run_config.context_length,
        to_save=full_state,
        log_losses=True,
        fabric=fabric,
    )
    with callback:
        train(model, loader, run_config, on_step=callback, resume=folder.resume, fabric=fabric)
    if callback.stopped:
        # Fabric kills all processes if one of the others does not end with 0.
        return not fabric.is_global_zero
    if fabric.is_global_zero:
        finish(folder, tokenizer)
    return True


def finish(folder: RunFolder, tokenizer: Tokenizer) -> None:
    """Write the finished model beside its checkpoint, as a Hugging Face directory.

    Args:
        folder: the run's.
        tokenizer: the run's.
    """
    content = load_checkpoint(folder.checkpoint)
    model = GPT(content["model_config"])
    model.load_state_dict(content["model"])
    with clear_write_errors(folder.path):
        save_pretrained(model, tokenizer, folder.path)
    print(f"The model is in {folder.path}, trained for {content['step']:,} steps.")

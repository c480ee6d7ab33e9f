"""The verb `pretrain`: a text goes in, a folder with a checkpoint and a finished model comes out.

The loop is `train.train`; Lightning Fabric shares it among devices.
"""

from dataclasses import replace
from pathlib import Path

import torch

from workshop_lib.commands.interrupt import Interrupt
from workshop_lib.commands.on_step import Stopped, Watch
from workshop_lib.commands.run_folder import CHECKPOINT, Run, clear_write_errors, holds, make_folder
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
from workshop_lib.tokenizer.byte_level_bpe import BPETokenizer
from workshop_lib.tokenizer.load import load_tokenizer
from workshop_lib.train.checkpoint import load_checkpoint
from workshop_lib.train.loop import train
from workshop_lib.train.parallel import launch, shard_batches
from workshop_lib.weights.save import save_pretrained


def choose_configs(preset: str | None = None, **changes) -> tuple[GPTConfig, TrainConfig]:
    """Put the sizes of a model and of its run together.

    Args:
        preset: a name in PRESETS; None means the profile's model, at "gpu" GPT-2 124M.
        changes: fields of GPTConfig and TrainConfig by name; None leaves a field as it is.

    Returns:
        Both configs, with one context length.

    Raises:
        ValueError: there is no such preset, or a size cannot be.
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
    """Train a model on a text, or go on with the same run where it was stopped.

    Args:
        out: the folder for the checkpoint, the loss log and the finished model.
        model_config: the model; its vocab_size is an upper limit.
        run_config: its batch_size counts the windows of all devices together.
        text: see `read_documents`.
        devices: see `launch`.
        nodes: see `launch`.
        strategy: see `launch`.
        save_every: steps from one checkpoint to the next.

    Returns:
        Whether the run is finished; after Ctrl-C, with all saved, it is not.

    Raises:
        ValueError: the text or a size will not do, or `out` holds something else.
        RuntimeError: a file could not be written.
    """
    out = Path(out)
    for name, value in (("devices", devices), ("nodes", nodes), ("save_every", save_every)):
        require_count(name, value)
    if run_config.batch_size < devices * nodes:
        raise ValueError(
            f"batch_size {run_config.batch_size} is too small for {devices * nodes} devices: "
            "each needs one window or more"
        )
    documents = read_documents(text)
    run = Run(model_config, run_config, fingerprint(documents))
    is_new = not holds(out, run)
    tokenizer = (
        make_tokenizer(documents, model_config.vocab_size) if is_new else load_tokenizer(out)
    )
    token_ids = encode_documents(documents, tokenizer)
    order = torch.Generator().manual_seed(run_config.seed)
    loader = make_loader(token_ids, run_config, generator=order)
    torch.manual_seed(run_config.seed)
    model = GPT(replace(model_config, vocab_size=tokenizer.vocab_size))
    if is_new:  # all that can be wrong with text and sizes has come out by now
        with clear_write_errors(out):
            make_folder(out, run, tokenizer)
    fabric = launch(devices, nodes, strategy)
    shard_batches(loader, fabric)
    if fabric.device.type == "cuda":
        for block in model.blocks:
            block.compile()  # block by block: all are alike, so the work is done once
    checkpoint = out / CHECKPOINT
    resume = checkpoint if checkpoint.is_file() else None
    n_weights = sum(weight.numel() for weight in model.parameters())
    shared = f", {strategy}" if fabric.world_size > 1 else ""
    fabric.print(
        f"{'Going on with' if resume else 'Training'} {n_weights:,} weights on {len(token_ids):,} "
        f"tokens, with {fabric.world_size} x {fabric.device.type}{shared}"
    )
    with Interrupt() as interrupt:
        watch = Watch(out, run_config.steps, fabric, interrupt, save_every)
        try:
            train(model, loader, run_config, on_step=watch, resume=resume, fabric=fabric)
        except Stopped as stopped:
            fabric.print(stopped)
            # Fabric kills all processes when one of the others does not end with 0.
            return not fabric.is_global_zero
        finally:
            watch.close()
    if fabric.is_global_zero:
        finish(out, tokenizer)
    return True


def finish(out: Path, tokenizer: BPETokenizer) -> None:
    """Write the finished model beside its checkpoint, as a Hugging Face directory."""
    content = load_checkpoint(out / CHECKPOINT)
    model = GPT(content["model_config"])
    model.load_state_dict(content["model"])
    with clear_write_errors(out):
        save_pretrained(model, tokenizer, out)
    print(f"The model is in {out}, trained for {content['step']:,} steps.")


# --- After each step ---------------------------------------------------------------------

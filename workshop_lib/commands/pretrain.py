"""The verb `pretrain`: a text goes in, a folder with a checkpoint and a finished model comes out.

The loop is `train.train`; Lightning Fabric shares it among devices.
"""

import json
import time
from dataclasses import replace
from pathlib import Path

import torch

from workshop_lib.checkpoint import load_checkpoint, save_checkpoint
from workshop_lib.config import PRESETS, PRETRAIN, PRETRAIN_MODEL, GPTConfig, TrainConfig, profile
from workshop_lib.corpus import encode_documents, fingerprint, make_tokenizer, read_documents
from workshop_lib.data import make_loader
from workshop_lib.export import save_pretrained
from workshop_lib.interrupt import Interrupt
from workshop_lib.model import GPT
from workshop_lib.parallel import gathered, is_sharded, launch, share_batches
from workshop_lib.progress import is_static, progress
from workshop_lib.require import require_choice, require_count
from workshop_lib.run_folder import (
    CHECKPOINT,
    LOG,
    Run,
    clear_write_errors,
    holds,
    make_folder,
    write_json,
)
from workshop_lib.tokenizer import BPETokenizer, load_tokenizer
from workshop_lib.train import TrainState, average, train

# GPT-2 124M at the gpu profile: batches of 131,072 tokens, rates as in Brown et al. 2020, table 2.1.
GPT2_RUN = TrainConfig(
    steps=2000,
    batch_size=16,
    context_length=1024,
    accumulate=8,
    max_lr=6e-4,
    min_lr=6e-5,
    warmup_steps=200,
)


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
    return replace(model, **of_model), replace(run, **of_run)


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
    share_batches(loader, fabric)
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


class Stopped(Exception):
    """Ctrl-C was pressed, and the step it fell into is saved."""


class Watch:
    """What happens after each step: the bar moves, and now and then all is saved.

    Args:
        out: the run's folder.
        steps: steps in the whole run.
        fabric: the run's.
        interrupt: says whether Ctrl-C was pressed.
        save_every: steps from one checkpoint to the next.
    """

    def __init__(self, out: Path, steps: int, fabric, interrupt: Interrupt, save_every: int):
        self.out, self.fabric, self.interrupt, self.save_every = out, fabric, interrupt, save_every
        self.losses = json.loads((out / LOG).read_text("utf-8")) if (out / LOG).is_file() else []
        self.bar = progress(range(steps), "steps") if fabric.is_global_zero else None
        self.began, self.first_step = time.perf_counter(), None

    def __call__(self, state: TrainState) -> None:
        self.losses = self.losses[: state.step - 1] + [round(state.loss, 4)]
        if self.bar is not None:
            self.show(state)
        # The devices must agree: whichever noticed Ctrl-C, all of them stop after this step.
        stop = average(self.interrupt.came, self.fabric) > 0
        done = state.step == state.config.steps
        if stop or done or state.step % self.save_every == 0:
            self.save(state)
        if stop and not done:
            raise Stopped(f"Stopped and saved after step {state.step}; the same command goes on.")

    def show(self, state: TrainState) -> None:
        """Move the bar to the state's step, with its loss and the tokens a second so far."""
        if self.first_step is None:
            self.first_step = self.bar.initial = self.bar.n = state.step - 1
        config, seconds = state.config, time.perf_counter() - self.began
        steps = state.step - self.first_step
        n_tokens = steps * config.batch_size * config.accumulate * config.context_length
        speed = "" if is_static() else f", {n_tokens / seconds:,.0f} tokens/s"
        self.bar.set_postfix_str(f"loss {state.loss:.2f}{speed}", refresh=False)
        self.bar.update()

    def save(self, state: TrainState) -> None:
        """Write the losses, then the checkpoint: a crash between them loses neither."""
        if is_sharded(next(state.model.parameters())):
            state = gathered(state)
        if self.fabric.is_global_zero:
            with clear_write_errors(self.out):
                write_json(self.out / LOG, self.losses)
                save_checkpoint(self.out / CHECKPOINT, state)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()

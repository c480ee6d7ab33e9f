"""The verb `finetune`: a file of tasks with answers goes in, a LoRA adapter comes out.

The loop is `train.train`, the batches are 06a's and the matrices 06b's.
"""

import json
import math
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import torch
from torch.utils.data import DataLoader

from workshop_lib.commands.interrupt import Interrupt
from workshop_lib.commands.run_folder import CHECKPOINT, RUN, clear_write_errors
from workshop_lib.config.device import pick_device
from workshop_lib.config.training import TrainConfig
from workshop_lib.data.batches import IGNORE_INDEX
from workshop_lib.files import write_json
from workshop_lib.finetune.batches import make_batch
from workshop_lib.finetune.instruction_file import check_lengths, fingerprint, read_data
from workshop_lib.finetune.lora import add_lora, lora_parameters, merge_lora, save_lora
from workshop_lib.finetune.packing import packed_loss
from workshop_lib.finetune.prompts import STYLES
from workshop_lib.finetune.splitting import split
from workshop_lib.progress import progress
from workshop_lib.require import require_choice, require_count
from workshop_lib.train.checkpoint import save_checkpoint
from workshop_lib.train.loop import train
from workshop_lib.train.state import TrainState
from workshop_lib.train.validation import evaluate
from workshop_lib.weights.load import from_pretrained
from workshop_lib.weights.save import save_pretrained

ADAPTER, MERGED = "adapter.safetensors", "merged"


@dataclass(frozen=True)
class Finetuning:
    """What a run is made of. The same data and the same settings are the same run.

    Args:
        base: the model to start from, see `weights.from_pretrained`.
        style: the prompt template; None means "chatml" where the base has its tokens.
        epochs: how often the run goes through its examples.
        batch_size: examples a step.
        learning_rate: AdamW's greatest rate.
        rank, alpha, targets: see `lora.add_lora`.
        max_tokens: the most tokens an example may have; None means as many as the base can read.
        held_out: the share of the examples to test on and not to train on; 0 for none.
        seed: of everything random in the run.
    """

    base: str = "smollm2"
    style: str | None = None
    epochs: int = 3
    batch_size: int = 4
    learning_rate: float = 1e-3
    rank: int = 8
    alpha: float = 16.0
    targets: tuple[str, ...] = ("q", "v")
    max_tokens: int | None = None
    held_out: float = 0.1
    seed: int = 0

    def __post_init__(self):
        for name in ("epochs", "batch_size", "rank"):
            require_count(name, getattr(self, name))
        if self.style is not None:
            require_choice("style", self.style, STYLES)
        if self.max_tokens is not None:
            require_count("max_tokens", self.max_tokens)
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out {self.held_out} is outside 0 <= held_out < 1")


def finetune(
    data: Path | str, out: Path | str, run: Finetuning, *, merge: bool = False, save_every: int = 20
) -> bool:
    """Train an adapter on a file of examples, or go on where the same run was stopped.

    Args:
        data: see `read_data`.
        out: the folder for run.json, checkpoint.pt and adapter.safetensors.
        run: base and settings.
        merge: write out/merged too, a Hugging Face directory with the adapter in its weights.
        save_every: steps from one checkpoint to the next.

    Returns:
        Whether the run is finished; after Ctrl-C, with all saved, it is not.

    Raises:
        FileNotFoundError: the data or the base are missing.
        ValueError: a record or a setting is bad, or `out` holds another run.
    """
    require_count("save_every", save_every)
    examples, out = read_data(data), Path(out)
    model, tokenizer = from_pretrained(run.base, device=pick_device())
    style = run.style or ("chatml" if "<|im_start|>" in tokenizer.special_ids else "alpaca")
    max_tokens = min(run.max_tokens or math.inf, model.config.context_length)
    check_lengths(examples, tokenizer, style, max_tokens)
    training, held_out = examples, []
    if run.held_out:
        training, held_out = split(examples, test_fraction=run.held_out, seed=run.seed)
    steps = run.epochs * math.ceil(len(training) / run.batch_size)
    config = TrainConfig(
        steps=steps,
        batch_size=run.batch_size,
        context_length=max_tokens,
        max_lr=run.learning_rate,
        min_lr=0.0,
        warmup_steps=min(10, steps // 4),
        weight_decay=0.0,
        seed=run.seed,
    )
    torch.manual_seed(run.seed)
    add_lora(model, rank=run.rank, alpha=run.alpha, targets=run.targets)
    # All that can be wrong with data and settings has come out by now.
    claim(out, asdict(run) | {"data": fingerprint(examples)})

    def load(part: list, **how) -> DataLoader:
        lay_out = partial(make_batch, tokenizer=tokenizer, max_tokens=max_tokens, style=style)
        return DataLoader(part, run.batch_size, collate_fn=lay_out, **how)

    def report(when: str) -> None:
        if held_out:
            print(f"held-out loss {when}: {evaluate(model, load(held_out)):.3f} nats per token")

    print(f"{len(training)} examples to train on, {len(held_out)} held out; {steps} steps")
    report("before")
    checkpoint = out / CHECKPOINT
    resume = checkpoint if checkpoint.is_file() else None
    loader = load(training, shuffle=True, generator=torch.Generator().manual_seed(run.seed))
    with Interrupt() as interrupt, Watch(checkpoint, steps, interrupt, save_every) as watch:
        try:
            train(model, loader, config, on_step=watch, resume=resume, gradients=watch.gradients)
        except Stopped as stopped:
            print(stopped)
            return False
    report("after")
    save_lora(model, out / ADAPTER)
    print(f"The adapter is {out / ADAPTER}.")
    if merge:
        save_pretrained(merge_lora(model), tokenizer, out / MERGED)
        print(f"The merged model is {out / MERGED}.")
    return True


def claim(out: Path, settings: dict) -> None:
    """Write the settings of a run into its folder, or raise unless they are there already."""
    path = out / RUN
    settings = json.loads(json.dumps(settings))
    if not path.is_file():
        out.mkdir(parents=True, exist_ok=True)
        write_json(path, settings)
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    for name, value in settings.items():
        if before.get(name) != value:
            what = "" if name == "data" else f": {before.get(name)} there, {value} here"
            raise ValueError(f"{out} holds a run with other {name}{what}; choose another --out")


class Stopped(Exception):
    """Ctrl-C was pressed, and the step it fell into is saved."""


class Watch:
    """What happens around each step: the bar moves, and now and then a checkpoint is saved.

    Args:
        checkpoint: the file.
        steps: of the whole run.
        interrupt: says whether Ctrl-C was pressed.
        save_every: steps from one checkpoint to the next.
    """

    def __init__(self, checkpoint: Path, steps: int, interrupt: Interrupt, save_every: int):
        self.checkpoint, self.steps = checkpoint, steps
        self.interrupt, self.save_every = interrupt, save_every
        self.tokens, self.start = 0, time.perf_counter()
        self.bar = progress(None, "finetune", total=steps)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()

    def gradients(self, model, micro_batches: list, fabric=None) -> float:
        """Compute the gradients of a step on packed rows, and count their tokens."""
        device = model.tok_emb.weight.device
        n_targets = sum(int((targets != IGNORE_INDEX).sum()) for _, targets in micro_batches)
        mean = 0.0
        for inputs, targets in micro_batches:
            ends = (targets != IGNORE_INDEX) * torch.arange(1, targets.shape[1] + 1)
            self.tokens += int(ends.amax(dim=1).sum())  # prompts and answers, without padding
            nats = packed_loss(model, inputs.to(device), targets.to(device), reduction="sum")
            (nats / n_targets).backward()
            mean += nats.item() / n_targets
        return mean

    def __call__(self, state: TrainState) -> None:
        """Show where the run stands, and save it if it is time."""
        speed = self.tokens / (time.perf_counter() - self.start)
        if self.bar.n == 0:  # after a break, time left is reckoned from here
            self.bar.n = self.bar.initial = state.step - 1
        self.bar.set_postfix_str(f"loss {state.loss:.2f}, {speed:,.0f} tokens/s", refresh=False)
        self.bar.update(state.step - self.bar.n)
        stop, done = self.interrupt.came, state.step == self.steps
        if stop or done or state.step % self.save_every == 0:
            with clear_write_errors(self.checkpoint.parent):
                save_checkpoint(self.checkpoint, adapter_alone(state))
        if stop and not done:
            raise Stopped(f"Stopped and saved after step {state.step}; the same command goes on.")


def adapter_alone(state: TrainState) -> TrainState:
    """Give a state without the frozen weights, to save: these are in the base."""
    weights = {name: matrix.detach() for name, matrix in lora_parameters(state.model).items()}
    model = SimpleNamespace(config=state.model.config, state_dict=lambda: weights)
    return replace(state, model=model)

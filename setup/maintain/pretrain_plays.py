"""Pretrain the two models that the workshop ships: python setup/maintain/pretrain_plays.py plays-gpt2

Both read the same plays with the same tokenizer, in the same batches, for as many steps. The
model, its tokenizer and the log of its losses go to 04_pretraining/NAME; a run that was stopped
goes on where it stood. Each takes about an hour on one core.
"""

import argparse
import json
import math
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.utils.data import DataLoader

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from workshop_lib import assets, train  # noqa: E402
from workshop_lib.config import PRESETS, TrainConfig  # noqa: E402
from workshop_lib.data import make_loader, train_val_split  # noqa: E402
from workshop_lib.model import GPT  # noqa: E402
from workshop_lib.tokenizer import BPETokenizer, train_bpe  # noqa: E402
from workshop_lib.weights import save_pretrained  # noqa: E402

NAMES = ("plays-gpt2", "plays-llama")
RUN = TrainConfig(
    steps=1200,
    batch_size=16,
    context_length=256,
    max_lr=5e-3,
    min_lr=0.0,
    warmup_steps=20,
    optimizer="muon",
)
LOOK_EVERY = 100


@dataclass
class Start:
    """What a run starts from: the untrained model, its tokenizer and its two loaders."""

    model: GPT
    tokenizer: BPETokenizer
    loader: DataLoader
    unseen: DataLoader
    tokens_per_character: float


def prepare(name: str, run: TrainConfig) -> Start:
    """Split the plays, train the tokenizer on the training scenes, make loaders and model."""
    train_text, val_text = train_val_split(assets.plays())
    tokenizer = train_bpe(train_text, PRESETS[name].vocab_size)
    val_ids = tokenizer.encode(val_text)
    order = torch.Generator().manual_seed(run.seed)
    loader = make_loader(tokenizer.encode(train_text), run, generator=order)
    unseen = make_loader(val_ids, run, generator=torch.Generator(), shuffle=False)
    torch.manual_seed(run.seed)
    return Start(GPT(PRESETS[name]), tokenizer, loader, unseen, len(val_ids) / len(val_text))


def pretrain(name: str, run: TrainConfig, folder: Path, checkpoint: Path) -> float:
    """Train one of the models, and write it beside its tokenizer and its loss log.

    Args:
        name: one of NAMES.
        run: steps, schedule and optimizer.
        folder: where the finished model goes.
        checkpoint: where the unfinished run is kept; if it is there, the run goes on from it.

    Returns:
        Bits per character on the unseen scenes.
    """
    start = prepare(name, run)
    log = checkpoint.with_suffix(".json")
    curves = {"training": [], "validation": []}
    begun = checkpoint.is_file()
    if begun:
        steps = train.load_checkpoint(checkpoint)["step"]  # the log may be ahead of it
        for curve, points in json.loads(log.read_text("utf-8")).items():
            curves[curve] = [(step, loss) for step, loss in points if step <= steps]

    def on_step(state):
        last = state.step == run.steps
        curves["training"].append((state.step, round(state.loss, 4)))
        if state.step % LOOK_EVERY == 0 or last:
            few = None if last else 4  # batches; all of them at the end
            loss = train.evaluate(state.model, start.unseen, max_batches=few)
            curves["validation"].append((state.step, round(loss, 4)))
            print(f"step {state.step}  loss {state.loss:.3f}  unseen {loss:.3f}", flush=True)
            log.write_text(json.dumps(curves), encoding="utf-8")
            train.save_checkpoint(checkpoint, state)

    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    resume = checkpoint if begun else None
    train.train(start.model, start.loader, run, on_step=on_step, resume=resume)
    bits = curves["validation"][-1][1] / math.log(2) * start.tokens_per_character
    save_pretrained(start.model, start.tokenizer, folder, dtype=torch.float16)
    record = {
        "model": name,
        "run": asdict(run),
        "bits_per_character": round(bits, 4),
        "curves": curves,
    }
    (folder / "loss_log.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
    return bits


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=NAMES)
    name = parser.parse_args().name
    torch.set_num_threads(1)  # so that the result does not depend on the number of cores
    checkpoint = ROOT / "work" / "checkpoints" / f"{name}.pt"
    bits = pretrain(name, RUN, ROOT / "04_pretraining" / name, checkpoint)
    print(f"{name}: {bits:.3f} bits per character on unseen scenes")


if __name__ == "__main__":
    main()

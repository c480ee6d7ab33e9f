"""Pretrain the two models that the workshop ships: python setup/pretrain_plays.py plays-gpt2

Both read the same plays with the same tokenizer, in the same batches, for as many steps. The
model, its tokenizer and the log of its losses go to 04_pretraining/NAME; a run that was stopped
goes on where it stood. Each takes about an hour on one core.
"""

import argparse
import json
import math
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workshop_lib import assets, train  # noqa: E402
from workshop_lib.config import PRESETS, TrainConfig  # noqa: E402
from workshop_lib.data import make_loader, train_val_split  # noqa: E402
from workshop_lib.export import save_pretrained  # noqa: E402
from workshop_lib.model import GPT  # noqa: E402
from workshop_lib.tokenizer import train_bpe  # noqa: E402

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


def pretrain(name: str, run: TrainConfig) -> None:
    """Train one of the models, and write it beside its tokenizer and its loss log."""
    torch.set_num_threads(1)  # so that the result does not depend on the number of cores
    train_text, val_text = train_val_split(assets.plays())
    tokenizer = train_bpe(train_text, PRESETS[name].vocab_size)
    val_ids = tokenizer.encode(val_text)
    val_loader = make_loader(val_ids, run, generator=torch.Generator(), shuffle=False)
    loader = make_loader(
        tokenizer.encode(train_text), run, generator=torch.Generator().manual_seed(run.seed)
    )
    torch.manual_seed(run.seed)
    model = GPT(PRESETS[name])
    checkpoint = ROOT / "work" / "checkpoints" / f"{name}.pt"
    log = checkpoint.with_suffix(".json")
    curves = (
        json.loads(log.read_text("utf-8"))
        if checkpoint.is_file()
        else {"training": [], "validation": []}
    )
    began = time.process_time()

    def on_step(state):
        curves["training"].append((state.step, round(state.loss, 4)))
        if state.step % LOOK_EVERY == 0 or state.step == run.steps:
            loss = train.evaluate(
                model, val_loader, max_batches=None if state.step == run.steps else 4
            )
            curves["validation"].append((state.step, round(loss, 4)))
            seconds = time.process_time() - began
            print(
                f"step {state.step}  loss {state.loss:.3f}  unseen {loss:.3f}  {seconds:.0f} s",
                flush=True,
            )
            log.write_text(json.dumps(curves), encoding="utf-8")
            train.save_checkpoint(checkpoint, state)

    train.train(
        model, loader, run, on_step=on_step, resume=checkpoint if checkpoint.is_file() else None
    )
    bits = curves["validation"][-1][1] / math.log(2) * len(val_ids) / len(val_text)
    folder = ROOT / "04_pretraining" / name
    save_pretrained(model, tokenizer, folder, dtype=torch.float16)
    record = {
        "model": name,
        "run": asdict(run),
        "bits_per_character": round(bits, 4),
        "curves": curves,
    }
    (folder / "loss_log.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
    print(f"{name}: {bits:.3f} bits per character on unseen scenes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=NAMES)
    pretrain(parser.parse_args().name, RUN)

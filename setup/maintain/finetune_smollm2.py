"""Finetune SmolLM2 on the workshop's instructions: python setup/maintain/finetune_smollm2.py

Makes 06_finetuning/lora-smollm2/adapter.safetensors, the LoRA adapter that 06d evaluates. It never
sees the held-out tasks. A run that was stopped goes on where it stood; it takes about a quarter of
an hour on one core.
"""

import argparse
import random
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from workshop_lib import assets  # noqa: E402
from workshop_lib.config import TrainConfig  # noqa: E402
from workshop_lib.data import IGNORE_INDEX  # noqa: E402
from workshop_lib.finetune import (  # noqa: E402  # noqa: E402
    TARGETS,
    add_lora,
    lora_parameters,
    make_batch,
    read_examples,
    save_lora,
    split,
)
from workshop_lib.train import learning_rate  # noqa: E402
from workshop_lib.weights import from_pretrained  # noqa: E402

LORA = {"rank": 3, "alpha": 6.0, "targets": TARGETS}  # 2 bytes a number: below 2 MB
EPOCHS, BATCH = 2, 8
SAVE_EVERY = 20


def batches(examples: list, seed: int) -> list[list]:
    """Deal examples into batches of about equal length, so that little padding is computed."""
    rng = random.Random(seed)
    dealt = []
    for _ in range(EPOCHS):
        order = rng.sample(examples, len(examples))
        chunks = [order[start : start + 8 * BATCH] for start in range(0, len(order), 8 * BATCH)]
        for chunk in chunks:
            chunk.sort(key=lambda example: len(example.instruction + example.input))
            parts = [chunk[start : start + BATCH] for start in range(0, len(chunk), BATCH)]
            dealt += rng.sample(parts, len(parts))
    return dealt


def finetune(run: TrainConfig, training: list, seconds: float) -> None:
    """Train for as many seconds as given, or to the end; then write the adapter."""
    torch.set_num_threads(1)  # so that the result does not depend on the number of cores
    model, tokenizer = from_pretrained("smollm2")
    torch.manual_seed(run.seed)
    add_lora(model, **LORA)
    matrices = lora_parameters(model)
    optimizer = torch.optim.AdamW(matrices.values(), lr=run.max_lr, weight_decay=0.0)
    checkpoint = ROOT / "work" / "checkpoints" / "lora-smollm2.pt"
    step = 0
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True)
        step = saved["step"]
        model.load_state_dict(saved["matrices"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
    dealt, began = batches(training, run.seed), time.monotonic()
    while step < run.steps:
        batch = make_batch(dealt[step], tokenizer, max_tokens=256)
        counts = batch.targets != IGNORE_INDEX  # only these places need logits
        logits = model.head(model.hidden(batch.inputs)[counts])
        loss = F.cross_entropy(logits, batch.targets[counts])
        optimizer.param_groups[0]["lr"] = learning_rate(step, run)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if step % SAVE_EVERY == 0 or step == run.steps:
            print(
                f"step {step}  loss {loss.item():.3f}  {time.monotonic() - began:.0f} s", flush=True
            )
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            state = {"step": step, "matrices": matrices, "optimizer": optimizer.state_dict()}
            torch.save(state, checkpoint)
            if time.monotonic() - began > seconds and step < run.steps:
                return
    for matrix in matrices.values():
        matrix.data = matrix.data.half()
    path = ROOT / "06_finetuning" / "lora-smollm2" / "adapter.safetensors"
    save_lora(model, path)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after about so long"
    )
    args = parser.parse_args()
    training, _ = split(read_examples(assets.instructions()), test_fraction=0.25, seed=0)
    run = TrainConfig(
        steps=len(batches(training, 0)), batch_size=BATCH, context_length=256, max_lr=1e-3,
        min_lr=0.0, warmup_steps=10, seed=0,
    )  # fmt: skip
    finetune(run, training, args.seconds)

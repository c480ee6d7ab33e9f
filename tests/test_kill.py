"""A run that is killed, at any moment and again and again, ends with the weights of one that is not.

The killing is real: SIGKILL, which no program can catch, from outside at random moments and from
within while half a checkpoint is written.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"),
    reason="this system has no SIGKILL: Windows ends processes otherwise",
)

STEPS = 60
RUN = f"""
import os, signal, sys
import torch
from dataclasses import replace
from pathlib import Path
from workshop_lib.train import checkpoint
from workshop_lib.config import PRESETS, TrainConfig
from workshop_lib.data import make_loader
from workshop_lib.model import GPT
from workshop_lib.train import save_checkpoint, train

torch.set_num_threads(1)
folder, die_in_save = Path(sys.argv[1]), int(sys.argv[2])
config = TrainConfig(
    steps={STEPS}, batch_size=4, context_length=16, gradient_accumulation_steps=2,
    warmup_steps=5, optimizer=sys.argv[3],
)
ids = torch.randint(64, (1000,), generator=torch.Generator().manual_seed(0))
loader = make_loader(ids, config, generator=torch.Generator().manual_seed(1))
torch.manual_seed(2)
model = GPT(replace(PRESETS["tiny"], dropout=0.1))
path = folder / "run.pt"
saves, whole_save = 0, torch.save


def save_half_and_die(content, file):
    whole_save(content, file)
    written = Path(file).read_bytes()
    Path(file).write_bytes(written[: len(written) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def on_step(state):
    global saves
    saves += 1
    if saves == die_in_save:
        torch.save = save_half_and_die
    save_checkpoint(path, state)
    print(state.step, flush=True)


train(model, loader, config, on_step=on_step, resume=path if path.is_file() else None)
whole_save(model.state_dict(), folder / "weights.pt")
"""


def start(folder: Path, optimizer: str, die_in_save: int = 0) -> subprocess.Popen:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", RUN, str(folder), str(die_in_save), optimizer]
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True)


def step_reached(folder: Path) -> int:
    path = folder / "run.pt"
    return torch.load(path, weights_only=True)["step"] if path.is_file() else 0


def finish(folder: Path, optimizer: str) -> dict:
    process = start(folder, optimizer)
    process.communicate(timeout=120)
    assert process.returncode == 0
    return torch.load(folder / "weights.pt", weights_only=True)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_killed_run_ends_like_the_unbroken_one_bit_for_bit(tmp_path, optimizer):
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    unbroken = finish(tmp_path / "whole", optimizer)
    killed, dice, reached = tmp_path / "killed", random.Random(0), [0]
    # From within, with half a checkpoint on the disk.
    for die_in_save in (1, 6, 3):
        process = start(killed, optimizer, die_in_save)
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
        reached.append(step_reached(killed))
    assert list(killed.glob("*.part"))  # half a file was left behind, beside the whole one
    # From outside, a moment after some step.
    for _ in range(3):
        process = start(killed, optimizer)
        for _ in range(dice.randint(2, 8)):
            assert process.stdout.readline().strip()
        time.sleep(dice.random() * 0.02)
        process.kill()
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
        reached.append(step_reached(killed))
    assert reached == sorted(reached) and 0 < reached[-1] < STEPS, reached
    resumed = finish(killed, optimizer)
    for name, weight in unbroken.items():
        assert torch.equal(weight, resumed[name]), name

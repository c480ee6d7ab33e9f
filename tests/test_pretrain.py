"""The verb pretrain: one run on one process, on two, stopped, taken up again, and refused.

The runs are small, but the processes, the signal and the full disk are real.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from workshop_lib.__main__ import main
from workshop_lib.commands.pretrain import choose_configs, pretrain
from workshop_lib.config import PRESETS, PRETRAIN, PRETRAIN_MODEL, TrainConfig
from workshop_lib.config.profiles import GPT2_RUN
from workshop_lib.data import make_loader
from workshop_lib.paths import ROOT
from workshop_lib.train import load_checkpoint
from workshop_lib.train.parallel import shard_batches
from workshop_lib.weights import from_pretrained

# The last of its three windows of a step is ragged: two processes get 2 and 1 of them.
SIZES = {
    "vocab_size": 300,
    "context_length": 16,
    "emb_dim": 32,
    "n_layers": 2,
    "n_heads": 2,
    "steps": 12,
    "batch_size": 3,
    "gradient_accumulation_steps": 2,
    "warmup_steps": 2,
    "max_lr": 3e-3,
}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    file = tmp_path_factory.mktemp("text") / "rhyme.txt"
    lines = [f"{n} kings and {n * n % 97} queens went up to town,\n" for n in range(150)]
    file.write_text("".join(lines), encoding="utf-8")
    return file


@pytest.fixture(scope="module", params=["adamw", "muon"])
def whole(request, tmp_path_factory, text):
    """The folder of a run on one process that nothing interrupted, and its sizes."""
    sizes = SIZES | {"optimizer": request.param}
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert pretrain(out, *choose_configs(**sizes), text=text)
    return out, sizes


def command(out, text, sizes, *more):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in sizes.items()]
    words = [sys.executable, "-m", "workshop_lib", "pretrain", text, "--out", out, *options, *more]
    return [str(word) for word in words]


def run_in_processes(out, text, sizes, *more):
    """Run the verb as its users do; return what it printed."""
    done = subprocess.run(
        command(out, text, sizes, *more),
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def losses(out):
    return json.loads((out / "loss_log.json").read_text())


def weights(out):
    return load_checkpoint(out / "checkpoint.pt")["model"]


def stop_after(step, monkeypatch):
    """Send this process a real Ctrl-C during a step."""
    from workshop_lib.commands.on_step import StepCallback

    show = StepCallback.show

    def show_and_interrupt(self, state):
        show(self, state)
        if state.step == step:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(StepCallback, "show", show_and_interrupt)


# --- One process -------------------------------------------------------------------------


def test_the_finished_model_opens_with_transformers_and_has_the_run_s_weights(whole):
    from transformers import AutoModelForCausalLM

    out, sizes = whole
    model, tokenizer = from_pretrained(out)
    assert len(losses(out)) == sizes["steps"]
    assert losses(out)[-1] < losses(out)[0] - 0.5
    for name, weight in weights(out).items():
        assert torch.equal(model.state_dict()[name], weight), name
    ids = torch.tensor([tokenizer.encode("3 kings and 9 queens")])[:, :16]
    theirs = AutoModelForCausalLM.from_pretrained(out)
    with torch.no_grad():
        torch.testing.assert_close(model(ids), theirs(ids).logits, atol=1e-5, rtol=1e-4)


def test_the_same_command_again_trains_no_step_more(whole, text, capsys):
    out, sizes = whole
    before = (out / "checkpoint.pt").read_bytes()
    assert pretrain(out, *choose_configs(**sizes), text=text)
    assert (out / "checkpoint.pt").read_bytes() == before
    assert "trained for 12 steps" in capsys.readouterr().out


def test_ctrl_c_saves_and_the_same_command_ends_like_the_unbroken_run(
    whole, text, tmp_path, monkeypatch, capsys
):
    out, sizes = whole
    configs = choose_configs(**sizes)
    with monkeypatch.context() as patch:
        stop_after(5, patch)
        assert not pretrain(tmp_path / "run", *configs, text=text)
    assert "Stopped and saved after step 5" in capsys.readouterr().out
    assert not (tmp_path / "run" / "model.safetensors").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert pretrain(tmp_path / "run", *configs, text=text)
    assert losses(tmp_path / "run") == losses(out)
    for name, weight in weights(out).items():
        assert torch.equal(weights(tmp_path / "run")[name], weight), name


# --- Two processes -----------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_processes_reach_the_losses_and_weights_of_one(
    whole, strategy, text, tmp_path, monkeypatch
):
    out, sizes = whole
    if (strategy, sizes["optimizer"]) == ("ddp", "muon"):
        pytest.skip("the gradients that DDP averages are the same for either optimizer")
    if strategy == "fsdp":  # takes up a run that one process began
        with monkeypatch.context() as patch:
            stop_after(5, patch)
            pretrain(tmp_path / "run", *choose_configs(**sizes), text=text)
    printed = run_in_processes(
        tmp_path / "run", text, sizes, "--devices=2", f"--strategy={strategy}"
    )
    assert f"with 2 x cpu, {strategy}" in printed
    assert losses(tmp_path / "run") == pytest.approx(losses(out), abs=2e-3)
    # The sums come in another order: rounding, and nothing else, may differ.
    for name, weight in weights(out).items():
        difference = (weights(tmp_path / "run")[name] - weight).norm() / weight.norm()
        assert difference < 1e-3, name


def test_devices_share_the_windows_of_each_batch():
    config = TrainConfig(steps=1, batch_size=5, context_length=4)

    def batches(rank, n_devices):
        order = torch.Generator().manual_seed(0)
        loader = make_loader(torch.arange(50), config, generator=order)
        shard_batches(loader, SimpleNamespace(global_rank=rank, world_size=n_devices))
        return [inputs for inputs, _ in loader]

    for whole, first, second in zip(batches(0, 1), batches(0, 2), batches(1, 2), strict=True):
        assert (len(whole), len(first), len(second)) == (5, 3, 2)
        assert torch.equal(whole[0::2], first) and torch.equal(whole[1::2], second)


def test_ctrl_c_ends_the_command_on_all_devices_with_130(text, tmp_path):
    process = subprocess.Popen(
        command(
            tmp_path / "run", text, SIZES | {"steps": 100_000}, "--save-every=1", "--devices=2"
        ),
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        while not (tmp_path / "run" / "checkpoint.pt").is_file() and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of its processes
        printed, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, printed + errors
    assert "Traceback" not in errors
    step = load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"]
    assert printed.count(f"Stopped and saved after step {step}; the same command goes on.") == 1
    assert not list(tmp_path.rglob("*.part"))


# --- What is refused ---------------------------------------------------------------------


def refused(capsys, *words):
    """Run the verb, which must refuse with one line; return it."""
    assert main(["pretrain", *map(str, words)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0].removeprefix("python -m workshop_lib: ")


def options(**changes):
    return [f"--{name.replace('_', '-')}={value}" for name, value in (SIZES | changes).items()]


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"GIF89a\x00\x00", "is not a text file"),
        (b"caf\xe9", "is not UTF-8 text"),
        (b"short", "too few for one window"),
        (b"abcdefghijklmnopqrstuvwxyz", "2 windows are too few for one batch of 3"),
    ],
)
def test_texts_that_will_not_do_leave_nothing_behind(content, message, tmp_path, capsys):
    file = tmp_path / "text.txt"
    file.write_bytes(content)
    words = options(vocab_size=257)  # nothing is merged: a byte is a token
    assert message in refused(capsys, file, "--out", tmp_path / "run", *words)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--preset=gpt5"], "preset 'gpt5' is not one of"),
        (["--steps=0"], "steps must be 1 or more"),
        (["--emb-dim=33"], "not a multiple of n_heads"),
        (["--vocab-size=200"], "below 257"),
        (["--devices=4"], "batch_size 3 is too small for 4 devices"),
        (["--devices=0"], "devices must be 1 or more"),
        (["--save-every=0"], "save_every must be 1 or more"),
    ],
)
def test_sizes_that_cannot_be_leave_nothing_behind(words, message, text, tmp_path, capsys):
    found = refused(capsys, text, "--out", tmp_path / "run", *options(), *words)
    assert message in found
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_another_run_stays_as_it_is(whole, text, capsys, tmp_path):
    out, sizes = whole
    other = tmp_path / "other.txt"
    other.write_text(text.read_text() + "more\n")
    before = everything(out)
    for words, message in (
        ([text, *options(**sizes | {"steps": 13})], "steps is 12 there and 13 here"),
        ([text, *options(**sizes | {"n_layers": 3})], "n_layers is 2 there and 3 here"),
        ([other, *options(**sizes)], "its text is different"),
    ):
        found = refused(capsys, *words, "--out", out)
        assert f"holds another run ({message}): choose another folder" in found
    assert everything(out) == before


def test_a_folder_with_other_files_stays_as_it_is(text, tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    before = everything(tmp_path)
    assert "holds other files" in refused(capsys, text, "--out", tmp_path, *options())
    file = tmp_path / "thesis.txt"
    assert "holds other files" in refused(capsys, text, "--out", file, *options())
    assert everything(tmp_path) == before


def test_a_full_disk_is_one_sentence_and_the_last_checkpoint_stays(
    text, tmp_path, monkeypatch, capsys
):
    resource = pytest.importorskip("resource", reason="this system sets no limit on file sizes")
    with monkeypatch.context() as patch:
        stop_after(5, patch)
        pretrain(tmp_path / "run", *choose_configs(**SIZES), text=text)
    before = everything(tmp_path / "run")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        found = refused(capsys, text, "--out", tmp_path / "run", *options())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"could not write to {tmp_path / 'run'}" in found and "make room" in found
    after = everything(tmp_path / "run")
    log = tmp_path / "run" / "loss_log.json"
    assert after.pop(log).startswith(before.pop(log)[:-2])
    assert after == before
    assert pretrain(tmp_path / "run", *choose_configs(**SIZES), text=text)


# --- Sizes -------------------------------------------------------------------------------


def test_sizes_come_from_the_profile_and_what_is_given_replaces_them(monkeypatch):
    monkeypatch.setenv("WORKSHOP_PROFILE", "cpu")
    assert choose_configs() == (PRETRAIN_MODEL["cpu"], PRETRAIN["cpu"])
    model, run = choose_configs("plays-llama", n_layers=3, steps=7, max_lr=1e-2, seed=None)
    assert (model.n_layers, model.norm) == (3, "rmsnorm")
    assert (run.steps, run.max_lr, run.min_lr) == (7, 1e-2, 1e-3)
    assert model.context_length == run.context_length
    model, run = choose_configs("gpt2", context_length=512)
    assert (model.context_length, run.context_length, model.emb_dim) == (512, 512, 768)


def test_at_the_gpu_profile_it_is_gpt2_124m(monkeypatch):
    monkeypatch.setenv("WORKSHOP_PROFILE", "gpu")
    model, run = choose_configs()
    assert (model, run) == (PRESETS["gpt2"], GPT2_RUN)
    assert run.batch_size * run.gradient_accumulation_steps * run.context_length == 131_072
    assert choose_configs(steps=5) == (PRESETS["gpt2"], replace(GPT2_RUN, steps=5))

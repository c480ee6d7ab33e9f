"""`python -m workshop_lib finetune`, on the small model that the workshop ships."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from workshop_lib.__main__ import main
from workshop_lib.commands import on_step
from workshop_lib.config import PRESETS, TrainConfig
from workshop_lib.finetune import (
    Example,
    add_lora,
    load_lora,
    lora_parameters,
    lora_settings,
    prompt_ids,
)
from workshop_lib.finetune.instruction_file import read_data
from workshop_lib.model import GPT
from workshop_lib.train import (
    TrainState,
    checkpoint,
    load_checkpoint,
    make_optimizer,
    restore,
    save_checkpoint,
)
from workshop_lib.weights import from_pretrained

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "setup" / "maintain"))
WORDS = "king queen sword crown storm castle knight forest ghost letter throne garden".split()
RECORDS = [
    {"instruction": f"Say {word} twice.", "input": "", "output": f"{word} {word}"} for word in WORDS
] + [{"instruction": "Name it.", "input": word, "output": word.upper()} for word in WORDS]
FAST = ["--base", "plays-gpt2", "--batch-size", "4", "--rank", "2"]


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "my.json"
    path.write_text(json.dumps(RECORDS), encoding="utf-8")
    return path


def run(*words) -> int:
    return main(["finetune", *map(str, words)])


def test_an_adapter_and_a_merged_model_come_out(data, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("WORKSHOP_STATIC")  # there the speed is left out
    out = tmp_path / "out"
    assert run("--data", data, "--out", out, *FAST, "--epochs", 4, "--merge") == 0
    text = capsys.readouterr().out
    assert "22 examples to train on, 2 held out; 24 steps" in text
    before, after = [float(line.split()[3]) for line in text.splitlines() if "held-out" in line]
    assert after < before
    assert "24/24" in text and "loss" in text and "tokens/s" in text
    names = {"run.json", "checkpoint.pt", "adapter.safetensors", "merged"}
    assert {path.name for path in out.iterdir()} == names

    base, tokenizer = from_pretrained("plays-gpt2")
    ids = torch.tensor([prompt_ids(Example("Name it.", "king", "KING"), tokenizer, "alpaca")])
    with torch.no_grad():
        untouched = base(ids)
        ours = load_lora(base, out / "adapter.safetensors")(ids)
        merged, _ = from_pretrained(out / "merged")
        torch.testing.assert_close(merged(ids), ours, atol=1e-4, rtol=1e-4)
        assert (ours - untouched).abs().max() > 0.01
        from transformers import AutoModelForCausalLM

        theirs = AutoModelForCausalLM.from_pretrained(out / "merged")(ids).logits
        torch.testing.assert_close(theirs, ours, atol=1e-3, rtol=1e-3)
    assert lora_settings(base) == {"rank": 2, "alpha": 16.0, "targets": ["q", "v"]}

    # The optimizer, the step and the generators are saved, but no frozen weight is.
    saved = torch.load(out / "checkpoint.pt", weights_only=True)
    assert saved["step"] == 24 and set(saved["model"]) == set(lora_parameters(base))
    assert len(saved["optimizer_state"]["state"]) == len(saved["model"])
    assert saved["epoch_rng"] is not None and saved["torch_rng"] is not None


def test_the_same_command_does_not_train_twice_and_another_is_refused(data, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["--data", data, "--out", out, *FAST, "--epochs", 1]
    assert run(*command) == 0
    first = load_file(out / "adapter.safetensors")
    assert run(*command) == 0
    again = load_file(out / "adapter.safetensors")
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert run(*command, "--alpha", 4) == 1
    assert (
        "holds another run (alpha is 16.0 there and 4.0 here): choose another folder"
        in capsys.readouterr().err
    )
    data.write_text(json.dumps(RECORDS[1:]), encoding="utf-8")
    assert run(*command) == 1
    assert (
        "holds another run (its data is different): choose another folder"
        in capsys.readouterr().err
    )


def test_a_folder_with_other_files_stays_as_it_is(data, tmp_path, capsys):
    assert run("--data", data, "--out", tmp_path, *FAST) == 1
    assert "holds other files, which stay as they are" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [data]


def test_the_shipped_adapter_is_made_by_the_same_command(data, tmp_path):
    import finetune_smollm2

    config = finetune_smollm2.CONFIG
    with safe_open(finetune_smollm2.SHIPPED, "pt") as file:
        settings = json.loads(file.metadata()["lora"])
    targets = settings.pop("targets")
    assert settings == {"rank": config.rank, "alpha": config.alpha}
    assert sorted(targets) == sorted(config.targets)  # their order means nothing

    small = replace(config, base="plays-gpt2", style="alpaca", targets=("q", "down"))
    shipped = tmp_path / "shipped" / "adapter.safetensors"
    assert finetune_smollm2.make(small, data, tmp_path / "run", shipped)
    half, whole = load_file(shipped), load_file(tmp_path / "run" / "adapter.safetensors")
    assert half.keys() == whole.keys()
    assert all(torch.equal(half[name], whole[name].half()) for name in whole)
    assert any(whole[name].any() for name in whole if name.endswith(".B"))  # it has learned


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_run_goes_on_and_ends_bit_for_bit_the_same(data, tmp_path):
    def start(out):
        command = [sys.executable, "-m", "workshop_lib", "finetune", "--data", data, "--out", out]
        command += [*FAST, "--epochs", "20", "--held-out", "0", "--save-every", "5"]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def step_saved(out):
        path = out / "checkpoint.pt"
        return torch.load(path, weights_only=True)["step"] if path.is_file() else 0

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    unbroken = start(whole)
    for least in (5, 40):
        process = start(killed)
        while step_saved(killed) < least and process.poll() is None:
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert least <= step_saved(killed) < 120
    assert not (killed / "adapter.safetensors").exists()
    for process in (unbroken, start(killed)):
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output.decode()
    first, second = (load_file(out / "adapter.safetensors") for out in (whole, killed))
    assert first.keys() == second.keys()
    for name in first:
        assert torch.equal(first[name], second[name]), name


def test_ctrl_c_ends_after_the_step_and_the_same_command_goes_on(
    data, tmp_path, capsys, monkeypatch
):
    save, out = checkpoint.save_checkpoint, tmp_path / "out"

    def press_once(path, state):
        save(path, state)
        if state.step == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(on_step, "save_checkpoint", press_once)
    command = ["--data", data, "--out", out, *FAST, "--epochs", 1, "--save-every", 3]
    assert run(*command) == 130
    assert "Stopped and saved after step 4; the same command goes on." in capsys.readouterr().out
    assert not (out / "adapter.safetensors").exists()
    assert run(*command) == 0
    assert (out / "adapter.safetensors").is_file()


def test_only_frozen_weights_may_be_missing_from_a_checkpoint(tmp_path):
    config = TrainConfig(steps=2, batch_size=1, context_length=8)
    model = add_lora(GPT(PRESETS["tiny"]))
    state = TrainState(model, make_optimizer(model, config), config)
    save_checkpoint(tmp_path / "whole.pt", state)
    saved = load_checkpoint(tmp_path / "whole.pt")
    trained = set(lora_parameters(model))
    alone = {name: weight for name, weight in saved["model"].items() if name in trained}
    restore(state, saved | {"model": alone})
    alone.popitem()
    with pytest.raises(ValueError, match="is of another model: blocks.1.attn.qkv.* does not fit"):
        restore(state, saved | {"model": alone})


def test_every_bad_record_is_named_and_nothing_is_trained(tmp_path, capsys):
    path, out = tmp_path / "bad.json", tmp_path / "out"
    bad = [RECORDS[0], {"instruction": "x"}, RECORDS[1], {"instruction": 3, "output": "y"}]
    path.write_text(json.dumps(bad), encoding="utf-8")
    assert run("--data", path, "--out", out, *FAST) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"python -m workshop_lib: {path}: 2 of 4 records are bad",
        "record 2: output is empty or missing",
        "record 4: instruction must be a str, got int",
    ]
    assert not out.exists()


def test_records_that_are_too_long_are_named_and_nothing_is_trained(data, tmp_path, capsys):
    records = [*RECORDS, {"instruction": "Go on.", "output": "so " * 200}]
    data.write_text(json.dumps(records), encoding="utf-8")
    assert run("--data", data, "--out", tmp_path / "out", *FAST) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("1 of 25 records are too long")
    assert second.startswith("record 25: ") and second.endswith("more than max_tokens 256 together")
    assert not (tmp_path / "out").exists()


def test_json_lines_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "my.jsonl"
    lines = "\n\n".join(json.dumps(record) for record in RECORDS[:3]) + "\n"
    path.write_text("\ufeff" + lines, encoding="utf-8")
    assert [example.output for example in read_data(path)] == [r["output"] for r in RECORDS[:3]]


@pytest.mark.parametrize(
    "text, message",
    [
        ('[{"instruction": "a" "output": "b"}]', "not JSON: Expecting ',' delimiter: line 1"),
        ('{"instruction": "a", "output": "b"}\n{"instr\nno', "2 lines are not JSON\nline 2: "),
        ("[]", "there are no records"),
        ("", "there are no records"),
    ],
)
def test_files_that_are_no_data_are_refused(tmp_path, text, message):
    path = tmp_path / "my.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        read_data(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "words, message",
    [
        (["--rank", "0"], "rank must be 1 or more, got 0"),
        (["--targets", "q", "head"], "target 'head' is not one of"),
        (["--held-out", "1"], "held_out 1.0 is outside"),
        (["--base", "nowhere"], "there is no directory nowhere"),
    ],
)
def test_bad_settings_leave_no_folder(data, tmp_path, capsys, words, message):
    out = tmp_path / "out"
    assert run("--data", data, "--out", out, *FAST, *words) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_missing_file_is_named(tmp_path, capsys):
    assert run("--data", tmp_path / "none.json", "--out", tmp_path / "out") == 1
    assert "there is no file" in capsys.readouterr().err

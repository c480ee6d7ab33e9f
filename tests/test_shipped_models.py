"""The two models that the workshop ships: as good as said, small, and made by one command."""

import json
import math
import sys
from dataclasses import asdict, replace
from itertools import islice

import pytest
import torch
from safetensors import safe_open
from torch.utils.data import DataLoader, Subset
from transformers import AutoModelForCausalLM

from workshop_lib import assets, paths, train
from workshop_lib.config import PRESETS
from workshop_lib.data import train_val_split
from workshop_lib.tokenizer import train_bpe
from workshop_lib.weights import from_pretrained

sys.path.insert(0, str(paths.ROOT / "setup" / "maintain"))

import pretrain_plays

SHIPPED = paths.ROOT / "04_pretraining"
MOST_BITS = {"plays-gpt2": 2.05, "plays-llama": 1.98}
names = pytest.mark.parametrize("name", MOST_BITS)


@pytest.fixture(scope="module")
def prepared():
    """What both runs start from; the models differ, the loaders do not."""
    return {name: pretrain_plays.prepare(name, pretrain_plays.RUN) for name in MOST_BITS}


def log_of(name):
    return json.loads((SHIPPED / name / "loss_log.json").read_text("utf-8"))


def theirs(name, inputs):
    """Logits of Hugging Face's own class."""
    model = AutoModelForCausalLM.from_pretrained(SHIPPED / name, dtype=torch.float32)
    with torch.no_grad():
        return model(inputs).logits


@names
def test_unseen_scenes_cost_as_few_bits_as_the_log_says(name, prepared):
    model, _ = from_pretrained(name)
    windows = prepared[name].unseen.dataset
    sample = Subset(windows, range(0, len(windows), 8))  # from all scenes
    nats = train.evaluate(model, DataLoader(sample, batch_size=16))
    bits = nats / math.log(2) * prepared[name].tokens_per_character
    assert bits <= MOST_BITS[name]
    assert log_of(name)["bits_per_character"] <= MOST_BITS[name]
    assert bits == pytest.approx(log_of(name)["bits_per_character"], abs=0.03)
    last = log_of(name)["curves"]["validation"][-1][1]
    logged = last / math.log(2) * prepared[name].tokens_per_character
    assert logged == pytest.approx(log_of(name)["bits_per_character"], abs=1e-3)


@names
def test_hugging_face_sees_the_same_model(name, prepared):
    model, _ = from_pretrained(name)
    inputs = next(iter(prepared[name].unseen))[0][:2, :64]
    with torch.no_grad():
        torch.testing.assert_close(model(inputs), theirs(name, inputs), atol=1e-3, rtol=1e-3)


@names
def test_files_are_small_and_complete(name):
    folder = SHIPPED / name
    expected = {"config.json", "loss_log.json", "model.safetensors", "tokenizer.json"}
    assert {path.name for path in folder.iterdir()} == expected | {"tokenizer_config.json"}
    weights = folder / "model.safetensors"
    assert weights.stat().st_size < 25e6
    with safe_open(weights, "pt") as file:
        assert {file.get_tensor(key).dtype for key in file.keys()} == {torch.float16}  # noqa: SIM118
    found, wanted = from_pretrained(name)[0].config, PRESETS[name]
    assert (found.mlp_dim, found.head_dim) == (wanted.mlp_dim, wanted.head_dim)
    left_to_defaults = {"mlp_dim": None, "head_dim": None}  # a saved config says them outright
    assert replace(found, **left_to_defaults) == replace(wanted, **left_to_defaults)


@names
def test_the_tokenizer_knows_the_training_scenes_only(name):
    train_text, val_text = train_val_split(assets.plays())
    again = train_bpe(train_text, PRESETS[name].vocab_size)
    _, tokenizer = from_pretrained(name)
    assert tokenizer.ranks == again.ranks
    assert tokenizer.encode(val_text[:5000]) == again.encode(val_text[:5000])


@names
def test_the_logged_run_is_the_commands_run(name, prepared):
    """The same losses at the first steps: the same scenes, in the same order, and first weights."""
    record = log_of(name)
    assert record["run"] == asdict(pretrain_plays.RUN)
    start = prepared[name]
    history = []
    batches = list(islice(start.loader, 2))
    run = pretrain_plays.RUN
    optimizer = train.make_optimizer(start.model, run)
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = train.learning_rate(step, run)
        optimizer.zero_grad()
        loss = train.next_token_loss(start.model(batch[0]), batch[1])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(start.model.parameters(), run.grad_clip)
        optimizer.step()
        history.append(loss.item())
    logged = [loss for _, loss in record["curves"]["training"][:2]]
    assert history == pytest.approx(logged, abs=2e-3)


@names
def test_one_command_trains_stops_and_goes_on(name, tmp_path, monkeypatch, capsys):
    text = assets.plays()[:120_000]
    monkeypatch.setattr(assets, "plays", lambda: text)
    monkeypatch.setattr(pretrain_plays, "LOOK_EVERY", 2)
    tiny = replace(pretrain_plays.RUN, steps=5, batch_size=2, context_length=16, warmup_steps=2)
    shape = replace(PRESETS[name], vocab_size=300, emb_dim=32, n_layers=1, mlp_dim=64)
    monkeypatch.setitem(pretrain_plays.PRESETS, name, shape)
    whole = tmp_path / "whole"
    bits = pretrain_plays.pretrain(name, tiny, whole, tmp_path / "whole.pt")

    save = train.save_checkpoint

    def die_before_the_second(path, state):
        if state.step == 4:
            raise KeyboardInterrupt  # the log has step 4 by now, the checkpoint only step 2
        save(path, state)

    broken, checkpoint = tmp_path / "broken", tmp_path / "broken.pt"
    monkeypatch.setattr(train, "save_checkpoint", die_before_the_second)
    with pytest.raises(KeyboardInterrupt):
        pretrain_plays.pretrain(name, tiny, broken, checkpoint)
    assert not broken.exists()
    monkeypatch.setattr(train, "save_checkpoint", save)
    assert pretrain_plays.pretrain(name, tiny, broken, checkpoint) == bits
    for file in ("model.safetensors", "tokenizer.json", "config.json", "loss_log.json"):
        assert (broken / file).read_bytes() == (whole / file).read_bytes(), file

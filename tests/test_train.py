"""Training: the loss, the schedule, the loop, and runs that go on as if they had never stopped.

Losses, gradients and optimizer steps are compared with NumPy, with sums over single tokens and with
runs made otherwise, never with the code under test.
"""

import math
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from workshop_lib.config import PRESETS, GPTConfig, TrainConfig
from workshop_lib.data import IGNORE_INDEX, make_loader
from workshop_lib.generate import generate
from workshop_lib.model import GPT
from workshop_lib.train import (
    TrainState,
    evaluate,
    evaluating,
    learning_rate,
    load_checkpoint,
    make_optimizer,
    next_token_loss,
    repeat_epochs,
    save_checkpoint,
    train,
)

TINY = PRESETS["tiny"]
RUN = TrainConfig(
    steps=12, batch_size=4, context_length=8, warmup_steps=3, max_lr=1e-2, min_lr=1e-3
)


def make_model(seed=0, **changes):
    torch.manual_seed(seed)
    return GPT(replace(TINY, **changes))


def token_ids(n_tokens=200, seed=0):
    return torch.randint(64, (n_tokens,), generator=torch.Generator().manual_seed(seed))


def loader(config=RUN, seed=0, **settings):
    return make_loader(
        token_ids(), config, generator=torch.Generator().manual_seed(seed), **settings
    )


def weights_of(model):
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def gradients_of(model):
    return torch.cat([weight.grad.flatten() for weight in model.parameters()])


def ragged_batches(seed=1):
    """Micro-batches of different sizes and lengths, with different shares of masked targets."""
    rng = torch.Generator().manual_seed(seed)
    batches = []
    for B, T, n_masked in ((4, 8, 0), (3, 5, 7), (1, 2, 1)):
        inputs = torch.randint(64, (B, T), generator=rng)
        targets = torch.randint(64, (B, T), generator=rng)
        targets.view(-1)[torch.randperm(B * T, generator=rng)[:n_masked]] = IGNORE_INDEX
        batches.append((inputs, targets))
    return batches


# --- The loss ----------------------------------------------------------------------------


def logits_and_targets():
    logits = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0)) * 3
    return logits, torch.tensor([[0, 4, IGNORE_INDEX], [2, IGNORE_INDEX, 2]])


def surprises_in_numpy(logits, targets):
    """-log p of each target that counts, in float64."""
    values = []
    for row, target in zip(logits.double().numpy().reshape(-1, 5), targets.flatten(), strict=True):
        if target != IGNORE_INDEX:
            probs = np.exp(row) / np.exp(row).sum()
            values.append(-np.log(probs[int(target)]))
    return values


def test_loss_is_the_mean_surprise_over_the_targets_that_count():
    logits, targets = logits_and_targets()
    surprises = surprises_in_numpy(logits, targets)
    assert len(surprises) == 4
    assert next_token_loss(logits, targets).item() == pytest.approx(np.mean(surprises), abs=1e-6)
    total = next_token_loss(logits, targets, reduction="sum").item()
    assert total == pytest.approx(np.sum(surprises), abs=1e-5)


def test_loss_is_torchs_cross_entropy_of_the_rows_that_count():
    logits, targets = logits_and_targets()
    counts = targets != IGNORE_INDEX
    expected = F.cross_entropy(logits[counts], targets[counts])
    torch.testing.assert_close(next_token_loss(logits, targets), expected)


def test_loss_survives_scores_whose_exponential_does_not():
    logits = torch.tensor([[[1000.0, 0.0, -1000.0]]])
    assert next_token_loss(logits, torch.tensor([[0]])).item() == 0
    assert next_token_loss(logits, torch.tensor([[2]])).item() == 2000


def test_loss_is_computed_in_float32_whatever_the_logits_are():
    logits, targets = logits_and_targets()
    loss = next_token_loss(logits.bfloat16(), targets)
    assert loss.dtype == torch.float32
    expected = np.mean(surprises_in_numpy(logits.bfloat16(), targets))
    assert loss.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_loss_of_nothing_is_refused(reduction):
    logits, targets = logits_and_targets()
    with pytest.raises(ValueError, match="all 6 targets are masked"):
        next_token_loss(logits, torch.full_like(targets, IGNORE_INDEX), reduction=reduction)


def test_untrained_model_is_as_surprised_as_by_blind_guessing():
    model = make_model(emb_dim=16)
    inputs = torch.randint(64, (32, 16))
    with torch.no_grad():
        loss = next_token_loss(model(inputs), torch.randint(64, (32, 16)))
    assert loss.item() == pytest.approx(math.log(64), abs=0.02)


# --- Evaluation --------------------------------------------------------------------------


def test_evaluation_counts_each_token_once_in_ragged_batches():
    # 199 targets: 24 whole windows and one with 7 targets, in batches of 4, 4, 4, 4, 4, 4 and 1.
    model, ids = make_model(), token_ids()
    batches = loader(shuffle=False)
    assert [len(inputs) for inputs, _ in batches] == [4] * 6 + [1]
    surprises = []
    with torch.no_grad():
        for start in range(0, 199, 8):
            window = ids[start : start + 9]
            log_probs = model(window[None, :-1])[0].double().log_softmax(-1)
            surprises += [-log_probs[i, t].item() for i, t in enumerate(window[1:])]
    assert len(surprises) == 199
    assert evaluate(model, batches) == pytest.approx(np.mean(surprises), abs=1e-6)
    # The mean of the batches' means is another number, so the line above can tell them apart.
    with torch.no_grad():
        means = [next_token_loss(model(x), y).item() for x, y in batches]
    assert abs(np.mean(means) - np.mean(surprises)) > 1e-3


def test_evaluation_stops_after_max_batches():
    model = make_model()
    first = next(iter(loader(shuffle=False)))
    with torch.no_grad():
        expected = next_token_loss(model(first[0]), first[1]).item()
    found = evaluate(model, loader(shuffle=False), max_batches=1)
    assert found == pytest.approx(expected, abs=1e-6)


def test_evaluation_runs_without_dropout_and_gradients_and_leaves_the_mode():
    model = make_model(dropout=0.5)
    for training in (True, False):
        model.train(training)
        assert evaluate(model, loader(shuffle=False)) == evaluate(model, loader(shuffle=False))
        assert model.training is training
        assert model.blocks[0].drop.training is training
    assert all(weight.grad is None for weight in model.parameters())


def test_evaluating_puts_the_mode_back_after_an_error():
    model = make_model().train()
    with pytest.raises(KeyError), evaluating(model):
        assert not model.training and not torch.is_grad_enabled()
        raise KeyError
    assert model.training and torch.is_grad_enabled()


@pytest.mark.parametrize("batches", [{"max_batches": 0}, {}])
def test_evaluation_of_nothing_is_refused(batches):
    empty = DataLoader([]) if not batches else loader(shuffle=False)
    with pytest.raises(ValueError, match="yields no batch"):
        evaluate(make_model(), empty, **batches)


# --- The schedule ------------------------------------------------------------------------

LONG = replace(RUN, steps=100, warmup_steps=10, max_lr=1.0, min_lr=0.1)


@pytest.mark.parametrize(
    ("steps", "warmup", "step", "expected"),
    [
        (100, 10, 0, 0.1),  # above 0 at once
        (100, 10, 9, 1.0),  # the end of the warm-up
        (100, 10, 10, 1.0),  # the cosine starts there
        (110, 10, 59, 0.1 + 0.9 * (1 + math.cos(math.pi * 49 / 99)) / 2),
        (111, 10, 60, 0.55),  # half-way
        (100, 10, 99, 0.1),  # the last step
        (100, 10, 100, 0.1),  # and after
        (100, 10, 10**6, 0.1),
        (100, 0, 0, 1.0),  # no warm-up
        (100, 0, 99, 0.1),
        (100, 1, 0, 1.0),  # a warm-up of one step
        (100, 1, 1, 1.0),
        (10, 10, 0, 0.1),  # nothing but warm-up
        (10, 10, 9, 1.0),
        (10, 10, 10, 1.0),
        (10, 40, 0, 0.025),  # a warm-up longer than the run
        (10, 40, 9, 0.25),
        (11, 10, 10, 1.0),  # one step behind the warm-up
        (12, 10, 10, 1.0),
        (12, 10, 11, 0.1),
        (1, 0, 0, 1.0),  # a run of one step
        (1, 1, 0, 1.0),
        (1, 5, 0, 0.2),
        (2, 0, 0, 1.0),
        (2, 0, 1, 0.1),
    ],
)
def test_learning_rate_table(steps, warmup, step, expected):
    config = replace(LONG, steps=steps, warmup_steps=warmup)
    assert learning_rate(step, config) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 57])
@pytest.mark.parametrize("warmup", [0, 1, 2, 9, 10, 11, 57, 200])
def test_learning_rate_rises_then_falls_and_is_never_0(steps, warmup):
    config = replace(LONG, steps=steps, warmup_steps=warmup)
    rates = [learning_rate(step, config) for step in range(steps)]
    assert all(0 < rate <= config.max_lr for rate in rates)
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top <= max(0, warmup - 1)


def test_learning_rate_is_what_the_optimizer_uses():
    model, rates = make_model(), []
    history = train(
        model,
        loader(),
        RUN,
        on_step=lambda state: rates.append({g["lr"] for g in state.optimizer.param_groups}),
    )
    expected = [learning_rate(step, RUN) for step in range(RUN.steps)]
    assert [log.lr for log in history] == expected
    assert rates == [{rate} for rate in expected]


# --- The optimizer -----------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["tiny", "llama"])
def test_only_matrices_decay(preset):
    llama = {"norm": "rmsnorm", "positions": "rotary", "mlp": "swiglu", "bias": False}
    model = make_model(**(llama if preset == "llama" else {}))
    names = {id(weight): name for name, weight in model.named_parameters()}
    decayed, free = make_optimizer(model, RUN).param_groups
    assert (decayed["weight_decay"], free["weight_decay"]) == (RUN.weight_decay, 0)
    for weight in free["params"]:
        assert names[id(weight)].endswith("bias") or ".norm" in "." + names[id(weight)]
    assert all(weight.dim() == 2 for weight in decayed["params"])
    held = [id(weight) for weight in decayed["params"] + free["params"]]
    assert sorted(held) == sorted(names)  # each weight once, the tied one too


def test_frozen_weights_are_left_out():
    model = make_model()
    model.pos_emb.weight.requires_grad_(False)
    groups = make_optimizer(model, RUN).param_groups
    held = {id(weight) for group in groups for weight in group["params"]}
    assert id(model.pos_emb.weight) not in held
    assert len(held) == len(list(model.parameters())) - 1


def test_first_step_is_adamw_by_hand():
    model, config = make_model(), replace(RUN, warmup_steps=0, steps=1, grad_clip=1e9)
    start = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    train(model, loader(), config)
    for name, weight in model.named_parameters():
        gradient = weight.grad.double()
        # After one step both of Adam's averages are the gradient itself, bias corrected.
        step = gradient / (gradient.abs() + 1e-8)
        decay = config.weight_decay if weight.dim() == 2 else 0.0
        expected = start[name] * (1 - config.max_lr * decay) - config.max_lr * step
        torch.testing.assert_close(weight.detach(), expected.float(), atol=1e-6, rtol=1e-5)


# --- Accumulation and clipping -----------------------------------------------------------


def one_step(model, batches, **settings):
    """Take one step on these micro-batches; return its loss. The gradients stay in the model."""
    config = replace(RUN, steps=1, gradient_accumulation_steps=len(batches), grad_clip=1e9)
    as_they_are = DataLoader(batches, batch_size=None, generator=torch.Generator())
    return train(model, as_they_are, config, **settings)[0].loss


def test_accumulated_gradients_equal_those_of_all_tokens_at_once():
    stepped, model, batches = make_model(), make_model(), ragged_batches()
    loss = one_step(stepped, batches)
    accumulated = gradients_of(stepped)
    logits, targets = [], []
    for x, y in batches:
        logits.append(model(x).flatten(0, 1)[y.flatten() != IGNORE_INDEX])
        targets.append(y[y != IGNORE_INDEX])
    full = F.cross_entropy(torch.cat(logits), torch.cat(targets))
    full.backward()
    assert loss == pytest.approx(full.item(), abs=1e-6)
    torch.testing.assert_close(accumulated, gradients_of(model), atol=1e-6, rtol=1e-5)
    # The mean of the micro-batches' means has another gradient: the comparison can fail.
    model.zero_grad()
    sum(next_token_loss(model(x), y) / len(batches) for x, y in batches).backward()
    assert (accumulated - gradients_of(model)).abs().max() > 1e-3


def test_accumulating_halves_changes_nothing_but_the_memory():
    config = replace(RUN, batch_size=4)
    halves = replace(RUN, batch_size=2, gradient_accumulation_steps=2)
    whole_model, halves_model = make_model(), make_model()
    whole = train(whole_model, loader(config), config)
    in_two = train(halves_model, loader(halves), halves)
    for a, b in zip(whole, in_two, strict=True):
        assert a.loss == pytest.approx(b.loss, abs=1e-4)
    torch.testing.assert_close(weights_of(whole_model), weights_of(halves_model), atol=1e-4, rtol=0)


def test_micro_batches_of_masks_only_are_refused():
    inputs = torch.zeros(2, 3, dtype=torch.long)
    with pytest.raises(ValueError, match="masked"):
        one_step(make_model(), [(inputs, torch.full_like(inputs, IGNORE_INDEX))])


def test_another_loss_can_take_the_place_of_the_usual_one():
    def squared(model, inputs, targets):
        return (model(inputs) ** 2).sum()

    stepped, model, batches = make_model(), make_model(), ragged_batches()
    loss = one_step(stepped, batches, loss_fn=squared)
    n_targets = sum(int((targets != IGNORE_INDEX).sum()) for _, targets in batches)
    expected = sum(squared(model, *batch) for batch in batches) / n_targets
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(gradients_of(stepped), gradients_of(model), atol=1e-6, rtol=1e-4)


def test_gradients_are_clipped_to_the_norm_and_the_old_norm_is_logged():
    norms = []

    def run_callback(state):
        norms.append(gradients_of(state.model).norm().item())

    history = train(make_model(), loader(), replace(RUN, grad_clip=0.25), on_step=run_callback)
    assert all(log.grad_norm > 0.25 for log in history)
    assert norms == pytest.approx([0.25] * RUN.steps, rel=1e-4)
    norms.clear()
    history = train(make_model(), loader(), replace(RUN, grad_clip=1e6), on_step=run_callback)
    assert norms == pytest.approx([log.grad_norm for log in history], rel=1e-5)


# --- The loop ----------------------------------------------------------------------------


def test_loss_falls_on_a_fixed_batch():
    config = replace(RUN, steps=60, context_length=16)
    batch = loader(config).dataset[0]
    history = train(
        make_model(),
        DataLoader([batch] * 4, batch_size=4, generator=torch.Generator()),
        config,
    )
    assert history[0].loss == pytest.approx(math.log(64), abs=0.15)
    assert history[-1].loss < 0.1
    assert [log.step for log in history] == list(range(1, 61))


def test_same_seed_same_weights_and_another_order_others():
    first, again, other = make_model(), make_model(), make_model()
    assert train(first, loader(), RUN) == train(again, loader(), RUN)
    assert torch.equal(weights_of(first), weights_of(again))
    train(other, loader(seed=1), RUN)
    assert not torch.equal(weights_of(first), weights_of(other))


def test_observers_change_nothing():
    def meddle(state):
        state.model.eval()
        evaluate(state.model, batches)  # on the very loader of the run
        evaluate(state.model, loader(shuffle=False), max_batches=2)
        generate(state.model, torch.zeros(1, 1, dtype=torch.long), 3, temperature=1.0)
        torch.rand(7)
        batches.generator.manual_seed(state.step)
        torch.manual_seed(5)

    plain, watched = make_model(dropout=0.2), make_model(dropout=0.2)
    config = replace(RUN, steps=20)  # three epochs of 6 batches and a bit
    torch.manual_seed(3)
    expected = train(plain, loader(config), config)
    batches = loader(config)
    torch.manual_seed(3)
    assert train(watched, batches, config, on_step=meddle) == expected
    assert torch.equal(weights_of(plain), weights_of(watched))
    assert watched.training


def test_each_window_is_used_once_an_epoch_in_a_new_order():
    state = TrainState(make_model(), None, RUN)
    batches = repeat_epochs(loader(replace(RUN, batch_size=5)), state)
    starts = [[tuple(row.tolist()) for _ in range(5) for row in next(batches)[0]] for _ in range(2)]
    assert len(set(starts[0])) == 25
    assert set(starts[0]) == set(starts[1]) and starts[0] != starts[1]


def test_loss_that_is_no_number_stops_the_run_before_it_ruins_the_weights():
    model = make_model()
    model.blocks[0].mlp.down.weight.data[0, 0] = math.nan
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    with pytest.raises(ValueError, match="the loss is nan at step 0: lower max_lr"):
        train(model, loader(), RUN)
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, before[name], rtol=0, atol=0, equal_nan=True)


def test_loader_without_a_generator_of_its_own_is_refused():
    plain = DataLoader(loader().dataset, batch_size=4)
    with pytest.raises(ValueError, match="no generator of its own: make it with make_loader"):
        train(make_model(), plain, RUN)


def test_windows_longer_than_the_models_context_are_refused():
    config = replace(RUN, context_length=20)
    with pytest.raises(ValueError, match="20 tokens are more than the context_length 16"):
        train(make_model(), loader(config), config)


# --- Checkpoints -------------------------------------------------------------------------


class Stop(Exception):
    """The power cut of these tests."""


def saving(path, after, noisy=False):
    """An observer that saves after each step, and pulls the plug after one of them."""

    def on_step(state):
        if noisy:
            torch.rand(3)
        save_checkpoint(path, state)
        if state.step == after:
            raise Stop

    return on_step


DROPOUT = {"dropout": 0.2}


@pytest.mark.parametrize("micro_batches", [1, 2])
@pytest.mark.parametrize("after", [1, 4, 6, 7, 11])  # in an epoch, at its end, at its begin
def test_resumed_run_is_the_uninterrupted_run_bit_for_bit(tmp_path, after, micro_batches):
    config = replace(RUN, gradient_accumulation_steps=micro_batches)
    torch.manual_seed(9)
    whole = make_model(**DROPOUT)
    expected = train(whole, loader(config), config)

    path = tmp_path / "run.pt"
    torch.manual_seed(9)
    with pytest.raises(Stop):
        model = make_model(**DROPOUT)
        train(model, loader(config), config, on_step=saving(path, after, noisy=True))
    # A new process: other start weights, other random numbers, another order.
    resumed = make_model(seed=99, **DROPOUT)
    history = train(resumed, loader(config, seed=77), config, resume=path)
    assert history == expected[after:]
    assert torch.equal(weights_of(resumed), weights_of(whole))


def test_resuming_a_finished_run_does_nothing(tmp_path):
    path, model = tmp_path / "run.pt", make_model()
    train(model, loader(), RUN, on_step=lambda state: save_checkpoint(path, state))
    resumed = make_model(seed=1)
    assert train(resumed, loader(), RUN, resume=path) == []
    assert torch.equal(weights_of(resumed), weights_of(model))


@pytest.fixture
def saved(tmp_path):
    """A checkpoint of the run RUN of the model TINY, after 5 steps."""
    path = tmp_path / "run.pt"
    with pytest.raises(Stop):
        train(make_model(), loader(), RUN, on_step=saving(path, 5))
    return path


def test_checkpoint_holds_what_it_says(saved):
    content = load_checkpoint(saved)
    assert (content["model_config"], content["train_config"]) == (TINY, RUN)
    assert isinstance(content["model_config"], GPTConfig)
    assert (content["step"], content["epoch_batches"]) == (5, 5)
    assert [file.name for file in saved.parent.iterdir()] == ["run.pt"]


@pytest.mark.parametrize(
    ("model_changes", "run_changes", "message"),
    [
        ({"n_layers": 3}, {}, "model_config"),
        ({"dropout": 0.1}, {}, "model_config"),
        ({}, {"max_lr": 2e-2}, "train_config"),
        ({}, {"steps": 13}, "train_config"),
    ],
)
def test_checkpoint_of_another_run_is_refused(saved, model_changes, run_changes, message):
    model, config = make_model(**model_changes), replace(RUN, **run_changes)
    before = weights_of(model)
    with pytest.raises(ValueError, match=f"^the checkpoint's {message} is .*, but this run's") as e:
        train(model, loader(config), config, resume=saved)
    assert "\n" not in str(e.value)
    assert torch.equal(weights_of(model), before)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_truncated_checkpoint_is_refused(saved, share):
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match="run.pt is not a whole checkpoint of this workshop") as e:
        load_checkpoint(saved)
    assert "\n" not in str(e.value)


def test_checkpoint_without_all_entries_is_refused(saved):
    content = torch.load(saved, weights_only=True)
    for name in content:
        torch.save({key: value for key, value in content.items() if key != name}, saved)
        with pytest.raises(ValueError, match="is not a whole checkpoint of this workshop"):
            load_checkpoint(saved)


@pytest.mark.parametrize("content", [{}, [], {"model": {}}, {"model_config": {"vocab_size": 1}}])
def test_file_of_another_kind_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="is not a whole checkpoint") as e:
        load_checkpoint(tmp_path / "other.pt")
    assert "\n" not in str(e.value)


class Harmful:
    """Makes a folder when it is read with pickle."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_nothing_in_the_file_is_executed(tmp_path):
    torch.save({"model_config": Harmful(tmp_path / "harm")}, tmp_path / "run.pt")
    with pytest.raises(ValueError, match="is not a whole checkpoint") as e:
        load_checkpoint(tmp_path / "run.pt")
    assert not (tmp_path / "harm").exists() and "\n" not in str(e.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no checkpoint .*none.pt"):
        train(make_model(), loader(), RUN, resume=tmp_path / "none.pt")


@pytest.mark.parametrize("fails_in", ["save", "replace"])
def test_save_that_fails_leaves_the_old_file_whole(saved, monkeypatch, fails_in):
    before = saved.read_bytes()

    def half_a_save(content, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    def no_rename(source, target):
        raise OSError(13, "Permission denied")

    if fails_in == "save":
        monkeypatch.setattr(torch, "save", half_a_save)
    else:
        monkeypatch.setattr(os, "replace", no_rename)
    with pytest.raises(OSError):
        train(make_model(), loader(), RUN, on_step=saving(saved, 99))
    assert saved.read_bytes() == before
    assert [file.name for file in saved.parent.iterdir()] == ["run.pt"]


def test_save_makes_the_folder(tmp_path):
    path = tmp_path / "a" / "b" / "run.pt"
    with pytest.raises(Stop):
        train(make_model(), loader(), RUN, on_step=saving(path, 1))
    assert load_checkpoint(path)["step"] == 1

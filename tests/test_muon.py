"""Muon, compared with singular value decompositions and with PyTorch's own Muon and AdamW."""

from dataclasses import replace

import pytest
import torch

from workshop_lib.config import PRESETS, TrainConfig
from workshop_lib.data import make_loader
from workshop_lib.model import GPT
from workshop_lib.train import (
    Muon,
    make_muon,
    make_optimizer,
    orthogonalize,
    save_checkpoint,
    train,
)

TINY = PRESETS["tiny"]
RUN = TrainConfig(steps=8, batch_size=4, context_length=8, warmup_steps=2, optimizer="muon")
SHAPES = [(64, 64), (96, 32), (32, 128), (1, 8)]


def random_matrix(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def make_model(seed=0, **changes):
    torch.manual_seed(seed)
    return GPT(replace(TINY, **changes))


def loader(seed=0):
    ids = torch.randint(64, (300,), generator=torch.Generator().manual_seed(3))
    return make_loader(ids, RUN, generator=torch.Generator().manual_seed(seed))


# --- Orthogonalizing ---------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(96, 32), (32, 128), (1, 8)])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_singular_values_come_close_to_1_whatever_the_scale(shape, scale):
    strengths = torch.linalg.svdvals(orthogonalize(scale * random_matrix(*shape)))
    assert 0.6 < strengths.min() <= strengths.max() < 1.25


@pytest.mark.parametrize("shape", SHAPES)
def test_directions_are_those_of_the_singular_value_decomposition(shape):
    matrix = random_matrix(*shape)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    inside = u.mT @ orthogonalize(matrix) @ v.mT  # diagonal where the directions are the same
    off_diagonal = inside - torch.diag(inside.diagonal())
    assert off_diagonal.abs().max() < 1e-4
    assert (inside.diagonal() > 0).all()


def test_zeros_stay_zeros():
    assert torch.equal(orthogonalize(torch.zeros(4, 6)), torch.zeros(4, 6))


# --- The steps ---------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_steps_are_those_of_pytorchs_muon(shape):
    start = random_matrix(*shape, seed=1)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    muon = Muon([{"params": [ours], "muon": True}], lr=0.01, weight_decay=0.1)
    reference = torch.optim.Muon(
        [theirs], lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"
    )
    for seed in range(5):
        gradient = random_matrix(*shape, seed=10 + seed)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        muon.step()
        reference.step()
    moved = (theirs - start).norm()
    assert (ours - theirs).norm() < 0.02 * moved  # theirs multiplies in bfloat16


def test_groups_without_muon_take_adamws_steps_exactly():
    start = random_matrix(8, 4)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    settings = {"lr": 0.01, "weight_decay": 0.1, "betas": (0.9, 0.95)}
    muon = Muon([{"params": [ours], "muon": False}], **settings)
    adamw = torch.optim.AdamW([theirs], **settings)
    for seed in range(3):
        ours.grad = theirs.grad = random_matrix(8, 4, seed=seed)
        muon.step()
        adamw.step()
    assert torch.equal(ours, theirs)


def test_weight_without_gradient_stays():
    weight = torch.nn.Parameter(random_matrix(4, 4))
    before = weight.detach().clone()
    Muon([{"params": [weight], "muon": True}], lr=0.1).step()
    assert torch.equal(weight, before)


# --- Which weights -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"norm": "rmsnorm", "positions": "rotary", "mlp": "swiglu", "bias": False},
        {"tie_weights": False},
    ],
)
def test_muon_moves_the_matrices_inside_the_blocks_and_adamw_all_others(changes):
    model = make_model(**changes)
    names = {id(weight): name for name, weight in model.named_parameters()}
    matrices, tables, vectors = make_muon(model, RUN).param_groups
    assert [group["muon"] for group in (matrices, tables, vectors)] == [True, False, False]
    assert {names[id(w)].split(".")[0] for w in matrices["params"]} == {"blocks"}
    assert all(w.dim() == 2 for w in matrices["params"] + tables["params"])
    assert {names[id(w)].split(".")[0] for w in tables["params"]} <= {"tok_emb", "pos_emb", "head"}
    assert all(w.dim() == 1 for w in vectors["params"])
    assert vectors["weight_decay"] == 0 and matrices["weight_decay"] == RUN.weight_decay
    held = [id(w) for group in (matrices, tables, vectors) for w in group["params"]]
    assert sorted(held) == sorted(names)  # each weight once, the tied one too


def test_frozen_weights_are_left_out():
    model = make_model()
    model.blocks[0].attn.qkv.weight.requires_grad_(False)
    held = {id(w) for group in make_muon(model, RUN).param_groups for w in group["params"]}
    assert id(model.blocks[0].attn.qkv.weight) not in held


def test_the_config_chooses():
    assert isinstance(make_optimizer(make_model(), RUN), Muon)
    plain = make_optimizer(make_model(), replace(RUN, optimizer="adamw"))
    assert type(plain) is torch.optim.AdamW
    with pytest.raises(ValueError, match="optimizer"):
        replace(RUN, optimizer="sgd")


# --- In the loop -------------------------------------------------------------------------


def test_all_weights_move_and_the_loss_falls():
    model = make_model()
    start = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    history = train(model, loader(), replace(RUN, steps=60, max_lr=1e-2))
    assert history[-1].loss < history[0].loss - 0.3
    for name, weight in model.named_parameters():
        assert not torch.equal(weight, start[name]), name


def test_resumed_run_is_the_uninterrupted_run_bit_for_bit(tmp_path):
    path = tmp_path / "run.pt"

    def save(state):
        if state.step == 5:
            save_checkpoint(path, state)

    whole = make_model(dropout=0.1)
    torch.manual_seed(7)
    train(whole, loader(), RUN, on_step=save)
    resumed = make_model(seed=1, dropout=0.1)
    train(resumed, loader(seed=9), RUN, resume=path)
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name

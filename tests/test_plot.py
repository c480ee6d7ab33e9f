"""Plots: what is drawn, and that it reads alike on light and dark pages."""

import io
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from workshop_lib import plot
from workshop_lib.progress import progress

TOKENS = ["The", " cat", " sat\n"]


def make_figures():
    """One of each plot."""
    return {
        "loss_curve": plot.loss_curve(
            {"training": [(0, 4.2), (1, 3.1)], "validation": [(1, 3.3)]}, levels={"ln V": 4.2}
        ),
        "attention_map": plot.attention_map(torch.eye(3, requires_grad=True), TOKENS, "head 1"),
        "bars": plot.bars(TOKENS, torch.tensor([0.5, 0.3, 0.2]), "next", "probability"),
    }


def pixels(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor=figure.get_facecolor())
    file.seek(0)
    return plt.imread(file)


@pytest.mark.parametrize("name", ["loss_curve", "attention_map", "bars"])
def test_figures_are_dark_on_solid_white_whatever_the_style(name):
    """A transparent ground or light ink would vanish on one of the two kinds of page."""
    plain = pixels(make_figures()[name])
    assert (plain[..., 3] == 1).all(), "the ground lets the page shine through"
    border = np.concatenate([plain[0], plain[-1], plain[:, 0], plain[:, -1]])
    assert (border == 1).all(), "the ground is not white"
    assert (plain[..., :3].max(axis=-1) < 0.15).any(), "nothing is written in dark ink"
    with plt.style.context("dark_background"):
        assert np.array_equal(pixels(make_figures()[name]), plain)


def test_figures_are_closed_so_that_a_cell_shows_them_once():
    before = plt.get_fignums()
    assert all(isinstance(figure, Figure) for figure in make_figures().values())
    assert plt.get_fignums() == before


def test_loss_curve_draws_the_points_it_is_given():
    axes = make_figures()["loss_curve"].axes[0]
    training, validation, level = axes.lines
    assert training.get_xydata().tolist() == [[0, 4.2], [1, 3.1]]
    assert validation.get_xydata().tolist() == [[1, 3.3]]
    assert level.get_ydata()[0] == 4.2
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["training", "validation", "ln V"]
    assert axes.get_ylabel() == "loss (nats per token)"


def test_loss_curve_takes_a_curve_that_has_not_begun():
    assert isinstance(plot.loss_curve({"training": []}), Figure)
    with pytest.raises(ValueError, match="at least one curve"):
        plot.loss_curve({})


def test_attention_map_draws_the_weights():
    weights = torch.tensor([[1.0, 0.0], [0.25, 0.75]])
    axes = plot.attention_map(weights, ["a", "b c"]).axes[0]
    assert np.array_equal(axes.images[0].get_array(), weights.numpy())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b·c"]


def test_bars_draws_the_first_on_top():
    axes = make_figures()["bars"].axes[0]
    assert [round(bar.get_width(), 6) for bar in axes.patches] == [0.5, 0.3, 0.2]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["The", "·cat", "·sat⏎"]
    assert axes.yaxis_inverted()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot.bars(["a"], [1, 2]), "1 labels for 2 values"),
        (lambda: plot.attention_map(torch.ones(2, 3), ["a", "b"]), r"\(2, 2\), got \(2, 3\)"),
        (lambda: plot.token_spans(["a"], [1, 2]), "2 ids for 1 pieces"),
    ],
)
def test_sizes_that_do_not_fit_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_token_spans_have_html_and_text():
    spans = plot.token_spans(["The", " <b>", "\n"], ids=[464, 1279, 198])
    assert repr(spans) == "The|·<b>|⏎"
    code = spans._repr_html_()
    assert code.count("<span") == 3 and "&lt;b&gt;" in code and "<b>" not in code
    assert 'title="token 1, id 1279"' in code
    assert code.count("color:#1a1a1a") == 3 and "<style" not in code


def test_a_live_figure_is_replaced_in_place(monkeypatch):
    shown = []

    class Handle:
        def update(self, figure):
            shown.append(("update", figure))

    def display(figure, display_id):
        shown.append(("display", figure))
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    show = plot.live_figure()
    for figure in "abc":
        show(figure)
    assert shown == [("display", "a"), ("update", "b"), ("update", "c")]


def test_progress_is_the_same_in_every_static_run(monkeypatch, capsys):
    monkeypatch.setenv("WORKSHOP_STATIC", "1")
    bar = progress(range(3), "train")
    assert [bar.set_postfix_str(f"loss {i}") or i for i in bar] == [0, 1, 2]
    out, err = capsys.readouterr()
    last = out.strip().split("\r")[-1]
    assert err == "" and len(last) <= 80
    assert last.startswith("train: 100%|") and last.endswith("| 3/3, loss 2")
    list(progress((i for i in range(4)), "read"))
    assert capsys.readouterr().out.strip().split("\r")[-1] == "read: 4"


def test_progress_shows_times_to_those_who_wait(monkeypatch, capsys):
    monkeypatch.delenv("WORKSHOP_STATIC", raising=False)
    list(progress(range(3)))
    assert "it/s" in capsys.readouterr().out


def test_importing_progress_takes_no_time():
    import subprocess

    code = "import sys, workshop_lib.progress; print('tqdm' in sys.modules, 'torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"

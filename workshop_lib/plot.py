"""The workshop's plots. Each function returns a Figure to end a cell with; none saves a file.

All are drawn on white with dark text, so they read alike on light and dark pages.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Numbers: TypeAlias = Any  # a list, an array, or a tensor on any device

# Okabe and Ito's colours: told apart with every kind of colour vision.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_TINTS = ("#cfe4f3", "#fbdcc4", "#c9ebdd", "#f2dbe7", "#f8e8c2", "#dbeffa")
INK = "#1a1a1a"

# Whatever style the reader has set, these plots look the same.
_own_look = plt.style.context("default")


@_own_look
def loss_curve(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    *,
    unit: str = "nats per token",
    levels: Mapping[str, float] | None = None,
) -> Figure:
    """Draw losses over training steps.

    Args:
        curves: name of each curve and its (step, loss) pairs.
        unit: of the loss, for the axis.
        levels: losses to compare with, drawn as dashed lines, such as {"guessing": 6.9}.

    Returns:
        The figure. `live_figure` shows it while the curves grow.

    Raises:
        ValueError: there is no curve.
    """
    if not curves:
        raise ValueError("loss_curve needs at least one curve, got none")
    figure, axes = _axes(7, 3.5)
    for name, points in curves.items():
        steps, losses = zip(*points, strict=True) if points else ([], [])
        marks = "-" if len(points) > 20 else "o-"
        axes.plot(steps, losses, marks, label=name, linewidth=1.5, markersize=4)
    for name, loss in (levels or {}).items():
        axes.axhline(loss, color="#777777", linestyle="--", linewidth=1, label=name)
    axes.set(xlabel="step", ylabel=f"loss ({unit})")
    axes.grid(color="#e5e5e5")
    axes.legend(frameon=False)
    return figure


@_own_look
def attention_map(weights: Numbers, tokens: Sequence[str], title: str | None = None) -> Figure:
    """Draw which token looks at which.

    Args:
        weights: (T, T), row i holds how much token i looks at each token; a tensor or array.
        tokens: the text of the T tokens.
        title: such as "block 3, head 1".

    Returns:
        The figure: one row a query, one column a key, dark where the weight is near 1.

    Raises:
        ValueError: the weights are not (T, T) for these T tokens.
    """
    if tuple(weights.shape) != (len(tokens), len(tokens)):
        raise ValueError(
            f"{len(tokens)} tokens need weights of shape ({len(tokens)}, {len(tokens)}), "
            f"got {tuple(weights.shape)}"
        )
    side = max(3.0, 0.4 * len(tokens) + 1.5)
    figure, axes = _axes(side + 0.8, side)
    image = axes.imshow(_plain(weights), cmap="Blues", vmin=0, vmax=1)
    names = [visible(token) for token in tokens]
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="looks at (key)", ylabel="token (query)", title=title)
    figure.colorbar(image, ax=axes, fraction=0.046, pad=0.04, label="weight")
    return figure


@_own_look
def bars(
    labels: Sequence[str], values: Numbers, title: str | None = None, unit: str = ""
) -> Figure:
    """Draw one horizontal bar a value, the first on top, such as next-token probabilities.

    Args:
        labels: what each bar stands for; spaces and line breaks are made visible.
        values: as many numbers; a list, tensor or array.
        title: a sentence above the bars.
        unit: what the numbers are, for the axis.

    Returns:
        The figure.

    Raises:
        ValueError: there are more or fewer labels than values.
    """
    values = _plain(values)
    if len(labels) != len(values):
        raise ValueError(f"{len(labels)} labels for {len(values)} values")
    figure, axes = _axes(6, 0.32 * len(values) + 1.0)
    drawn = axes.barh(range(len(values)), values, color=COLOURS[0])
    axes.bar_label(drawn, fmt="%.3g", padding=3, color=INK)
    axes.set_yticks(range(len(values)), [visible(label) for label in labels], family="monospace")
    axes.invert_yaxis()
    axes.set(xlabel=unit, title=title)
    axes.margins(x=0.12)
    return figure


def live_figure() -> Callable[[Figure], None]:
    """Make an output of this cell in which each new figure replaces the one before.

    Returns:
        A function that shows a figure there. A stored notebook keeps only the last.
    """
    from IPython.display import display

    handle = None

    def show(figure: Figure) -> None:
        nonlocal handle
        if handle is None:
            handle = display(figure, display_id=True)
        else:
            handle.update(figure)

    return show


def token_spans(pieces: Sequence[str], ids: Sequence[int] | None = None) -> "_TokenSpans":
    """Show how text is split into tokens.

    Args:
        pieces: the text of each token.
        ids: their ids, shown under the pointer.

    Returns:
        What a cell shows as one coloured span a token, and a terminal with `|` between them.

    Raises:
        ValueError: there are more or fewer ids than pieces.
    """
    if ids is not None and len(ids) != len(pieces):
        raise ValueError(f"{len(ids)} ids for {len(pieces)} pieces")
    return _TokenSpans(list(pieces), ids)


class _TokenSpans:
    """What `token_spans` returns: the same tokens as coloured HTML and as plain text."""

    def __init__(self, pieces: list[str], ids: Sequence[int] | None):
        self.pieces = pieces
        self.ids = ids

    def __repr__(self) -> str:
        return "|".join(visible(piece) for piece in self.pieces)

    def _repr_html_(self) -> str:
        # Styles inside the tags, and a colour for both ink and ground: these survive in
        # notebooks that are not trusted and on dark pages.
        spans = []
        for index, piece in enumerate(self.pieces):
            tip = f"token {index}" + ("" if self.ids is None else f", id {self.ids[index]}")
            style = f"background:{_TINTS[index % len(_TINTS)]};color:{INK};padding:1px 2px"
            text = html.escape(visible(piece))
            line_break = "\n" if "\n" in piece else ""
            spans.append(f'<span title="{tip}" style="{style}">{text}</span>{line_break}')
        style = "font-family:monospace;line-height:1.8;white-space:pre-wrap"
        return f'<div style="{style}">{"".join(spans)}</div>'


def visible(text: str) -> str:
    """Return text with its spaces, line breaks and tabs as signs one can see."""
    return text.replace(" ", "·").replace("\n", "⏎").replace("\t", "⇥")


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(width, height), dpi=100, layout="constrained")
    axes.set_prop_cycle(color=COLOURS)
    axes.spines[["top", "right"]].set_visible(False)
    plt.close(figure)  # else the notebook would draw it a second time at the end of the cell
    return figure, axes


def _plain(values: Numbers) -> Any:
    """Turn a tensor, on whatever device, into an array; leave lists and arrays alone."""
    return values.detach().float().cpu().numpy() if hasattr(values, "detach") else values

"""The figures of 03b_block."""

from math import sqrt

from figures.svg import Drawing


def _plus(drawing: Drawing, x: float, y: float) -> None:
    """Draw the place where something is added to the path."""
    drawing.box(x - 15, y - 15, 30, 30, colour="white")
    drawing.text(x, y, "+", 20, bold=True)


def block() -> str:
    """One block: two parts, each behind a norm, each added to the residual path."""
    drawing = Drawing(
        860,
        260,
        "A block of the model",
        "A straight path leads from the input to the output. Twice a copy leaves it, goes through "
        "a norm and then through attention, the second time through the feed-forward part, and is "
        "added to the path again.",
    )
    drawing.box(20, 168, 84, 56, "x", colour="white", note="(B, T, C)")
    for left, norm, part, colour, note in (
        (150, "norm1", "attention", "blue", "between tokens"),
        (470, "norm2", "feed-forward", "orange", "each token alone"),
    ):
        drawing.arrow((left, 196), (left, 78), (left + 16, 78))
        drawing.box(left + 20, 50, 84, 56, norm, colour="green")
        drawing.arrow((left + 104, 78), (left + 126, 78))
        drawing.box(left + 130, 50, 134, 56, part, colour=colour, note=note)
        drawing.arrow((left + 197, 106), (left + 197, 177))
    drawing.arrow((104, 196), (328, 196), colour="purple")
    drawing.arrow((362, 196), (648, 196), colour="purple")
    drawing.arrow((682, 196), (752, 196), colour="purple")
    _plus(drawing, 347, 196)
    _plus(drawing, 667, 196)
    drawing.box(756, 168, 84, 56, "x", colour="white", note="(B, T, C)")
    drawing.text(430, 238, "the residual path: nothing on it but additions", 14, colour="purple")
    return drawing.svg()


def layer_norm() -> str:
    """One token's four channels on their way through LayerNorm."""
    x, weight, bias = [2, 4, 4, 6], [1, 1, 1, 2], [0, 1, 0, 0]
    mean = sum(x) / 4
    centred = [value - mean for value in x]
    variance = sum(value**2 for value in centred) / 4
    normed = [value / sqrt(variance) for value in centred]
    result = [n * w + b for n, w, b in zip(normed, weight, bias, strict=True)]
    drawing = Drawing(
        860,
        290,
        "LayerNorm of one token, by hand",
        f"The channels {x} have the mean {mean:.0f}. Without it they are {centred}, with a "
        f"variance of {variance:.0f}. Divided by its root they are "
        f"{', '.join(f'{n:.2f}' for n in normed)}. Learned weights and biases then make "
        f"{', '.join(f'{r:.2f}' for r in result)} of them.",
    )
    steps = (
        (56, [str(v) for v in x], "white", "x", "four channels"),
        (264, [f"{v:.0f}" for v in centred], "yellow", "− mean", f"mean {mean:.0f}"),
        (472, [f"{v:.2f}" for v in normed], "green", "/ √variance", f"variance {variance:.0f}"),
        (680, [f"{v:.2f}" for v in result], "blue", "· weight + bias", "learned"),
    )
    for index, (left, values, colour, name, note) in enumerate(steps):
        drawing.text(left + 60, 32, name, bold=True)
        drawing.text(left + 60, 54, note, 13, colour="grey")
        drawing.grid(left, 76, [[v] for v in values], cell=120, height=36, colours=colour)
        if index:
            drawing.arrow((left - 82, 148), (left - 6, 148))
    drawing.text(
        430, 248, "mean and variance are those of this token alone, over its C channels", 14
    )
    drawing.text(430, 270, f"weight {weight}, bias {bias}", 13, colour="grey")
    return drawing.svg()


def feed_forward() -> str:
    """Each token alone: widen, bend, narrow."""
    drawing = Drawing(
        860,
        270,
        "The feed-forward part",
        "Each of three tokens has a row of its own. A linear layer widens its C channels to 4 C, "
        "GELU bends each number, a second linear layer narrows them to C again. No arrow leads "
        "from one row to another.",
    )
    for index, token in enumerate(("Juliet", "sleeps", "she")):
        top = 74 + 58 * index
        drawing.text(80, top + 16, token, 15, anchor="end")
        drawing.grid(96, top, [[""] * 4], cell=16, height=32, colours="blue")
        drawing.arrow((164, top + 16), (222, top + 16))
        drawing.grid(226, top, [[""] * 16], cell=13, height=32, colours="yellow")
        drawing.arrow((438, top + 16), (496, top + 16))
        drawing.grid(500, top, [[""] * 16], cell=13, height=32, colours="orange")
        drawing.arrow((712, top + 16), (770, top + 16))
        drawing.grid(774, top, [[""] * 4], cell=16, height=32, colours="blue")
    for x, name, note in (
        (128, "x", "C"),
        (330, "up(x)", "4 C"),
        (604, "GELU", "4 C"),
        (806, "down", "C"),
    ):
        drawing.text(x, 26, name, bold=True)
        drawing.text(x, 48, note, 14, colour="grey")
    drawing.text(430, 250, "no arrow between the rows: no token sees another here", 14)
    return drawing.svg()


def residual_path() -> str:
    """A stack in which parts follow one another, and one in which each adds to a path."""
    drawing = Drawing(
        860,
        330,
        "Without and with a residual path",
        "Above, three parts one behind the other: each replaces what it got. Below, a straight "
        "path from input to output, to which each part adds its result.",
    )
    drawing.text(30, 36, "without: each part replaces what came in", anchor="start", bold=True)
    drawing.box(30, 66, 60, 48, "x", colour="white")
    for index in range(3):
        left = 150 + 220 * index
        drawing.arrow((90 if not index else left - 90, 90), (left - 4, 90))
        drawing.box(left, 66, 130, 48, f"part {index + 1}", colour="orange")
    drawing.arrow((720, 90), (776, 90))
    drawing.box(780, 66, 60, 48, "out", colour="white")
    drawing.text(30, 160, "with: each part adds to the path", anchor="start", bold=True)
    drawing.box(30, 256, 60, 48, "x", colour="white")
    start = 90
    for index in range(3):
        left = 150 + 220 * index
        drawing.arrow((left - 30, 280), (left - 30, 216), (left - 4, 216))
        drawing.box(left, 192, 110, 48, f"part {index + 1}", colour="orange")
        drawing.arrow((left + 110, 216), (left + 140, 216), (left + 140, 261))
        drawing.arrow((start, 280), (left + 121, 280), colour="purple")
        _plus(drawing, left + 140, 280)
        start = left + 155
    drawing.arrow((start, 280), (776, 280), colour="purple")
    drawing.box(780, 256, 60, 48, "out", colour="white")
    return drawing.svg()


def norm_places() -> str:
    """Pre-norm and post-norm side by side."""
    drawing = Drawing(
        860,
        250,
        "Two places for the norm",
        "Left, pre-norm: the norm stands in the branch before the part, and the path is free. "
        "Right, post-norm: the part reads the path itself, and the norm stands on the path behind "
        "the addition.",
    )
    drawing.text(210, 34, "pre-norm: GPT-2, Llama", bold=True)
    drawing.arrow((60, 180), (60, 94), (86, 94))
    drawing.box(90, 68, 80, 52, "norm", colour="green")
    drawing.arrow((170, 94), (196, 94))
    drawing.box(200, 68, 80, 52, "part", colour="orange")
    drawing.arrow((280, 94), (310, 94), (310, 161))
    drawing.arrow((30, 180), (291, 180), colour="purple")
    drawing.arrow((325, 180), (390, 180), colour="purple")
    _plus(drawing, 310, 180)
    drawing.text(210, 226, "x + part(norm(x))", 15, mono=True)
    drawing.text(640, 34, "post-norm: Transformer of 2017", bold=True)
    drawing.arrow((500, 180), (500, 94), (546, 94))
    drawing.box(550, 68, 80, 52, "part", colour="orange")
    drawing.arrow((630, 94), (660, 94), (660, 161))
    drawing.arrow((470, 180), (641, 180), colour="purple")
    drawing.arrow((675, 180), (706, 180), colour="purple")
    _plus(drawing, 660, 180)
    drawing.box(710, 154, 80, 52, "norm", colour="green")
    drawing.arrow((790, 180), (836, 180), colour="purple")
    drawing.text(640, 226, "norm(x + part(x))", 15, mono=True)
    return drawing.svg()

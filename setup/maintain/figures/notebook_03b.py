"""The figures of 03b_block."""

from math import sqrt

from figures.svg import Drawing


def _plus(drawing: Drawing, x: float, y: float) -> None:
    """Draw the point where something is added to the residual stream."""
    drawing.box(x - 15, y - 15, 30, 30, colour="white")
    drawing.text(x, y, "+", 20, bold=True)


def gpt_nested() -> str:
    """Head in attention in block in GPT."""
    drawing = Drawing(
        960,
        430,
        "The nested boxes of a GPT",
        "The outermost box is the GPT: embeddings, a stack of Transformer blocks, a head that "
        "outputs logits. One block is opened: it holds multi-head attention and a feed-forward "
        "network. The attention is opened too: it holds several attention heads side by side and "
        "a linear layer that mixes what they found.",
    )
    drawing.box(16, 16, 928, 356, colour="grey")
    drawing.text(36, 42, "GPT (03c)", anchor="start", bold=True)
    drawing.box(32, 160, 120, 64, "embeddings", colour="purple", size=15)
    drawing.box(812, 160, 116, 64, "output head", note="logits", colour="purple", size=15)
    drawing.arrow((152, 192), (180, 192))
    drawing.arrow((776, 192), (808, 192))
    for depth in (16, 8, 0):
        drawing.box(184 + depth, 74 - depth, 576, 276, colour="green")
    drawing.text(204, 98, "Transformer block (03b)", anchor="start", bold=True)
    drawing.box(204, 118, 356, 216, colour="blue")
    drawing.text(224, 142, "multi-head attention (03a)", anchor="start", bold=True)
    drawing.box(584, 186, 160, 72, "feed-forward", note="network (03b)", colour="orange")
    drawing.arrow((560, 222), (580, 222))
    for depth in (16, 8, 0):
        drawing.box(224 + depth, 182 - depth, 212, 136, colour="white")
    drawing.text(240, 204, "attention head (03a)", anchor="start", size=15, bold=True)
    drawing.text(240, 236, "queries, keys, values", 14, anchor="start")
    drawing.text(240, 264, "softmax(q kᵀ / √D) v", 14, anchor="start", mono=True)
    drawing.text(240, 296, "tokens exchange", 14, anchor="start", colour="grey")
    drawing.box(476, 222, 68, 56, "linear", colour="yellow", size=15)
    drawing.arrow((452, 250), (472, 250))
    drawing.text(
        480,
        400,
        "GPT-2 124M: 12 blocks of 12 heads each (normalization and additions are not drawn here)",
        14,
    )
    return drawing.svg()


def block() -> str:
    """One block: two sub-layers, each after a norm, each added to the residual stream."""
    drawing = Drawing(
        860,
        260,
        "A Transformer block",
        "A straight line leads from the input to the output. Twice a copy leaves it and goes "
        "through a norm, then through attention the first time and through the feed-forward "
        "network the second time, and is added back.",
    )
    drawing.box(20, 168, 84, 56, "x", colour="white", note="(B, T, C)")
    for left, norm, sublayer, colour, note in (
        (150, "norm1", "attention", "blue", "between tokens"),
        (470, "norm2", "feed-forward", "orange", "each token alone"),
    ):
        drawing.arrow((left, 196), (left, 78), (left + 16, 78))
        drawing.box(left + 20, 50, 84, 56, norm, colour="green")
        drawing.arrow((left + 104, 78), (left + 126, 78))
        drawing.box(left + 130, 50, 134, 56, sublayer, colour=colour, note=note)
        drawing.arrow((left + 197, 106), (left + 197, 177))
    drawing.arrow((104, 196), (328, 196), colour="purple")
    drawing.arrow((362, 196), (648, 196), colour="purple")
    drawing.arrow((682, 196), (752, 196), colour="purple")
    _plus(drawing, 347, 196)
    _plus(drawing, 667, 196)
    drawing.box(756, 168, 84, 56, "x", colour="white", note="(B, T, C)")
    drawing.text(430, 238, "the residual stream: nothing but additions", 14, colour="purple")
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
        f"variance of {variance:.0f}. Divided by its square root they are "
        f"{', '.join(f'{n:.2f}' for n in normed)}. A learned weight and bias turn them into "
        f"{', '.join(f'{r:.2f}' for r in result)}.",
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
    """Each token alone: up, activation function, down."""
    drawing = Drawing(
        860,
        270,
        "The feed-forward network",
        "Each of three tokens has a row of its own. A linear layer projects its C channels up to "
        "4 C, GELU is applied to each number, a second linear layer projects them down to C. No "
        "arrow leads from one row to another.",
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
        (330, "up", "4 C"),
        (604, "GELU", "4 C"),
        (806, "down", "C"),
    ):
        drawing.text(x, 26, name, bold=True)
        drawing.text(x, 48, note, 14, colour="grey")
    drawing.text(430, 250, "no arrow between the rows: each token is processed on its own", 14)
    return drawing.svg()


def residual_connection() -> str:
    """A stack in which sub-layers replace their input, and one in which each adds to it."""
    drawing = Drawing(
        860,
        330,
        "Without and with residual connections",
        "Above, three sub-layers in a row: each replaces its input. Below, a straight line from "
        "input to output, to which each sub-layer adds its output.",
    )
    drawing.text(30, 36, "without: each sub-layer replaces its input", anchor="start", bold=True)
    drawing.box(30, 66, 60, 48, "x", colour="white")
    for index in range(3):
        left = 150 + 220 * index
        drawing.arrow((90 if not index else left - 90, 90), (left - 4, 90))
        drawing.box(left, 66, 130, 48, f"sub-layer {index + 1}", colour="orange")
    drawing.arrow((720, 90), (776, 90))
    drawing.box(780, 66, 60, 48, "out", colour="white")
    drawing.text(
        30, 160, "with residual connections: each adds to its input", anchor="start", bold=True
    )
    drawing.box(30, 256, 60, 48, "x", colour="white")
    start = 90
    for index in range(3):
        left = 150 + 220 * index
        drawing.arrow((left - 30, 280), (left - 30, 216), (left - 4, 216))
        drawing.box(left, 192, 110, 48, f"sub-layer {index + 1}", colour="orange")
        drawing.arrow((left + 110, 216), (left + 140, 216), (left + 140, 261))
        drawing.arrow((start, 280), (left + 121, 280), colour="purple")
        _plus(drawing, left + 140, 280)
        start = left + 155
    drawing.arrow((start, 280), (776, 280), colour="purple")
    drawing.box(780, 256, 60, 48, "out", colour="white")
    return drawing.svg()


def pre_post_norm() -> str:
    """Pre-norm and post-norm side by side."""
    drawing = Drawing(
        860,
        250,
        "Pre-norm and post-norm",
        "Left, pre-norm: the norm comes before the sub-layer, inside the branch, and there is "
        "nothing but an addition on the line. Right, post-norm: the sub-layer reads the line "
        "itself, and the norm comes after the addition, on the line.",
    )
    drawing.text(210, 34, "pre-norm: GPT-2, Llama", bold=True)
    drawing.arrow((60, 180), (60, 94), (86, 94))
    drawing.box(90, 68, 80, 52, "norm", colour="green")
    drawing.arrow((170, 94), (196, 94))
    drawing.box(200, 68, 80, 52, "sub-layer", colour="orange", size=14)
    drawing.arrow((280, 94), (310, 94), (310, 161))
    drawing.arrow((30, 180), (291, 180), colour="purple")
    drawing.arrow((325, 180), (390, 180), colour="purple")
    _plus(drawing, 310, 180)
    drawing.text(210, 226, "x + sublayer(norm(x))", 15, mono=True)
    drawing.text(640, 34, "post-norm: Transformer of 2017", bold=True)
    drawing.arrow((500, 180), (500, 94), (546, 94))
    drawing.box(550, 68, 80, 52, "sub-layer", colour="orange", size=14)
    drawing.arrow((630, 94), (660, 94), (660, 161))
    drawing.arrow((470, 180), (641, 180), colour="purple")
    drawing.arrow((675, 180), (706, 180), colour="purple")
    _plus(drawing, 660, 180)
    drawing.box(710, 154, 80, 52, "norm", colour="green")
    drawing.arrow((790, 180), (836, 180), colour="purple")
    drawing.text(640, 226, "norm(x + sublayer(x))", 15, mono=True)
    return drawing.svg()

"""The figures of 05b_from_gpt2_to_llama."""

import math

from figures.svg import Drawing


def gpt2_and_llama() -> str:
    """A block of GPT-2 beside a block of Llama."""
    drawing = Drawing(
        920,
        400,
        "GPT-2 and Llama",
        "From bottom to top, GPT-2 has token and position embeddings, LayerNorm, attention, "
        "LayerNorm and a GELU layer. Llama has token embeddings, RMSNorm, attention with rotary "
        "position embeddings and shared keys and values, RMSNorm and SwiGLU. The plan is the same.",
    )
    columns = (
        (
            60,
            "GPT-2 (2019)",
            ["GELU layer", "LayerNorm", "attention", "LayerNorm", "tokens + learned positions"],
        ),
        (
            600,
            "Llama 2 70B (2023)",
            ["SwiGLU", "RMSNorm", "attention, rotary, grouped", "RMSNorm", "tokens"],
        ),
    )
    colours = ["purple", "green", "orange", "green", "blue"]
    for x, name, parts in columns:
        drawing.text(x + 130, 26, name, 17, bold=True)
        for i, (part, colour) in enumerate(zip(parts, colours, strict=True)):
            y = 56 + 68 * i
            drawing.box(x, y, 260, 42, part, colour=colour)
            if i:
                drawing.arrow((x + 130, y), (x + 130, y - 25))
    changes = ["a gate", "no mean, no bias", "positions rotate q and k", "", "no position table"]
    for i, (change, colour) in enumerate(zip(changes, colours, strict=True)):
        y = 77 + 68 * i
        drawing.arrow((322, y), (596, y), dashed=True, colour=colour)
        if change:
            drawing.text(459, y - 14, change, 14, colour=colour)
    drawing.text(459, 231, "heads share keys and values", 14, colour="orange")
    return drawing.svg()


def two_norms() -> str:
    """The steps of LayerNorm and of RMSNorm."""
    drawing = Drawing(
        920,
        210,
        "LayerNorm and RMSNorm",
        "LayerNorm subtracts the mean, divides by the standard deviation, multiplies by a weight "
        "and adds a bias. RMSNorm divides by the root mean square and multiplies by a weight.",
    )
    steps = (
        ("LayerNorm", ["− mean", "÷ standard deviation", "× weight", "+ bias"]),
        ("RMSNorm", ["", "÷ root mean square", "× weight", ""]),
    )
    for row, (name, parts) in enumerate(steps):
        y = 40 + 90 * row
        drawing.text(30, y + 24, name, anchor="start", bold=True)
        drawing.arrow((140, y + 24), (886, y + 24))
        for x, width, part in zip((176, 326, 556, 726), (120, 200, 140, 110), parts, strict=True):
            if part:
                drawing.box(x, y, width, 48, part, colour="green" if width > 130 else "orange")
    return drawing.svg()


def rotary_clock() -> str:
    """Pairs of channels as clock hands."""
    drawing = Drawing(
        920,
        330,
        "Rotary position embeddings",
        "Two rows of clocks, one column for each position 0 to 5. The hand of the first pair rotates "
        "by one radian from position to position, that of the second by a tenth of a radian.",
    )
    for row, (name, speed) in enumerate((("pair 0: fast", 1.0), ("pair 1: slow", 0.1))):
        y = 110 + 120 * row
        drawing.text(30, y, name, anchor="start", bold=True)
        for place in range(6):
            x, angle = 210 + 124 * place, place * speed
            for i in range(24):
                a, b = math.tau * i / 24, math.tau * (i + 1) / 24
                points = [(x + 42 * math.cos(t), y - 42 * math.sin(t)) for t in (a, b)]
                drawing.arrow(*points, head=False)
            tip = (x + 38 * math.cos(angle), y - 38 * math.sin(angle))
            drawing.arrow((x, y), tip, colour="orange" if row == 0 else "blue")
            if row == 0:
                drawing.text(x, 36, f"position {place}", 15)
    drawing.text(
        460, 304, "a score depends on the angle between two hands: on the relative position", 15
    )
    return drawing.svg()


def rotary_conventions() -> str:
    """Which channels make a pair."""
    drawing = Drawing(
        920,
        230,
        "Two conventions",
        "Eight channels. Interleaved: 0 with 1, 2 with 3, 4 with 5, 6 with 7. Split halves: "
        "0 with 4, 1 with 5, 2 with 6, 3 with 7.",
    )
    colours = ["blue", "orange", "green", "purple"]
    rows = (
        (50, "interleaved", "Meta, llama.cpp", [i // 2 for i in range(8)]),
        (142, "split halves", "Hugging Face, ours", [i % 4 for i in range(8)]),
    )
    for y, name, who, pairs in rows:
        drawing.text(30, y + 14, name, anchor="start", bold=True)
        drawing.text(30, y + 38, who, 14, anchor="start", colour="grey")
        drawing.grid(230, y, [list(range(8))], cell=50, colours=[[colours[p] for p in pairs]])
        drawing.text(660, y + 25, "one colour, one pair", 14, anchor="start", colour="grey")
    drawing.text(430, 28, "channels of one head", 14, colour="grey")
    return drawing.svg()


def swiglu() -> str:
    """GPT-2's feed-forward network and Llama's."""
    drawing = Drawing(
        920,
        290,
        "Two feed-forward networks",
        "GPT-2: x goes up to four times its width, through GELU, and down again. Llama: x goes "
        "through gate and SiLU and also through up; the two are multiplied and go down.",
    )
    drawing.text(30, 50, "GPT-2", anchor="start", bold=True)
    drawing.box(120, 26, 60, 48, "x", colour="grey")
    drawing.arrow((180, 50), (240, 50))
    drawing.box(242, 26, 130, 48, "up", colour="blue")
    drawing.arrow((372, 50), (430, 50))
    drawing.box(432, 26, 130, 48, "GELU", colour="orange")
    drawing.arrow((562, 50), (730, 50))
    drawing.box(732, 26, 130, 48, "down", colour="green")
    drawing.text(30, 190, "Llama", anchor="start", bold=True)
    drawing.box(120, 166, 60, 48, "x", colour="grey")
    drawing.arrow((180, 182), (240, 150))
    drawing.arrow((180, 198), (240, 230))
    drawing.box(242, 124, 130, 48, "gate", colour="blue")
    drawing.box(242, 208, 130, 48, "up", colour="blue")
    drawing.arrow((372, 148), (430, 148))
    drawing.box(432, 124, 130, 48, "SiLU", colour="orange")
    drawing.arrow((562, 148), (622, 178))
    drawing.arrow((372, 232), (622, 202))
    drawing.box(624, 166, 50, 48, "×", colour="orange")
    drawing.arrow((674, 190), (730, 190))
    drawing.box(732, 166, 130, 48, "down", colour="green")
    return drawing.svg()


def grouped_queries() -> str:
    """Nine query heads share three key and value heads."""
    drawing = Drawing(
        920,
        220,
        "Grouped-query attention",
        "Nine query heads stand in three groups of three. All heads of a group use the same key "
        "and value head, so there are three key and value heads instead of nine.",
    )
    drawing.text(30, 50, "query heads", anchor="start")
    drawing.text(30, 172, "key and value heads", anchor="start")
    for group, colour in enumerate(("blue", "orange", "green")):
        middle = 318 + 226 * group
        drawing.box(middle - 44, 148, 88, 48, f"k{group} v{group}", colour=colour)
        for i in range(3):
            x = middle + 66 * (i - 1)
            drawing.box(x - 27, 26, 54, 48, f"q{3 * group + i}", colour=colour)
            drawing.arrow((x, 74), (middle + 22 * (i - 1), 146))
    return drawing.svg()


def q4_1_block() -> str:
    """The 20 bytes of a block."""
    drawing = Drawing(
        920,
        250,
        "A block of Q4_1",
        "A block has 20 bytes: two for the step, two for the smallest value and sixteen for 32 "
        "levels of four bits. A byte holds level i in its lower four bits and level i plus 16 in "
        "its upper four. A weight is the smallest value plus its level times the step.",
    )
    drawing.box(30, 40, 120, 60, "step", note="2 bytes", colour="orange")
    drawing.box(150, 40, 150, 60, "smallest", note="2 bytes", colour="yellow")
    drawing.box(300, 40, 590, 60, "32 levels", note="16 bytes", colour="blue")
    drawing.arrow((440, 100), (440, 146), head=False, dashed=True)
    drawing.box(330, 148, 110, 46, "level 16", note="upper 4 bits", colour="blue", size=14)
    drawing.box(440, 148, 110, 46, "level 0", note="lower 4 bits", colour="blue", size=14)
    drawing.text(440, 212, "the first of the 16 bytes", 14, colour="grey")
    drawing.text(730, 160, "weight =", 16, mono=True)
    drawing.text(730, 186, "smallest + step × level", 16, mono=True)
    return drawing.svg()

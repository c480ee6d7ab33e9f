"""The figures of 06b_finetuning_and_lora."""

from figures.svg import Drawing


def low_rank_product() -> str:
    """A column times a row."""
    drawing = Drawing(
        760,
        270,
        "A product of rank 1",
        "A column of four numbers, 1, 2, 0 and minus 1, times a row of four numbers, 3, 0, 1 and 2, "
        "gives a matrix of 16 numbers. Eight numbers are trained, 16 are changed.",
    )
    column, row = [1, 2, 0, -1], [3, 0, 1, 2]
    drawing.text(78, 36, "B", 18, colour="orange", bold=True)
    drawing.grid(56, 60, [[value] for value in column], cell=44, colours="orange")
    drawing.text(140, 148, "times", 16, colour="grey")
    drawing.text(268, 102, "A", 18, colour="blue", bold=True)
    drawing.grid(180, 126, [row], cell=44, colours="blue")
    drawing.text(400, 148, "=", 22, colour="grey")
    drawing.text(528, 36, "B A", 18, colour="purple", bold=True)
    drawing.grid(440, 60, [[b * a for a in row] for b in column], cell=44, colours="purple")
    drawing.text(78, 254, "4 × 1", 14, colour="grey")
    drawing.text(268, 190, "1 × 4", 14, colour="grey")
    drawing.text(528, 254, "4 × 4", 14, colour="grey")
    drawing.text(690, 148, "rank 1", 16, colour="purple")
    return drawing.svg()


def lora_linear() -> str:
    """The frozen layer and the two thin matrices in parallel."""
    drawing = Drawing(
        900,
        300,
        "A linear layer with LoRA",
        "The input takes two paths. Above, it is multiplied by the frozen weight W. Below, the trained "
        "matrix A maps it to r numbers and the trained matrix B to the output, times alpha over r. "
        "The two results are added.",
    )
    drawing.box(20, 124, 90, 52, "x", note="in", colour="grey")
    drawing.arrow((110, 140), (258, 84))
    drawing.box(260, 30, 330, 100, "W", note="out × in, frozen", colour="grey", size=20)
    drawing.arrow((110, 160), (198, 216))
    drawing.box(200, 190, 130, 62, "A", note="r × in, trained", colour="blue")
    drawing.arrow((330, 221), (428, 221), label="r numbers")
    drawing.box(430, 190, 160, 62, "B", note="out × r, trained", colour="orange")
    drawing.text(510, 274, "starts at zero", 14, colour="orange")
    drawing.text(265, 274, "starts random", 14, colour="blue")
    drawing.arrow((590, 221), (728, 166), label="")
    drawing.text(672, 222, "× α / r", 14, colour="grey", anchor="start")
    drawing.arrow((590, 80), (728, 136))
    drawing.box(730, 124, 50, 52, "+", colour="purple", size=20)
    drawing.arrow((780, 150), (818, 150))
    drawing.box(820, 124, 60, 52, "y", note="out", colour="grey")
    return drawing.svg()


def qkv_rows() -> str:
    """Which rows of the fused layer a target names."""
    drawing = Drawing(
        820,
        330,
        "Queries and values are rows of one layer",
        "SmolLM2's fused weight has 960 rows: 576 for queries, 192 for keys, 192 for values. LoRA "
        "on queries adds to the first 576 rows, LoRA on values to the last 192; keys stay.",
    )
    drawing.text(145, 28, "one weight: 960 × 576", 15, colour="grey")
    drawing.box(50, 50, 190, 150, "queries", note="rows 0 to 575", colour="orange")
    drawing.box(50, 204, 190, 48, "keys", note="rows 576 to 767", colour="grey", size=15)
    drawing.box(50, 256, 190, 48, "values", note="rows 768 to 959", colour="purple", size=15)
    drawing.text(275, 125, "+", 22, colour="grey")
    drawing.text(275, 280, "+", 22, colour="grey")
    drawing.text(300, 228, "nothing is added", 15, anchor="start", colour="grey")
    drawing.box(310, 50, 110, 150, "B", note="576 × 8", colour="orange")
    drawing.box(450, 94, 210, 62, "A", note="8 × 576", colour="blue")
    drawing.text(684, 125, "target q", 16, anchor="start", colour="orange", bold=True)
    drawing.box(310, 256, 110, 48, "B", note="192 × 8", colour="purple", size=15)
    drawing.box(450, 250, 210, 60, "another A", note="8 × 576", colour="blue")
    drawing.text(684, 280, "target v", 16, anchor="start", colour="purple", bold=True)
    return drawing.svg()


def training_memory() -> str:
    """What memory holds per weight during training."""
    drawing = Drawing(
        860,
        300,
        "Memory of full finetuning and of LoRA",
        "Full finetuning keeps for each weight its value, its gradient and AdamW's two averages: "
        "four numbers. With LoRA a frozen weight is one number; only the small matrices have all "
        "four.",
    )
    drawing.text(200, 28, "full finetuning", 17, bold=True)
    for i, (name, colour) in enumerate(
        [
            ("weights", "grey"),
            ("gradients", "blue"),
            ("AdamW: average of gradients", "orange"),
            ("AdamW: average of squares", "orange"),
        ]
    ):
        drawing.box(50, 52 + 56 * i, 300, 48, name, colour=colour, size=15)
    drawing.text(200, 284, "16 bytes per weight", 14, colour="grey")
    drawing.text(620, 28, "LoRA", 17, bold=True)
    drawing.box(430, 52, 300, 48, "weights, frozen", colour="grey", size=15)
    for i, (colour, name) in enumerate(
        [("grey", "A and B"), ("blue", "their gradients"), ("orange", "AdamW: two averages")]
    ):
        drawing.box(430, 108 + 56 * i, 22, 48, colour=colour)
        drawing.text(464, 132 + 56 * i, name, 15, anchor="start", colour="grey")
    drawing.text(430, 284, "4 bytes per frozen weight, 16 per trained one", 14, anchor="start",
                 colour="grey")  # fmt: skip
    return drawing.svg()


def packed_rows() -> str:
    """Padded sequences, and the same sequences packed into one."""
    drawing = Drawing(
        960,
        330,
        "Sequences of a batch, padded and packed",
        "Four sequences, each with the same template at the start, its own text, and padding up to "
        "the longest one. Packed they are one sequence: the template once, then the four texts, "
        "without padding.",
    )
    cell, height = 34, 34
    texts, longest = [3, 6, 2, 4], 11
    colours = ["orange", "green", "purple", "yellow"]
    for number, (length, colour) in enumerate(zip(texts, colours, strict=True)):
        padding = longest - 5 - length
        shades = ["blue"] * 5 + [colour] * length + ["white"] * padding
        top = 40 + number * (height + 6)
        drawing.text(80, top + 17, f"sequence {number + 1}", 15)
        drawing.grid(130, top, [[""] * longest], cell=cell, height=height, colours=[shades])
    drawing.text(
        520, 58, "the template, the same in each sequence", 15, anchor="start", colour="blue"
    )
    drawing.text(520, 98, "a sequence's own text", 15, anchor="start", colour="green")
    drawing.text(520, 138, "padding", 15, anchor="start", colour="grey")
    drawing.text(520, 178, "44 positions", 16, anchor="start", bold=True)
    drawing.arrow((317, 204), (317, 236))
    shades = ["blue"] * 5
    for length, colour in zip(texts, colours, strict=True):
        shades += [colour] * length
    drawing.text(80, 261, "packed", 15)
    drawing.grid(130, 244, [[""] * len(shades)], cell=cell, height=height, colours=[shades])
    drawing.text(130, 308, f"{len(shades)} positions", 16, anchor="start", bold=True)
    return drawing.svg()

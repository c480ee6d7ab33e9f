"""The figures of 06a_instruction_data."""

from figures.svg import Drawing


def completion_and_chat() -> str:
    """A request as bare text and as a message in a chat."""
    drawing = Drawing(
        960,
        300,
        "A request, continued or answered",
        "On the left a bare request goes into the model, which continues the text with anything "
        "that might follow. On the right the same request stands in a chat template, and the model "
        "writes an answer and an end-of-sequence token.",
    )
    drawing.text(240, 28, "completion", 18, bold=True)
    drawing.text(720, 28, "instruction", 18, bold=True)
    drawing.box(60, 60, 360, 44, "Name the capital of France.", size=16)
    drawing.arrow((240, 104), (240, 182), label="what might come next?")
    drawing.box(60, 186, 360, 44, "more text of any kind", colour="orange", size=16)
    drawing.text(240, 262, "nothing says that it ends", 15, colour="orange")
    drawing.box(500, 60, 100, 44, "user:", colour="grey", size=15)
    drawing.box(600, 60, 240, 44, "Name the capital of France.", size=15)
    drawing.box(840, 60, 100, 44, "assistant:", colour="grey", size=15)
    drawing.arrow((720, 104), (720, 182), label="what might come next?")
    drawing.box(500, 186, 320, 44, "The capital of France is Paris.", colour="green", size=16)
    drawing.box(820, 186, 120, 44, "<|im_end|>", colour="yellow", mono=True, size=15)
    drawing.text(720, 262, "an answer, then EOS", 15, colour="green")
    return drawing.svg()


def mask_and_shift() -> str:
    """Two sequences, their labels, and the shift."""
    drawing = Drawing(
        960,
        390,
        "Sequences, inputs and targets",
        "Two sequences of token ids. The first is prompt 11 12 13, response 14, EOS 0, and one "
        "padding 0. The second is prompt 21 22, response 23 24 25, EOS 0. Inputs drop the last "
        "position. Targets drop the first position; those under prompt and padding are masked "
        "with minus 100.",
    )
    cell, left = 76, 150
    prompt, response, end, padding = "blue", "green", "yellow", "grey"
    rows = [[11, 12, 13, 14, 0, 0], [21, 22, 23, 24, 25, 0]]
    shades = [
        [prompt, prompt, prompt, response, end, padding],
        [prompt, prompt, response, response, response, end],
    ]
    labels = [["−100", "−100", "−100", 14, 0, "−100"], ["−100", "−100", 23, 24, 25, 0]]
    masked = [["white"] * 3 + [response, end, "white"], ["white"] * 2 + [response] * 3 + [end]]
    drawing.text(75, 66, "sequences", 16, bold=True)
    drawing.grid(left, 30, rows, cell=cell, height=36, colours=shades)
    drawing.text(75, 186, "inputs", 16, bold=True)
    drawing.grid(
        left, 150, [row[:-1] for row in rows], cell=cell, height=36,
        colours=[row[:-1] for row in shades],
    )  # fmt: skip
    drawing.text(75, 306, "targets", 16, bold=True)
    drawing.grid(
        left, 270, [row[1:] for row in labels], cell=cell, height=36,
        colours=[row[1:] for row in masked],
    )  # fmt: skip
    drawing.arrow((left + 190, 104), (left + 190, 146))
    drawing.text(left + 204, 124, "drop the last position", 14, anchor="start", colour="grey")
    drawing.arrow((left + 190, 224), (left + 190, 266))
    drawing.text(
        left + 204, 244, "shifted by one position; −100 where masked", 14, anchor="start",
        colour="grey",
    )  # fmt: skip
    for place, (colour, name) in enumerate(
        (
            (prompt, "prompt"),
            (response, "response"),
            (end, "EOS"),
            (padding, "padding (same id)"),
            ("white", "masked"),
        )
    ):
        drawing.box(690, 36 + 62 * place, 32, 32, colour=colour)
        drawing.text(736, 52 + 62 * place, name, 16, anchor="start")
    return drawing.svg()


def split_by_group() -> str:
    """A random split cuts through groups; a split by group does not."""
    drawing = Drawing(
        960,
        310,
        "Two ways to split",
        "Three groups of four tasks each. In a random split each group has tasks in training and "
        "one in the test, so each test task has a near-duplicate in training. In a group split one "
        "whole group is the test and the two others are training.",
    )
    for left, title, shades, remark, colour in (
        (
            30,
            "random split",
            [["blue", "blue", "orange", "blue"], ["orange", "blue", "blue", "blue"]]
            + [["blue", "orange", "blue", "orange"]],
            "each test task has a near-duplicate in training",
            "orange",
        ),
        (
            500,
            "group split",
            [["blue"] * 4, ["orange"] * 4, ["blue"] * 4],
            "no test task has one",
            "green",
        ),
    ):
        drawing.text(left + 225, 30, title, 18, bold=True)
        rows = [["mouse", "key", "piano", "child"], ["2 km", "5 km", "9 km", "4 km"]]
        rows.append(["tea", "milk", "bread", "salt"])
        for number, row in enumerate(rows):
            y = 60 + 58 * number
            drawing.text(left + 60, y + 20, f"group {number + 1}", 15)
            drawing.grid(
                left + 120, y, [row], cell=76, height=40, colours=[shades[number]], mono=False
            )
        drawing.text(left + 225, 250, remark, 16, colour=colour)
    drawing.box(330, 274, 22, 22, colour="blue")
    drawing.text(362, 285, "training", 15, anchor="start")
    drawing.box(500, 274, 22, 22, colour="orange")
    drawing.text(532, 285, "test", 15, anchor="start")
    return drawing.svg()

"""The figures of 04b_pretraining."""

import math

from figures.svg import Drawing


def pretraining_run() -> str:
    """The run at a glance."""
    drawing = Drawing(
        920,
        330,
        "Pretraining at a glance",
        "The plays are split into training and validation scenes. Windows of training scenes go "
        "through the model, the loss gives gradients, and the optimizer updates the weights. From "
        "time to time the loss on the validation scenes is measured, which changes nothing.",
    )
    drawing.box(30, 120, 130, 70, "the plays", note="789 scenes", colour="grey")
    drawing.arrow((160, 140), (230, 85))
    drawing.arrow((160, 170), (230, 255))
    drawing.box(232, 50, 170, 66, "training scenes", note="9 of 10", colour="green")
    drawing.box(232, 222, 170, 66, "validation scenes", note="1 of 10, held out", colour="yellow")
    drawing.arrow((402, 83), (500, 83), label="batches")
    drawing.box(502, 50, 120, 66, "model", colour="orange")
    drawing.arrow((622, 83), (700, 83), label="logits")
    drawing.box(702, 50, 120, 66, "loss", colour="blue")
    drawing.arrow((762, 116), (762, 160))
    drawing.box(682, 162, 160, 56, "optimizer", note="gradients, one step", colour="purple")
    drawing.arrow((682, 190), (562, 190), (562, 120), label="new weights")
    drawing.arrow((402, 255), (520, 255), (520, 120), dashed=True)
    drawing.text(600, 270, "from time to time: evaluation, no update", 14, colour="grey")
    return drawing.svg()


def muon() -> str:
    """A gradient that is strong along one direction only, and what Muon makes of it."""
    drawing = Drawing(
        860,
        300,
        "How Muon changes a gradient",
        "The momentum, strong along one direction and weak along the other, is drawn as a long, "
        "thin ellipse. Muon keeps both directions and makes them equally strong: a circle.",
    )
    tilt = math.radians(25)
    panels = (
        (200, "the momentum", 150, 16, "orange"),
        (650, "Muon's update", 75, 75, "green"),
    )
    for x, title, strong, weak, colour in panels:
        y = 160
        along = (math.cos(tilt), -math.sin(tilt))
        across = (math.sin(tilt), math.cos(tilt))
        outline = []
        for k in range(73):
            a, b = strong * math.cos(math.pi * k / 36), weak * math.sin(math.pi * k / 36)
            outline.append((x + a * along[0] + b * across[0], y + a * along[1] + b * across[1]))
        drawing.arrow(*outline, head=False, dashed=True)
        drawing.arrow((x, y), (x + strong * along[0], y + strong * along[1]), colour=colour)
        drawing.arrow((x, y), (x - weak * across[0], y - weak * across[1]), colour=colour)
        drawing.text(x, 36, title, bold=True)
    drawing.arrow((385, 160), (520, 160), label="orthogonalize", colour="grey")
    drawing.text(200, 264, "learns one direction, hardly the other", 14, colour="grey")
    drawing.text(650, 264, "the same directions, equally strong", 14, colour="grey")
    return drawing.svg()


def checkpoint() -> str:
    """What a checkpoint holds and how it is written."""
    drawing = Drawing(
        920,
        250,
        "A checkpoint",
        "A checkpoint holds weights, optimizer state, step, position in the data, random states and "
        "the configs. It is written to a .part file first, which is then renamed.",
    )
    rows = ["weights", "optimizer state: running averages", "step", "position in the data"]
    rows += ["states of the random generators", "model config and training config"]
    for i, row in enumerate(rows):
        drawing.box(30, 18 + 36 * i, 290, 30, row, colour="green" if i == 0 else "blue", size=14)
    drawing.arrow((320, 125), (430, 125), label="write")
    drawing.box(
        432,
        92,
        190,
        66,
        "run.pt.1234.part",
        note="another name",
        colour="yellow",
        mono=True,
        size=14,
    )
    drawing.arrow((622, 125), (730, 125), label="rename")
    drawing.box(732, 92, 170, 66, "run.pt", note="always whole", colour="green", mono=True)
    return drawing.svg()

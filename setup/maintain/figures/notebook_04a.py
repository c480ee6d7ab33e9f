"""The figures of 04a_loss_and_training."""

import math

from figures.svg import Drawing

WORDS = ["the", "king", "queen", "sleeps"]
SCORES = [[0.0, 2.0, 2.0, 0.0], [0.0, 0.0, 0.0, 3.0]]
TARGETS = [1, 3]


def surprise() -> str:
    """The loss: how small the probability of the actual next token was."""
    drawing = Drawing(
        940,
        320,
        "The negative log-likelihood of the actual next token",
        "At two positions of the sentence the king sleeps the model gives each of four tokens a "
        "probability. Only that of the actual next token counts: its negative logarithm is the "
        "negative log-likelihood, and the loss is the mean of both.",
    )
    surprises = []
    for i, (scores, target) in enumerate(zip(SCORES, TARGETS, strict=True)):
        left = 30 + 360 * i
        total = sum(math.exp(score) for score in scores)
        drawing.text(left, 40, ("after “the”", "after “the king”")[i], anchor="start", bold=True)
        for j, score in enumerate(scores):
            share, top = math.exp(score) / total, 64 + 34 * j
            colour = "orange" if j == target else "grey"
            drawing.text(left + 66, top + 13, WORDS[j], 14, anchor="end", mono=True)
            drawing.box(left + 76, top, max(9.0, 200 * share), 26, colour=colour)
            drawing.text(left + 86 + 200 * share, top + 13, f"{share:.2f}", 14, anchor="start")
        surprises.append(-math.log(math.exp(scores[target]) / total))
        share = math.exp(scores[target]) / total
        drawing.text(left, 230, "actually next:", 14, anchor="start", colour="grey")
        drawing.text(left + 112, 230, WORDS[target], 14, anchor="start", colour="orange", mono=True)
        line = f"NLL = -log {share:.2f} = {surprises[-1]:.2f}"
        drawing.text(left, 258, line, 15, anchor="start")
    drawing.text(850, 120, "loss", bold=True)
    drawing.box(
        770, 140, 160, 60, f"{sum(surprises) / 2:.2f}", note="nats per token", colour="green"
    )
    drawing.text(850, 222, "the mean NLL", 14, colour="grey")
    drawing.arrow((250, 258), (340, 258), (340, 296), (850, 296), (850, 236), colour="green")
    drawing.arrow((640, 258), (700, 258), (700, 296), colour="green", head=False)
    return drawing.svg()


def bits_per_character() -> str:
    """Two tokenizers, one text: only the characters are the same."""
    drawing = Drawing(
        900,
        250,
        "Bits per character",
        "The same 15 characters are 15 tokens for one tokenizer and 5 for another. A loss per "
        "token counts different things; bits for the whole text, divided by its characters, "
        "count the same thing.",
    )
    text = "the king sleeps"
    drawing.text(30, 40, "15 characters, as bytes: 15 tokens", anchor="start", bold=True)
    letters = [[letter.replace(" ", "·") for letter in text]]
    drawing.grid(30, 58, letters, cell=34, height=34, colours="blue")
    drawing.text(560, 75, "15 tokens × 2.0 bits = 30 bits", 15, anchor="start")
    drawing.text(30, 132, "the same, as larger tokens: 5 tokens", anchor="start", bold=True)
    left = 30
    for piece in ("the", "·k", "ing", "·sleep", "s"):
        drawing.box(left, 150, 34 * len(piece), 34, piece, colour="purple", mono=True, size=15)
        left += 34 * len(piece)
    drawing.text(560, 167, "5 tokens × 5.0 bits = 25 bits", 15, anchor="start")
    drawing.text(30, 222, "worse per token, better for the text:", anchor="start")
    drawing.text(560, 222, "30 / 15 = 2.0", 15, anchor="start", colour="blue", bold=True)
    drawing.text(670, 222, "against", 15, anchor="start")
    drawing.text(732, 222, "25 / 15 = 1.7", 15, anchor="start", colour="purple", bold=True)
    return drawing.svg()


def training_loop() -> str:
    """One step of training."""
    drawing = Drawing(
        900,
        260,
        "One step of training",
        "The forward pass turns a batch into logits and a loss. The backward pass computes the "
        "gradient of the loss for each weight. The optimizer updates each weight by a small step "
        "against its gradient. Then the next batch comes.",
    )
    drawing.box(30, 60, 130, 56, "batch", note="inputs, targets", colour="yellow")
    drawing.arrow((160, 88), (236, 88))
    drawing.box(240, 60, 130, 56, "model", note="weights", colour="blue")
    drawing.arrow((370, 88), (476, 88), label="logits")
    drawing.box(480, 60, 130, 56, "loss", note="one number", colour="green")
    drawing.arrow((610, 88), (716, 88), label="backward")
    drawing.box(720, 60, 150, 56, "gradients", note="one per weight", colour="orange")
    drawing.arrow((795, 116), (795, 176))
    drawing.box(700, 180, 170, 50, "clip", note="section 6", colour="grey")
    drawing.arrow((700, 205), (614, 205))
    drawing.box(400, 180, 210, 50, "optimizer", note="sections 5 and 7", colour="purple")
    drawing.arrow((400, 205), (305, 205), (305, 120), label="update")
    return drawing.svg()


def adam_step() -> str:
    """Steps as large as the gradients, and steps of equal size."""
    drawing = Drawing(
        900,
        260,
        "A step of SGD and a step of Adam",
        "Two weights with gradients of 30 and 1. A step of SGD moves the first thirty times as "
        "far as the second. Adam divides each gradient by its own usual size, so both move equally.",
    )
    drawing.text(150, 40, "gradient", bold=True)
    drawing.text(430, 40, "SGD: rate × gradient", bold=True)
    drawing.text(730, 40, "Adam: rate × gradient / its size", bold=True)
    for i, (name, gradient, plain) in enumerate((("w1", "30", 240), ("w2", "1", 8))):
        y = 100 + 70 * i
        drawing.box(30, y - 20, 60, 40, name, colour="blue", mono=True)
        drawing.text(150, y, gradient, 18)
        drawing.arrow((310, y), (310 + plain, y), colour="orange")
        drawing.arrow((640, y), (700, y), colour="green")
    drawing.text(430, 216, "one learning rate for both is too large", 14, colour="grey")
    drawing.text(430, 236, "for w1 or too small for w2", 14, colour="grey")
    drawing.text(730, 216, "at the first step both move", 14, colour="grey")
    drawing.text(730, 236, "by exactly the learning rate", 14, colour="grey")
    return drawing.svg()


def clipping() -> str:
    """A gradient that is too large is scaled down, and keeps its direction."""
    drawing = Drawing(
        860,
        270,
        "Gradient clipping",
        "A gradient of 3 and 4 has the norm 5. Clipped to the norm 1 it becomes 0.6 and 0.8: the "
        "same direction, a fifth of the norm. A gradient that is small already stays as it is.",
    )
    for i, (length, name) in enumerate(((5, "too large: (3, 4)"), (0.7, "small: (0.42, 0.56)"))):
        x, y, unit = 110 + 420 * i, 220, 38
        angles = [math.pi / 2 * k / 24 for k in range(25)]
        ring = [(x + unit * math.cos(a), y - unit * math.sin(a)) for a in angles]
        drawing.arrow(*ring, head=False, dashed=True)
        drawing.text(x + 48, y - 8, "norm 1", 14, anchor="start", colour="grey")
        end = (x + 0.6 * length * unit, y - 0.8 * length * unit)
        drawing.arrow((x, y), end, colour="orange" if length > 1 else "green")
        if length > 1:
            drawing.arrow((x, y), (x + 0.6 * unit, y - 0.8 * unit), colour="green")
            drawing.text(end[0] + 12, end[1] + 14, "norm 5", 14, anchor="start", colour="orange")
            drawing.text(x + 150, y - 70, "becomes (0.6, 0.8)", 15, anchor="start", colour="green")
        else:
            drawing.text(x + 90, y - 70, "stays as it is", 15, anchor="start", colour="green")
        drawing.text(x - 70, 34, name, anchor="start", bold=True)
    return drawing.svg()


def schedule() -> str:
    """The learning rate over a run."""
    drawing = Drawing(
        860,
        280,
        "The learning rate over a run",
        "In the warm-up the learning rate rises in a straight line from nearly zero to its "
        "maximum. From there it falls along half a cosine to its minimum at the last step.",
    )
    x0, y0, width, height = 100, 220, 700, 150
    drawing.arrow((x0, y0), (x0 + width + 30, y0))
    drawing.arrow((x0, y0), (x0, 34))
    drawing.text(x0 + width, y0 + 40, "step", 14, anchor="end", colour="grey")
    drawing.text(x0 + 12, 28, "learning rate", 14, anchor="start", colour="grey")
    top, low = y0 - height, y0 - 0.1 * height
    warm = x0 + 0.15 * width
    drawing.arrow((x0 + 4, y0 - 8), (warm, top), colour="orange", head=False)
    halves = [k / 40 for k in range(41)]
    cosine = [
        (warm + k * (x0 + width - warm), low + (top - low) * (1 + math.cos(math.pi * k)) / 2)
        for k in halves
    ]
    drawing.arrow(*cosine, colour="blue", head=False)
    drawing.arrow((x0, top), (x0 + width, top), dashed=True, head=False)
    drawing.text(x0 - 10, top, "max_lr", 14, anchor="end", mono=True)
    drawing.text(x0 - 10, low, "min_lr", 14, anchor="end", mono=True)
    drawing.text(x0 + 10, y0 + 20, "warm-up", 15, anchor="start", colour="orange")
    drawing.text(470, y0 + 20, "cosine decay", 15, colour="blue")
    drawing.text(500, 98, "large steps first, then ever smaller ones", 15, anchor="start")
    return drawing.svg()


def accumulation() -> str:
    """Gradients of several micro-batches add up to one step."""
    drawing = Drawing(
        900,
        290,
        "Gradient accumulation",
        "Three micro-batches hold 5, 3 and 4 tokens that count. Each goes through the model alone. "
        "Their gradients are summed, divided by all 12 tokens, and only then comes one step.",
    )
    for i, (rows, tokens) in enumerate(((2, 5), (1, 3), (2, 4))):
        y = 36 + 78 * i
        values = [[""] * 3 for _ in range(rows)]
        marks = [["yellow"] * 3 for _ in range(rows)]
        for k in range(3 * rows - tokens):
            marks[rows - 1][2 - k] = "white"
        drawing.grid(40, y, values, cell=30, height=26, colours=marks)
        drawing.text(146, y + 13 * rows, f"{tokens} tokens", 14, anchor="start", colour="grey")
        drawing.arrow((226, y + 13 * rows), (306, y + 13 * rows))
        drawing.box(310, y - 4 + 13 * (rows - 1), 120, 34, "model", colour="blue", size=15)
        drawing.arrow((430, y + 13 * rows), (536, y + 13 * rows), label="sum of losses", size=12)
        drawing.box(540, y - 4 + 13 * (rows - 1), 110, 34, "gradient", colour="orange", size=15)
    drawing.arrow((650, 62), (700, 62), (700, 116), colour="orange")
    drawing.arrow((650, 127), (676, 127), colour="orange")
    drawing.arrow((650, 218), (700, 218), (700, 138), colour="orange")
    drawing.box(680, 110, 40, 34, "+", colour="white", size=18)
    drawing.arrow((720, 127), (776, 127), label="/ 12")
    drawing.box(780, 104, 100, 46, "one step", colour="purple")
    drawing.text(40, 264, "white: masked, not counted", 14, anchor="start", colour="grey")
    return drawing.svg()

"""The figures of 01a_introduction."""

import json
from itertools import groupby
from pathlib import Path

from figures.svg import Drawing

MILESTONES = Path(__file__).resolve().parents[2] / "01_intro" / "milestones.json"


def next_token_loop() -> str:
    """How a model writes: one token, appended, then the next."""
    drawing = Drawing(
        900,
        300,
        "The loop in which a language model writes",
        "The text so far goes into the model. The model gives a probability to every token it "
        "knows. One token is chosen and appended to the text, and the loop starts again.",
    )
    drawing.text(135, 42, "1  the text so far", bold=True)
    drawing.box(20, 96, 230, 68, "The capital of France is", size=15, mono=True)
    drawing.arrow((250, 130), (308, 130))
    drawing.text(385, 42, "2  the model", bold=True)
    drawing.box(312, 86, 146, 88, "135 million", colour="orange", note="fixed numbers")
    drawing.arrow((458, 130), (516, 130))
    drawing.text(606, 42, "3  a probability for each token", bold=True)
    rows = [["·Paris", "0.77"], ["·the", "0.07"], ["·London", "0.01"], ["…", "…"]]
    colours = [["green", "green"]] + 3 * [["white", "white"]]
    drawing.grid(520, 72, rows, cell=86, height=29, colours=colours)
    drawing.arrow((692, 87), (752, 87), colour="green")
    drawing.text(810, 42, "4  choose", bold=True)
    drawing.box(756, 64, 108, 46, "·Paris", colour="green", mono=True)
    drawing.arrow((810, 110), (810, 248), (135, 248), (135, 168), colour="green")
    drawing.text(472, 226, "5  append it, and start again", colour="green", bold=True)
    drawing.text(472, 274, "· is a space: most tokens begin with one", 14, colour="grey")
    return drawing.svg()


def chat_prompt() -> str:
    """A chat is one text, with marks where each turn begins and ends."""
    drawing = Drawing(
        900,
        330,
        "A conversation is one text",
        "Three turns, of system, user and assistant, are written one below the other. Special "
        "tokens mark where each begins and ends. The last turn is only opened: the model's task "
        "is to go on from there, and it closes the turn itself.",
    )
    turns = [
        ("system", "You are a helpful AI assistant named SmolLM, …", "grey"),
        ("user", "What is the capital of France?", "blue"),
    ]
    drawing.text(30, 34, "what we write", anchor="start", bold=True)
    for row, (role, text, colour) in enumerate(turns):
        y = 56 + row * 74
        drawing.box(30, y, 208, 28, f"<|im_start|>{role}", colour="yellow", size=14, mono=True)
        drawing.box(30, y + 30, 460, 28, text, colour=colour, size=14, mono=True)
        drawing.box(494, y + 30, 120, 28, "<|im_end|>", colour="yellow", size=14, mono=True)
    drawing.box(30, 204, 232, 28, "<|im_start|>assistant", colour="yellow", size=14, mono=True)
    drawing.text(30, 264, "what the model writes", anchor="start", bold=True)
    answer = "The capital of France is Paris."
    drawing.box(30, 282, 300, 28, answer, colour="green", size=14, mono=True)
    drawing.box(334, 282, 120, 28, "<|im_end|>", colour="yellow", size=14, mono=True)
    drawing.text(474, 296, "closes its turn: we stop here", 14, anchor="start", colour="grey")
    notes = [
        (84, "how to behave"),
        (158, "what you typed"),
        (218, "an open turn: your go, model"),
    ]
    for y, text in notes:
        drawing.text(650, y, text, 15, anchor="start", colour="grey")
    return drawing.svg()


def what_it_is() -> str:
    """The model alone, and the machinery that products put around it."""
    drawing = Drawing(
        900,
        340,
        "What a language model is, and what it is not",
        "Left: the model is a function from a list of tokens to a probability for each token, "
        "with weights that no longer change. Right: things it is often taken for, which it is "
        "not: a database, a calculator, a clock, a memory of earlier chats.",
    )
    drawing.text(215, 36, "It is a function", 18, bold=True)
    drawing.box(30, 70, 370, 54, "a list of token ids", note="all it ever sees")
    drawing.arrow((215, 124), (215, 162))
    drawing.box(30, 166, 370, 66, "fixed weights", colour="orange", note="learned once, then read")
    drawing.arrow((215, 232), (215, 270))
    drawing.box(
        30, 274, 370, 54, "a probability for each token", colour="green", note="nothing else"
    )
    drawing.text(660, 36, "It is not", 18, bold=True)
    others = [
        ("a database", "it may state what nobody ever wrote"),
        ("a calculator", "digits are drawn like words"),
        ("a clock or a browser", "it knows nothing after its training"),
        ("a memory", "it forgets all that is not in the text"),
    ]
    for row, (name, why) in enumerate(others):
        drawing.box(450, 70 + row * 66, 420, 56, name, colour="grey", note=why)
    return drawing.svg()


def softmax() -> str:
    """From scores to probabilities, with the numbers of the notebook."""
    drawing = Drawing(
        900,
        270,
        "From scores to probabilities: softmax",
        "Three scores, 3, 1 and 0, are divided by the temperature, here 1. The exponential makes "
        "them positive: 20.1, 2.7 and 1. Divided by their sum, 23.8, they are the probabilities "
        "0.844, 0.114 and 0.042.",
    )
    columns = [
        (60, "tokens", ["·Paris", "·the", "·London"], "white", ""),
        (260, "scores (logits)", ["3", "1", "0"], "orange", "what the model gives"),
        (490, "e to the score", ["20.1", "2.7", "1.0"], "yellow", "sum 23.8"),
        (740, "probabilities", ["0.844", "0.114", "0.042"], "green", "sum 1"),
    ]
    for x, name, values, colour, note in columns:
        drawing.text(x + 50, 40, name, bold=True)
        drawing.grid(x, 64, [[v] for v in values], cell=100, height=42, colours=colour, size=16)
        if note:
            drawing.text(x + 50, 210, note, 14, colour="grey")
    drawing.arrow((164, 127), (256, 127))
    drawing.arrow((364, 127), (486, 127), label="÷ T, exp")
    drawing.arrow((594, 127), (736, 127), label="÷ sum")
    drawing.text(
        450,
        246,
        "T is the temperature: 1 here. Below 1 the gaps grow, above 1 they shrink.",
        14,
        colour="grey",
    )
    return drawing.svg()


def timeline() -> str:
    """The milestones, a row a year."""
    milestones = json.loads(MILESTONES.read_text(encoding="utf-8"))
    years = [(year, list(rows)) for year, rows in groupby(milestones, lambda m: m["date"][:4])]
    drawing = Drawing(
        990,
        96 + 54 * len(years),
        f"Milestones from {years[0][0]} to {years[-1][0]}",
        "; ".join(f"{m['date']} {m['name']}: {m['what']}" for m in milestones),
    )
    colours = {"idea": "yellow", "open": "green", "closed": "orange"}
    names = ("an idea", "a model with open weights", "a model without")
    for x, text, colour in zip((90, 200, 430), names, colours.values(), strict=True):
        drawing.box(x, 24, 18, 18, colour=colour)
        drawing.text(x + 26, 33, text, 14, anchor="start")
    drawing.arrow((76, 62), (76, 92 + 54 * len(years)))
    for row, (year, events) in enumerate(years):
        y = 66 + 54 * row
        drawing.text(64, y + 23, year, 17, anchor="end", bold=True)
        for column, event in enumerate(events):
            width = 218 if len(events) > 3 else 288
            drawing.box(
                88 + column * (width + 6),
                y,
                width,
                46,
                event["name"],
                colour=colours[event["kind"]],
                note=event["what"],
                size=15,
            )
    return drawing.svg()


def six_flops() -> str:
    """Why training costs six operations a parameter and token."""
    drawing = Drawing(
        900,
        270,
        "Six operations for each parameter and token",
        "One parameter meets one token. Forward: it is multiplied and the product is added, two "
        "operations. Backward: the same again for the gradient of the input and for the gradient "
        "of the parameter, four operations. Together six.",
    )
    drawing.text(450, 36, "one parameter meets one token", 18, bold=True)
    drawing.text(152, 76, "forward: 2", colour="blue", bold=True)
    drawing.box(30, 92, 244, 60, "multiply, add", note="the layer's output")
    drawing.arrow((274, 122), (322, 122))
    drawing.text(597, 76, "backward: 4", colour="orange", bold=True)
    drawing.box(326, 92, 264, 60, "multiply, add", colour="orange", note="gradient of what came in")
    drawing.box(
        606, 92, 264, 60, "multiply, add", colour="orange", note="gradient of the parameter"
    )
    drawing.box(130, 184, 640, 60, "training costs about 6 · N · D", colour="green", size=20)
    drawing.text(450, 257, "N parameters, D tokens", 14, colour="grey")
    return drawing.svg()


def workshop() -> str:
    """The six chapters, and what passes from one to the next."""
    drawing = Drawing(
        940,
        330,
        "The six chapters of the workshop",
        "Chapter 2 turns text into token ids, chapter 3 builds the model, chapter 4 trains it on "
        "plays. Chapter 5 loads real weights into the same model, chapter 6 finetunes it on "
        "instructions.",
    )
    drawing.box(30, 30, 200, 74, "1 Introduction", colour="grey", note="you are here")
    first = [
        ("2 Data", "text to token ids", "blue"),
        ("3 Architecture", "token ids to scores", "orange"),
        ("4 Pretraining", "weights from plays", "green"),
    ]
    second = [
        ("5 Real weights", "SmolLM2 into your model", "purple"),
        ("6 Finetuning", "it learns to follow", "yellow"),
    ]
    for column, (name, note, colour) in enumerate(first):
        x = 30 + column * 240
        drawing.box(x, 134, 200, 74, name, colour=colour, note=note)
        drawing.arrow((x + 200, 171), (x + 236, 171))
    drawing.box(750, 134, 160, 74, "a small GPT", colour="white", note="yours alone")
    drawing.arrow((370, 208), (370, 271), (386, 271), colour="orange")
    drawing.text(40, 271, "the same model class, line by line", 14, anchor="start", colour="orange")
    for column, (name, note, colour) in enumerate(second):
        x = 390 + column * 250
        drawing.box(x, 234, 210, 74, name, colour=colour, note=note)
    drawing.arrow((600, 271), (636, 271))
    drawing.arrow((130, 104), (130, 130))
    return drawing.svg()

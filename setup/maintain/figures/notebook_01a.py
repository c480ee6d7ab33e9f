"""The figures of 01a_introduction, in type that is large enough for a hall."""

import json
from itertools import groupby
from pathlib import Path

from figures.svg import Drawing

MILESTONES = Path(__file__).resolve().parents[3] / "01_intro" / "milestones.json"


def next_token_loop() -> str:
    """How a model writes: one token, appended, then the next."""
    drawing = Drawing(
        900,
        330,
        "The loop in which a language model writes",
        "The text so far goes into the model. The model gives a probability to every token it "
        "knows. One token is chosen and appended to the text, and the loop starts again.",
    )
    drawing.text(135, 38, "1  text so far", 20, bold=True)
    drawing.box(14, 96, 242, 76)
    drawing.text(135, 121, "The capital of", 20, mono=True)
    drawing.text(135, 147, "France is", 20, mono=True)
    drawing.arrow((256, 134), (298, 134))
    drawing.text(375, 38, "2  model", 20, bold=True)
    drawing.box(302, 86, 146, 96, "135 million", colour="orange", note="fixed numbers", size=20)
    drawing.arrow((448, 134), (490, 134))
    drawing.text(594, 38, "3  probabilities", 20, bold=True)
    rows = [["·Paris", "0.77"], ["·the", "0.07"], ["·London", "0.01"], ["…", "…"]]
    colours = [["green", "green"]] + 3 * [["white", "white"]]
    drawing.grid(494, 70, rows, cell=100, height=34, colours=colours, size=19)
    drawing.arrow((694, 87), (746, 87), colour="green")
    drawing.text(818, 38, "4  choose", 20, bold=True)
    drawing.box(750, 62, 136, 50, "·Paris", colour="green", mono=True, size=20)
    drawing.arrow((818, 112), (818, 268), (135, 268), (135, 176), colour="green")
    drawing.text(476, 246, "5  append it, and start again", 20, colour="green", bold=True)
    drawing.text(476, 304, "· is a space: most tokens begin with one", 17, colour="grey")
    return drawing.svg()


def chat_prompt() -> str:
    """A chat is one text, with marks where each turn begins and ends."""
    drawing = Drawing(
        900,
        400,
        "A conversation is one text",
        "Three turns, of system, user and assistant, are written one below the other. Special "
        "tokens mark where each begins and ends. The last turn is only opened: the model's task "
        "is to go on from there, and it closes the turn itself.",
    )
    turns = [
        ("system", "You are a helpful AI assistant …", "grey", "how to behave"),
        ("user", "What is the capital of France?", "blue", "what you typed"),
    ]
    drawing.text(24, 30, "what we write", 20, anchor="start", bold=True)
    for row, (role, text, colour, note) in enumerate(turns):
        y = 50 + row * 88
        width = 250
        drawing.box(24, y, width, 36, f"<|im_start|>{role}", colour="yellow", size=18, mono=True)
        drawing.box(24, y + 38, 410, 36, text, colour=colour, size=18, mono=True)
        drawing.box(438, y + 38, 140, 36, "<|im_end|>", colour="yellow", size=18, mono=True)
        drawing.text(604, y + 38, note, 19, anchor="start", colour="grey")
    drawing.box(24, 226, 274, 36, "<|im_start|>assistant", colour="yellow", size=18, mono=True)
    drawing.text(604, 244, "the model's cue", 19, anchor="start", colour="grey")
    drawing.text(24, 304, "what the model writes", 20, anchor="start", bold=True)
    answer = "The capital of France is Paris."
    drawing.box(24, 326, 410, 36, answer, colour="green", size=18, mono=True)
    drawing.box(438, 326, 140, 36, "<|im_end|>", colour="yellow", size=18, mono=True)
    drawing.text(604, 344, "done: we stop here", 19, anchor="start", colour="grey")
    return drawing.svg()


def what_it_is() -> str:
    """The model alone, and what it is often taken for."""
    drawing = Drawing(
        900,
        380,
        "What a language model is, and what it is not",
        "Left: the model is a function from a list of tokens to a probability for each token, "
        "with weights that no longer change. Right: things it is often taken for, which it is "
        "not: a database, a calculator, a clock, a memory of earlier chats.",
    )
    drawing.text(215, 36, "It is a function", 22, bold=True)
    drawing.box(24, 66, 382, 66, "a list of token ids", note="all it ever sees", size=21)
    drawing.arrow((215, 132), (215, 174))
    drawing.box(
        24, 178, 382, 66, "fixed weights", colour="orange", note="learned once, then read", size=21
    )
    drawing.arrow((215, 244), (215, 286))
    output = "a probability for each token"
    drawing.box(24, 290, 382, 66, output, colour="green", note="nothing else", size=21)
    drawing.text(660, 36, "It is not", 22, bold=True)
    others = [
        ("a database", "it may state what nobody ever wrote"),
        ("a calculator", "digits are sampled like words"),
        ("a clock or a browser", "it stops at its knowledge cutoff"),
        ("a memory", "it knows only what the prompt holds"),
    ]
    for row, (name, why) in enumerate(others):
        drawing.box(440, 66 + row * 75, 436, 65, name, colour="grey", note=why, size=21)
    return drawing.svg()


def softmax() -> str:
    """From scores to probabilities, with the numbers of the notebook."""
    drawing = Drawing(
        900,
        310,
        "From scores to probabilities: softmax",
        "Three scores, 3, 1 and 0, are divided by the temperature, here 1. The exponential makes "
        "them positive: 20.1, 2.7 and 1. Divided by their sum, 23.8, they are the probabilities "
        "0.844, 0.114 and 0.042.",
    )
    columns = [
        (40, "tokens", ["·Paris", "·the", "·London"], "white", ""),
        (252, "scores (logits)", ["3", "1", "0"], "orange", "from the model"),
        (494, "e to the score", ["20.1", "2.7", "1.0"], "yellow", "sum 23.8"),
        (736, "probabilities", ["0.844", "0.114", "0.042"], "green", "sum 1"),
    ]
    for x, name, values, colour, note in columns:
        drawing.text(x + 60, 38, name, 20, bold=True)
        drawing.grid(x, 64, [[v] for v in values], cell=120, height=48, colours=colour, size=20)
        if note:
            drawing.text(x + 60, 234, note, 18, colour="grey")
    drawing.arrow((164, 136), (248, 136))
    drawing.arrow((376, 136), (490, 136), label="÷ T, exp", size=18)
    drawing.arrow((618, 136), (732, 136), label="÷ sum", size=18)
    rule = "T is the temperature: 1 here. Below 1 the gaps grow, above 1 they shrink."
    drawing.text(450, 282, rule, 18, colour="grey")
    return drawing.svg()


def three_stages() -> str:
    """Build, pretrain, finetune: what goes in and what comes out."""
    drawing = Drawing(
        1000,
        430,
        "Three stages: build, pretrain, finetune",
        "Build: code and a config give a network with random weights, which writes nonsense. "
        "Pretrain: with trillions of tokens of raw text it becomes a base model, which continues "
        "any text. Finetune: with thousands of example conversations it becomes an "
        "instruction-tuned model, which answers.",
    )
    stages = [
        ("1  Build", "chapters 2, 3", "orange", "code and a config", "no training yet"),
        ("2  Pretrain", "chapter 4", "green", "raw text", "billions of tokens, or more"),
        ("3  Finetune", "chapter 6", "purple", "example answers", "thousands to millions"),
    ]
    results = [
        ("random weights", "To be → xq kB 7 the"),
        ("base model", "To be → , or not to be"),
        ("assistant", "To be? → A play asks …"),
    ]
    drawing.text(18, 70, "in", 19, anchor="start", bold=True)
    drawing.text(18, 366, "out", 19, anchor="start", bold=True)
    for column, (name, where, colour, data, amount) in enumerate(stages):
        x = 74 + column * 312
        drawing.box(x, 34, 272, 74, data, colour="grey", note=amount, size=20)
        drawing.arrow((x + 136, 108), (x + 136, 158))
        drawing.box(x, 162, 272, 96, name, colour=colour, note=where, size=24)
        drawing.arrow((x + 136, 258), (x + 136, 324))
        label, says = results[column]
        drawing.box(x, 328, 272, 78, label, colour=colour, note=says, size=20)
        if column < 2:
            line = ((x + 272, 366), (x + 292, 366), (x + 292, 210), (x + 308, 210))
            drawing.arrow(*line, colour=colour)
    return drawing.svg()


def training_loop() -> str:
    """Predict, measure, differentiate, adjust, repeat."""
    drawing = Drawing(
        960,
        340,
        "The training loop",
        "The model predicts the next token of a known text. The loss compares the prediction with "
        "the true token. The gradient says how each weight changes the loss. The optimizer moves "
        "every weight a small step. Then the loop starts again with more text.",
    )
    steps = [
        ("1  predict", "France is … Paris?", "blue"),
        ("2  loss", "how wrong was it?", "orange"),
        ("3  gradient", "which way is better", "purple"),
        ("4  adjust", "a small step each", "green"),
    ]
    for column, (name, note, colour) in enumerate(steps):
        x = 14 + column * 236
        drawing.box(x, 96, 216, 92, name, colour=colour, note=note, size=20)
        if column < 3:
            drawing.arrow((x + 216, 142), (x + 234, 142))
    drawing.text(122, 40, "a text we already have", 19, colour="grey")
    drawing.arrow((122, 56), (122, 92))
    drawing.text(358, 40, "the true next token", 19, colour="grey")
    drawing.arrow((358, 56), (358, 92))
    drawing.arrow((830, 188), (830, 262), (122, 262), (122, 192), colour="green")
    drawing.text(476, 240, "repeat, with the changed weights and more text", 19, colour="green")
    note = "a small run takes hundreds of steps, a large one millions"
    drawing.text(476, 304, note, 18, colour="grey")
    return drawing.svg()


def timeline() -> str:
    """The milestones, one row per year."""
    milestones = json.loads(MILESTONES.read_text(encoding="utf-8"))
    years = [(year, list(rows)) for year, rows in groupby(milestones, lambda m: m["date"][:4])]
    drawing = Drawing(
        1180,
        82 + 60 * len(years),
        f"Milestones from {years[0][0]} to {years[-1][0]}",
        "; ".join(f"{m['date']} {m['name']}: {m['what']}" for m in milestones),
    )
    colours = {"idea": "yellow", "open": "green", "closed": "orange"}
    names = ("an idea", "a model with open weights", "a model without")
    for x, text, colour in zip((100, 240, 560), names, colours.values(), strict=True):
        drawing.box(x, 20, 22, 22, colour=colour)
        drawing.text(x + 32, 31, text, 18, anchor="start")
    drawing.arrow((84, 62), (84, 76 + 60 * len(years)))
    for row, (year, events) in enumerate(years):
        y = 62 + 60 * row
        drawing.text(70, y + 27, year, 20, anchor="end", bold=True)
        width = 262 if len(events) > 3 else 350
        for column, event in enumerate(events):
            x, colour = 98 + column * (width + 8), colours[event["kind"]]
            note = event["what"]
            drawing.box(x, y, width, 54, event["name"], colour=colour, note=note, size=19)
    return drawing.svg()


def six_flops() -> str:
    """Why training costs six operations per parameter and token."""
    drawing = Drawing(
        900,
        330,
        "Six operations for each parameter and token",
        "One parameter meets one token. Forward: it is multiplied and the product is added, two "
        "operations. Backward: the same again for the gradient of the input and for the gradient "
        "of the parameter, four operations. Together six.",
    )
    drawing.text(450, 34, "one parameter meets one token", 22, bold=True)
    drawing.text(145, 84, "forward: 2", 20, colour="blue", bold=True)
    drawing.box(20, 106, 250, 76, "multiply, add", note="the layer's output", size=21)
    drawing.arrow((270, 144), (310, 144))
    drawing.text(597, 84, "backward: 4", 20, colour="orange", bold=True)
    names = ("gradient of the input", "gradient of the parameter")
    for x, note in zip((314, 602), names, strict=True):
        drawing.box(x, 106, 278, 76, "multiply, add", colour="orange", note=note, size=21)
    drawing.box(130, 214, 640, 66, "training costs about 6 · N · D", colour="green", size=26)
    drawing.text(450, 306, "N parameters, D training tokens", 19, colour="grey")
    return drawing.svg()


def workshop() -> str:
    """The six chapters, and what passes from one to the next."""
    drawing = Drawing(
        960,
        400,
        "The six chapters of the workshop",
        "Chapter 2 turns text into token ids, chapter 3 builds the model, chapter 4 trains it on "
        "plays. Chapter 5 loads real weights into the same model, chapter 6 finetunes it on "
        "instructions.",
    )
    drawing.box(20, 24, 214, 86, "1 Introduction", colour="grey", note="you are here", size=21)
    drawing.arrow((127, 110), (127, 150))
    first = [
        ("2 Data", "text to token ids", "blue"),
        ("3 Architecture", "token ids to scores", "orange"),
        ("4 Pretraining", "weights from plays", "green"),
    ]
    for column, (name, note, colour) in enumerate(first):
        x = 20 + column * 250
        drawing.box(x, 154, 214, 86, name, colour=colour, note=note, size=21)
        drawing.arrow((x + 214, 197), (x + 246, 197))
    drawing.box(770, 154, 170, 86, "your GPT", colour="white", note="small, but yours", size=20)
    drawing.arrow((377, 240), (377, 333), (390, 333), colour="orange")
    drawing.text(30, 322, "the same model class,", 18, anchor="start", colour="orange")
    drawing.text(30, 346, "line by line", 18, anchor="start", colour="orange")
    second = [
        ("5 Real weights", "SmolLM2 in your class", "purple"),
        ("6 Finetuning", "follows instructions", "yellow"),
    ]
    for column, (name, note, colour) in enumerate(second):
        x = 394 + column * 280
        drawing.box(x, 290, 240, 86, name, colour=colour, note=note, size=21)
    drawing.arrow((634, 333), (670, 333))
    return drawing.svg()

"""The figures of 06d_evaluation."""

from figures.svg import Drawing


def five_measurements() -> str:
    """What is measured, and what each way needs."""
    drawing = Drawing(
        780,
        300,
        "Five ways to compare two models",
        "The base model and the finetuned model are compared in five ways: checks of held-out tasks by "
        "program, multiple choice by log-likelihood, a model as judge, human votes, and the "
        "perplexity of the plays, which shows what was forgotten.",
    )
    drawing.box(20, 70, 150, 66, "base", note="SmolLM2", colour="grey")
    drawing.box(20, 164, 150, 66, "finetuned", note="with the adapter", colour="orange")
    rows = [
        ("checks by program", "strict and lenient", "green"),
        ("multiple choice", "by log-likelihood", "blue"),
        ("LLM as a judge", "which answer is better?", "purple"),
        ("human votes", "which answer is better?", "purple"),
        ("perplexity", "what was forgotten?", "yellow"),
    ]
    drawing.arrow((170, 103), (240, 150), head=False)
    drawing.arrow((170, 197), (240, 150), head=False)
    for i, (name, note, colour) in enumerate(rows):
        y = 16 + 54 * i
        drawing.arrow((240, 150), (328, y + 24))
        drawing.box(330, y, 190, 48, name, colour=colour)
        drawing.text(540, y + 24, note, 15, anchor="start", colour="grey")
    return drawing.svg()


def choice_scores() -> str:
    """One prompt, and the log-likelihoods of two choices, token by token."""
    drawing = Drawing(
        900,
        250,
        "The log-likelihood of a choice",
        "A prompt is followed by the tokens of a choice. The log-probability of each of these "
        "tokens, given all before it, is read from the model and added up: minus 0.5 and minus "
        "0.25 give minus 0.75. The same for the other choice gives minus 3.25. The first one is "
        "more likely.",
    )
    for y, tokens, scores, total, colour in (
        (40, ("carbon", "dioxide"), ("-0.50", "-0.25"), "-0.75", "green"),
        (150, ("hel", "ium"), ("-3.00", "-0.25"), "-3.25", "orange"),
    ):
        drawing.box(20, y, 330, 50, "What do plants take in? Answer:", colour="grey", size=15)
        for i, (token, score) in enumerate(zip(tokens, scores, strict=True)):
            x = 356 + 116 * i
            drawing.box(x, y, 110, 50, token, colour=colour, mono=True, size=15)
            drawing.text(x + 55, y + 68, score, 15, mono=True)
        drawing.arrow((590, y + 68), (668, y + 68), label="add")
        drawing.text(730, y + 68, total, 17, bold=True, mono=True)
    drawing.text(800, 108, "more likely", 15, anchor="start", colour="green", bold=True)
    return drawing.svg()


def both_orders() -> str:
    """A judge that always says A, shown both orders."""
    drawing = Drawing(
        860,
        250,
        "A judge must see both orders",
        "The same two answers are shown twice, in both orders. A judge that says A each time "
        "prefers a position, not an answer: on average it gives each answer one half.",
    )
    for y, a, b, wins in ((40, "Nile", "Danube", "Nile"), (140, "Danube", "Nile", "Danube")):
        colours = {"Nile": "green", "Danube": "orange"}
        drawing.box(20, y, 150, 60, a, note="shown as A", colour=colours[a])
        drawing.box(190, y, 150, 60, b, note="shown as B", colour=colours[b])
        drawing.arrow((340, y + 30), (428, y + 30))
        drawing.box(430, y, 120, 60, "judge", colour="purple")
        drawing.arrow((550, y + 30), (648, y + 30), label="says A")
        drawing.text(660, y + 30, f"{wins} wins", 16, anchor="start", colour=colours[wins])
    drawing.text(
        430, 228, "Position bias: it prefers a position, not an answer.", 15, colour="grey"
    )
    return drawing.svg()

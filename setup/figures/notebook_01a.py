"""The figures of 01a_introduction."""

from figures.svg import Drawing


def next_token_loop() -> str:
    """How a model writes: one token, appended, then the next."""
    drawing = Drawing(
        760,
        250,
        "The loop in which a language model writes",
        "Text so far goes into the model. The model gives a probability to every token it knows. "
        "One token is drawn and appended to the text, and the loop starts again.",
    )
    drawing.box(
        30, 90, 190, 64, "To be, or not to", colour="blue", note="the text so far", mono=True
    )
    drawing.arrow((220, 122), (278, 122))
    drawing.box(282, 90, 120, 64, "model", colour="orange", note="all its weights")
    drawing.arrow((402, 122), (460, 122))
    rows = [["be", "0.71"], ["do", "0.04"], ["say", "0.02"], ["…", "…"]]
    colours = [["green", "green"]] + 3 * [["white", "white"]]
    drawing.grid(464, 72, rows, cell=64, height=26, colours=colours)
    drawing.text(528, 52, "each token gets a probability, say", 14, colour="grey")
    drawing.arrow((592, 85), (640, 85), colour="green")
    drawing.box(644, 65, 80, 40, "be", colour="green", mono=True)
    drawing.text(684, 124, "one is drawn", 14, colour="grey")
    drawing.arrow((724, 85), (742, 85), (742, 210), (125, 210), (125, 158), colour="green")
    drawing.text(400, 228, "appended to the text; then everything starts again", 14, colour="green")
    return drawing.svg()

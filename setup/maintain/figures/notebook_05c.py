"""The figures of 05c_litgpt."""

from figures.svg import Drawing


def three_libraries() -> str:
    """One checkpoint, three libraries."""
    drawing = Drawing(
        920,
        320,
        "One checkpoint, three libraries",
        "A Hugging Face directory is read by our own loader and by transformers. A converter makes "
        "the two files that LitGPT needs. All three compute logits, which are compared.",
    )
    drawing.box(
        30,
        110,
        200,
        100,
        "Hugging Face directory",
        note="config, weights, tokenizer",
        colour="grey",
        size=15,
    )
    rows = (("our own GPT", "from_pretrained", "green"), ("transformers", "", "purple"))
    drawing.arrow((230, 135), (448, 62))
    drawing.arrow((230, 160), (448, 160))
    drawing.arrow((230, 185), (268, 262))
    drawing.box(450, 34, 160, 56, rows[0][0], note=rows[0][1], colour=rows[0][2])
    drawing.box(450, 132, 160, 56, rows[1][0], colour=rows[1][2])
    drawing.box(270, 234, 120, 56, "convert", colour="yellow")
    drawing.arrow((390, 262), (448, 262))
    drawing.box(450, 234, 160, 56, "LitGPT", note="lit_model.pth", colour="orange")
    for y in (62, 160, 262):
        drawing.arrow((610, y), (718, 160 if y == 160 else (140 if y < 160 else 180)), head=True)
    drawing.box(720, 120, 170, 80, "logits", note="equal within 0.001", colour="blue")
    return drawing.svg()


def families() -> str:
    """What differs between the families."""
    drawing = Drawing(
        940,
        336,
        "Four families, one block",
        "A table of what differs: Llama and Mistral use RMSNorm, rotary positions and SwiGLU. "
        "Phi-2 uses LayerNorm, rotates part of each head and runs both sub-layers side by side; Phi-4 "
        "is like Llama. Gemma normalizes before and after, gates with GELU and uses sliding windows.",
    )
    header = ["", "norm", "positions", "feed-forward", "attention"]
    rows = [
        ["GPT-2", "LayerNorm", "learned", "GELU", "all heads"],
        ["Llama 3", "RMSNorm", "rotary", "SwiGLU", "shared k, v"],
        ["Mistral", "RMSNorm", "rotary", "SwiGLU", "shared; v0.1 window"],
        ["Phi-2", "LayerNorm", "rotary, 2/5", "GELU, parallel", "all heads"],
        ["Phi-4", "RMSNorm", "rotary", "SwiGLU", "shared k, v"],
        ["Gemma 2", "RMSNorm, 4x", "rotary", "GELU, gated", "windows, caps"],
        ["Gemma 3", "RMSNorm, 4x", "rotary, twice", "GELU, gated", "windows, q/k norm"],
    ]
    drawing.grid(30, 20, [header], cell=176, height=36, colours="grey", mono=False, size=14)
    grounds = [["yellow"] + ["white"] * 4] + [["blue"] + ["white"] * 4 for _ in rows[1:]]
    drawing.grid(30, 56, rows, cell=176, height=36, colours=grounds, mono=False, size=14)
    return drawing.svg()


def conversation() -> str:
    """What the model reads when a second question is asked."""
    drawing = Drawing(
        900,
        236,
        "What the model reads at the second question",
        "Above, the prompt begins anew: it holds the system turn and the second question only. "
        "Below, the prompt is the conversation so far: system turn, first question, first answer, "
        "second question.",
    )
    for y, title in ((30, "each question anew"), (136, "a conversation")):
        drawing.text(24, y, title, 16, anchor="start", bold=True)
    system, second = ("system turn", "grey"), ("And of Italy?", "blue")
    first = ("capital of France?", "blue"), ("is Paris.", "green")
    for y, turns in ((48, (system, second)), (154, (system, *first, second))):
        for place, (label, colour) in enumerate(turns):
            drawing.box(24 + 172 * place, y, 160, 52, label, colour=colour, size=15)
        end = 24 + 172 * len(turns)
        drawing.arrow((end, y + 26), (end + 40, y + 26))
        drawing.text(end + 52, y + 26, "?" if len(turns) == 2 else "Rome", 18, anchor="start")
    return drawing.svg()


def round_trip() -> str:
    """Ours, Hugging Face, LitGPT and back, with a comparison after each hop."""
    drawing = Drawing(
        920,
        230,
        "There and back",
        "Our model is saved as a Hugging Face directory, converted for LitGPT, converted back to a "
        "Hugging Face directory and loaded into our model. After each hop the logits are compared "
        "with the first ones.",
    )
    stations = (
        ("ours", "GPT", "green"),
        ("Hugging Face", "directory", "grey"),
        ("LitGPT", "lit_model.pth", "orange"),
        ("Hugging Face", "directory", "grey"),
        ("ours", "GPT", "green"),
    )
    hops = ("save", "convert", "back", "load")
    for place, (label, note, colour) in enumerate(stations):
        x = 20 + 185 * place
        drawing.box(x, 50, 118, 64, label, note=note, colour=colour, size=15)
        if place:
            drawing.arrow((x - 65, 82), (x - 2, 82), label=hops[place - 1], size=13)
        drawing.arrow((x + 59, 114), (x + 59, 158))
    drawing.box(20, 160, 858, 46, "logits: each time as at the start, within 0.001", colour="blue")
    return drawing.svg()

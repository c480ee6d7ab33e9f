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
        300,
        "Four families, one block",
        "A table of what differs: Llama and Mistral use RMSNorm, rotary positions and SwiGLU. "
        "Phi-2 uses LayerNorm, rotates part of each head and runs both parts side by side. Gemma "
        "norms before and after, gates with GELU and looks through windows.",
    )
    header = ["", "norm", "positions", "feed-forward", "attention"]
    rows = [
        ["GPT-2", "LayerNorm", "learned", "GELU", "all heads"],
        ["Llama 3", "RMSNorm", "rotary", "SwiGLU", "shared k, v"],
        ["Mistral", "RMSNorm", "rotary", "SwiGLU", "shared k, v"],
        ["Phi-2", "LayerNorm", "rotary, 2/5", "GELU, parallel", "all heads"],
        ["Gemma 2", "RMSNorm, 4x", "rotary", "GELU, gated", "windows, caps"],
        ["Gemma 3", "RMSNorm, 4x", "rotary, twice", "GELU, gated", "windows, q/k norm"],
    ]
    drawing.grid(30, 20, [header], cell=176, height=36, colours="grey", mono=False, size=14)
    grounds = [["yellow"] + ["white"] * 4] + [["blue"] + ["white"] * 4 for _ in rows[1:]]
    drawing.grid(30, 56, rows, cell=176, height=36, colours=grounds, mono=False, size=14)
    return drawing.svg()

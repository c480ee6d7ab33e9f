"""The figures of 02a_tokenizers."""

from figures.svg import Drawing


def pipeline() -> str:
    """From text to what the model's first layer receives."""
    drawing = Drawing(
        960,
        320,
        "From text to embeddings",
        "Text is cut into tokens. Each token has an id. The ids are cut into windows of equal "
        "length, several windows make a batch, and a table gives each id in it a vector.",
    )
    drawing.text(115, 40, "1  text", bold=True)
    drawing.box(25, 60, 180, 56, "To be, or not to", colour="blue", mono=True)
    drawing.arrow((205, 88), (256, 88), label="split")
    tokens = ["To", "·be", ",", "·or", "·not", "·to"]
    drawing.text(410, 40, "2  tokens", bold=True)
    drawing.grid(260, 70, [tokens], cell=50, height=36, colours="green")
    drawing.arrow((560, 88), (622, 88), label="look up")
    drawing.text(776, 40, "3  ids", bold=True)
    drawing.grid(626, 70, [[2514, 307, 11, 393, 407, 284]], cell=50, height=36, colours="yellow")
    drawing.arrow((776, 106), (776, 160), label="cut into windows")
    drawing.grid(701, 166, [[2514, 307, 11], [393, 407, 284]], cell=50, height=36, colours="yellow")
    drawing.text(776, 264, "4  a batch (B, T)", bold=True)
    drawing.text(776, 286, "here B = 2 windows of T = 3", 14, colour="grey")
    drawing.arrow((701, 202), (516, 202), label="a table row for each")
    for depth in (12, 6, 0):
        left, top = 350 + depth, 178 - depth
        drawing.grid(left, top, 2 * [3 * [""]], cell=50, height=36, colours="purple")
    drawing.text(425, 272, "5  embeddings (B, T, C)", bold=True)
    drawing.text(425, 294, "C numbers for each id", 14, colour="grey")
    drawing.arrow((350, 214), (209, 214))
    drawing.box(85, 186, 120, 56, "model", colour="orange")
    return drawing.svg()

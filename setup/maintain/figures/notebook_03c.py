"""The figures of 03c_gpt."""

from figures.svg import Drawing


def gpt_parts() -> str:
    """The whole model, from token ids to logits."""
    drawing = Drawing(
        980,
        330,
        "A GPT from token ids to logits",
        "Token ids pick rows of the token embedding, positions pick rows of the positional "
        "embedding, and both rows are added. The sum runs through N blocks and a last "
        "normalization layer. The head turns each vector into logits, one per token of the "
        "vocabulary.",
    )
    drawing.text(70, 40, "token ids", bold=True)
    drawing.grid(25, 58, [[464, 5822]], cell=45, height=36, colours="yellow", size=14)
    drawing.text(70, 112, "(B, T)", 14, colour="grey")
    drawing.text(70, 192, "positions", bold=True)
    drawing.grid(25, 210, [[0, 1]], cell=45, height=36, colours="yellow", size=14)
    drawing.text(70, 264, "(T,)", 14, colour="grey")
    drawing.arrow((115, 76), (166, 76))
    drawing.box(170, 46, 120, 60, "tok_emb", note="V rows", colour="purple", mono=True)
    drawing.arrow((115, 228), (166, 228))
    drawing.box(170, 198, 120, 60, "pos_emb", note="T rows", colour="purple", mono=True)
    drawing.arrow((290, 76), (330, 76), (330, 130))
    drawing.arrow((290, 228), (330, 228), (330, 174))
    drawing.box(312, 134, 36, 36, "+", colour="white", size=20)
    drawing.arrow((348, 152), (442, 152), label="(B, T, C)")
    for depth in (20, 10, 0):
        drawing.box(446 + depth, 102 - depth, 110, 100, "" if depth else "blocks[0]", mono=True)
    drawing.text(511, 226, "N blocks, each", 14, colour="grey")
    drawing.text(511, 246, "adds to its input", 14, colour="grey")
    drawing.arrow((576, 152), (632, 152))
    drawing.box(636, 122, 100, 60, "norm_out", colour="green", mono=True)
    drawing.arrow((736, 152), (788, 152))
    drawing.box(792, 122, 80, 60, "head", note="V rows", colour="purple", mono=True)
    drawing.arrow((832, 182), (832, 224))
    drawing.text(832, 242, "logits", bold=True)
    drawing.text(832, 264, "(B, T, V)", 14, colour="grey")
    drawing.text(832, 286, "a score per token", 14, colour="grey")
    drawing.text(832, 306, "as the next one", 14, colour="grey")
    return drawing.svg()


def weight_tying() -> str:
    """One table serves both ends of the model."""
    drawing = Drawing(
        900,
        310,
        "Weight tying",
        "The embedding table is used twice. On the input side, an id picks one row. On the output "
        "side, the last vector is multiplied with every row, and each dot product is a logit.",
    )
    words = ["the", "king", "queen", "sleeps"]
    rows = [["0.2", "0.9", "-0.4"], ["1.1", "0.3", "0.7"], ["1.0", "0.4", "0.8"]]
    rows.append(["-0.6", "0.1", "1.2"])
    marked = [["purple"] * 3 if word == "king" else ["white"] * 3 for word in words]
    drawing.text(450, 34, "one table: V rows of C numbers", bold=True)
    drawing.grid(375, 60, rows, cell=54, height=40, colours=marked, size=14)
    for i, word in enumerate(words):
        drawing.text(366, 80 + 40 * i, word, 14, anchor="end", mono=True)
    drawing.text(140, 34, "input: embedding", bold=True)
    drawing.box(40, 100, 100, 40, "id 1", colour="yellow", mono=True)
    drawing.arrow((140, 120), (316, 120), label="picks one row")
    drawing.arrow((290, 128), (290, 250), (206, 250), colour="purple")
    drawing.grid(40, 230, [rows[1]], cell=54, height=40, colours="purple", size=14)
    drawing.text(121, 290, "into the model (C,)", 14, colour="grey")
    drawing.text(780, 34, "output head", bold=True)
    drawing.grid(572, 230, [["1.0", "0.6", "1.2"]], cell=54, height=40, colours="blue", size=14)
    drawing.text(653, 290, "out of the model (C,)", 14, colour="grey")
    drawing.arrow((653, 230), (653, 146), colour="blue")
    drawing.arrow((540, 140), (746, 140), label="times every row", colour="blue")
    scores = [["0.3"], ["2.1"], ["2.2"], ["0.9"]]
    drawing.grid(750, 60, scores, cell=60, height=40, colours="blue", size=14)
    for i, word in enumerate(words):
        drawing.text(820, 80 + 40 * i, word, 14, anchor="start", mono=True)
    drawing.text(800, 240, "logits (V,)", 14, colour="grey")
    return drawing.svg()


def residual_writes() -> str:
    """Each block adds to the residual stream twice, and the writes add up."""
    drawing = Drawing(
        900,
        300,
        "What adds up in the residual stream",
        "A straight line runs from the embeddings to the last normalization layer. Each block "
        "reads it and adds to it twice, by attention and by the feed-forward network, so N blocks "
        "add 2 N times. With writes of equal size the scale grows with the square root of 2 N.",
    )
    drawing.arrow((150, 210), (810, 210), colour="blue")
    drawing.box(30, 185, 120, 50, "embeddings", colour="purple", size=15)
    drawing.box(810, 185, 80, 50, "norm_out", colour="green", mono=True, size=13)
    for i, (x, name) in enumerate(((200, "attn"), (340, "mlp"), (500, "attn"), (640, "mlp"))):
        drawing.arrow((x, 210), (x, 142))
        drawing.box(x - 30, 92, 90, 46, name, colour="orange", mono=True)
        drawing.arrow((x + 60, 115), (x + 84, 115), (x + 84, 192), colour="orange")
        drawing.box(x + 70, 196, 28, 28, "+", colour="white", size=18)
        drawing.text(x + 84, 250, f"{i + 1}", 14, colour="grey")
    drawing.text(305, 60, "block 1", bold=True)
    drawing.text(605, 60, "block 2", bold=True)
    drawing.text(760, 115, "…", 24)
    drawing.text(300, 276, "writes so far, of 2 N in a model of N blocks", 14, colour="grey")
    return drawing.svg()


def training_memory() -> str:
    """Bytes per parameter, for running and for training."""
    drawing = Drawing(
        860,
        230,
        "Bytes per parameter",
        "Running a model takes four bytes per parameter in float32. Training it with AdamW takes "
        "sixteen: the weight, its gradient, and two averages that AdamW keeps. Activations, "
        "which grow with the batch, come on top.",
    )
    drawing.text(30, 50, "to run it", anchor="start", bold=True)
    drawing.box(150, 26, 130, 48, "weight", note="4 bytes", colour="blue")
    drawing.text(30, 126, "to train it", anchor="start", bold=True)
    names = ["weight", "gradient", "AdamW's mean", "its square's"]
    colours = ["blue", "orange", "green", "green"]
    for i, (name, colour) in enumerate(zip(names, colours, strict=True)):
        drawing.box(150 + 134 * i, 102, 130, 48, name, note="4 bytes", colour=colour, size=15)
    drawing.box(686, 102, 150, 48, "activations", note="grow with B, T", colour="grey", size=15)
    drawing.text(418, 186, "16 bytes per parameter in float32, whatever the batch", 15)
    drawing.arrow((150, 164), (682, 164), head=False)
    return drawing.svg()


def work_per_weight() -> str:
    """A vector times a matrix: two operations for each weight."""
    drawing = Drawing(
        860,
        250,
        "Two operations for each weight",
        "A vector of three numbers times a matrix of three by four. Each of the twelve weights is "
        "multiplied once and added once, so the product takes twenty-four operations.",
    )
    drawing.text(110, 40, "one token", bold=True)
    drawing.grid(47, 100, [["x1", "x2", "x3"]], cell=42, colours="yellow")
    drawing.text(215, 118, "×", 24)
    drawing.text(340, 40, "3 × 4 weights", bold=True)
    weights = [[f"w{i}{j}" for j in range(1, 5)] for i in range(1, 4)]
    marked = [["orange", "blue", "blue", "blue"] for _ in range(3)]
    drawing.grid(256, 64, weights, cell=42, colours=marked, size=14)
    drawing.text(464, 118, "=", 24)
    drawing.text(584, 40, "4 numbers", bold=True)
    drawing.grid(500, 100, [["y1", "y2", "y3", "y4"]], cell=42, colours=[marked[0]])
    drawing.text(30, 206, "y1 = x1·w11 + x2·w21 + x3·w31", 15, anchor="start", mono=True)
    drawing.text(390, 206, "3 products and 3 sums for 3 weights", 15, anchor="start")
    drawing.text(390, 230, "2 × 12 operations in all", 15, anchor="start", colour="orange")
    return drawing.svg()

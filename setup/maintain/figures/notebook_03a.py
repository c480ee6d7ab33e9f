"""The figures of 03a_attention."""

from math import exp

from figures.svg import Drawing

# The example by hand: rows of x, and which columns of it make q, k and v.
TOKENS = ["Juliet", "sleeps", "she"]
X = [[2, 0, 0, 1], [0, 2, 1, 0], [1, 0, 2, 0]]


def looking_back() -> str:
    """Which earlier word gives a pronoun its meaning."""
    words = "The nurse took the letter to the king and she read it".split()
    drawing = Drawing(
        860,
        240,
        "A pronoun gets its meaning from an earlier word",
        "The sentence: The nurse took the letter to the king and she read it. An arrow leads from "
        "she back to nurse, another one from it back to letter.",
    )
    left, middle = 30, {}
    for word in words:
        width = 24 + 11 * len(word)
        colour = {"nurse": "orange", "she": "orange", "letter": "blue", "it": "blue"}
        drawing.box(left, 100, width, 40, word, colour=colour.get(word, "white"))
        middle[word] = left + width / 2
        left += width + 6
    drawing.arrow(
        (middle["she"], 100),
        (middle["she"], 60),
        (middle["nurse"], 60),
        (middle["nurse"], 96),
        colour="orange",
    )
    drawing.text(
        (middle["she"] + middle["nurse"]) / 2,
        42,
        "“she” looks back: who is it?",
        15,
        colour="orange",
    )
    drawing.arrow(
        (middle["it"], 140),
        (middle["it"], 180),
        (middle["letter"], 180),
        (middle["letter"], 144),
        colour="blue",
    )
    drawing.text(
        (middle["it"] + middle["letter"]) / 2,
        200,
        "“it” looks back: what is it?",
        15,
        colour="blue",
    )
    return drawing.svg()


def recurrent() -> str:
    """A recurrent network passes one hidden state on; self-attention connects all positions."""
    words = ["The", "nurse", "took", "the", "letter", "and", "she"]
    drawing = Drawing(
        860,
        400,
        "A recurrent network and self-attention",
        "Above, a recurrent network reads The nurse took the letter and she: each word updates one "
        "hidden state, which is passed on to the next word, so nurse is five steps away from she. "
        "Below, self-attention: she is connected with every word directly, in one step.",
    )
    lefts = [30 + 118 * i for i in range(len(words))]
    drawing.text(
        30,
        28,
        "recurrent network: one hidden state, passed on from token to token",
        15,
        anchor="start",
        bold=True,
    )
    for i, (left, word) in enumerate(zip(lefts, words, strict=True)):
        colour = "orange" if word in ("nurse", "she") else "white"
        drawing.box(left, 126, 92, 36, word, colour=colour)
        drawing.arrow((left + 46, 126), (left + 46, 100))
        drawing.box(left + 16, 56, 60, 42, f"h{i + 1}", colour="yellow", mono=True)
        if i:
            drawing.arrow((lefts[i - 1] + 76, 77), (left + 14, 77), colour="orange")
    drawing.text(
        430, 186, "5 steps from “nurse” to “she”, one after the other", 14, colour="orange"
    )
    drawing.text(
        30,
        232,
        "self-attention: every position is one step away",
        15,
        anchor="start",
        bold=True,
    )
    she = lefts[-1] + 46
    for left, word in zip(lefts, words, strict=True):
        colour = "orange" if word in ("nurse", "she") else "white"
        drawing.box(left, 330, 92, 36, word, colour=colour)
        if word != "she":
            fill = "orange" if word == "nurse" else "grey"
            drawing.arrow((left + 46, 328), (she - 40, 276), colour=fill, head=False)
    drawing.box(she - 46, 252, 92, 42, "context", colour="blue", size=15)
    drawing.arrow((she, 328), (she, 296), head=False)
    return drawing.svg()


def _attention_table(drawing, query, keys, values, names, cell=40) -> None:
    """Draw how one token's query and all keys and values make its context vector."""
    scores = [sum(a * b for a, b in zip(query, key, strict=True)) for key in keys]
    total = sum(map(exp, scores))
    weights = [exp(score) / total for score in scores]
    n = len(query)
    context = [sum(w * v[i] for w, v in zip(weights, values, strict=True)) for i in range(n)]
    wide = n * cell
    columns = (160 + wide / 2, 355, 475, 570 + wide / 2)
    for x, (name, note) in zip(columns, names, strict=True):
        drawing.text(x, 34, name, bold=True)
        drawing.text(x, 56, note, 13, colour="grey")
    drawing.text(70, 34, "token", bold=True)
    for i, token in enumerate(TOKENS):
        top = 78 + 52 * i
        drawing.box(20, top, 100, 40, token, colour="white")
        drawing.grid(160, top + 2, [keys[i]], cell=cell, height=36, colours="green")
        drawing.arrow((162 + wide, top + 20), (322, top + 20))
        drawing.grid(326, top + 2, [[scores[i]]], cell=58, height=36, colours="yellow")
        drawing.arrow((386, top + 20), (437, top + 20))
        drawing.grid(441, top + 2, [[f"{weights[i]:.3f}"]], cell=68, height=36, colours="orange")
        drawing.text(540, top + 20, "×", 20)
        drawing.grid(570, top + 2, [values[i]], cell=cell, height=36, colours="purple")
        drawing.arrow((572 + wide, top + 20), (592 + wide, top + 20), head=False)
    left = 592 + wide
    drawing.arrow((left, 98), (left, 202), head=False)
    drawing.arrow((left, 202), (left, 262))
    shown = [[f"{c:.2f}" for c in context]]
    wanted = len(context) * 46
    x = min(left - wanted / 2, 846 - wanted)
    drawing.grid(x, 266, shown, cell=46, height=36, colours="blue")
    drawing.text(x - 10, 276, "context vector", bold=True, anchor="end")
    drawing.text(x - 10, 296, "the weighted sum", 13, colour="grey", anchor="end")
    drawing.box(20, 262, 100, 44, "she", colour="white")
    drawing.arrow((120, 284), (156, 284))
    drawing.grid(160, 266, [query], cell=cell, height=36, colours="blue")


def attention_without_weights() -> str:
    """The simplest attention: the embeddings themselves are compared and summed."""
    drawing = Drawing(
        860,
        330,
        "Attention without weights",
        "The embedding of she, 1 0 2 0, is multiplied with the embedding of each token. The scores "
        "2, 2, 5 become the weights 0.045, 0.045, 0.909. The embeddings, multiplied by these "
        "weights, add up to the context vector.",
    )
    names = (
        ("embedding", "compared with"),
        ("score", "dot product"),
        ("weight", "softmax"),
        ("embedding", "summed up"),
    )
    _attention_table(drawing, X[2], X, X, names, cell=30)
    return drawing.svg()


def attention_by_hand() -> str:
    """One token's attention with query, key and value, and all its numbers."""
    query = X[2][2:]
    keys = [row[:2] for row in X]
    values = [[row[0] + row[2], row[1] + row[3]] for row in X]
    drawing = Drawing(
        860,
        330,
        "Attention of the token she, by hand",
        "The query of she, 2 0, is multiplied with the key of each token. The scores 4, 0, 2 become "
        "the weights 0.867, 0.016, 0.117. The values, multiplied by these weights, add up to the "
        "context vector 2.10, 0.90.",
    )
    names = (
        ("key", "what it is"),
        ("score", "query · key"),
        ("weight", "softmax"),
        ("value", "what it passes on"),
    )
    _attention_table(drawing, query, keys, values, names)
    drawing.text(160, 318, "its query: what it looks for", 13, anchor="start", colour="blue")
    return drawing.svg()


def matrix_form() -> str:
    """All tokens at once: two matrix products with a softmax between them."""
    q, k = [row[2:] for row in X], [row[:2] for row in X]
    v = [[row[0] + row[2], row[1] + row[3]] for row in X]
    scores = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in k] for one in q]
    weights = [[exp(s) / sum(map(exp, row)) for s in row] for row in scores]
    results = [
        [sum(w * value[i] for w, value in zip(row, v, strict=True)) for i in (0, 1)]
        for row in weights
    ]
    drawing = Drawing(
        860,
        220,
        "Attention as two matrix products",
        "q, 3 by 2, times k transposed, 2 by 3, is the 3 by 3 matrix of scores. Softmax makes "
        "weights of its rows. The weights times v, 3 by 2, are the context vectors of all tokens.",
    )
    transposed = [[row[i] for row in k] for i in (0, 1)]
    shares = [[f"{w:.2f}" for w in row] for row in weights]
    sums = [[f"{value:.2f}" for value in row] for row in results]
    for left, top, rows, cell, colour, name, shape in (
        (24, 72, q, 34, "blue", "q", "(T, D)"),
        (132, 89, transposed, 34, "green", "k.T", "(D, T)"),
        (276, 72, scores, 34, "yellow", "scores", "(T, T)"),
        (450, 72, shares, 50, "orange", "weights", "(T, T)"),
        (640, 72, v, 34, "purple", "v", "(T, D)"),
        (748, 72, sums, 46, "blue", "context", "(T, D)"),
    ):
        middle = left + len(rows[0]) * cell / 2
        drawing.text(middle, 34, name, bold=True)
        drawing.text(middle, 56, shape, 13, colour="grey")
        drawing.grid(left, top, rows, cell=cell, height=34, colours=colour)
    for x, sign in ((112, "@"), (255, "="), (620, "@"), (728, "=")):
        drawing.text(x, 123, sign, 18)
    drawing.arrow((386, 123), (442, 123), label="softmax", size=13)
    drawing.text(
        430, 200, "row i: the query of token i; column j: the key of token j", 14, colour="grey"
    )
    return drawing.svg()


def causal_mask() -> str:
    """Attention scores, the same with the future masked, and the weights of these."""
    scores = [[row[2] * other[0] + row[3] * other[1] for other in X] for row in X]
    scores = [[score / 2**0.5 for score in row] for row in scores]
    shown = [[f"{s:.1f}" for s in row] for row in scores]
    masked = [[s if j <= i else "-inf" for j, s in enumerate(row)] for i, row in enumerate(shown)]
    weights = []
    for i, row in enumerate(scores):
        total = sum(exp(s) for s in row[: i + 1])
        weights.append([f"{exp(s) / total:.3f}" if j <= i else "0" for j, s in enumerate(row)])
    drawing = Drawing(
        860,
        270,
        "The causal mask",
        "Left: the attention scores of three tokens. Middle: every score right of the diagonal, "
        "where a token would look ahead, is set to minus infinity. Right: after softmax these "
        "weights are exactly 0 and each row still sums to 1.",
    )
    colours = {True: "grey", False: "yellow"}
    ahead = [[colours[j > i] for j in range(3)] for i in range(3)]
    orange = [["grey" if j > i else "orange" for j in range(3)] for i in range(3)]
    for left, title, note, rows, fill in (
        (90, "scores", "row: query, column: key", shown, "yellow"),
        (370, "masked", "grey: the future", masked, ahead),
        (650, "weights", "each row sums to 1", weights, orange),
    ):
        drawing.text(left + 87, 30, title, bold=True)
        drawing.text(left + 87, 52, note, 13, colour="grey")
        for i, token in enumerate(TOKENS):
            if left == 90:
                drawing.text(left - 10, 94 + 48 * i, token, 14, anchor="end")
            drawing.text(left + 29 + 58 * i, 232, token, 14)
        drawing.grid(left, 70, rows, cell=58, height=48, colours=fill)
    drawing.arrow((278, 142), (358, 142), label="mask")
    drawing.arrow((558, 142), (638, 142), label="softmax")
    return drawing.svg()


def heads() -> str:
    """C channels are split into H heads; each attends alone; a last layer mixes their outputs."""
    drawing = Drawing(
        860,
        350,
        "Multi-head attention",
        "Queries, keys and values of C channels are split into H heads of D channels. Each head has "
        "attention weights of its own, T by T, and returns D channels. Concatenated these are C "
        "channels again, and a last linear layer mixes them.",
    )
    drawing.box(20, 130, 96, 64, "x", colour="white", note="(B, T, C)")
    drawing.arrow((116, 162), (158, 162), label="qkv")
    fills = ["blue", "orange", "green", "purple"]
    for i, name in enumerate(("queries", "keys", "values")):
        top = 70 + 74 * i
        drawing.text(228, top, name, 14)
        drawing.grid(
            164,
            top + 12,
            [[""] * 8],
            cell=16,
            height=32,
            colours=[[fills[j // 2] for j in range(8)]],
        )
    drawing.text(228, 320, "C = H · D channels", 14, colour="grey")
    drawing.arrow((300, 162), (352, 162), label="split")
    maps = [
        [[1, 0, 0], [1, 0, 0], [1, 0, 0]],
        [[1, 0, 0], [1, 0, 0], [0, 1, 0]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[1, 0, 0], [0, 1, 0], [0, 1, 0]],
    ]
    for i, (fill, cells) in enumerate(zip(fills, maps, strict=True)):
        top = 28 + 72 * i
        drawing.grid(
            366,
            top,
            [[""] * 3] * 3,
            cell=20,
            colours=[[fill if on else "white" for on in row] for row in cells],
        )
        drawing.text(436, top + 30, f"head {i}", 14, anchor="start", colour=fill)
    drawing.text(430, 328, "each with its own (T, T) weights", 14, colour="grey")
    drawing.arrow((506, 162), (556, 162), label="merge")
    drawing.grid(
        562, 146, [[""] * 8], cell=16, height=32, colours=[[fills[j // 2] for j in range(8)]]
    )
    drawing.text(626, 196, "concatenated", 14, colour="grey")
    drawing.arrow((692, 162), (738, 162), label="out")
    drawing.box(744, 130, 96, 64, "output", colour="white", note="(B, T, C)")
    return drawing.svg()

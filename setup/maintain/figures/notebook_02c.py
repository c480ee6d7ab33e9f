"""The figures of 02c_batches."""

from figures.svg import Drawing

WORDS = "If music be the food of love , play on".split()


def batches_shift() -> str:
    """A window, its targets, and the predictions they ask for."""
    drawing = Drawing(
        960,
        330,
        "One window holds four predictions",
        "Ten tokens in a row. A window holds the first four as inputs. Its targets are the four "
        "tokens from the second to the fifth. So each position in the window asks which token comes "
        "next: after If comes music, after If music comes be, and so on.",
    )
    cell, left = 78, 90
    drawing.grid(left, 40, [WORDS], cell=cell, height=40, size=16)
    drawing.text(50, 60, "text", 15, bold=True)
    drawing.grid(left, 130, [WORDS[:4]], cell=cell, height=40, colours="blue", size=16)
    drawing.grid(left, 220, [WORDS[1:5]], cell=cell, height=40, colours="orange", size=16)
    drawing.text(46, 150, "inputs", 15, bold=True)
    drawing.text(46, 240, "targets", 15, bold=True)
    for place in range(4):
        middle = left + (place + 0.5) * cell
        drawing.arrow((middle, 82), (middle, 126))
        drawing.arrow((middle, 174), (middle, 216), colour="orange")
    drawing.text(left + 2 * cell, 290, "the next token at each position", 15, colour="orange")
    drawing.text(690, 118, "four predictions, one forward pass", 16, bold=True)
    for place in range(4):
        y = 152 + 34 * place
        drawing.text(720, y, " ".join(WORDS[: place + 1]), 16, anchor="end", colour="blue")
        drawing.arrow((732, y), (772, y), colour="orange")
        drawing.text(784, y, WORDS[place + 1], 16, anchor="start", colour="orange", bold=True)
    return drawing.svg()


def batches_strides() -> str:
    """Windows of four at strides 4, 2 and 5, and how often each token is a target."""
    drawing = Drawing(
        960,
        510,
        "Windows at three strides",
        "Windows of four tokens over ten tokens. At stride 4 each token but the first is a target "
        "once. At stride 2 most are targets twice. At stride 5 the token food is never one.",
    )
    cell, left = 66, 190
    drawing.grid(left, 28, [WORDS], cell=cell, height=36, size=15)
    drawing.text(left - 14, 46, "text", 15, anchor="end", bold=True)
    top = 92
    for stride, remark, colour in (
        (4, "each once", "green"),
        (2, "most twice", "yellow"),
        (5, "one is skipped", "orange"),
    ):
        starts = range(0, 9 if stride == 4 else 7, stride)
        counts = [0] * 10
        drawing.text(left - 14, top + 12, f"stride {stride}", 16, anchor="end", bold=True)
        drawing.text(left - 14, top + 34, remark, 14, anchor="end", colour=colour)
        for row, start in enumerate(starts):
            width = min(4, 9 - start)
            x = left + (start + 1) * cell
            drawing.box(x + 3, top + 20 * row, width * cell - 6, 16, colour=colour)
            for token in range(start + 1, start + 1 + width):
                counts[token] += 1
        bottom = top + max(20 * len(starts), 48) + 6
        shades = ["grey"] + [colour if count else "white" for count in counts[1:]]
        labels = [""] + counts[1:]
        drawing.grid(left, bottom, [labels], cell=cell, height=28, colours=[shades], size=14)
        drawing.text(left - 14, bottom + 14, "times a target", 13, anchor="end", colour="grey")
        top = bottom + 58
    drawing.text(
        left + 5 * cell, top - 8, "A bar marks the targets of one window.", 14, colour="grey"
    )
    return drawing.svg()


def batches_last_window() -> str:
    """The last window, padded, and its ignored targets."""
    drawing = Drawing(
        960,
        250,
        "The last window is padded",
        "Three windows of four. The third starts at the token play, whose target is on. Its other "
        "three positions hold padding as input and IGNORE_INDEX, -100, as target.",
    )
    inputs = [["If", "music", "be", "the"], ["food", "of", "love", ","], ["play", "0", "0", "0"]]
    targets = [["music", "be", "the", "food"], ["of", "love", ",", "play"], ["on"] + 3 * ["-100"]]
    blue = 2 * [4 * ["blue"]] + [["blue"] + 3 * ["grey"]]
    orange = 2 * [4 * ["orange"]] + [["orange"] + 3 * ["grey"]]
    drawing.text(250, 40, "inputs (N, T)", 16, bold=True)
    drawing.grid(90, 64, inputs, cell=80, height=42, colours=blue, size=16)
    drawing.text(710, 40, "targets (N, T)", 16, bold=True)
    drawing.grid(550, 64, targets, cell=80, height=42, colours=orange, size=16)
    drawing.arrow((418, 127), (542, 127), label="shift by one", colour="orange")
    drawing.text(250, 214, "padding: any id will do", 14, colour="grey")
    drawing.text(710, 214, "-100: the loss ignores these positions", 14, colour="grey")
    return drawing.svg()


def batches_randomness() -> str:
    """One shared random number generator against one of its own."""
    drawing = Drawing(
        960,
        380,
        "One random number generator, or one each",
        "Above: shuffling, dropout and sampling draw from one global generator, so one more draw "
        "by any of them changes what the others get. Below: the loader draws from a generator of its "
        "own, which nothing else touches.",
    )
    numbers = ["0.50", "0.77", "0.09", "0.13", "0.31", "0.63"]
    users = ["shuffle", "dropout", "shuffle", "sample", "shuffle", "dropout"]
    shade = {"shuffle": "blue", "dropout": "orange", "sample": "purple"}
    colours = [[shade[user] for user in users]]
    drawing.text(30, 36, "one global generator", 16, anchor="start", bold=True)
    drawing.grid(250, 56, [numbers], cell=104, height=36, colours=colours, size=15)
    for i, user in enumerate(users):
        drawing.text(302 + 104 * i, 112, user, 14, colour=shade[user])
    drawing.text(30, 74, "who draws next?", 14, anchor="start", colour="grey")
    drawing.text(562, 148, "one extra draw anywhere shifts every number that follows", 15)
    drawing.text(30, 206, "a generator of its own", 16, anchor="start", bold=True)
    drawing.grid(250, 226, [["0.82", "0.15", "0.44"]], cell=104, height=36, colours="blue", size=15)
    drawing.text(232, 244, "loader", 15, anchor="end", colour="blue")
    drawing.grid(
        250,
        286,
        [["0.50", "0.77", "0.09", "0.13"]],
        cell=104,
        height=36,
        colours=[["orange", "purple", "orange", "orange"]],
        size=15,
    )
    drawing.text(232, 304, "everything else", 15, anchor="end", colour="orange")
    drawing.text(460, 350, "the order of the batches depends on one seed alone", 15)
    return drawing.svg()


def batches_split() -> str:
    """Overlapping windows split at random against whole scenes."""
    drawing = Drawing(
        960,
        360,
        "Two ways to split",
        "Above: overlapping windows are split at random, so the text of a validation window "
        "lies in training windows too. Below: whole scenes are held out, and no text is shared.",
    )
    drawing.text(30, 34, "windows split at random: data leakage", 16, anchor="start", bold=True)
    for i in range(9):
        held_out = i in (2, 6)
        drawing.box(
            40 + 84 * i,
            58 + 28 * (i % 2),
            168,
            22,
            "validation" if held_out else "training",
            colour="orange" if held_out else "blue",
            size=13,
        )
    drawing.text(
        40, 140, "the text of each validation window is in training windows too", 15, anchor="start"
    )
    drawing.text(30, 206, "whole scenes held out", 16, anchor="start", bold=True)
    x = 40
    for i, width in enumerate((150, 90, 130, 180, 110, 140)):
        held_out = i in (2,)
        drawing.box(
            x,
            230,
            width,
            44,
            f"scene {i + 1}",
            note="validation" if held_out else "training",
            colour="orange" if held_out else "blue",
            size=14,
        )
        x += width + 10
    drawing.text(40, 310, "no line of a validation scene is trained on", 15, anchor="start")
    return drawing.svg()


def batches_lookup() -> str:
    """Looking up a row is multiplying by a one-hot vector."""
    drawing = Drawing(
        960,
        360,
        "A table look-up is a product with a one-hot vector",
        "The id 3 selects row 3 of the embedding table. A row of zeros with a one at index 3, "
        "multiplied by the table, gives the same three numbers.",
    )
    table = [
        ["0.2", "-1.1", "0.7"],
        ["1.4", "0.3", "-0.5"],
        ["-0.8", "0.9", "0.1"],
        ["0.6", "-0.2", "1.3"],
        ["-1.0", "0.4", "0.8"],
    ]
    shades = [3 * ["purple" if row == 3 else "white"] for row in range(5)]
    drawing.text(150, 36, "look up", 16, bold=True)
    drawing.box(60, 178, 70, 40, "id 3", colour="yellow")
    drawing.grid(200, 70, table, cell=60, height=36, colours=shades)
    drawing.arrow((130, 198), (194, 198))
    drawing.text(290, 272, "table (V, C)", 14, colour="grey")
    drawing.text(290, 292, "one row per token", 14, colour="grey")
    drawing.text(470, 160, "=", 30)
    drawing.text(660, 36, "multiply", 16, bold=True)
    ones = [["yellow" if place == 3 else "white" for place in range(5)]]
    drawing.grid(510, 142, [[0, 0, 0, 1, 0]], cell=36, colours=ones)
    drawing.text(600, 198, "one-hot vector (V)", 14, colour="grey")
    drawing.text(706, 160, "×", 24)
    drawing.grid(730, 70, table, cell=60, height=36, colours=shades)
    drawing.arrow((290, 302), (290, 326), (396, 326))
    drawing.arrow((820, 252), (820, 326), (584, 326))
    drawing.grid(400, 308, [table[3]], cell=60, height=36, colours="purple")
    return drawing.svg()


def batches_positions() -> str:
    """Token embedding plus positional embedding."""
    drawing = Drawing(
        960,
        300,
        "A vector for the token and one for its position",
        "The word be stands at positions 1 and 5. Its token embedding is the same both times; the "
        "positional embeddings differ, and so do the sums that the model reads.",
    )
    words = ["to", "be", "or", "not", "to", "be"]
    cell, left = 110, 190
    drawing.grid(left, 30, [words], cell=cell, height=36, colours="yellow", size=16)
    labels = (
        ("token embedding", [f"tok[{word}]" for word in words], "purple"),
        ("positional emb.", [f"pos[{place}]" for place in range(6)], "green"),
        ("input (T, C)", ["sum" for _ in words], "blue"),
    )
    for row, (name, values, colour) in enumerate(labels):
        top = 90 + 66 * row
        drawing.text(left - 14, top + 20, name, 15, anchor="end", bold=True)
        drawing.grid(left, top, [values], cell=cell, height=40, colours=colour, size=15)
        if row:
            drawing.text(left - 14, top - 12, "+" if row == 1 else "=", 18, anchor="end")
    drawing.text(
        left + 3 * cell,
        280,
        "the two vectors of “be” differ only by their positions",
        14,
        colour="grey",
    )
    return drawing.svg()

"""The figures of 02a_tokenizers."""

from figures.svg import Drawing


def pipeline() -> str:
    """From text to what the model's first layer receives."""
    drawing = Drawing(
        960,
        320,
        "From text to embeddings",
        "Text is split into tokens. Each token has an id. The ids are split into windows of equal "
        "length, several windows make a batch, and an embedding table gives each id a vector.",
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
    drawing.arrow((776, 106), (776, 160), label="windows")
    drawing.grid(701, 166, [[2514, 307, 11], [393, 407, 284]], cell=50, height=36, colours="yellow")
    drawing.text(776, 264, "4  a batch (B, T)", bold=True)
    drawing.text(776, 286, "here B = 2 windows of T = 3", 14, colour="grey")
    drawing.arrow((701, 202), (516, 202), label="embedding look-up")
    for depth in (12, 6, 0):
        left, top = 350 + depth, 178 - depth
        drawing.grid(left, top, 2 * [3 * [""]], cell=50, height=36, colours="purple")
    drawing.text(425, 272, "5  embeddings (B, T, C)", bold=True)
    drawing.text(425, 294, "a vector of C numbers per id", 14, colour="grey")
    drawing.arrow((350, 214), (209, 214))
    drawing.box(85, 186, 120, 56, "model", colour="orange")
    return drawing.svg()


def three_cuts() -> str:
    """One line tokenized in three ways."""
    drawing = Drawing(
        760,
        270,
        "One line tokenized in three ways",
        "Characters: nineteen tokens. Words and punctuation: seven tokens, and the spaces are gone. "
        "Words with their leading space: seven tokens, and joining them restores the line.",
    )
    words = ["To", "be", ",", "or", "not", "to", "be"]
    spaced = ["To", "·be", ",", "·or", "·not", "·to", "·be"]
    rows = [
        ("characters", "".join(spaced), 27, "orange", "19 tokens, lossless"),
        ("words and punctuation", words, 56, "orange", "7 tokens, spaces are lost"),
        ("words with their leading space", spaced, 56, "green", "7 tokens, lossless"),
    ]
    for row, (name, tokens, cell, colour, note) in enumerate(rows):
        y = 34 + 80 * row
        drawing.text(24, y, name, 15, anchor="start", bold=True)
        drawing.text(736, y, note, 14, anchor="end", colour=colour)
        drawing.grid(24, y + 16, [tokens], cell=cell, height=32, colours=colour)
    return drawing.svg()


def vocabulary() -> str:
    """Encoding and decoding are look-ups in the same table."""
    drawing = Drawing(
        860,
        330,
        "Encoding and decoding are look-ups",
        "The tokens To, be and sleep are looked up in the vocabulary. To has the id 11, be has 0. "
        "Sleep is not there and gets 13, the id of the unknown token. Decoding looks the ids up in "
        "the same table and gives To, be, unknown.",
    )
    drawing.text(90, 34, "tokens", bold=True)
    drawing.text(278, 34, "encode", colour="blue")
    drawing.text(430, 34, "vocabulary", bold=True)
    drawing.text(582, 34, "decode", colour="green")
    drawing.text(770, 34, "tokens", bold=True)
    table = [["·be", 0], ["·is", 1], ["…", "…"], ["To", 11], ["<|endoftext|>", 12], ["<|unk|>", 13]]
    for row, (word, token_id) in enumerate(table):
        y = 56 + 40 * row
        drawing.grid(350, y, [[word]], cell=128, height=40, size=14)
        drawing.grid(478, y, [[token_id]], cell=36, height=40, colours="yellow", size=14)
    for y, word, place in ((86, "To", 196), (166, "·be", 76), (246, "·sleep", 276)):
        unknown = word == "·sleep"
        drawing.box(40, y - 20, 100, 40, word, colour="orange" if unknown else "blue", mono=True)
        drawing.arrow((140, y), (346, place), colour="orange" if unknown else "blue")
        drawing.arrow((514, place), (716, y), colour="orange" if unknown else "green")
        back, colour = ("<|unk|>", "orange") if unknown else (word, "green")
        drawing.box(720, y - 20, 100, 40, back, colour=colour, mono=True, size=15)
    drawing.text(
        430, 314, "a word outside the vocabulary gets the id of <|unk|>", 14, colour="grey"
    )
    return drawing.svg()


def unknown_words() -> str:
    """Two sentences that become the same ids."""
    drawing = Drawing(
        860,
        210,
        "An out-of-vocabulary word is lost",
        "The sentences The computer hums and The telephone hums both become the ids of The, "
        "unknown, hums. Decoding gives The unknown hums: nobody can say which of the two it was.",
    )
    for y, sentence in ((62, "The computer hums"), (148, "The telephone hums")):
        drawing.box(24, y - 24, 214, 48, sentence, colour="blue", mono=True)
        drawing.arrow((238, y), (336, 105), colour="blue")
    drawing.text(440, 66, "the same ids", bold=True)
    ids = [["The", "<|unk|>", "·hums"]]
    drawing.grid(340, 87, ids, cell=72, height=36, colours=[["blue", "orange", "blue"]], size=14)
    drawing.arrow((556, 105), (622, 105), colour="grey")
    drawing.box(626, 81, 210, 48, "The<|unk|> hums", colour="orange", mono=True)
    drawing.text(731, 152, "which of the two was it?", 14, colour="orange")
    return drawing.svg()


def between() -> str:
    """From characters over subwords to words."""
    drawing = Drawing(
        860,
        280,
        "Between characters and words",
        "A scale. On the left characters: a small vocabulary and long texts. On the right words: a "
        "large vocabulary, short texts, and unknown words. In the middle subwords, which "
        "the next notebook learns from data.",
    )
    columns = [
        (150, "characters", ["w", "e", "a", "t", "h", "e", "r", "s"], 28, "blue"),
        (430, "subwords", ["weather", "s"], 84, "green"),
        (710, "words", ["<|unk|>"], 100, "orange"),
    ]
    for x, name, tokens, cell, colour in columns:
        drawing.text(x, 40, name, bold=True)
        drawing.grid(x - cell * len(tokens) / 2, 62, [tokens], cell=cell, height=36, colours=colour)
    drawing.arrow((40, 140), (820, 140))
    scale = [
        ("vocabulary", "dozens", "chosen freely", "never complete"),
        ("tokens per text", "many", "few", "fewest"),
        ("out of vocabulary", "none*", "none", "always some"),
    ]
    for row, (name, *values) in enumerate(scale):
        y = 168 + 32 * row
        drawing.text(24, y, name, 14, anchor="start", colour="grey")
        for (x, *_, colour), value in zip(columns, values, strict=True):
            drawing.text(x + 60 if x == 150 else x, y, value, 15, colour=colour)
    drawing.text(
        836, 264, "* if every character is in the vocabulary", 13, anchor="end", colour="grey"
    )
    return drawing.svg()

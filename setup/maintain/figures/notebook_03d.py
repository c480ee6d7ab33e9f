"""The figures of 03d_generating_text."""

import math

from figures.svg import Drawing


def _softmax(scores, temperature=1.0):
    powers = [math.exp(score / temperature) for score in scores]
    return [power / sum(powers) for power in powers]


def _bars(drawing, x, floor, heights, colours, *, width=30, gap=8, scale=120):
    """Draw bars that stand on the line y = floor; a height of 1 is `scale` pixels."""
    for i, (height, colour) in enumerate(zip(heights, colours, strict=True)):
        tall = max(height * scale, 1.5)
        drawing.grid(
            x + i * (width + gap), floor - tall, [[""]], cell=width, height=tall, colours=colour
        )
    end = x + len(heights) * (width + gap)
    drawing.arrow((x - gap, floor), (end, floor), head=False)


def generating_loop() -> str:
    """Logits, a pick, one more token, and again."""
    drawing = Drawing(
        960,
        276,
        "Text grows by one token at a time",
        "The tokens so far go into the model. It gives each token of the vocabulary a logit. One "
        "token is picked and appended to the others, and everything begins again.",
    )
    drawing.text(130, 40, "tokens so far", 16, bold=True)
    drawing.grid(30, 90, [["The", "king", "said"]], cell=66, height=40, colours="blue", size=16)
    drawing.arrow((230, 110), (288, 110))
    drawing.box(292, 75, 110, 70, "model", colour="orange")
    drawing.arrow((402, 110), (458, 110))
    drawing.text(565, 40, "logits: one per token", 16, bold=True)
    scores = (0.75, 0.4, 0.3, 0.2, 0.12)
    _bars(drawing, 472, 150, scores, 5 * ["yellow"], width=28, gap=10, scale=95)
    for i, token in enumerate((",", ":", "to", "that", "no")):
        drawing.text(486 + 38 * i, 166, token, 14, mono=True)
    drawing.text(690, 150, "…", 18)
    drawing.arrow((708, 110), (764, 110))
    drawing.box(768, 80, 150, 60, "pick one", colour="green")
    drawing.text(843, 40, "this notebook", 16, bold=True)
    drawing.arrow((843, 140), (843, 232), (130, 232), (130, 136), colour="green")
    drawing.text(480, 252, "append it, and again", 15, colour="green")
    return drawing.svg()


def generating_draw() -> str:
    """A random number falls on a stretch of a line from 0 to 1."""
    drawing = Drawing(
        960,
        250,
        "Sampling is a point on a line",
        "The probabilities are laid end to end on a line from 0 to 1. A random number, here 0.62, "
        "falls on one stretch: the token that is drawn. Long stretches are hit more often.",
    )
    left, length = 80, 800
    tokens = ((",", 0.5, "blue"), (":", 0.2, "orange"), ("to", 0.15, "green"))
    tokens += (("that", 0.1, "purple"), ("no", 0.05, "yellow"))
    reached = 0.0
    for token, prob, colour in tokens:
        x, width = left + reached * length, prob * length
        drawing.grid(x, 100, [[token]], cell=width, height=54, colours=colour, size=15)
        drawing.text(x + width / 2, 84, f"{prob:.2f}", 13, colour="grey")
        reached += prob
        drawing.text(left + reached * length, 170, f"{reached:.2f}", 13, colour="grey")
    drawing.text(left, 170, "0", 13, colour="grey")
    x = left + 0.62 * length
    drawing.arrow((x, 228), (x, 158), colour="orange")
    drawing.text(x + 12, 222, "random number 0.62: the token “:”", 15, anchor="start")
    drawing.text(480, 40, "probabilities laid end to end", 16, bold=True)
    return drawing.svg()


def generating_temperature() -> str:
    """The same logits at three temperatures."""
    drawing = Drawing(
        960,
        270,
        "Temperature sharpens or flattens",
        "Four logits, 2, 1, 0 and minus 1, at three temperatures. At one half the first token has "
        "0.86 of the probability, at one 0.64, at two 0.46.",
    )
    scores = (2, 1, 0, -1)
    for panel, (temperature, remark) in enumerate(
        ((0.5, "sharper"), (1, "the model's own"), (2, "flatter"))
    ):
        left = 70 + 310 * panel
        probs = _softmax(scores, temperature)
        drawing.text(left + 100, 34, f"temperature {temperature}", 16, bold=True)
        drawing.text(left + 100, 58, remark, 14, colour="grey")
        _bars(drawing, left, 216, probs, 4 * ["blue"], width=42, gap=14, scale=140)
        for i, (score, prob) in enumerate(zip(scores, probs, strict=True)):
            x = left + 21 + 56 * i
            drawing.text(x, 216 - prob * 140 - 12, f"{prob:.2f}", 13)
            drawing.text(x, 234, f"{score}", 14, colour="grey", mono=True)
    drawing.text(34, 234, "logit", 13, colour="grey")
    return drawing.svg()


def generating_cuts() -> str:
    """Top-k and top-p on a peaked and on a flat distribution."""
    drawing = Drawing(
        960,
        400,
        "Where top-k and top-p cut",
        "Two distributions over ten tokens. Top-k with k = 4 keeps four bars of both. Top-p with "
        "p = 0.85 keeps one bar of the peaked distribution and eight of the flat one.",
    )
    peaked = [0.88, 0.04, 0.02, 0.015, 0.01, 0.01, 0.008, 0.007, 0.005, 0.005]
    flat = [0.16, 0.14, 0.12, 0.11, 0.1, 0.09, 0.09, 0.08, 0.06, 0.05]
    for column, (name, kept) in enumerate((("top-k, k = 4", (4, 4)), ("top-p, p = 0.85", (1, 8)))):
        left = 130 + 430 * column
        drawing.text(left + 170, 34, name, 16, bold=True)
        for row, (probs, scale) in enumerate(((peaked, 110), (flat, 400))):
            floor = 190 + 170 * row
            shades = ["green"] * kept[row] + ["grey"] * (10 - kept[row])
            _bars(drawing, left, floor, probs, shades, width=26, gap=8, scale=scale)
            total = sum(probs[: kept[row]])
            drawing.text(
                left + 170,
                floor + 18,
                f"{kept[row]} kept, together {total:.2f}",
                14,
                colour="green",
            )
    drawing.text(60, 130, "peaked", 15, bold=True)
    drawing.text(60, 310, "flat", 15, bold=True)
    drawing.text(60, 332, "drawn taller", 13, colour="grey")
    return drawing.svg()


def generating_recompute() -> str:
    """Tokens processed in each step, without and with a cache."""
    drawing = Drawing(
        960,
        330,
        "What is computed again",
        "Each row is one step. Without a cache the model processes all tokens so far in every "
        "step: a triangle. With a cache it processes the prompt once, then one new token per step.",
    )
    n_prompt, n_steps = 3, 5
    for panel, name in enumerate(("without a cache", "with a cache")):
        left, read = 110 + 460 * panel, 0
        drawing.text(left + 140, 36, name, 16, bold=True)
        for step in range(n_steps):
            shades, labels = [], []
            for token in range(n_prompt + n_steps - 1):
                known = token < n_prompt + step
                new = known and (step == 0 or token == n_prompt + step - 1)
                again = known and not new
                shades.append("blue" if new else "orange" if again and panel == 0 else "white")
                labels.append("·" if again and panel == 1 else "")
                read += new or (again and panel == 0)
            drawing.grid(left, 62 + 36 * step, [labels], cell=40, height=30, colours=[shades])
            drawing.text(left - 12, 77 + 36 * step, f"step {step + 1}", 14, anchor="end")
        drawing.text(left + 140, 262, f"{read} tokens processed for {n_steps} new ones", 15)
    drawing.text(330, 304, "processed the first time", 14, colour="blue")
    drawing.text(520, 304, "processed again", 14, colour="orange")
    drawing.text(690, 304, "· cached", 14, colour="grey")
    return drawing.svg()


def generating_cache() -> str:
    """One query, all keys and values."""
    drawing = Drawing(
        960,
        360,
        "What a new token needs",
        "The new token brings its query, its key and its value. The keys and values of earlier "
        "tokens are in the cache. The query is compared with all keys, and the attention weights "
        "sum up all values. No earlier query is needed.",
    )
    words = ["The", "king", "said", ","]
    cell, left = 90, 320
    drawing.grid(left, 30, [words], cell=cell, height=36, colours="white", size=16)
    drawing.text(left + 3.5 * cell, 16, "new", 14, colour="orange")
    shades = [3 * ["grey"] + ["orange"]]
    drawing.grid(left, 100, [["k0", "k1", "k2", "k3"]], cell=cell, height=38, colours=shades)
    drawing.grid(left, 150, [["v0", "v1", "v2", "v3"]], cell=cell, height=38, colours=shades)
    drawing.text(left - 16, 119, "keys", 15, anchor="end", bold=True)
    drawing.text(left - 16, 169, "values", 15, anchor="end", bold=True)
    drawing.text(left + 1.5 * cell, 208, "in the cache from earlier steps", 14, colour="grey")
    drawing.box(740, 100, 80, 38, "q3", colour="orange", mono=True)
    drawing.text(780, 82, "one query", 14, colour="orange")
    drawing.arrow((740, 119), (684, 119), colour="orange")
    drawing.grid(left, 240, [["w0", "w1", "w2", "w3"]], cell=cell, height=38, colours="green")
    drawing.text(left - 16, 259, "weights", 15, anchor="end", bold=True)
    drawing.arrow((712, 119), (712, 259), (684, 259), colour="orange")
    drawing.text(724, 190, "q3 times each key, softmax", 14, anchor="start", colour="orange")
    drawing.arrow((left + 2 * cell, 280), (left + 2 * cell, 312), colour="green")
    drawing.text(left + 2 * cell, 330, "w0 v0 + w1 v1 + w2 v2 + w3 v3", 15, mono=True)
    return drawing.svg()


def generating_sliding() -> str:
    """A full window drops its oldest token, and the positions of the others change."""
    drawing = Drawing(
        960,
        300,
        "The window is full and slides",
        "A window of six tokens is full. To make room, the oldest token drops out. The position of "
        "each token that stays becomes one lower.",
    )
    words = ["to", "be", "or", "not", "to", "be", ","]
    cell, left = 92, 190
    for row, (first, name) in enumerate(((0, "full"), (1, "one token later"))):
        top = 56 + 116 * row
        x = left + first * cell
        drawing.text(left - 20, top + 20, name, 15, anchor="end", bold=True)
        drawing.grid(x, top, [words[first : first + 6]], cell=cell, height=40, colours="blue")
        drawing.grid(
            x, top + 40, [[f"pos {i}" for i in range(6)]], cell=cell, height=28, colours="green"
        )
    drawing.grid(left, 172, [[words[0]]], cell=cell, height=40, colours="grey")
    drawing.text(left + cell / 2, 228, "dropped", 14, colour="grey")
    drawing.arrow((left + 2.5 * cell, 128), (left + 2.5 * cell, 168), colour="orange")
    drawing.text(
        480, 276, "the same token at another position, and one token fewer to attend to", 15
    )
    return drawing.svg()

"""The figures of 05a_gpt2_weights."""

from figures.svg import Drawing


def safetensors_file() -> str:
    """The layout of a safetensors file."""
    drawing = Drawing(
        920,
        250,
        "A safetensors file",
        "Eight bytes hold the length of the header. The header is JSON: for each tensor its "
        "name, dtype, shape and the offsets at which its bytes start and end. Then come the bytes "
        "of all tensors, one after the other, and nothing else.",
    )
    drawing.box(30, 40, 110, 64, "8 bytes", note="a length", colour="yellow")
    drawing.box(140, 40, 250, 64, "header", note="JSON text", colour="green")
    for x, width, name in ((390, 170, "h.0.attn…"), (560, 150, "ln_f.weight"), (710, 180, "wte…")):
        drawing.box(x, 40, width, 64, name, note="numbers", colour="blue", mono=True, size=14)
    lines = (
        '"ln_f.weight": {',
        '  "dtype": "F16",',
        '  "shape": [256],',
        '  "data_offsets": [start, end]}',
    )
    for i, line in enumerate(lines):
        drawing.text(60, 148 + 24 * i, line, 15, anchor="start", mono=True)
    drawing.arrow((200, 132), (200, 106), colour="green")
    drawing.arrow((340, 220), (636, 220), (636, 106), colour="blue", dashed=True)
    drawing.text(650, 180, "counted from the", 14, anchor="start", colour="blue")
    drawing.text(650, 200, "end of the header", 14, anchor="start", colour="blue")
    return drawing.svg()


def pickle_or_data() -> str:
    """Reading a pickle runs it; reading safetensors copies numbers."""
    drawing = Drawing(
        920,
        240,
        "A pickle is a program, a safetensors file is data",
        "Reading a pickle runs the function calls that are written in it, whatever they do. "
        "Reading a safetensors file copies numbers into tensors, and can do nothing else.",
    )
    for y, name, step, result, colour in (
        (30, "a pickle", "run the calls in it", "tensors, and whatever the calls did", "orange"),
        (134, "safetensors", "copy the numbers", "tensors", "green"),
    ):
        drawing.box(30, y, 170, 72, name, note="a file", colour=colour)
        drawing.arrow((200, y + 36), (280, y + 36), label="read")
        drawing.box(282, y, 210, 72, step, colour="grey")
        drawing.arrow((492, y + 36), (560, y + 36))
        drawing.box(562, y, 330, 72, result, colour=colour)
    return drawing.svg()


def conv1d_transposed() -> str:
    """One layer, stored in two ways."""
    drawing = Drawing(
        920,
        300,
        "Two ways to store the same layer",
        "OpenAI stores the weights of a layer as inputs by outputs, PyTorch as outputs by inputs. "
        "A matrix of 2 by 3 becomes 3 by 2, which its shape shows. A square matrix of 2 by 2 "
        "stays 2 by 2: only the order of its numbers changes.",
    )
    drawing.text(150, 30, "OpenAI: x W + b", bold=True)
    drawing.text(430, 30, "PyTorch: x Wᵀ + b", bold=True)
    drawing.text(720, 30, "does the shape tell?", bold=True)
    blue, orange = ["blue"] * 3, ["orange"] * 3
    drawing.grid(96, 62, [[1, 2, 3], [4, 5, 6]], colours=[blue, orange])
    drawing.arrow((230, 98), (370, 98), label="transpose")
    drawing.grid(394, 50, [[1, 4], [2, 5], [3, 6]], colours=[["blue", "orange"]] * 3)
    drawing.text(720, 88, "2 × 3 becomes 3 × 2", colour="green")
    drawing.text(720, 112, "yes", colour="green", bold=True)
    drawing.grid(114, 196, [[1, 2], [3, 4]], colours=[blue[:2], orange[:2]])
    drawing.arrow((230, 232), (370, 232), label="transpose")
    drawing.grid(394, 196, [[1, 3], [2, 4]], colours=[["blue", "orange"]] * 2)
    drawing.text(720, 220, "2 × 2 stays 2 × 2", colour="orange")
    drawing.text(720, 244, "no: the trap", colour="orange", bold=True)
    return drawing.svg()


def every_key_used() -> str:
    """Each parameter filled, each tensor used."""
    drawing = Drawing(
        920,
        300,
        "Every tensor used, every parameter filled",
        "On the left the names in the checkpoint, on the right the parameters of our model, with "
        "one arrow from each to each. Below, two faults: a tensor that fits nowhere and a "
        "parameter without a tensor. Both stop the loading.",
    )
    drawing.text(170, 26, "in the checkpoint", bold=True)
    drawing.text(740, 26, "in our model", bold=True)
    pairs = (
        ("wte.weight", "tok_emb.weight", ""),
        ("h.0.attn.c_attn.weight", "blocks.0.attn.qkv.weight", "transposed"),
        ("h.0.attn.c_proj.weight", "blocks.0.attn.out.weight", "transposed"),
        ("ln_f.bias", "norm_out.bias", ""),
    )
    for i, (theirs, ours, label) in enumerate(pairs):
        y = 46 + 42 * i
        drawing.box(40, y, 260, 34, theirs, colour="green", mono=True, size=14)
        drawing.arrow((300, y + 17), (606, y + 17))
        if label:
            drawing.text(453, y + 5, label, 13, colour="grey")
        drawing.box(608, y, 270, 34, ours, colour="green", mono=True, size=14)
    drawing.box(40, 226, 260, 34, "h.0.attn.q_norm.weight", colour="orange", mono=True, size=14)
    drawing.box(608, 226, 270, 34, "pos_emb.weight", colour="orange", mono=True, size=14)
    drawing.text(170, 278, "fits nowhere: stop", 14, colour="orange")
    drawing.text(740, 278, "not filled: stop", 14, colour="orange")
    return drawing.svg()


def same_logits() -> str:
    """One directory, two programs, the same numbers."""
    drawing = Drawing(
        920,
        220,
        "The proof",
        "One directory is read by two programs: our load_gpt2 and the GPT2LMHeadModel of "
        "transformers. The same token ids go through both. Their logits must agree up to rounding.",
    )
    drawing.box(30, 78, 180, 64, "one directory", note="plays-gpt2", colour="yellow")
    drawing.arrow((210, 100), (300, 60))
    drawing.arrow((210, 120), (300, 162))
    drawing.box(302, 26, 240, 64, "our GPT", note="load_gpt2", colour="blue")
    drawing.box(302, 132, 240, 64, "GPT2LMHeadModel", note="transformers", colour="purple")
    drawing.arrow((542, 58), (660, 58), label="logits")
    drawing.arrow((542, 164), (660, 164), label="logits")
    drawing.box(662, 26, 228, 170, "equal?", note="up to rounding", colour="green")
    return drawing.svg()

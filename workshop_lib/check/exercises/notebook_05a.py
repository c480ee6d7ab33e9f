"""Self-checks of 05a_gpt2_weights."""

import torch
from torch import nn

from workshop_lib.check.exercise import wants


@wants(int)
def check_05a_1(count_parameters) -> str | None:
    """The number of weights a safetensors header describes."""
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F16", "shape": [3, 5], "data_offsets": [0, 30]},
        "b": {"dtype": "F32", "shape": [7], "data_offsets": [30, 58]},
    }
    try:
        found = count_parameters(header)
    except KeyError as error:
        return f"one entry is not a tensor and has no {error}: leave out '__metadata__'"
    hints = {
        58: "those are bytes; a float16 takes two of them and a float32 four: multiply the shape",
        2: "that is the number of tensors; each holds as many weights as its shape multiplies to",
        3: "that is the number of entries; each tensor holds as many weights as its shape "
        "multiplies to",
        15: "the sizes of a shape are multiplied, and then all tensors are added up",
        105: "multiply within a tensor, but add up the tensors",
        29: "b is float32, which takes 4 bytes a number: use the shape, not the bytes",
    }
    if found in hints:
        return hints[found]
    return None if found == 22 else f"shapes [3, 5] and [7] hold 15 + 7 = 22 weights, not {found}"


def check_05a_2(conv1d_to_linear) -> str | None:
    """A Conv1D's weights as an nn.Linear."""
    generator = torch.Generator().manual_seed(0)
    square, bias = torch.randn(4, 4, generator=generator), torch.randn(4, generator=generator)
    x = torch.randn(3, 4, generator=generator)
    kept = square.clone()
    layer = conv1d_to_linear(square, bias)
    if not isinstance(layer, nn.Linear):
        return f"return an nn.Linear, not a {type(layer).__name__}"
    if not torch.equal(square, kept):
        return "the weight that was passed in has changed: work on a new tensor"
    if layer.bias is None or not torch.equal(layer.bias, bias):
        return "the bias is not in the layer: copy it, it needs no transposing"
    if torch.equal(layer.weight, square):
        return "a square weight must be transposed as well: nn.Linear stores (outputs, inputs)"
    if not torch.allclose(layer(x), x @ square + bias, atol=1e-5):
        return "layer(x) is not x @ weight + bias: transpose with .t()"
    wide = torch.randn(4, 6, generator=generator)
    layer = conv1d_to_linear(wide, torch.zeros(6))
    if tuple(layer.weight.shape) != (6, 4):
        return f"(4, 6) must become (6, 4), but the layer's weight is {tuple(layer.weight.shape)}"
    if not torch.allclose(layer(x), x @ wide, atol=1e-5):
        return "the shape is right, the order of the numbers is not: .view or .reshape is no .t()"
    if (layer.in_features, layer.out_features) != (4, 6):
        return "the layer says in_features and out_features the wrong way round"
    return None


def check_05a_3(not_transposed) -> str | None:
    """Names of matrices that somebody forgot to transpose."""
    generator = torch.Generator().manual_seed(0)

    def random():
        return torch.randn(3, 3, generator=generator)

    symmetric = torch.eye(3)
    tensors = {
        "wte.weight": random(),
        "h.0.attn.c_proj.weight": random(),
        "h.0.mlp.c_fc.weight": random(),
        "h.0.mlp.c_proj.weight": symmetric,
        "h.1.attn.c_proj.weight": random(),
        "h.1.mlp.c_proj.weight": random(),
    }
    state = {
        "tok_emb.weight": tensors["wte.weight"],
        "blocks.0.attn.out.weight": tensors["h.0.attn.c_proj.weight"].t(),
        "blocks.0.mlp.up.weight": tensors["h.0.mlp.c_fc.weight"],
        "blocks.0.mlp.down.weight": symmetric,
        "blocks.1.mlp.down.weight": tensors["h.1.mlp.c_proj.weight"],
        "blocks.1.attn.out.weight": tensors["h.1.attn.c_proj.weight"],
    }
    right = ["blocks.0.mlp.up.weight", "blocks.1.mlp.down.weight", "blocks.1.attn.out.weight"]
    found = not_transposed(state, tensors)
    if not isinstance(found, list):
        return f"return a list of names, not a {type(found).__name__}"
    if not all(isinstance(name, str) for name in found):
        return f"return a list of names, not {found}"
    if any(name in tensors for name in found):
        return "return our names, as state has them, not OpenAI's"
    if "tok_emb.weight" in found:
        return "the embedding is stored as it is: look only at names in GPT2_TRANSPOSED"
    if "blocks.0.attn.out.weight" in found and not set(right) & set(found):
        return "these are the matrices that were transposed, as they should be: return the others"
    if "blocks.0.attn.out.weight" in found:
        return "a transposed matrix is right: compare the numbers, shapes tell nothing here"
    if "blocks.0.mlp.down.weight" in found:
        return "a matrix that equals its own transpose does not count: it is the same either way"
    if found == right[:1]:
        return "the first one is right, but there are more: do not return inside the loop"
    if found == right[-1:]:
        return (
            "blocks.1.attn.out.weight is one of them, but not the only one: take all endings in "
            "GPT2_TRANSPOSED, and collect the names in a list"
        )
    if sorted(found) == sorted(right) and found != right:
        return "these are the names; give them in the order of state"
    return None if found == right else f"here {right} are not transposed, but you return {found}"

"""Self-checks of 06b_finetuning_and_lora."""

import torch

from workshop_lib.check.exercise import wants
from workshop_lib.config.model import GPTConfig

# No two widths alike, so that a mixed-up one shows.
CONFIG = GPTConfig(
    vocab_size=64,
    context_length=32,
    emb_dim=60,
    n_layers=5,
    n_heads=6,
    n_kv_heads=2,
    head_dim=14,
    mlp_dim=98,
    norm="rmsnorm",
    positions="rotary",
    mlp="swiglu",
    bias=False,
)


@wants(int)
def check_06b_1(training_bytes) -> str | None:
    """Memory for weights, gradients and AdamW's averages, in float32."""
    frozen, trained = 1000, 7
    found = training_bytes(frozen, trained)
    right = 4 * frozen + 16 * trained
    hints = {
        16 * (frozen + trained): "frozen weights have no gradient and no averages",
        4 * (frozen + trained): "trained weights have gradients and averages beside them",
        16 * trained: "frozen weights are in memory too: the model needs them",
        16 * frozen + 4 * trained: "it is the trained weights that have gradients, not the frozen",
        4 * frozen + 12 * trained: "AdamW keeps two averages, and the gradient is a number too",
        4 * frozen + 8 * trained: "AdamW keeps two averages for each trained weight",
        frozen + 4 * trained: "that counts numbers; a float32 takes four bytes",
    }
    if found in hints:
        return hints[found]
    return None if found == right else f"for 1000 frozen and 7 trained it is {right}, not {found}"


@wants(int)
def check_06b_2(count_lora) -> str | None:
    """Trained numbers of LoRA on queries, values or the second layer of the MLP."""
    rank = 3
    parts = {"q": 5 * rank * (60 + 84), "v": 5 * rank * (60 + 28), "down": 5 * rank * (98 + 60)}
    found = {target: count_lora(CONFIG, rank, [target]) for target in parts}
    if found == {target: count // 5 for target, count in parts.items()}:
        return "every block has its own matrices: times n_layers"
    if found == {target: count // rank for target, count in parts.items()}:
        return "A has r rows and B has r columns: times the rank"
    widths = {"q": (60, 84), "v": (60, 28), "down": (98, 60)}  # in, out
    if found == {target: 5 * rank * n_in for target, (n_in, _) in widths.items()}:
        return "this is A alone, r * in: B is trained too, with out * r numbers"
    if found == {target: 5 * rank * n_out for target, (_, n_out) in widths.items()}:
        return "this is B alone, out * r: A is trained too, with r * in numbers"
    if found == {target: 5 * rank * 2 * n_in for target, (n_in, _) in widths.items()}:
        return "A is r * in, but B is out * r: the layers are not square"
    if found["v"] == found["q"] == parts["q"]:
        return "values are narrower: n_kv_heads heads, not n_heads"
    if found["q"] == 5 * rank * (60 + 60):
        return "queries have n_heads * head_dim outputs, which need not be emb_dim"
    if found["q"] == 5 * rank * 60 * 84:
        return "A and B are counted one by one, r * in + out * r, not in * out"
    if found["down"] == 5 * rank * (60 + 4 * 60):
        return "the MLP is mlp_dim wide, which need not be 4 * emb_dim"
    for target, right in parts.items():
        if found[target] != right:
            return f"for target {target!r} and rank 3 it is {right}, not {found[target]}"
    if count_lora(CONFIG, rank, ["q", "v"]) != parts["q"] + parts["v"]:
        return "several targets: add up what each of them needs"
    return None


@wants(torch.Tensor)
def check_06b_3(merged_weight) -> str | None:
    """A weight with the product added to some of its rows."""
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(6, 3, generator=generator)
    A = torch.randn(2, 3, generator=generator)
    B = torch.randn(3, 2, generator=generator)
    given = weight.clone()
    found = merged_weight(given, A, B, 8.0, 1)
    if not torch.equal(given, weight):
        return "the weight that was given has changed: work on a clone"
    if found is None or tuple(found.shape) != (6, 3):
        return "return the whole weight, (6, 3), with some rows changed"
    product = B @ A

    def right(scale, start):
        merged = weight.clone()
        merged[start : start + 3] += scale * product
        return merged

    hints = [
        (weight, "nothing has been added"),
        (right(8.0, 1), "the strength is alpha / r, and r is the number of A's rows"),
        (right(1.0, 1), "the product is multiplied by alpha / r"),
        (right(8.0 / 3, 1), "r is the number of A's rows, not of B's"),
        (right(4.0, 0), "the first row that changes is row start"),
        (right(-4.0, 1), "the product is added, not taken away"),
    ]
    for wrong, hint in hints:
        if torch.allclose(found, wrong, atol=1e-6):
            return hint
    if torch.allclose(found[1:4], 4.0 * product, atol=1e-6):
        return "the product is added to the old rows; it does not replace them"
    if torch.allclose(found, right(4.0, 1), atol=1e-6):
        return None
    return "only rows start to start + len(B) change, by alpha / r times B A"

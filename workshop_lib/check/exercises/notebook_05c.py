"""Self-checks of 05c_litgpt."""

import torch

from workshop_lib.check.exercise import wants


@wants(bool)
def check_05c_1(same_logits) -> str | None:
    """Whether two logit tensors agree."""
    a = torch.tensor([[[1.0, 2.0, 3.0]]])
    if not same_logits(a, a.clone(), 1e-3):
        return "equal tensors agree"
    if not same_logits(a, a + 5e-4, 1e-3):
        return "differences up to the tolerance are allowed: do not ask for equality"
    if same_logits(a + 1, a, 1e-3):
        return "the first tensor may be the larger one: a difference of 1 is too much"
    if same_logits(a - 1, a, 1e-3):
        return "the first tensor may be the smaller one: take the absolute difference"
    if same_logits(a, a + torch.tensor([0.0, 0.0, 1.0]), 1e-3):
        return "one large difference is enough to disagree: do not average"
    if same_logits(a, torch.full_like(a, torch.nan), 1e-3):
        return "NaN agrees with nothing: ask whether all differences are small, not whether one is large"
    longer = torch.cat([a, torch.zeros(1, 1, 2)], dim=-1)
    try:
        if not same_logits(a, longer, 1e-3) or not same_logits(longer, a, 1e-3):
            return "with a padded vocabulary, compare the columns both have"
    except RuntimeError:
        return "the shapes differ with a padded vocabulary: compare the columns both have"
    return None


@wants(float)
def check_05c_2(gigabytes) -> str | None:
    """Memory of weights."""
    found = gigabytes(3_000_000_000, 4)
    hints = {
        12.0: "bits, not bytes: divide by 8",
        1.5e9: "that is in bytes: divide by 10⁹",
        12e9: "bits, not bytes: divide by 8, then by 10⁹",
        1.5e9 / 2**30: "a GB is 10⁹ bytes here, not 2³⁰",
        6.0: "each weight takes `bits` bits, here 4, not 16",
    }
    if found in hints:
        return hints[found]
    return None if found == 1.5 else f"3 billion weights of 4 bits take 1.5 GB, not {found}"


@wants(int)
def check_05c_3(cache_bytes) -> str | None:
    """Memory of keys and values."""
    found = cache_bytes(3, 6, 5, 7, 4)
    hints = {
        2520: "both keys and values are kept: twice as much",
        1680: "each layer keeps its own: multiply by n_layers",
        1260: "bytes_each is missing",
        720: "n_tokens is missing",
        840: "n_kv_heads is missing",
    }
    if found in hints:
        return hints[found]
    return (
        None if found == 5040 else f"3 layers, 6 heads of 5, 7 tokens, 4 bytes: 5040, not {found}"
    )

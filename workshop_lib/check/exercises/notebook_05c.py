"""Self-checks of 05c_litgpt."""

import torch

from workshop_lib.check.exercise import wants


@wants(bool)
def check_05c_1(same_logits) -> str | None:
    """Whether two logit tensors agree."""
    a = torch.tensor([[[1.0, 2.0, 3.0], [2.0, -1.0, 4.0]]])
    if not same_logits(a, a.clone(), 1e-3):
        return "equal tensors agree"
    last = torch.tensor([0.0, 0.0, 1.0])  # the likeliest token stays the likeliest
    if same_logits(a, a + 0.5, 1e-3) and same_logits(a, a - 0.5, 1e-3):
        return (
            "a difference of 0.5 is too much for a tolerance of 0.001, even if the likeliest "
            "tokens are the same: compare the logits themselves"
        )
    if not same_logits(a, a + 5e-4, 1e-3):
        return "differences up to the tolerance are allowed: do not ask for equality"
    if not same_logits(a, a - 5e-4, 1e-3):
        return "differences up to the tolerance are allowed in both directions"
    if same_logits(a + 1, a, 1e-3):
        return "the first tensor may be the larger one: a difference of 1 is too much"
    if same_logits(a - 1, a, 1e-3):
        return "the first tensor may be the smaller one: take the absolute difference"
    wide = torch.zeros(1, 1, 5000)
    spike = (torch.arange(5000) == 7).float()
    if same_logits(a, a + last, 1e-3) or same_logits(wide, wide + spike, 1e-3):
        return "one large difference is enough to disagree: do not average"
    large = torch.tensor([[[100.0, -50.0]]])
    if same_logits(large, large + 0.0015, 1e-3):
        return (
            "the tolerance is absolute: a logit of 100 may not differ by more than one of 1 may "
            "(with torch.allclose, set rtol=0)"
        )
    if same_logits(a, torch.full_like(a, torch.nan), 1e-3):
        return "NaN agrees with nothing: ask whether all differences are small, not whether one is large"
    if same_logits(torch.full_like(a, torch.nan), torch.full_like(a, torch.nan), 1e-3):
        return "NaN agrees with nothing, not even with NaN"
    # The padding may hold anything: zeros, or numbers that no comparison should look at.
    longer = torch.cat([a, torch.full((1, 2, 2), 7.0)], dim=-1)
    try:
        agree = same_logits(a, longer, 1e-3), same_logits(longer, a, 1e-3)
        zeros = torch.cat([a, torch.zeros(1, 2, 2)], dim=-1)
        agree_zeros = same_logits(a, zeros, 1e-3), same_logits(zeros, a, 1e-3)
    except RuntimeError:
        return "the shapes differ with a padded vocabulary: compare the columns both have"
    if all(agree_zeros) and not all(agree):
        return "the padded columns may hold any number: leave them out, do not fill up with zeros"
    if agree[0] != agree[1]:
        return "either tensor may be the longer one: compare the columns both have"
    if not all(agree):
        return "with a padded vocabulary, compare the columns both have"
    if same_logits(longer + last.repeat(2)[:5], a, 1e-3):
        return "with a padded vocabulary the shared columns still count: one of them differs by 1"
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
        12e9 / 2**30: "bits, not bytes: divide by 8; and a GB is 10⁹ bytes here, not 2³⁰",
        3.0: "each weight takes `bits` bits, here 4, not 8",
        0.75: "a byte has 8 bits, not 16",
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
        1008: "head_dim is missing",
        10080: "keys and values are two tensors per layer: times 2, not 4",
        35280: "n_tokens counts once: the cache does not hold scores between all pairs of tokens",
    }
    if found in hints:
        return hints[found]
    return (
        None if found == 5040 else f"3 layers, 6 heads of 5, 7 tokens, 4 bytes: 5040, not {found}"
    )

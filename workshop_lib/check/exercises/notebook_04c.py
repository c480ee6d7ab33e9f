"""Self-checks of 04c_scaling_up."""

import torch
import torch.nn.functional as F

from workshop_lib.check.exercise import wants


@wants(float)
def check_04c_1(training_flops) -> str | None:
    """Floating-point operations of training on some tokens."""
    N, L, C, T, n_tokens = 1000, 2, 8, 10, 5
    found = training_flops(n_weights=N, n_layers=L, emb_dim=C, context_length=T, n_tokens=n_tokens)
    attention = 12 * L * C * T
    hints = {
        n_tokens
        * 6
        * N: "attention is missing: 12 x n_layers x emb_dim x context_length per token",
        n_tokens * 2 * N: "that is the forward pass; the backward pass takes twice as much again",
        n_tokens * (6 * N + attention) / 3: "that is the forward pass only: see the 6 and the 12",
        n_tokens * (2 * N + attention): "6 operations per weight and token: 2 forward, 4 backward",
        n_tokens * (6 * N + attention / 3): "attention, too, has a backward pass: 12, not 4",
        6 * N + attention: "that is for one token; multiply by n_tokens",
        n_tokens * 6 * N + attention: "attention, too, is computed for each of the n_tokens",
        n_tokens * (6 * N + 12 * C * T): "every layer has attention: multiply it by n_layers",
        n_tokens * (6 * N + 12 * L * C): "each token attends to context_length tokens",
        n_tokens * (6 * N + attention * T): "per token it is context_length, not its square",
    }
    if found in hints:
        return hints[found]
    expected = n_tokens * (6 * N + attention)
    if found != expected:
        return f"5 tokens x (6 x 1000 + 12 x 2 x 8 x 10) are {expected:,}, not {found}"
    found = training_flops(3, 1, 2, 4, 7)
    if found != 7 * (6 * 3 + 12 * 1 * 2 * 4):
        return f"right for one example; 3 weights, 1 layer, C 2, T 4, 7 tokens are 798, not {found}"
    return None


@wants(float)
def check_04c_2(nats_in_chunks) -> str | None:
    """The summed loss, a few rows at a time."""
    rng = torch.Generator().manual_seed(0)
    V = 7
    hidden, weight = (torch.randn(n, 4, generator=rng) for n in (10, V))
    targets = torch.randint(V, (10,), generator=rng)
    losses = F.cross_entropy(hidden @ weight.T, targets, reduction="none")
    widest = 0

    class Rows(torch.Tensor):
        """A tensor that notes the largest block of logits that is computed from it."""

        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            nonlocal widest
            result = super().__torch_function__(function, types, args, kwargs or {})
            if isinstance(result, torch.Tensor) and result.dim() == 2 and V in result.shape:
                widest = max(widest, result.numel() // V)
            return result

    def answer(rows):
        nonlocal widest
        widest = 0
        return torch.tensor(float(nats_in_chunks(hidden.as_subclass(Rows), weight, targets, rows)))

    found = answer(rows=4)
    means = torch.stack([part.mean() for part in losses.split(4)])
    hints = [
        (losses[:8].sum(), "the last chunk is missing: 10 rows in chunks of 4 are 4, 4 and 2"),
        (losses[8:].sum(), "that is the last chunk alone: add up the losses of all chunks"),
        (losses[:4].sum(), "that is the first chunk alone: add up the losses of all chunks"),
        (losses.mean(), "that is the mean per token; the sum is wanted"),
        (means.sum(), "cross_entropy takes the mean of a chunk unless you say reduction='sum'"),
        (means.mean(), "a mean of means: the chunks differ in size. Take reduction='sum' and add"),
    ]
    for value, hint in hints:
        if torch.isclose(found, value, rtol=1e-4):
            return hint
    if not torch.isclose(found, losses.sum(), rtol=1e-4):
        return f"the ten losses add up to {losses.sum():.3f}, not {found:.3f}"
    if widest > 4:
        return f"the sum is right, but {widest} rows of logits exist at once: at most 4 may"
    # 4 parts have 3 rows, which does not show; 2 parts have 5.
    found = answer(rows=2)
    if not torch.isclose(found, losses.sum(), rtol=1e-4):
        return f"right for rows=4, but with rows=2 it is {found:.3f}"
    if widest == 5:
        return "with rows=2, 5 rows exist at once: chunk(n) makes n parts, split(n) parts of n rows"
    if widest > 2:
        return f"the sum is right, but {widest} rows of logits exist at once with rows=2"
    return None


@wants(float)
def check_04c_3(training_days) -> str | None:
    """How long a run takes on some devices."""
    flops, n, peak, used = 1e21, 7, 3e14, 0.37
    found = training_days(flops, n, peak, used)
    days = flops / (n * peak * used) / 86_400
    hints = {
        days * 86_400: "that is in seconds; a day has 86,400 of them",
        days * 1440: "that is in minutes; a day has 1,440 of them",
        days * 24: "that is in hours; a day has 24 of them",
        days * used: "a device reaches only utilization x its peak: divide by the utilization too",
        days * used**2: "divide by the utilization: a lower one makes the run longer",
        days * n: "the devices share the work: divide by n_devices",
        days * n**2: "more devices make the run shorter: divide by n_devices",
        days / 100: "utilization is a share between 0 and 1, not a percentage",
    }
    for value, hint in hints.items():
        if abs(found - value) < 1e-6 * value:
            return hint
    if abs(found - days) > 1e-6 * days:
        return (
            f"1e21 operations at 7 x 3e14 x 0.37 per second take {days:.3f} days, not {found:.6g}"
        )
    found = training_days(8.64e18, 10, 1e14, 0.5)
    if abs(found - 0.2) > 1e-6:
        return f"8.64e18 operations at 10 x 1e14 x 0.5 per second take 0.2 days, not {found:.6g}"
    return None

"""Self-checks of 04c_scaling_up."""

import torch
import torch.nn.functional as F

from workshop_lib.check.exercise import wants


@wants(float)
def check_04c_1(training_flops) -> str | None:
    """Floating-point operations of training on some tokens."""
    found = training_flops(n_weights=1000, n_layers=2, emb_dim=8, context_length=10, n_tokens=5)
    if found == 30_000:
        return "attention is missing: 12 x n_layers x emb_dim x context_length for each token"
    if found in (10_000, 13_200):
        return "that is the way forwards; the way back takes twice as much again"
    if found == 7_920:
        return "that is for one token; multiply by n_tokens"
    if found == 31_920:
        return "attention, too, is done for each of the n_tokens"
    expected = 5 * (6 * 1000 + 12 * 2 * 8 * 10)
    if found != expected:
        return f"5 tokens x (6 x 1000 + 12 x 2 x 8 x 10) are {expected:,}, not {found}"
    return None


@wants(float)
def check_04c_2(nats_in_chunks) -> str | None:
    """The summed loss, a few rows at a time."""
    rng = torch.Generator().manual_seed(0)
    hidden, weight = (torch.randn(n, 4, generator=rng) for n in (10, 6))
    targets = torch.randint(6, (10,), generator=rng)
    losses = F.cross_entropy(hidden @ weight.T, targets, reduction="none")
    widest = 0

    class Rows(torch.Tensor):
        """A tensor that notes the largest product it takes part in."""

        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            nonlocal widest
            result = super().__torch_function__(function, types, args, kwargs or {})
            if isinstance(result, torch.Tensor) and result.dim() == 2 and result.shape[1] == 6:
                widest = max(widest, len(result))
            return result

    found = nats_in_chunks(hidden.as_subclass(Rows), weight, targets, 4)
    found = torch.tensor(float(found))
    if torch.isclose(found, losses[:8].sum(), rtol=1e-4):
        return "the last chunk is missing: 10 rows in chunks of 4 are 4, 4 and 2"
    if torch.isclose(found, losses.mean(), rtol=1e-4):
        return "that is the mean; add up: reduction='sum'"
    means = sum(part.mean() for part in losses.split(4))
    if torch.isclose(found, means, rtol=1e-4):
        return "cross_entropy takes the mean of a chunk unless you say reduction='sum'"
    if not torch.isclose(found, losses.sum(), rtol=1e-4):
        return f"the ten losses add up to {losses.sum():.3f}, not {found:.3f}"
    if widest > 4:
        return f"the number is right, but {widest} rows of logits exist at once: at most 4 should"
    return None


@wants(float)
def check_04c_3(training_days) -> str | None:
    """How long a run takes on some devices."""
    found = training_days(8.64e18, 10, 1e14, 0.5)
    hints = {
        86_400 * 0.2: "that is in seconds; a day has 86,400 of them",
        0.1: "a device reaches only utilization x its peak",
        0.05: "divide by the utilization: a lower one makes the run longer",
        2.0: "n_devices share the work",
        20.0: "more devices make the run shorter: divide by n_devices",
        4.8: "that is in hours; a day has 24 of them",
    }
    for value, hint in hints.items():
        if abs(found - value) < 1e-6 * value:
            return hint
    if abs(found - 0.2) > 1e-6:
        return f"8.64e18 operations at 10 x 1e14 x 0.5 a second take 0.2 days, not {found}"
    return None

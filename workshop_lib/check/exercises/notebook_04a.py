"""Self-checks of 04a_loss_and_training."""

import math

import torch

from workshop_lib.check.exercise import wants


@wants(float)
def check_04a_1(bits_per_character) -> str | None:
    """Nats per token become bits per character."""
    loss, n_tokens, n_characters = 3.0, 400, 1000
    found = bits_per_character(loss, n_tokens, n_characters)
    right = loss / math.log(2) * n_tokens / n_characters
    hints = {
        loss * n_tokens / n_characters: "those are nats: divide by ln 2 to get bits",
        loss / math.log(2): "that is per token: multiply by the tokens, divide by the characters",
        loss / math.log(2) * n_characters / n_tokens: "tokens and characters are swapped: more "
        "characters for a token mean fewer bits for each",
        loss / math.log(2) / n_characters: "the loss is a mean: multiply by the number of tokens",
        loss / math.log(2) * n_tokens: "that is for the whole text: divide by the characters",
        loss * math.log(2) * n_tokens / n_characters: "divide by ln 2: a nat is 1.44 bits, so the "
        "number gets larger",
        loss / math.log10(2) * n_tokens / n_characters: "use the natural logarithm of 2, math.log",
        math.exp(loss) * n_tokens / n_characters: "that is perplexity; bits are loss / ln 2",
        2**loss * n_tokens / n_characters: "no power is needed: bits are loss / ln 2",
    }
    for value, hint in hints.items():
        if math.isclose(found, value, rel_tol=1e-6):
            return hint
    if not math.isclose(found, right, rel_tol=1e-6):
        return f"3.0 nats, 400 tokens, 1,000 characters: {right:.4f}, not {found}"
    return None


def check_04a_2(clip_gradients) -> str | None:
    """A large gradient is scaled down, a small one stays."""
    large = [torch.tensor([3.0, 0.0]), torch.tensor([[4.0]])]
    before = [gradient.clone() for gradient in large]
    found = clip_gradients(large, 1.0)
    if any(not torch.equal(a, b) for a, b in zip(large, before, strict=True)):
        return "your function changes the gradients it was given: return new tensors"
    if not isinstance(found, list | tuple) or len(found) != 2:
        return f"return a list of as many tensors, not {type(found).__name__}"
    if not all(isinstance(gradient, torch.Tensor) for gradient in found):
        return f"each entry should be a tensor, not {found}"
    if [tuple(gradient.shape) for gradient in found] != [(2,), (1, 1)]:
        return "each tensor should keep its shape"
    found = torch.cat([torch.as_tensor(gradient).flatten() for gradient in found])
    hints = (
        ([1.0, 0.0, 1.0], "each tensor is clipped on its own, or each number: that changes the "
         "direction; use the norm of all numbers together"),
        ([3.0, 0.0, 4.0], "nothing is clipped: the norm is 5, the limit 1"),
        ([3 / 7, 0.0, 4 / 7], "the norm is the root of the sum of squares, not the sum of the "
         "tensors' norms"),
        ([3 / 25, 0.0, 4 / 25], "take the root: the norm is 5, its square 25"),
        ([0.75, 0.0, 1.0], "that divides by the largest entry: use the norm, the root of the sum of "
         "squares"),
    )  # fmt: skip
    for values, hint in hints:
        if torch.allclose(found, torch.tensor(values), atol=1e-4):
            return hint
    if not torch.allclose(found, torch.tensor([0.6, 0.0, 0.8]), atol=1e-4):
        return f"(3, 0) and (4) with the limit 1 give 0.6, 0, 0.8, not {found.tolist()}"
    found = torch.cat([g.flatten() for g in clip_gradients(large, 2.5)])
    if not torch.allclose(found, torch.tensor([1.5, 0.0, 2.0]), atol=1e-4):
        return "with the limit 2.5 the norm should be 2.5: use max_norm"
    [short] = clip_gradients([torch.tensor([0.3, 0.4])], 1.0)
    if not torch.allclose(short, torch.tensor([0.3, 0.4]), atol=1e-4):
        return "a gradient of norm 0.5 is below the limit of 1 and should stay as it is"
    [none] = clip_gradients([torch.zeros(2)], 1.0)
    return "a gradient of zeros becomes nan: 0 / 0" if none.isnan().any() else None


@wants(float)
def check_04a_3(linear_schedule) -> str | None:
    """Up in a straight line, down in another."""

    def rates(steps, warmup_steps):
        return [linear_schedule(step, steps, warmup_steps, 1.0) for step in range(steps)]

    found = rates(14, 4)
    if abs(found[0]) < 1e-9:
        return "the learning rate of step 0 is 0, so its batch changes nothing: (step + 1) / warmup_steps"
    if not _close(found[:4], [0.25, 0.5, 0.75, 1.0]):
        return f"a warm-up of 4 gives 0.25, 0.5, 0.75, 1.0 times max_lr, not {_short(found[:4])}"
    if found[4] < 1 - 1e-9:
        if math.isclose(found[4], 1 - 0.9 * 4 / 13, abs_tol=1e-6):
            return "the fall should begin at the end of the warm-up: use step - warmup_steps"
        return f"step warmup_steps still has max_lr; yours has {found[4]:.3g} of it"
    if abs(found[-1]) < 1e-9:
        return "the last step should still have a tenth of max_lr, not 0"
    if math.isclose(found[-1], 1 - 0.9 * 9 / 10, abs_tol=1e-6):
        return "the last step is steps - 1, not steps: the line ends one step too late"
    if not _close(found[4:], [1 - 0.9 * k / 9 for k in range(10)]):
        return f"from step 4 to 13 the line falls by 0.1 of max_lr a step, not {_short(found[4:])}"
    for steps, warmup_steps, what in (
        (5, 0, "a warm-up of 0"),
        (5, 4, "a run one step longer than its warm-up"),
        (1, 0, "a run of one step"),
    ):
        try:
            found = rates(steps, warmup_steps)
        except ZeroDivisionError:
            return f"{what} divides by zero"
        if warmup_steps == 0 and steps > 1 and not math.isclose(found[0], 1.0):
            return "with a warm-up of 0, step 0 has max_lr already"
        if warmup_steps == steps - 1 and not math.isclose(found[-1], 1.0):
            return f"{what}: its last step has max_lr"
    if not math.isclose(linear_schedule(0, 5, 0, 3e-3), 3e-3, rel_tol=1e-6):
        return "the rates should be multiples of max_lr"
    return None


def _close(found, wanted) -> bool:
    return all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(found, wanted, strict=True))


def _short(rates) -> str:
    return ", ".join(f"{rate:.2f}" for rate in rates)

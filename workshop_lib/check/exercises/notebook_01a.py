"""Self-checks of 01a_introduction."""

import math

import torch

from workshop_lib.check.exercise import wants


def check_01a_1(conversation) -> str | None:
    """Turns of a chat as one text."""
    turns = [("system", "Be brief."), ("user", "Hi!"), ("assistant", "Hello."), ("user", "Bye!")]
    found = conversation(list(turns))
    if not isinstance(found, str):
        kind = type(found).__name__
        return f"return one text, not {kind}: ''.join(...) or += puts the parts together"
    closed = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns)
    if found == closed + "<|im_start|>assistant\n":
        return None
    if found == closed:
        return "open the assistant's turn at the end, or the model writes the next user's turn"
    if found.startswith(closed + "<|im_start|>assistant") and "<|im_end|>" in found[len(closed) :]:
        return "do not close the last turn: the model writes its <|im_end|> itself"
    if found == closed + "<|im_start|>assistant":
        return "a line break belongs after the last 'assistant' too: the answer begins below it"
    if found.count("<|im_start|>") == 2:
        return "that is one turn alone: go through all turns, in their order"
    if "<|im_end|>" not in found:
        return "close each turn with <|im_end|>, right after its text"
    if found.count("\n<|im_end|>"):
        return "<|im_end|> follows the text directly, without a line break between them"
    if "<|im_end|><|im_start|>" in found:
        return "a line break belongs after each <|im_end|>"
    if any(f"<|im_start|>{role}\n" not in found for role, _ in turns):
        return "each turn begins <|im_start|>, its role, and a line break, without spaces"
    return f"it should read {closed + '<|im_start|>assistant' + chr(10)!r}, not {found!r}"


@wants(torch.Tensor)
def check_01a_2(with_temperature) -> str | None:
    """Probabilities from scores, at a temperature."""
    scores = torch.tensor([2.0, 1.0, 0.0])
    found = with_temperature(scores, 0.5)
    if found.shape != scores.shape:
        return f"return as many probabilities as there are scores, 3, not {tuple(found.shape)}"
    found = found.detach().float()
    right = torch.softmax(scores / 0.5, -1)
    hints = [
        (
            torch.softmax(scores, -1),
            "the temperature has no effect: divide the scores by it, before softmax",
        ),
        (
            torch.softmax(scores * 0.5, -1),
            "divide by the temperature; you multiply, so that 0.5 flattens instead of sharpens",
        ),
        (
            torch.softmax(scores, -1) / 0.5,
            "divide the scores, not the probabilities: these do not sum to 1",
        ),
        (scores / 0.5, "these are scores still: softmax makes probabilities of them"),
        (right.log(), "these are logarithms of probabilities: use softmax, not log_softmax"),
        (torch.exp(scores / 0.5), "divide by the sum, so that the probabilities sum to 1"),
        (
            torch.softmax(-scores / 0.5, -1),
            "the order is reversed: the highest score must get the highest probability",
        ),
    ]
    for wrong, hint in hints:
        if torch.allclose(found, wrong, atol=1e-5):
            return hint
    if not torch.allclose(found, right, atol=1e-5):
        expected = ", ".join(f"{p:.3f}" for p in right)
        return f"scores 2, 1, 0 at temperature 0.5 give {expected}, not {found.tolist()}"
    hot = with_temperature(scores, 4.0).detach().float()
    if not torch.allclose(hot, torch.softmax(scores / 4, -1), atol=1e-5):
        return "right at 0.5, but not at 4.0: use the temperature that is passed in"
    large = with_temperature(torch.tensor([1000.0, 999.0]), 1.0)
    if not torch.isfinite(large).all():
        return "scores of 1000 overflow exp: use torch.softmax, which subtracts the largest first"
    return None


@wants(float)
def check_01a_3(training_days) -> str | None:
    """How long a training run takes."""
    n_params, n_tokens, n_gpus, flops_per_gpu, utilization = 1e9, 20e9, 8, 3e14, 0.4
    found = training_days(n_params, n_tokens, n_gpus, flops_per_gpu, utilization)
    seconds = 6 * n_params * n_tokens / (n_gpus * flops_per_gpu * utilization)
    right = seconds / 86400
    if found != right and abs(found - right) > 1e-9 and found in _rounded(right):
        return (
            "do not round: the answer is 1.4467592… days, and a longer run may depend on the rest"
        )
    hints = {
        seconds: "that is in seconds: a day has 86,400 of them",
        seconds / 3600: "that is in hours: a day has 24 of them",
        seconds / 60: "that is in minutes: a day has 1,440 of them",
        right / 6: "the 6 is missing: 2 operations forward and 4 backward",
        right / 3: "training takes 6 FLOPs per parameter and token; 2 are the forward pass alone",
        right * n_gpus: "n_gpus is missing: they share the work",
        right * n_gpus**2: "more GPUs take less time: divide by n_gpus",
        right * utilization: "utilization is missing: no GPU reaches its peak",
        right * utilization**2: "a lower utilization takes longer: divide by it",
        1 / right: "that is upside down: divide the work by the speed, not the speed by the work",
    }
    for wrong, hint in hints.items():
        if abs(found - wrong) <= 1e-6 * wrong:
            return hint
    if abs(found - right) > 1e-6 * right:
        return f"1e9 parameters, 20e9 tokens, 8 GPUs of 3e14 at 0.4: {right:.3f} days, not {found}"
    other = training_days(2e9, 20e9, 4, 1e15, 0.5)
    if abs(other - 6 * 2e9 * 20e9 / (4 * 1e15 * 0.5) / 86400) > 1e-6:
        return f"right for the example only: with other numbers it gives {other}; use the arguments"
    return None


def _rounded(value: float) -> set[float]:
    """Return what rounding makes of a value, to none to four decimals, up, down and to nearest."""
    scaled = [(value * 10**digits, 10**digits) for digits in range(5)]
    return {
        float(f"{rounded / factor:.4f}")
        for number, factor in scaled
        for rounded in (math.floor(number), math.ceil(number), round(number))
    }

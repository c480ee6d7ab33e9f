"""Self-checks of 01a_introduction."""

import torch

from workshop_lib.check.exercise import wants


def check_01a_1(conversation) -> str | None:
    """Turns of a chat as one text."""
    turns = [("system", "Be brief."), ("user", "Hi!"), ("assistant", "Hello."), ("user", "Bye!")]
    found = conversation(list(turns))
    if not isinstance(found, str):
        return f"return one text, not {type(found).__name__}: ''.join(...) or += adds the pieces up"
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
        return "close each turn with <|im_end|>, right behind its text"
    if found.count("\n<|im_end|>"):
        return "<|im_end|> follows the text directly, without a line break between them"
    if "<|im_end|><|im_start|>" in found:
        return "a line break belongs behind each <|im_end|>"
    if any(f"<|im_start|>{role}\n" not in found for role, _ in turns):
        return "each turn begins <|im_start|>, its role, and a line break, without spaces"
    return f"it should read {closed + '<|im_start|>assistant' + chr(10)!r}, not {found!r}"


def check_01a_2(with_temperature) -> str | None:
    """Probabilities from scores, at a temperature."""
    scores = torch.tensor([2.0, 1.0, 0.0])
    kept = scores.clone()
    found = with_temperature(scores, 0.5)
    if not torch.equal(scores, kept):
        return "your function changes the scores it is given: use scores / temperature, not /="
    if not isinstance(found, torch.Tensor) or found.shape != scores.shape:
        return f"return a tensor of as many probabilities as there are scores, not {found!r}"
    if torch.allclose(found, torch.softmax(scores, -1)):
        return "the temperature has no effect: divide the scores by it, before softmax"
    if torch.allclose(found, torch.softmax(scores * 0.5, -1)):
        return "divide by the temperature; you multiply, so that 0.5 flattens instead of sharpens"
    if torch.allclose(found, torch.softmax(scores, -1) / 0.5):
        return "divide the scores, not the probabilities: these do not sum to 1"
    if torch.allclose(found, scores / 0.5):
        return "these are scores still: softmax makes probabilities of them"
    if torch.allclose(found, torch.exp(scores / 0.5)):
        return "divide by the sum, so that the probabilities sum to 1"
    if not torch.allclose(found, torch.softmax(scores / 0.5, -1)):
        right = [f"{p:.3f}" for p in torch.softmax(scores / 0.5, -1)]
        return f"scores 2, 1, 0 at temperature 0.5 give {', '.join(right)}, not {found.tolist()}"
    large = with_temperature(torch.tensor([1000.0, 999.0]), 1.0)
    if not torch.isfinite(large).all():
        return "scores of 1000 overflow exp: use torch.softmax, which subtracts the largest first"
    return None


@wants(float)
def check_01a_3(training_days) -> str | None:
    """How long a training run takes."""
    n_params, n_tokens, n_gpus, flops_per_gpu, utilisation = 1e9, 20e9, 8, 3e14, 0.4
    found = training_days(n_params, n_tokens, n_gpus, flops_per_gpu, utilisation)
    seconds = 6 * n_params * n_tokens / (n_gpus * flops_per_gpu * utilisation)
    right = seconds / 86400
    hints = {
        seconds: "that is in seconds: a day has 86,400 of them",
        seconds / 3600: "that is in hours: a day has 24 of them",
        seconds / 60: "that is in minutes: a day has 1,440 of them",
        right / 6: "the 6 is missing: 2 operations forward and 4 backward",
        right
        / 3: "training takes 6 operations a parameter and token; 2 are the forward pass alone",
        right * n_gpus: "n_gpus is missing: they share the work",
        right * n_gpus**2: "more GPUs take less time: divide by n_gpus",
        right * utilisation: "utilisation is missing: no GPU reaches its peak",
        right * utilisation**2: "a lower utilisation takes longer: divide by it",
    }
    for wrong, hint in hints.items():
        if abs(found - wrong) <= 1e-6 * wrong:
            return hint
    if abs(found - right) > 1e-6 * right:
        return f"1e9 parameters, 20e9 tokens, 8 GPUs of 3e14 at 0.4: {right:.3f} days, not {found}"
    return None

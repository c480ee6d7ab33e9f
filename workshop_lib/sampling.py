"""The next token from a model's logits: the likeliest, or one drawn from a part of them."""

import torch
from torch import Tensor

from workshop_lib.require import require_count


def sample_next_token(
    logits: Tensor,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Pick one token for each row of logits: greedy decoding, or temperature, top-k, top-p sampling.

    Args:
        logits: (B, V) float, of the next token.
        temperature: 0 is greedy decoding; 1 samples from the model's own distribution; below 1
            sharpens it, above 1 flattens it.
        top_k: sample only from the k most likely tokens.
        top_p: sample only from the nucleus: the smallest set of most likely tokens whose
            probabilities add up to at least p.
        generator: the source of randomness; None means torch's global one.

    Returns:
        (B,) int, token ids.

    Raises:
        ValueError: temperature, top_k or top_p is outside its range.

    Source: Fan et al. 2018 for top-k, Holtzman et al. 2020, section 3.1, for top-p.
    Built in: 03d
    """
    check_sampling(temperature, top_k, top_p)
    if temperature == 0:
        return logits.argmax(dim=-1)
    logits = logits.float() / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        smallest_kept = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < smallest_kept, -torch.inf)
    if top_p is not None and top_p < 1:
        probs, order = logits.softmax(dim=-1).sort(dim=-1, descending=True)
        before = probs.cumsum(dim=-1) - probs  # what the likelier tokens already reach
        drop = (before >= top_p).scatter(-1, order, before >= top_p)
        logits = logits.masked_fill(drop, -torch.inf)
    return torch.multinomial(logits.softmax(dim=-1), 1, generator=generator).squeeze(-1)


def check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raise a ValueError unless the three settings are in their ranges.

    Built in: 03d
    """
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature {temperature} must be 0 or a number above it")
    if top_k is not None:
        require_count("top_k", top_k)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p {top_p} is outside 0 < top_p <= 1")

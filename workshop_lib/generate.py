"""Generating text: pick a next token from the logits, append it, repeat."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from workshop_lib.model.gpt import GPT
from workshop_lib.model.kv_cache import KVCache
from workshop_lib.require import require_count
from workshop_lib.sampling import check_sampling, sample_next_token

__all__ = [
    "check_prompts",
    "check_sampling",
    "generate",
    "generate_batch",
    "make_cache",
    "new_tokens",
    "sample_next_token",
    "stream",
    "until_stop",
]


@torch.inference_mode()
def new_tokens(
    model: GPT,
    token_ids: Tensor,
    max_new_tokens: int,
    *,
    left_padding: Tensor | None = None,
    use_cache: bool = True,
    **sampling: Any,
) -> Iterator[Tensor]:
    """Yield one new token per row, step by step: prefill, then decode. All functions below use it.

    Args:
        model: a GPT; in eval mode while it generates.
        token_ids: (B, T) int, the prompts; beyond the context length the oldest tokens drop out.
        max_new_tokens: how many times to yield.
        left_padding: (B,) int, padding tokens on the left of each row; None means no padding.
        use_cache: whether keys and values of earlier tokens are kept.
        **sampling: temperature, top_k, top_p and generator, see `sample_next_token`.

    Yields:
        (B,) int, the next token of each row.

    Raises:
        TypeError: token_ids is not a tensor, or max_new_tokens not a whole number.
        ValueError: a shape or a setting is outside its range.

    Built in: 03d
    """
    require_count("max_new_tokens", max_new_tokens)
    check_prompts(token_ids)
    limit = model.config.context_length
    capacity = min(limit, token_ids.shape[1] + max_new_tokens)
    was_training = model.training
    model.eval()
    try:
        cache = None
        for _ in range(max_new_tokens):
            if token_ids.shape[1] > limit:
                # The window is full and slides: the oldest token drops out, and what was
                # cached depends on it. So the window is processed anew.
                token_ids, cache = token_ids[:, -limit:], None
                if left_padding is not None:
                    left_padding = (left_padding - 1).clamp(min=0)
            if cache is None or not use_cache:
                cache = make_cache(model, token_ids, capacity, left_padding)
                unread = token_ids
            logits = model.head(model.hidden(unread, cache)[:, -1])
            unread = sample_next_token(logits, **sampling)[:, None]
            token_ids = torch.cat([token_ids, unread], dim=1)
            yield unread[:, 0]
    finally:
        model.train(was_training)


def check_prompts(token_ids: Tensor) -> None:
    """Raise a clear error unless token_ids is a tensor (B, T)."""
    if not isinstance(token_ids, Tensor):
        raise TypeError(f"token_ids must be a tensor (B, T), got a {type(token_ids).__name__}")
    if token_ids.dim() != 2:
        raise ValueError(f"token_ids must have the shape (B, T), got {tuple(token_ids.shape)}")


def make_cache(
    model: GPT, token_ids: Tensor, capacity: int, left_padding: Tensor | None
) -> KVCache:
    """Make an empty cache for the rows of token_ids, on the device and in the dtype of the model.

    Used in: 03d
    """
    weight = model.tok_emb.weight
    return KVCache(
        model.config,
        token_ids.shape[0],
        capacity,
        left_padding=left_padding,
        device=weight.device,
        dtype=weight.dtype,
    )


def generate(
    model: GPT,
    token_ids: Tensor,
    max_new_tokens: int,
    *,
    stop_ids: Sequence[int] = (),
    **sampling: Any,
) -> Tensor:
    """Continue prompts of equal length.

    Args:
        model: a GPT.
        token_ids: (B, T) int, the prompts.
        max_new_tokens: the most tokens to add.
        stop_ids: a row that drew one of these is finished; the rest of it repeats that id.
        **sampling: temperature, top_k, top_p, generator and use_cache, see `new_tokens`.

    Returns:
        (B, T + n) int, prompts and new tokens; n is below max_new_tokens if all rows finished.

    Raises:
        TypeError, ValueError: see `new_tokens`.

    Built in: 03d
    """
    device = model.tok_emb.weight.device
    stop = torch.tensor(list(stop_ids), dtype=torch.long, device=device)
    ended = torch.zeros(len(token_ids), dtype=torch.bool, device=device)
    columns = [token_ids]
    for new in new_tokens(model, token_ids, max_new_tokens, **sampling):
        # A finished row is still computed along with the others, but its tokens are ignored.
        new = torch.where(ended, columns[-1][:, -1], new)
        columns.append(new[:, None])
        ended |= torch.isin(new, stop)
        if ended.all():
            break
    return torch.cat(columns, dim=1)


def generate_batch(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    *,
    stop_ids: Sequence[int] = (),
    **sampling: Any,
) -> list[list[int]]:
    """Continue prompts of different lengths in one batch.

    Shorter prompts are padded on the left; the padding is masked out and takes no position, so
    each row comes out as it would alone.

    Args:
        model: a GPT.
        prompts: token ids of each prompt.
        max_new_tokens: the most tokens to add to each.
        stop_ids: a row ends before the first of these.
        **sampling: see `generate`.

    Returns:
        The new token ids of each prompt, without the prompt and without the stop id.

    Raises:
        ValueError: there is no prompt, or one is empty.

    Used in: 06d
    """
    if not prompts or not all(len(prompt) for prompt in prompts):
        raise ValueError("generate_batch needs one prompt or more, each of one token or more")
    device, limit = model.tok_emb.weight.device, model.config.context_length
    kept = [list(prompt)[-limit:] for prompt in prompts]
    longest = max(len(prompt) for prompt in kept)
    padded = [[0] * (longest - len(prompt)) + prompt for prompt in kept]
    left_padding = torch.tensor([longest - len(prompt) for prompt in kept], device=device)
    token_ids = torch.tensor(padded, device=device)
    out = generate(
        model, token_ids, max_new_tokens, stop_ids=stop_ids, left_padding=left_padding, **sampling
    )
    return [until_stop(row, stop_ids) for row in out[:, longest:].tolist()]


def until_stop(token_ids: list[int], stop_ids: Sequence[int]) -> list[int]:
    """Cut a list before its first stop id."""
    ends = [index for index, token in enumerate(token_ids) if token in stop_ids]
    return token_ids[: ends[0]] if ends else token_ids


def stream(
    model: GPT,
    token_ids: Tensor,
    max_new_tokens: int,
    *,
    stop_ids: Sequence[int] = (),
    **sampling: Any,
) -> Iterator[int]:
    """Yield the new tokens of one prompt as they are generated, to show text while it grows.

    Args:
        model: a GPT.
        token_ids: (1, T) int, one prompt.
        max_new_tokens: the most tokens to yield.
        stop_ids: it ends before the first of these.
        **sampling: see `generate`.

    Yields:
        Token ids, one at a time.

    Raises:
        ValueError: token_ids has more than one row.

    Built in: 05b
    """
    if len(token_ids) != 1:
        raise ValueError(f"stream takes one prompt, got {len(token_ids)} rows")
    for new in new_tokens(model, token_ids, max_new_tokens, **sampling):
        token_id = int(new)
        if token_id in stop_ids:
            return
        yield token_id

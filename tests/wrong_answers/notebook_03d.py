"""Answers to the exercises of 03d: usual mistakes with the hint each must get, and right ones."""

import math

import numpy as np
import torch

NO = -torch.inf


def kept_where(mask_of):
    return lambda logits, min_p: logits.masked_fill(~mask_of(logits, min_p), NO)


def probs_of(logits):
    return logits.softmax(dim=-1)


def top_of(values):
    return values.amax(dim=-1, keepdim=True)


def right_mask(logits, min_p):
    return probs_of(logits) >= min_p * top_of(probs_of(logits))


def in_place(logits, min_p):
    logits[~right_mask(logits, min_p)] = NO
    return logits


def top_p(logits, p):
    probs, order = probs_of(logits).sort(dim=-1, descending=True)
    drop = (probs.cumsum(dim=-1) - probs >= p).scatter(-1, order, probs.cumsum(dim=-1) - probs >= p)
    return logits.masked_fill(drop, NO)


def penalise(logits, token_ids, penalty):
    seen = logits.gather(1, token_ids)
    return logits.scatter(1, token_ids, torch.where(seen > 0, seen / penalty, seen * penalty))


def changed(change):
    """Apply a change to the scores of the tokens that have occurred."""
    return lambda logits, ids, penalty: logits.scatter(
        1, ids, change(logits.gather(1, ids), penalty)
    )


def each_time(logits, token_ids, penalty):
    out = logits.clone()
    for row, ids in enumerate(token_ids.tolist()):
        for token in ids:
            score = out[row, token]
            out[row, token] = score / penalty if score > 0 else score * penalty
    return out


def all_rows(logits, token_ids, penalty):
    return penalise(logits, token_ids.flatten().expand(len(logits), -1), penalty)


def penalise_in_place(logits, token_ids, penalty):
    logits.copy_(penalise(logits, token_ids, penalty))
    return logits


def every_token(logits, token_ids, penalty):
    return torch.where(logits > 0, logits / penalty, logits * penalty)


def others(logits, token_ids, penalty):
    return every_token(logits, token_ids, penalty).scatter(
        1, token_ids, logits.gather(1, token_ids)
    )


def cache_size(config, batch_size, n_tokens, bytes_per_number):
    numbers = 2 * config.n_layers * config.n_kv_heads * config.head_dim
    return batch_size * n_tokens * numbers * bytes_per_number


def cache_counted(config, batch_size, n_tokens, bytes_per_number):
    total = 0
    for _ in range(config.n_layers):
        for _ in ("keys", "values"):
            shape = (batch_size, config.n_kv_heads, n_tokens, config.head_dim)
            total += torch.empty(shape, device="meta").numel() * bytes_per_number
    return total


def cache_numpy(config, batch_size, n_tokens, bytes_per_number):
    sizes = [2, config.n_layers, batch_size, n_tokens, config.n_kv_heads, config.head_dim]
    return np.prod(sizes) * bytes_per_number


def min_p_rows(logits, min_p):
    rows = []
    for row in logits:
        probs = row.softmax(dim=0)
        keep = [float(p) >= min_p * float(probs.max()) for p in probs]
        rows.append([score if kept else NO for score, kept in zip(row.tolist(), keep, strict=True)])
    return torch.tensor(rows)


def penalise_loop(logits, token_ids, penalty):
    out = logits.clone()
    for row, ids in enumerate(token_ids.tolist()):
        for token in set(ids):
            score = logits[row, token]
            out[row, token] = score / penalty if score > 0 else score * penalty
    return out


def penalise_mask(logits, token_ids, penalty):
    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(1, token_ids, True)
    return torch.where(seen, every_token(logits, token_ids, penalty), logits)


WRONG = {
    "03d-1": [
        (kept_where(lambda x, p: probs_of(x) >= p), "the threshold is min_p itself"),
        (kept_where(lambda x, p: probs_of(x) >= p * probs_of(x).max()), "over the last dimension"),
        (kept_where(lambda x, p: x >= p * top_of(x)), "the threshold compares logits"),
        (kept_where(lambda x, p: ~right_mask(x, p)), "drop those below"),
        (top_p, "this is top-p"),
        (
            kept_where(lambda x, p: probs_of(x) > p * top_of(probs_of(x))),
            "at the threshold is kept",
        ),
        (lambda x, p: x.masked_fill(~right_mask(x, p), 0.0), "set the dropped ones to -inf"),
        (lambda x, p: kept_where(right_mask)(x, p).softmax(dim=-1), "these are probabilities"),
        (lambda x, p: x.masked_fill(~right_mask(x, p), -1e9), "is not -inf"),
        (lambda x, p: x.masked_fill(~right_mask(x, p), torch.finfo(x.dtype).min), "is not -inf"),
        (kept_where(lambda x, p: probs_of(x) >= p * probs_of(x).amax(0)), "should be kept"),
        (in_place, "changed its argument"),
        (lambda x, p: kept_where(right_mask)(x, p)[:, 0], "the same shape"),
        (kept_where(lambda x, p: torch.ones_like(x).bool()), "these should be kept"),
        (lambda x, p: kept_where(right_mask)(probs_of(x).log(), p), "should stay as they are"),
    ],
    "03d-2": [
        (changed(lambda seen, penalty: seen / penalty), "negative logits were divided"),
        (
            changed(lambda seen, penalty: torch.where(seen > 0, seen * penalty, seen / penalty)),
            "positive logits were multiplied",
        ),
        (changed(lambda seen, penalty: seen * penalty), "all logits of seen tokens"),
        (changed(lambda seen, penalty: seen - penalty), "not something to subtract"),
        (each_time, "penalised once"),
        (all_rows, "not those of the other rows"),
        (lambda x, ids, penalty: penalise(x, ids[:, -1:], penalty), "only the last token"),
        (penalise_in_place, "changed its argument"),
        (every_token, "every token was penalised"),
        (others, "did not occur were penalised"),
        (lambda x, ids, penalty: x.clone(), "nothing was penalised"),
        (lambda x, ids, penalty: penalise(x, ids, penalty) + 1, "the logits should be"),
        (lambda x, ids, penalty: x.gather(1, ids), "the same shape"),
    ],
    "03d-3": [
        (
            lambda c, b, n, size: b * n * c.n_layers * c.n_kv_heads * c.head_dim * size,
            "both cached",
        ),
        (lambda c, b, n, size: 2 * b * n * c.n_kv_heads * c.head_dim * size, "every layer"),
        (
            lambda c, b, n, size: 2 * b * n * c.n_layers * c.n_heads * c.head_dim * size,
            "not the number of query heads",
        ),
        (lambda c, b, n, size: 2 * b * n * c.n_layers * c.emb_dim * size, "not emb_dim"),
        (
            lambda c, b, n, size: 2 * b * n * c.n_layers * c.head_dim * size,
            "multiply by n_kv_heads",
        ),
        (
            lambda c, b, n, size: 2 * n * c.n_layers * c.n_kv_heads * c.head_dim * size,
            "each row of the batch",
        ),
        (
            lambda c, b, n, size: (
                2 * b * c.context_length * c.n_layers * c.n_kv_heads * c.head_dim * size
            ),
            "not the whole context_length",
        ),
        (
            lambda c, b, n, size: 2 * b * n * c.n_layers * c.n_kv_heads * c.head_dim,
            "these are numbers",
        ),
        (
            lambda c, b, n, size: 8 * 2 * b * n * c.n_layers * c.n_kv_heads * c.head_dim * size,
            "not bits",
        ),
        (
            lambda c, b, n, size: 2 * b * c.n_layers * c.n_kv_heads * c.head_dim * size,
            "n_tokens is",
        ),
        (lambda c, b, n, size: 75_497_472, "in the model of this check"),
        (lambda c, b, n, size: cache_size(c, b, n + 1, size), "in the model of this check"),
        (lambda c, b, n, size: 2 * cache_size(c, b, n, size), "not the number of query heads"),
    ],
}
RIGHT = {
    "03d-1": [
        kept_where(right_mask),
        # The same in logits: p >= m * top is the same as log p >= log m + log top.
        lambda x, p: torch.where(x >= top_of(x) + math.log(p), x, torch.full_like(x, NO)),
        min_p_rows,
    ],
    "03d-2": [penalise, penalise_loop, penalise_mask],
    "03d-3": [cache_size, cache_counted, cache_numpy],
}

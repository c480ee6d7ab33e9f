"""Self-checks of 03d_generating_text."""

import torch

from workshop_lib.check.exercise import wants
from workshop_lib.config.model import GPTConfig


def check_03d_1(keep_min_p) -> str | None:
    """Min-p: a threshold relative to the most likely token."""
    probs = torch.tensor([[0.60, 0.20, 0.12, 0.05, 0.03], [0.29, 0.27, 0.23, 0.16, 0.05]])
    logits = probs.log() + 4.2  # logits are not log-probabilities: any constant may be added
    given = logits.clone()
    found = keep_min_p(given, 0.3)
    if not torch.equal(given, logits):
        return "the logits that were passed in have changed: work on a copy, as masked_fill does"
    if not isinstance(found, torch.Tensor) or found.shape != logits.shape:
        return "return a tensor of logits (B, V), the same shape as the argument"
    kept = torch.tensor([[1, 1, 0, 0, 0], [1, 1, 1, 1, 0]]).bool()
    dropped = found[~kept]
    if torch.allclose(found.sum(dim=-1), torch.ones(2)) and (found >= 0).all():
        return "these are probabilities; return logits, with -inf for the dropped tokens"
    if (dropped == 0).all():
        return "a logit of 0 is not impossible: set the dropped ones to -inf"
    if (dropped < -1000).all() and dropped.isfinite().all():
        return (
            f"the right tokens are dropped, but {dropped[0].item():.3g} is not -inf: use -torch.inf, "
            "which is 0 after softmax in every number format"
        )
    survivors = found.isfinite()
    mistakes = {
        "the threshold is min_p itself: multiply it by the probability of the most likely token": (
            probs >= 0.3
        ),
        "each row has its own most likely token: take the maximum over the last dimension": (
            probs >= 0.3 * 0.6
        ),
        "the threshold compares logits: turn them into probabilities with softmax first": (
            logits >= 0.3 * logits.amax(dim=-1, keepdim=True)
        ),
        "the tokens above the threshold are dropped: drop those below": ~kept,
        "this is top-p: compare each probability with a threshold, without adding them up": (
            probs.cumsum(dim=-1) - probs < 0.3
        ),
    }
    for hint, wrong in mistakes.items():
        if torch.equal(survivors, wrong):
            return hint
    if not torch.equal(survivors, kept):
        return f"at min_p = 0.3 these should be kept: {kept.int().tolist()}"
    if not torch.equal(found[kept], logits[kept]):
        return "the logits of the kept tokens should stay as they are"
    if not keep_min_p(logits, 1.0).isfinite().any(dim=-1).all():
        return "at min_p = 1 nothing is left: a token at the threshold is kept"
    return None


def check_03d_2(penalise) -> str | None:
    """The penalty for tokens that have occurred."""
    logits = torch.tensor([[2.0, -1.0, 4.0, -3.0, 0.5], [1.0, -2.0, 3.0, 5.0, -0.5]])
    token_ids = torch.tensor([[0, 1, 0, 0], [2, 4, 2, 2]])
    right = torch.tensor([[1.0, -2.0, 4.0, -3.0, 0.5], [1.0, -2.0, 1.5, 5.0, -1.0]])
    given = logits.clone()
    found = penalise(given, token_ids.clone(), 2.0)
    if not torch.equal(given, logits):
        return "the logits that were passed in have changed: work on a copy"
    if not isinstance(found, torch.Tensor) or found.shape != logits.shape:
        return "return a tensor of logits (B, V), the same shape as the argument"
    in_any_row = torch.tensor([1, 1, 1, 0, 1]).bool()
    halved = torch.where(logits > 0, logits / 2, logits * 2)
    seen = right != logits
    mistakes = {
        "negative logits were divided, which raises them: multiply those": torch.where(
            seen, logits / 2, logits
        ),
        "positive logits were multiplied, which raises them: divide those": torch.where(
            seen, torch.where(logits > 0, logits * 2, logits / 2), logits
        ),
        "all logits of seen tokens were multiplied: divide the positive ones": torch.where(
            seen, logits * 2, logits
        ),
        "a token that occurred three times is penalised once": torch.tensor(
            [[0.25, -2.0, 4.0, -3.0, 0.5], [1.0, -2.0, 0.375, 5.0, -1.0]]
        ),
        "each row considers its own tokens only, not those of the other rows": torch.where(
            in_any_row, halved, logits
        ),
        "only the last token is penalised: all tokens of the text count": torch.tensor(
            [[1.0, -1.0, 4.0, -3.0, 0.5], [1.0, -2.0, 1.5, 5.0, -0.5]]
        ),
        "tokens that did not occur were penalised": torch.where(seen, logits, halved),
        "every token was penalised: only those in token_ids should be": halved,
        "the penalty is a factor, not something to subtract": torch.where(seen, logits - 2, logits),
        "nothing was penalised": logits,
    }
    for hint, wrong in mistakes.items():
        if torch.allclose(found, wrong):
            return hint
    if not torch.allclose(found, right):
        return f"with penalty 2 the logits should be {right.tolist()}"
    return None


@wants(float)
def check_03d_3(cache_bytes) -> str | None:
    """The memory of a KV cache."""
    # Every number differs from every other, so that each slip has a result of its own.
    config = GPTConfig(
        vocab_size=11,
        context_length=128,
        emb_dim=52,
        n_layers=5,
        n_heads=6,
        n_kv_heads=3,
        head_dim=7,
    )
    right = 2 * 5 * 3 * 7 * 13 * 17 * 4
    found = cache_bytes(config, 13, 17, 4)
    mistakes = {
        "keys and values are both cached: twice as much": right / 2,
        "every layer has its own keys and values": right / 5,
        "these are key/value heads: use config.n_kv_heads, not the number of query heads": right
        * 2,
        "a key of one head has head_dim numbers, not emb_dim": right / 21 * 52,
        "each key/value head has its own keys: multiply by n_kv_heads": right / 3,
        "each row of the batch has its own keys and values": right / 13,
        "count n_tokens, not the whole context_length": right / 17 * 128,
        "these are numbers; times bytes_per_number they are bytes": right / 4,
        "bytes, not bits: leave out the factor 8": right * 8,
        "n_tokens is missing": right / 17,
    }
    for hint, wrong in mistakes.items():
        if abs(found - wrong) < 1e-6 * wrong:
            return hint
    if found != right:
        return (
            f"13 rows of 17 tokens take {right:,} bytes in the model of this check, not {found:,}"
        )
    return None

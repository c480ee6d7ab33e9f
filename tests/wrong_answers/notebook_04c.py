"""Answers to the exercises of 04c: usual mistakes with the hint each must get, and right ones."""

import torch
import torch.nn.functional as F


def losses(hidden, weight, targets, reduction="sum"):
    return F.cross_entropy(hidden @ weight.T, targets, reduction=reduction)


def chunks(hidden, targets, rows):
    return zip(hidden.split(rows), targets.split(rows), strict=True)


def whole_chunks(hidden, weight, targets, rows):
    n = len(hidden) // rows * rows
    return losses(hidden[:n], weight, targets[:n])


def parts(h, w, t, rows):
    return sum(losses(x, w, y) for x, y in zip(h.chunk(rows), t.chunk(rows), strict=True))


def mean_of_means(h, w, t, rows):
    return torch.stack([losses(x, w, y, "mean") for x, y in chunks(h, t, rows)]).mean()


def last_only(h, w, t, rows):
    for x, y in chunks(h, t, rows):
        nats = losses(x, w, y)
    return nats


def returns_inside_the_loop(h, w, t, rows):
    for x, y in chunks(h, t, rows):
        return losses(x, w, y)


def transposed_whole(h, w, t, rows):
    return F.cross_entropy((w @ h.T).T, t, reduction="sum")


def fours_only(h, w, t, rows):
    return sum(losses(x, w, y) for x, y in chunks(h, t, 4))


def by_start(hidden, weight, targets, rows):
    nats = 0.0
    for start in range(0, len(hidden), rows):
        x, y = hidden[start : start + rows], targets[start : start + rows]
        nats += F.cross_entropy(F.linear(x, weight), y, reduction="sum").item()
    return nats


def mean_times_length(hidden, weight, targets, rows):
    nats = torch.zeros(())
    for x, y in chunks(hidden, targets, rows):
        nats = nats + len(x) * losses(x, weight, y, "mean")
    return nats


def by_log_softmax(hidden, weight, targets, rows):
    total = 0.0
    for x, y in chunks(hidden, targets, rows):
        log_probs = (x @ weight.T).log_softmax(dim=-1)
        total -= float(log_probs.gather(1, y[:, None]).sum())
    return total


def flops_per_token(n_weights, n_layers, emb_dim, context_length):
    return 6 * n_weights + 12 * n_layers * emb_dim * context_length


def flops_by_passes(n_weights, n_layers, emb_dim, context_length, n_tokens):
    forward = 2 * n_weights + 4 * n_layers * emb_dim * context_length
    return (forward + 2 * forward) * n_tokens


def days_by_steps(n_flops, n_devices, peak, utilization):
    per_second = n_devices * peak * utilization
    seconds = n_flops / per_second
    return seconds / 60 / 60 / 24


WRONG = {
    "04c-1": [
        (lambda **k: 6 * k["n_weights"] * k["n_tokens"], "attention is missing"),
        (lambda **k: 2 * k["n_weights"] * k["n_tokens"], "the backward pass takes twice"),
        (lambda **k: flops_by_passes(**k) / 3, "forward pass only"),
        (lambda **k: 7920, "for one token"),
        (lambda **k: 30_000 + 1920, "each of the n_tokens"),
        (lambda **k: flops_by_passes(**{**k, "n_layers": 1}), "multiply it by n_layers"),
        (lambda **k: flops_by_passes(**{**k, "context_length": 1}), "attends to context_length"),
        (lambda **k: flops_by_passes(**{**k, "context_length": 100}), "not its square"),
        (lambda **k: 5 * (6000 + 640), "12, not 4"),
        (lambda **k: 5 * (2000 + 1920), "2 forward, 4 backward"),
        (lambda **k: 1, "39,600, not 1"),
        (lambda *a, **k: 39_600, "right for one example"),
    ],
    "04c-2": [
        (lambda h, w, t, rows: losses(h, w, t, "none"), "a number, not a tensor of shape (10,)"),
        (whole_chunks, "the last chunk is missing"),
        (lambda h, w, t, rows: losses(h, w, t, "mean"), "the mean per token"),
        (
            lambda h, w, t, rows: sum(losses(x, w, y, "mean") for x, y in chunks(h, t, rows)),
            "unless you say",
        ),
        (mean_of_means, "a mean of means"),
        (last_only, "the last chunk alone"),
        (returns_inside_the_loop, "the first chunk alone"),
        (lambda h, w, t, rows: 1.0, "not 1.000"),
        (lambda h, w, t, rows: losses(h, w, t), "10 rows of logits exist at once: at most 4"),
        (transposed_whole, "10 rows of logits exist at once: at most 4"),
        (parts, "chunk(n) makes n parts"),
        (fours_only, "4 rows of logits exist at once with rows=2"),
    ],
    "04c-3": [
        (lambda flops, n, peak, mfu: flops / (n * peak * mfu), "in seconds"),
        (lambda flops, n, peak, mfu: flops / (n * peak * mfu) / 60, "in minutes"),
        (lambda flops, n, peak, mfu: flops / (n * peak * mfu) / 3600, "in hours"),
        (lambda flops, n, peak, mfu: flops / (n * peak) / 86_400, "only utilization"),
        (lambda flops, n, peak, mfu: flops / (n * peak) * mfu / 86_400, "a lower one makes"),
        (lambda flops, n, peak, mfu: flops / (peak * mfu) / 86_400, "share the work"),
        (lambda flops, n, peak, mfu: flops * n / (peak * mfu) / 86_400, "shorter"),
        (lambda flops, n, peak, mfu: flops / (n * peak * mfu * 100) / 86_400, "percentage"),
        (lambda flops, n, peak, mfu: 7.0, "days, not 7"),
        # Two mistakes at once are not named as one of them.
        (lambda flops, n, peak, mfu: flops / (n * peak) / 3600, "14.896 days, not"),
    ],
}
RIGHT = {
    "04c-1": [
        lambda n_weights, n_layers, emb_dim, context_length, n_tokens: (
            n_tokens * (6 * n_weights + 12 * n_layers * emb_dim * context_length)
        ),
        lambda n_weights, n_layers, emb_dim, context_length, n_tokens: float(
            n_tokens * flops_per_token(n_weights, n_layers, emb_dim, context_length)
        ),
        flops_by_passes,
    ],
    "04c-2": [
        lambda h, w, t, rows: sum(losses(x, w, y) for x, y in chunks(h, t, rows)),
        by_start,
        mean_times_length,
        by_log_softmax,
    ],
    "04c-3": [
        lambda flops, n, peak, mfu: flops / (n * peak * mfu) / 86_400,
        lambda flops, n, peak, mfu: flops / n / peak / mfu / (24 * 3600),
        days_by_steps,
    ],
}

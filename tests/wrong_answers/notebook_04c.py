"""Answers to the exercises of 04c: usual mistakes with the hint each must get, and a right one."""

import torch.nn.functional as F


def losses(hidden, weight, targets, reduction="sum"):
    return F.cross_entropy(hidden @ weight.T, targets, reduction=reduction)


def chunks(hidden, targets, rows):
    return zip(hidden.split(rows), targets.split(rows), strict=True)


def whole_chunks(hidden, weight, targets, rows):
    n = len(hidden) // rows * rows
    return losses(hidden[:n], weight, targets[:n])


WRONG = {
    "04c-1": [
        (lambda **k: 6 * k["n_weights"] * k["n_tokens"], "attention is missing"),
        (lambda **k: 2 * k["n_weights"] * k["n_tokens"], "way forwards"),
        (lambda **k: 7920, "for one token"),
        (lambda **k: 30_000 + 1920, "each of the n_tokens"),
        (lambda **k: 1, "39,600, not 1"),
    ],
    "04c-2": [
        (lambda h, w, t, rows: losses(h, w, t, "none"), "a number, not a tensor of shape (10,)"),
        (whole_chunks, "the last chunk is missing"),
        (lambda h, w, t, rows: losses(h, w, t, "mean"), "that is the mean"),
        (
            lambda h, w, t, rows: sum(losses(x, w, y, "mean") for x, y in chunks(h, t, rows)),
            "unless you say",
        ),
        (lambda h, w, t, rows: 1.0, "not 1.000"),
        (lambda h, w, t, rows: losses(h, w, t), "10 rows of logits exist at once"),
    ],
    "04c-3": [
        (lambda flops, n, peak, mfu: flops / (n * peak * mfu), "in seconds"),
        (lambda flops, n, peak, mfu: flops / (n * peak) / 86_400, "only utilization"),
        (lambda flops, n, peak, mfu: flops / (n * peak) * mfu / 86_400, "divide by the util"),
        (lambda flops, n, peak, mfu: flops / (peak * mfu) / 86_400, "share the work"),
        (lambda flops, n, peak, mfu: flops * n / (peak * mfu) / 86_400, "shorter"),
        (lambda flops, n, peak, mfu: flops / (n * peak * mfu) / 3600, "in hours"),
        (lambda flops, n, peak, mfu: 7.0, "0.2 days, not 7.0"),
    ],
}
RIGHT = {
    "04c-1": lambda n_weights, n_layers, emb_dim, context_length, n_tokens: (
        n_tokens * (6 * n_weights + 12 * n_layers * emb_dim * context_length)
    ),
    "04c-2": lambda h, w, t, rows: sum(losses(x, w, y) for x, y in chunks(h, t, rows)),
    "04c-3": lambda flops, n, peak, mfu: flops / (n * peak * mfu) / 86_400,
}

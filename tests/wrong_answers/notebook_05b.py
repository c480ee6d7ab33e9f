"""Answers to the exercises of 05b: usual mistakes with the hint each must get, and right ones."""

import torch


def halves(weight, n_heads):
    rows, columns = weight.shape
    pairs = weight.reshape(n_heads, rows // n_heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


def neighbours(weight, n_heads):
    rows, columns = weight.shape
    pairs = weight.reshape(n_heads, 2, rows // n_heads // 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


def odd_first(weight, n_heads):
    heads = weight.view(n_heads, -1, weight.shape[1])
    return torch.cat([heads[:, 1::2], heads[:, 0::2]], dim=1).flatten(0, 1)


def heads_mixed(weight, n_heads):
    heads = weight.view(n_heads, -1, weight.shape[1])
    ordered = torch.cat([heads[:, 0::2], heads[:, 1::2]], dim=1)
    return ordered.transpose(0, 1).flatten(0, 1)


def halves_swapped(n_rows, n_heads):
    return torch.arange(n_rows).view(n_heads, 2, -1).flip(1).flatten()


def halves_by_slices(weight, n_heads):
    heads = weight.chunk(n_heads)
    return torch.cat([rows for head in heads for rows in (head[0::2], head[1::2])])


def halves_by_index(weight, n_heads):
    D = weight.shape[0] // n_heads
    inside = [*range(0, D, 2), *range(1, D, 2)]
    return weight[[head * D + i for head in range(n_heads) for i in inside]]


def size_by_loops(config, n_tokens, bytes_per_number):
    total = 0
    for _ in range(config.n_layers):
        for _ in ("keys", "values"):
            total += config.n_kv_heads * n_tokens * config.head_dim
    return total * bytes_per_number


def size_of_tensors(config, n_tokens, bytes_per_number):
    shape = (2, config.n_layers, 1, config.n_kv_heads, n_tokens, config.head_dim)
    return torch.empty(shape, device="meta").numel() * bytes_per_number


def size(config, n_tokens, width, *, layers=True, both=2, heads=None):
    heads = config.n_kv_heads if heads is None else heads
    return both * (config.n_layers if layers else 1) * heads * n_tokens * width


WRONG = {
    "05b-1": [
        (lambda w, n: w, "still in their old order"),
        (lambda w, n: torch.cat([w[0::2], w[1::2]]), "each head is ordered on its own"),
        (neighbours, "the other direction"),
        (odd_first, "the even rows come first"),
        (heads_mixed, "the heads got mixed"),
        (lambda w, n: halves(w, w.shape[0] // n), "n_heads is 4, and D is 8"),
        (lambda w, n: halves(w, n).flip(0), "the heads got mixed"),
        (lambda w, n: halves(w, n)[halves_swapped(len(w), n)], "the even rows come first"),
        (lambda w, n: w[halves_swapped(len(w), n)], "the halves of each head"),
        (lambda w, n: torch.cat([w[0::2], w[0::2]]), "missing or repeated"),
        (lambda w, n: torch.cat([w[:2].flip(0), w[2:]]), "the first head should be"),
        (lambda w, n: halves(w.t(), 1).t() if w.shape[1] % 2 else w.flip(1), "torn apart"),
        (lambda w, n: w.view(n, -1, w.shape[1]), "the shape stays"),
        (lambda w, n: w.flip(0), "the heads got mixed"),
    ],
    "05b-2": [
        (lambda k, n: k.repeat(1, n // k.shape[1], 1, 1), "neighbours share a head"),
        (lambda k, n: k.repeat_interleave(n, dim=1), "12 heads came out"),
        (lambda k, n: k, "the shape should be"),
        (
            lambda k, n: k.repeat_interleave(n // k.shape[1], dim=0).reshape(
                k.shape[0], n, *k.shape[2:]
            ),
            "not 0 1 0 1 0 1",
        ),
        (lambda k, n: k[:, :1].repeat(1, n, 1, 1), "0 0 0 1 1 1, not [0, 0, 0, 0, 0, 0]"),
        (
            lambda k, n: (
                k.transpose(1, 2).reshape(k.shape[0], -1, *k.shape[2:]).repeat(1, 3, 1, 1)[:, :n]
                + torch.arange(k.shape[2])[:, None]
            ),
            "rows or tokens got mixed",
        ),
    ],
    "05b-3": [
        (lambda c, n, b: size(c, n, c.head_dim, both=1) * b, "keys and values"),
        (lambda c, n, b: size(c, n, c.head_dim, heads=c.n_heads) * b, "use n_kv_heads"),
        (lambda c, n, b: size(c, n, c.head_dim, layers=False) * b, "every layer"),
        (lambda c, n, b: size(c, n, c.head_dim), "that counts numbers"),
        (lambda c, n, b: size(c, c.context_length, c.head_dim) * b, "not the context_length"),
        (lambda c, n, b: size(c, n, c.emb_dim // c.n_heads) * b, "need not be the same"),
        (lambda c, n, b: size(c, n, c.emb_dim, heads=2) * b, "not emb_dim"),
        (lambda c, n, b: 0, "not 0"),
    ],
}
RIGHT = {
    "05b-1": [halves, halves_by_slices, halves_by_index],
    "05b-2": [
        lambda k, n: k.repeat_interleave(n // k.shape[1], dim=1),
        lambda k, n: k[:, torch.arange(n) // (n // k.shape[1])],
        lambda k, n: k[:, :, None].expand(-1, -1, n // k.shape[1], -1, -1).flatten(1, 2),
        lambda k, n: torch.stack([k[:, h * k.shape[1] // n] for h in range(n)], dim=1),
    ],
    "05b-3": [
        lambda c, n, b: size(c, n, c.head_dim) * b,
        size_by_loops,
        size_of_tensors,
    ],
}

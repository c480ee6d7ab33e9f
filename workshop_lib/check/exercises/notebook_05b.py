"""Self-checks of 05b_from_gpt2_to_llama."""

import torch

from workshop_lib.check.exercise import wants
from workshop_lib.config.model import GPTConfig


@wants(torch.Tensor)
def check_05b_1(to_split_halves) -> str | None:
    """Rows of a query or key weight, from interleaved pairs to split halves."""
    weight = torch.arange(32.0)[:, None] + torch.tensor([[0.0, 0.5]])  # row i starts with i
    found = to_split_halves(weight, 4)
    if tuple(found.shape) != (32, 2):
        return f"the shape stays (32, 2), but yours is {tuple(found.shape)}"
    if not torch.equal(found[:, 1] - found[:, 0], torch.full((32,), 0.5)):
        return "whole rows change places; yours have been torn apart"
    rows = found[:, 0].long().tolist()

    def in_heads(order: list[int], size: int = 8) -> list[int]:
        return [start + i for start in range(0, 32, size) for i in order]

    right = in_heads([0, 2, 4, 6, 1, 3, 5, 7])
    across = torch.tensor(right).view(4, 8).t().flatten().tolist()
    hints = [
        (in_heads([*range(8)]), "the rows are still in their old order"),
        (
            [*range(0, 32, 2), *range(1, 32, 2)],
            "each head is ordered on its own: split into heads first",
        ),
        (in_heads([0, 2, 1, 3], size=4), "these are 8 heads of 4 rows: n_heads is 4, and D is 8"),
        (
            in_heads([0, 4, 1, 5, 2, 6, 3, 7]),
            "that is the other direction, from halves to neighbours",
        ),
        (in_heads([1, 3, 5, 7, 0, 2, 4, 6]), "the even rows come first, then the odd ones"),
        (
            in_heads([4, 5, 6, 7, 0, 1, 2, 3]),
            "the halves of each head changed places, not its even and odd rows",
        ),
        (across, "the heads got mixed: rows of one head stay together, in blocks of D"),
    ]
    for order, hint in hints:
        if rows == order:
            return hint
    if sorted(rows) != list(range(32)):
        return "each row appears once; in yours some are missing or repeated"
    if any(
        sorted(rows[start : start + 8]) != [*range(start, start + 8)] for start in range(0, 32, 8)
    ):
        return "the heads got mixed: rows of one head stay together"
    return None if rows == right else f"the first head should be {right[:8]}, not {rows[:8]}"


@wants(torch.Tensor)
def check_05b_2(share_heads) -> str | None:
    """Key heads handed out to groups of query heads."""
    k = torch.arange(2.0).view(1, 2, 1, 1).expand(3, 2, 5, 4)  # head h holds h everywhere
    found = share_heads(k, 6)
    if tuple(found.shape) == (3, 12, 5, 4):
        return "12 heads came out: repeat each n_heads / G times, not n_heads times"
    if tuple(found.shape) != (3, 6, 5, 4):
        return f"the shape should be (3, 6, 5, 4), but yours is {tuple(found.shape)}"
    if not torch.equal(found, found[:1, :, :1, :1].expand_as(found)):
        return "rows or tokens got mixed: repeat along the dimension of the heads, 1"
    heads = found[0, :, 0, 0].long().tolist()
    if heads == [0, 1, 0, 1, 0, 1]:
        return "neighbours share a head: 0 0 0 1 1 1, not 0 1 0 1 0 1 (see repeat_interleave)"
    if heads != [0, 0, 0, 1, 1, 1]:
        return f"query heads should get the key heads 0 0 0 1 1 1, not {heads}"
    if share_heads(torch.zeros(1, 4, 5, 8), 4).shape[1] != 4:
        return "with as many key heads as query heads nothing is repeated"
    return None


@wants(int)
def check_05b_3(cache_bytes) -> str | None:
    """The size of a KV cache."""
    config = GPTConfig(
        vocab_size=11,
        context_length=1000,
        emb_dim=60,
        n_layers=5,
        n_heads=6,
        n_kv_heads=2,
        head_dim=24,
    )
    found = cache_bytes(config, 7, 3)
    heads = 2 * 5 * 2 * 7 * 3  # all but the width of a head
    right = heads * 24
    hints = {
        right // 2: "keys and values are both kept: twice as much",
        right * 3: "use n_kv_heads: the query heads are not kept",
        right // 5: "every layer has its own keys and values",
        right // 3: "that counts numbers; each takes bytes_per_number bytes",
        right // 7 * 1000: "count the tokens of the text, not the context_length",
        heads * 10: "the width of a head is head_dim; emb_dim / n_heads need not be the same",
        heads * 60: "a key has head_dim numbers in each head, not emb_dim",
    }
    if found in hints:
        return hints[found]
    return None if found == right else f"for this config and 7 tokens it is {right}, not {found}"

"""The checks of 03a_attention: softmax, a window mask, merging heads, counting parameters."""

import torch
from torch import Tensor

from workshop_lib.check.exercise import wants


@wants(Tensor)
def check_03a_1(softmax_rows) -> str | None:
    """Check `softmax_rows(scores)` on rows whose shares are known."""
    shares = torch.tensor([[1 / 3, 2 / 3], [3 / 4, 1 / 4]])
    scores = torch.tensor([[1.0, 2.0], [3.0, 1.0]]).log()
    result = softmax_rows(scores)
    hint = _tensor_of_shape(result, (2, 2))
    if hint:
        return hint
    if _close(result, scores / scores.sum(dim=-1, keepdim=True)):
        return "these are shares of the scores themselves: take their exponentials first"
    if _close(result, scores.softmax(dim=0)):
        return "the columns sum to 1, not the rows: the sum must run over the last axis, dim=-1"
    if _close(result, scores.exp() / scores.exp().sum()):
        return "the whole matrix sums to 1: keep one sum for each row, with dim=-1 and keepdim=True"
    if _close(result, scores.exp() / scores.exp().sum(dim=-1)):
        return "each row is divided by another row's sum: keep the axis, with keepdim=True"
    if _close(result, shares.log()):
        return "this is the logarithm of the shares: divide the exponentials, and stop there"
    if not _close(result, shares):
        return f"for the scores [0, ln 2] the shares are [1/3, 2/3], not {_numbers(result[0])}"
    return _overflow(lambda *row: softmax_rows(torch.tensor([row]))[0]) or _rows_apart(softmax_rows)


def _overflow(shares_of) -> str | None:
    """Try scores whose exponentials are too large or too small for a float."""
    half = torch.tensor([0.5, 0.5])
    first, second = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    if not _close(shares_of(1000.0, 1000.0), half):
        return "two scores of 1000 should share equally, but exp(1000) overflows: subtract first"
    if not _close(shares_of(-1000.0, -1000.0), half):
        return (
            "two scores of -1000 should share equally, but the exponentials underflow to 0: "
            "subtract the largest score itself, not its absolute value"
        )
    rising, falling = shares_of(0.0, 1000.0), shares_of(1000.0, 0.0)
    if _close(falling, first) != _close(rising, second):
        bad = "[0, 1000]" if _close(falling, first) else "[1000, 0]"
        return (
            f"the row {bad} overflows, and the same scores in the other order do not: subtract "
            "the row's largest score, wherever it stands"
        )
    if not _close(rising, second):
        if _close(shares_of(0.0, 150.0), second):
            return (
                "the row [0, 1000] overflows: after subtracting the row's mean, 500 is left, and "
                "exp(500) is infinite. With the row's largest score nothing above 0 is left"
            )
        return (
            "the row [0, 1000] overflows: after subtracting the row's smallest score, 1000 is left, "
            "and exp(1000) is infinite. With the row's largest score nothing above 0 is left"
        )
    if not _close(shares_of(1000.0, 999.0), torch.tensor([1.0, 0.0]).softmax(dim=0)):
        return (
            "the row [1000, 999] should have the shares of [1, 0]: clipping large scores changes "
            "their differences, subtracting does not"
        )
    return None


def _rows_apart(softmax_rows) -> str | None:
    far_apart = torch.tensor([[0.0, 0.0], [1000.0, 1000.0]])
    if _close(softmax_rows(far_apart), torch.full((2, 2), 0.5)):
        return None
    return (
        "a row far below the others comes out wrong: subtract each row's own largest score, "
        "not the largest of all"
    )


@wants(Tensor)
def check_03a_2(window_mask) -> str | None:
    """Check `window_mask(n_tokens, window)` entry by entry."""
    mask = window_mask(6, 3)
    hint = _tensor_of_shape(mask, (6, 6))
    if hint:
        return hint
    if mask.dtype != torch.bool:
        return f"the mask should hold True and False (torch.bool), not {mask.dtype}"
    position = torch.arange(6)
    distance = position[:, None] - position
    seen = (distance >= 0) & (distance < 3)
    if torch.equal(mask, seen):
        if not torch.equal(window_mask(4, 1), torch.eye(4, dtype=torch.bool)):
            return "right for a window of 3, but with window=1 each token should see itself alone"
        if not torch.equal(window_mask(3, 9), torch.ones(3, 3).tril().bool()):
            return "right for a window of 3, but a window wider than the text goes wrong"
        return None
    if torch.equal(mask, ~seen):
        return "this is the opposite: True should mean that a token may look"
    if torch.equal(mask, seen.T):
        return "these tokens look ahead: rows are queries, so earlier tokens stand to the left"
    if torch.equal(mask, distance >= 0):
        return "the future is hidden, but there is no window: with window=3 row 5 sees 3, 4 and 5"
    if torch.equal(mask, distance.abs() < 3):
        return "the window reaches into the future too: a token may only look back"
    if torch.equal(mask, distance < 3):
        return "the past is limited, but the future is open: hide it too"
    if torch.equal(mask, (distance >= 0) & (distance <= 3)):
        return "the window is one too wide: with window=3 a token sees itself and two before it"
    if torch.equal(mask, (distance > 0) & (distance <= 3)):
        return "a token should see itself: it is the first of the three in its window"
    if torch.equal(mask, (distance > 0) & (distance < 3)):
        return "a token should see itself too: the diagonal is True"
    if torch.equal(mask[2:], seen[2:]):
        what = "see the last tokens of the text" if mask[:2, 3:].any() else "go wrong"
        return (
            f"the first rows {what}: there i - window + 1 is a negative index, which Python counts "
            "from the end. Start at 0 where it is below 0"
        )
    row = int((mask != seen).any(dim=-1).nonzero()[0])
    return (
        f"with window=3, token {row} should see the tokens {_positions(seen[row])}, "
        f"not {_positions(mask[row])}"
    )


@wants(Tensor)
def check_03a_3(merge_heads) -> str | None:
    """Check `merge_heads(context)` on numbers that say where they come from."""
    B, H, T, D = 2, 3, 4, 5
    expected = torch.arange(B * T * H * D).view(B, T, H * D).float()
    context = expected.view(B, T, H, D).transpose(1, 2).contiguous()  # as attention makes it
    result = merge_heads(context)
    if result.shape == (B, T, D):
        return "the heads were added up or averaged: they should stand side by side, C = H * D"
    if result.shape == (B, T, H, D):
        return "the axes are in order, but H and D should become one axis: reshape to (B, T, H * D)"
    hint = _tensor_of_shape(result, (B, T, H * D))
    if hint:
        return hint
    if torch.equal(result, context.reshape(B, T, H * D)):
        return (
            "the shape is right but tokens are mixed up: swap H and T with transpose(1, 2) "
            "before you reshape"
        )
    if torch.equal(result, context.permute(0, 2, 3, 1).reshape(B, T, H * D)):
        return (
            "the heads are interleaved, channel by channel: each head's D channels should stand "
            "together, so D must be the last axis before you reshape"
        )
    if torch.equal(result, expected.view(B, T, H, D).flip(2).reshape(B, T, H * D)):
        return "the heads are in reverse order: head 0 comes first"
    if not torch.equal(result, expected):
        return "merging should undo splitting: merge_heads(heads) should be equal to x"
    other = torch.arange(24.0).view(1, 2, 4, 3).transpose(1, 2).contiguous()
    result = merge_heads(other)
    if result.shape != (1, 2, 12):
        return "right for 3 heads of 5 channels, but not for 4 of 3: take the sizes from the shape"
    return None


def check_03a_4(n_parameters) -> str | None:
    """Check the number of parameters of GPT-2's attention in one block."""
    C, H = 768, 12
    right = 4 * C * C + 4 * C
    wrong = {
        4 * C * C: "these are the weights: each of the 3 C + C outputs has a bias too",
        4 * C * C + C: "qkv has biases too, one for each of its 3 C outputs",
        4 * C * C + 3 * C: "out has a bias too, one for each of its C outputs",
        3 * C * C + 3 * C: "this is qkv alone: the layer out belongs to attention too",
        3 * C * C: "this is qkv alone, without biases: add them, and the layer out",
        2 * C * C + 2 * C: "qkv makes queries, keys and values: it has 3 C outputs, not C",
        12 * right: (
            "this is 12 times too many. If you counted all 12 blocks: one block is asked for. If "
            "you counted 12 heads: they split the C channels, so H does not matter"
        ),
        12 * (4 * C * C): "one block is asked for, and the biases are missing",
        4 * (C // H) ** 2 * H + 4 * C: "every head reads all C channels, not only its own D",
        right + 2 * C: "these include the norm, which belongs to the block and not to attention",
        12 * C * C + 13 * C: "this is the whole block: only its attention is asked for",
        124_439_808: "this is the whole model: one block's attention is asked for",
    }
    if isinstance(n_parameters, float) and n_parameters.is_integer():
        n_parameters = int(n_parameters)
    if isinstance(n_parameters, bool) or not isinstance(n_parameters, int):
        return f"the answer is a whole number, not {n_parameters!r}"
    if n_parameters == right:
        return None
    return wrong.get(n_parameters, "qkv maps C to 3 C and out maps C to C, each with its biases")


def _tensor_of_shape(result: Tensor, shape: tuple[int, ...]) -> str | None:
    if tuple(result.shape) != shape:
        return f"the result should have the shape {shape}, got {tuple(result.shape)}"
    return None


def _close(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a.float(), b.float(), atol=1e-4)


def _numbers(row: Tensor) -> str:
    return "[" + ", ".join(f"{value:.3g}" for value in row.tolist()) + "]"


def _positions(row: Tensor) -> list[int]:
    return row.nonzero().flatten().tolist()

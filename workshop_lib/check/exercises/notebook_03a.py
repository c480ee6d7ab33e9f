"""The checks of 03a_attention: softmax, a window mask, merging heads, counting parameters."""

import torch
from torch import Tensor


def check_03a_1(softmax_rows) -> str | None:
    """Check `softmax_rows(scores)` on rows whose shares are known."""
    shares = torch.tensor([[1 / 3, 2 / 3], [3 / 4, 1 / 4]])
    scores = torch.tensor([[1.0, 2.0], [3.0, 1.0]]).log()
    given = scores.clone()
    result = softmax_rows(given)
    hint = _tensor_of_shape(result, (2, 2))
    if hint:
        return hint
    if not torch.equal(given, scores):
        return "your function changed its argument: compute new tensors instead of writing into it"
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
    if not _close(softmax_rows(torch.tensor([[1000.0, 1000.0]])), torch.tensor([[0.5, 0.5]])):
        return "two scores of 1000 should share equally, but exp(1000) overflows: subtract first"
    far_apart = torch.tensor([[0.0, 0.0], [1000.0, 1000.0]])
    if not _close(softmax_rows(far_apart), torch.full((2, 2), 0.5)):
        return (
            "a row far below the others comes out wrong: subtract each row's own largest score, "
            "not the largest of all"
        )
    return None


def check_03a_2(window_mask) -> str | None:
    """Check `window_mask(n_tokens, window)` entry by entry."""
    mask = window_mask(6, 3)
    hint = _tensor_of_shape(mask, (6, 6))
    if hint:
        return hint
    if mask.dtype != torch.bool:
        return f"the mask should hold True and False (torch.bool), not {mask.dtype}"
    row = torch.arange(6)
    behind = row[:, None] - row
    seen = (behind >= 0) & (behind < 3)
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
    if torch.equal(mask, behind >= 0):
        return "the future is hidden, but there is no window: with window=3 row 5 sees 3, 4 and 5"
    if torch.equal(mask, behind.abs() < 3):
        return "the window reaches into the future too: a token may only look back"
    if torch.equal(mask, behind < 3):
        return "the past is limited, but the future is open: hide it too"
    if torch.equal(mask, (behind >= 0) & (behind <= 3)):
        return "the window is one too wide: with window=3 a token sees itself and two before it"
    if torch.equal(mask, (behind > 0) & (behind <= 3)):
        return "a token should see itself: it is the first of the three in its window"
    if torch.equal(mask, (behind > 0) & (behind < 3)):
        return "a token should see itself too: the diagonal is True"
    return f"with window=3, token 5 should see the tokens 3, 4 and 5, not {_places(mask[5])}"


def check_03a_3(merge_heads) -> str | None:
    """Check `merge_heads(gathered)` on numbers that say where they come from."""
    B, H, T, D = 2, 3, 4, 5
    expected = torch.arange(B * T * H * D).view(B, T, H * D).float()
    gathered = expected.view(B, T, H, D).transpose(1, 2).contiguous()  # as attention makes it
    result = merge_heads(gathered)
    if isinstance(result, Tensor) and result.shape == (B, T, D):
        return "the heads were added up or averaged: they should stand side by side, C = H * D"
    if isinstance(result, Tensor) and result.shape == (B, T, H, D):
        return "the axes are in order, but H and D should become one axis: reshape to (B, T, H * D)"
    hint = _tensor_of_shape(result, (B, T, H * D))
    if hint:
        return hint
    if torch.equal(result, gathered.reshape(B, T, H * D)):
        return (
            "the shape is right but tokens are mixed up: swap H and T with transpose(1, 2) "
            "before you reshape"
        )
    if torch.equal(result, gathered.permute(0, 2, 3, 1).reshape(B, T, H * D)):
        return (
            "the heads are interleaved, channel by channel: each head's D channels should stand "
            "together, so D must be the last axis before you reshape"
        )
    if torch.equal(result, expected.view(B, T, H, D).flip(2).reshape(B, T, H * D)):
        return "the heads are in reverse order: head 0 comes first"
    if not torch.equal(result, expected):
        return "merging should undo splitting: merge_heads(heads) should be equal to x"
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
        H * right: "heads cut the channels, they do not multiply them: H does not matter",
        12 * (4 * C * C): "one block is asked for, and the biases are missing",
        4 * (C // H) ** 2 * H + 4 * C: "every head reads all C channels, not only its own D",
    }
    if isinstance(n_parameters, float) and n_parameters.is_integer():
        n_parameters = int(n_parameters)
    if isinstance(n_parameters, bool) or not isinstance(n_parameters, int):
        return f"the answer is a whole number, got {n_parameters!r}"
    if n_parameters == right:
        return None
    return wrong.get(n_parameters, "qkv maps C to 3 C and out maps C to C, each with its biases")


def _tensor_of_shape(result: object, shape: tuple[int, ...]) -> str | None:
    if not isinstance(result, Tensor):
        return f"the result should be a tensor, got {type(result).__name__}"
    if tuple(result.shape) != shape:
        return f"the result should have the shape {shape}, got {tuple(result.shape)}"
    return None


def _close(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a.float(), b.float(), atol=1e-4)


def _numbers(row: Tensor) -> str:
    return "[" + ", ".join(f"{value:.3g}" for value in row.tolist()) + "]"


def _places(row: Tensor) -> list[int]:
    return row.nonzero().flatten().tolist()

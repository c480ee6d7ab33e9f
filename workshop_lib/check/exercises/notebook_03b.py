"""The checks of 03b_block: RMSNorm, GELU's tanh form, a pre-norm residual connection."""

import math

import torch
from torch import Tensor, nn


def check_03b_1(rms_norm) -> str | None:
    """Check `rms_norm(x, weight, eps)` with a large eps, which shows where it was added."""
    x = torch.tensor([[[3.0, 4.0, 0.0, 0.0], [1.0, -1.0, 2.0, 0.5]]])
    weight, eps = torch.tensor([1.0, 2.0, 0.5, 1.0]), 0.5
    given = x.clone()
    result = rms_norm(given, weight, eps)
    if not isinstance(result, Tensor) or result.shape != x.shape:
        return f"the result should have the shape of x, {tuple(x.shape)}, got {_shape(result)}"
    if not torch.equal(given, x):
        return "your function changed its argument: compute new tensors instead of writing into it"

    def scaled(divisor: Tensor, of: Tensor = x) -> Tensor:
        return of / divisor * weight

    square, mean_square = x.square(), x.square().mean(-1, keepdim=True)
    centred = x - x.mean(-1, keepdim=True)
    right = scaled((mean_square + eps).sqrt())
    hints = [
        (right / weight, "the learned weight is missing: multiply by it at the end"),
        (scaled(mean_square.sqrt()), "eps is missing: add it to the mean square"),
        (
            scaled(mean_square.sqrt() + eps),
            "eps is outside the root: add it under the root, to the mean square",
        ),
        (
            scaled(mean_square + eps),
            "the root is missing: divide by the square root of the mean square",
        ),
        (
            scaled((square.sum(-1, keepdim=True) + eps).sqrt()),
            "this divides by the root of the sum: take the mean of the squares",
        ),
        (
            scaled((square.mean() + eps).sqrt()),
            "one mean for the whole tensor: each token has its own, so use dim=-1, keepdim=True",
        ),
        (
            scaled((square.mean(1, keepdim=True) + eps).sqrt()),
            "this is a mean over the tokens: take it over the channels, dim=-1",
        ),
        (
            scaled(x.abs().mean(-1, keepdim=True) + eps),
            "this is the mean of the absolute values: square first, root last",
        ),
        (
            scaled((centred.square().mean(-1, keepdim=True) + eps).sqrt(), centred),
            "this is LayerNorm: RMSNorm does not subtract the mean",
        ),
        (
            scaled((centred.square().mean(-1, keepdim=True) + eps).sqrt()),
            "this divides by the standard deviation: RMSNorm takes the mean of x², not of (x − mean)²",
        ),
    ]
    return _judge(result, right, hints, "the result should be x / sqrt(mean of x² + eps) * weight")


def check_03b_2(gelu_tanh) -> str | None:
    """Check `gelu_tanh(x)` in float64, where the exact form is told apart."""
    x = torch.linspace(-3, 3, 61, dtype=torch.float64)
    result = gelu_tanh(x.clone())
    if not isinstance(result, Tensor) or result.shape != x.shape:
        return f"the result should have the shape of x, {tuple(x.shape)}, got {_shape(result)}"

    def form(inner: Tensor) -> Tensor:
        return 0.5 * x * (1 + torch.tanh(inner))

    root = math.sqrt(2 / math.pi)
    bracket = x + 0.044715 * x**3
    right = form(root * bracket)
    hints = [
        (x * 0.5 * (1 + torch.erf(x / math.sqrt(2))), "this is the exact form: use the tanh one"),
        (2 * right, "twice too large: the factor 0.5 is missing"),
        (right / x.where(x != 0, 1), "this is only the factor of x: multiply by x too"),
        (0.5 * x * torch.tanh(root * bracket), "the 1 in front of tanh is missing"),
        (form(root * (x + 0.044715 * x**2)), "the formula has x³ inside the parentheses, not x²"),
        (form(root * (x + 0.044715 * x)), "the formula has x³ inside the parentheses, not x"),
        (form(2 / math.pi * bracket), "the root is missing: sqrt(2 / pi)"),
        (form(math.sqrt(2 * math.pi) * bracket), "the formula has sqrt(2 / pi), not sqrt(2 * pi)"),
        (
            form(root * x + 0.044715 * x**3),
            "sqrt(2 / pi) multiplies everything inside the parentheses",
        ),
        (form(root * (x + 0.44715 * x**3)), "the number is 0.044715, ten times smaller"),
        (x * torch.sigmoid(1.702 * x), "x · sigmoid(1.702 x) is another approximation of GELU"),
        (x.relu(), "this is ReLU"),
    ]
    return _judge(result, right, hints, f"gelu_tanh(1) should be 0.8412, not {result[40]:.4g}")


def check_03b_3(pre_norm_residual) -> str | None:
    """Check `pre_norm_residual(x, norm, sublayer)` with modules that count their calls."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 8, generator=generator)
    calls = []

    class SubLayer(nn.Module):
        def forward(self, inputs):
            calls.append(inputs)
            return inputs.square() - 0.5

    norm, sublayer = nn.LayerNorm(8), SubLayer()
    given = x.clone()
    result = pre_norm_residual(given, norm, sublayer)
    if not isinstance(result, Tensor) or result.shape != x.shape:
        return f"the result should have the shape of x, {tuple(x.shape)}, got {_shape(result)}"
    if not torch.equal(given, x):
        return "x was changed in place: write x + …, not x += …"
    n_calls = len(calls)
    right = x + sublayer(norm(x))
    hints = [
        (sublayer(norm(x)), "the residual connection is missing: add x itself"),
        (x + sublayer(x), "the norm is missing: the sub-layer should read norm(x)"),
        (norm(x + sublayer(x)), "this is post-norm: the norm comes after the addition here"),
        (norm(x) + sublayer(norm(x)), "the sum starts from norm(x): add x itself instead"),
        (x + norm(sublayer(x)), "the norm comes after the sub-layer: it belongs before it"),
        (norm(x + sublayer(norm(x))), "one norm too many: leave the sum as it is"),
        (x + norm(x), "the sub-layer is missing: it should read norm(x)"),
    ]
    hint = _judge(
        result, right, hints, "the result should be x plus the sub-layer's output for norm(x)"
    )
    if hint is None and n_calls != 1:
        return f"right, but the sub-layer was called {n_calls} times: once is enough"
    return hint


def _judge(result: Tensor, right: Tensor, hints: list[tuple[Tensor, str]], else_: str):
    """Return None for the right result, else the hint of the mistake it agrees with."""
    if _close(result, right):
        return None
    found = [hint for wrong, hint in hints if _close(result, wrong)]
    return found[0] if found else else_


def _close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a.double(), b.double(), rtol=0, atol=1e-5)


def _shape(result: object) -> object:
    return tuple(result.shape) if isinstance(result, Tensor) else type(result).__name__

"""The checks of 03b_block: RMSNorm, GELU's tanh form, one step of a pre-norm block."""

import math

import torch
from torch import Tensor, nn


def check_03b_1(rms_norm) -> str | None:
    """Check `rms_norm(x, weight, eps)` with a large eps, where its place shows."""
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
        (scaled(mean_square.sqrt() + eps), "eps stands outside the root: add it before the root"),
        (scaled(mean_square + eps), "the root is missing: divide by the root of the mean square"),
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
            "the mean runs over the tokens: it should run over the channels, dim=-1",
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
            "this divides by the spread: RMSNorm takes the mean of x², not of (x − mean)²",
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
        (form(root * (x + 0.044715 * x**2)), "x³ is asked for in the bracket, not x²"),
        (form(root * (x + 0.044715 * x)), "x³ is asked for in the bracket, not x"),
        (form(2 / math.pi * bracket), "the root is missing: sqrt(2 / pi)"),
        (form(math.sqrt(2 * math.pi) * bracket), "sqrt(2 / pi) is asked for, not sqrt(2 * pi)"),
        (form(root * x + 0.044715 * x**3), "sqrt(2 / pi) multiplies the whole bracket"),
        (form(root * (x + 0.44715 * x**3)), "the number is 0.044715, ten times smaller"),
        (x * torch.sigmoid(1.702 * x), "x · sigmoid(1.702 x) is another approximation of GELU"),
        (x.relu(), "this is ReLU"),
    ]
    return _judge(result, right, hints, f"gelu_tanh(1) should be 0.8412, not {result[40]:.4g}")


def check_03b_3(pre_norm_step) -> str | None:
    """Check `pre_norm_step(x, norm, part)` with modules that leave their marks."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 8, generator=generator)
    calls = []

    class Part(nn.Module):
        def forward(self, inputs):
            calls.append(inputs)
            return inputs.square() - 0.5

    norm, part = nn.LayerNorm(8), Part()
    given = x.clone()
    result = pre_norm_step(given, norm, part)
    if not isinstance(result, Tensor) or result.shape != x.shape:
        return f"the result should have the shape of x, {tuple(x.shape)}, got {_shape(result)}"
    if not torch.equal(given, x):
        return "x was changed in place: write x + …, not x += …"
    n_calls = len(calls)
    right = x + part(norm(x))
    hints = [
        (part(norm(x)), "the path is missing: add what came in, x"),
        (x + part(x), "the norm is missing: part should read norm(x)"),
        (norm(x + part(x)), "this is post-norm: the norm stands on the path, behind the addition"),
        (norm(x) + part(norm(x)), "the path is normalized too: add x itself, not norm(x)"),
        (x + norm(part(x)), "the norm stands behind the part: it belongs in front of it"),
        (norm(x + part(norm(x))), "one norm too many: the path behind the addition stays as it is"),
        (x + norm(x), "the part is missing: norm(x) is what it should read"),
    ]
    hint = _judge(result, right, hints, "the result should be the path x plus the part of norm(x)")
    if hint is None and n_calls != 1:
        return f"right, but the part was called {n_calls} times: once is enough"
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

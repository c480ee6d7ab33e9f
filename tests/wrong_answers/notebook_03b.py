"""Answers to the exercises of 03b: usual mistakes with the hint each must get, and right ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def mean_square(x):
    return x.square().mean(-1, keepdim=True)


def rms_in_place(x, w, eps):
    x /= (mean_square(x) + eps).sqrt()
    return x * w


def form(x, inner):
    return 0.5 * x * (1 + torch.tanh(inner))


def step_in_place(x, norm, sublayer):
    x += sublayer(norm(x))
    return x


def step_twice(x, norm, sublayer):
    sublayer(x)
    return x + sublayer(norm(x))


ROOT = math.sqrt(2 / math.pi)

WRONG = {
    "03b-1": [
        (lambda x, w, eps: x / (mean_square(x) + eps).sqrt(), "weight is missing"),
        (lambda x, w, eps: x / mean_square(x).sqrt() * w, "eps is missing"),
        (lambda x, w, eps: x / (mean_square(x).sqrt() + eps) * w, "outside the root"),
        (lambda x, w, eps: x / (mean_square(x) + eps) * w, "root is missing"),
        (lambda x, w, eps: x / (x.square().sum(-1, keepdim=True) + eps).sqrt() * w, "of the sum"),
        (lambda x, w, eps: x / (x.square().mean() + eps).sqrt() * w, "the whole tensor"),
        (lambda x, w, eps: x / (x.square().mean(1, True) + eps).sqrt() * w, "over the tokens"),
        (lambda x, w, eps: x / (x.abs().mean(-1, True) + eps) * w, "absolute values"),
        (lambda x, w, eps: F.layer_norm(x, (4,), w, None, eps), "this is LayerNorm"),
        (
            lambda x, w, eps: x / (x.var(-1, keepdim=True, correction=0) + eps).sqrt() * w,
            "by the standard deviation",
        ),
        (rms_in_place, "changed its argument"),
        (lambda x, w, eps: mean_square(x), "the shape of x"),
        (lambda x, w, eps: x * w, "sqrt(mean of x² + eps)"),
    ],
    "03b-2": [
        (F.gelu, "the exact form"),
        (lambda x: x * (1 + torch.tanh(ROOT * (x + 0.044715 * x**3))), "factor 0.5"),
        (lambda x: 0.5 * (1 + torch.tanh(ROOT * (x + 0.044715 * x**3))), "multiply by x"),
        (lambda x: 0.5 * x * torch.tanh(ROOT * (x + 0.044715 * x**3)), "the 1 in front"),
        (lambda x: form(x, ROOT * (x + 0.044715 * x**2)), "not x²"),
        (lambda x: form(x, ROOT * (x + 0.044715 * x)), "not x"),
        (lambda x: form(x, 2 / math.pi * (x + 0.044715 * x**3)), "sqrt(2 / pi)"),
        (lambda x: form(x, math.sqrt(2 * math.pi) * (x + 0.044715 * x**3)), "not sqrt(2 * pi)"),
        (lambda x: form(x, ROOT * x + 0.044715 * x**3), "everything inside"),
        (lambda x: form(x, ROOT * (x + 0.44715 * x**3)), "ten times smaller"),
        (lambda x: x * torch.sigmoid(1.702 * x), "another approximation"),
        (torch.relu, "this is ReLU"),
        (torch.tanh, "gelu_tanh(1) should be 0.8412"),
        (lambda x: x.tolist(), "got list"),
    ],
    "03b-3": [
        (lambda x, norm, sub: sub(norm(x)), "residual connection is missing"),
        (lambda x, norm, sub: x + sub(x), "norm is missing"),
        (lambda x, norm, sub: norm(x + sub(x)), "this is post-norm"),
        (lambda x, norm, sub: norm(x) + sub(norm(x)), "starts from norm(x)"),
        (lambda x, norm, sub: x + norm(sub(x)), "after the sub-layer"),
        (lambda x, norm, sub: norm(x + sub(norm(x))), "one norm too many"),
        (lambda x, norm, sub: x + norm(x), "sub-layer is missing"),
        (lambda x, norm, sub: x, "plus the sub-layer's output"),
        (lambda x, norm, sub: None, "returns nothing"),
        (step_in_place, "changed its argument"),
        (step_twice, "called 2 times"),
    ],
}


def rms_loop(x, w, eps):
    rows = []
    for token in x.reshape(-1, x.shape[-1]):
        total = sum(float(value) ** 2 for value in token)
        rows.append(token / math.sqrt(total / len(token) + eps) * w)
    return torch.stack(rows).reshape(x.shape)


def gelu_loop(x):
    factors = [0.5 * (1 + math.tanh(ROOT * (v + 0.044715 * v**3))) for v in x.flatten().tolist()]
    return x * torch.tensor(factors, dtype=x.dtype).view(x.shape)


def gelu_numpy(x):
    v = x.numpy()
    return torch.from_numpy(v * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (v + 0.044715 * v**3))))


def step_on_a_copy(x, norm, sublayer):
    out = x.clone()
    out += sublayer(norm(x))
    return out


def step_named(x, norm, sublayer):
    normed = norm(x)
    written = sublayer(normed)
    return torch.add(written, x)


RIGHT = {
    "03b-1": [
        lambda x, w, eps: F.rms_norm(x, (x.shape[-1],), w, eps),
        lambda x, w, eps: w * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps),
        lambda x, w, eps: x / (x.norm(dim=-1, keepdim=True) ** 2 / x.shape[-1] + eps) ** 0.5 * w,
        rms_loop,
    ],
    "03b-2": [
        lambda x: F.gelu(x, approximate="tanh"),
        lambda x: x * torch.sigmoid(2 * ROOT * (x + 0.044715 * x**3)),  # the same function
        gelu_loop,
        gelu_numpy,
    ],
    "03b-3": [lambda x, norm, sub: x + sub(norm(x)), step_on_a_copy, step_named],
}

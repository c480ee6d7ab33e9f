"""Answers to the exercises of 03b: usual mistakes with the hint each must get, and a right one."""

import math

import torch
import torch.nn.functional as F


def mean_square(x):
    return x.square().mean(-1, keepdim=True)


def rms_in_place(x, w, eps):
    x /= (mean_square(x) + eps).sqrt()
    return x * w


def form(x, inner):
    return 0.5 * x * (1 + torch.tanh(inner))


def step_in_place(x, norm, part):
    x += part(norm(x))
    return x


def step_twice(x, norm, part):
    part(x)
    return x + part(norm(x))


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
            "divides by the spread",
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
        (lambda x: form(x, ROOT * x + 0.044715 * x**3), "the whole bracket"),
        (lambda x: form(x, ROOT * (x + 0.44715 * x**3)), "ten times smaller"),
        (lambda x: x * torch.sigmoid(1.702 * x), "another approximation"),
        (torch.relu, "this is ReLU"),
        (torch.tanh, "gelu_tanh(1) should be 0.8412"),
        (lambda x: x.tolist(), "got list"),
    ],
    "03b-3": [
        (lambda x, norm, part: part(norm(x)), "path is missing"),
        (lambda x, norm, part: x + part(x), "norm is missing"),
        (lambda x, norm, part: norm(x + part(x)), "this is post-norm"),
        (lambda x, norm, part: norm(x) + part(norm(x)), "path is normalized too"),
        (lambda x, norm, part: x + norm(part(x)), "behind the part"),
        (lambda x, norm, part: norm(x + part(norm(x))), "one norm too many"),
        (lambda x, norm, part: x + norm(x), "part is missing"),
        (lambda x, norm, part: x, "plus the part of norm(x)"),
        (lambda x, norm, part: None, "returns nothing"),
        (step_in_place, "changed its argument"),
        (step_twice, "called 2 times"),
    ],
}

RIGHT = {
    "03b-1": lambda x, w, eps: F.rms_norm(x, (x.shape[-1],), w, eps),
    "03b-2": lambda x: F.gelu(x, approximate="tanh"),
    "03b-3": lambda x, norm, part: x + part(norm(x)),
}

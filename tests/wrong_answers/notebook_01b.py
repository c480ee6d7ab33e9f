"""Answers to the exercises of 01b: usual mistakes with the hint each must get, and right ones."""

import numpy as np
import torch


def center_in_place(x):
    x -= x.mean(dim=-1, keepdim=True)
    return x


def center_by_loop(x):
    rows = [row - sum(row) / len(row) for row in x.reshape(-1, x.shape[-1])]
    return torch.stack(rows).reshape(x.shape)


def distances_by_loop(a, b):
    table = torch.zeros(len(a), len(b))
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            table[i, j] = sum((left - right) ** 2)
    return table


def step(change, clear=True, skip=True, grad=True):
    """Make an answer to 01b-3 from what happens to one parameter."""

    def sgd_step(parameters, learning_rate):
        with torch.set_grad_enabled(not grad):
            for parameter in parameters:
                if parameter.grad is None and skip:
                    continue
                change(parameter, parameter.grad, learning_rate)
                if clear:
                    parameter.grad = None

    return sgd_step


def until_none(parameters, learning_rate):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is None:
                return
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


def new_tensors(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter = parameter - learning_rate * parameter.grad  # noqa: PLW2901


def with_index(parameters, learning_rate):
    for i in range(len(parameters)):
        if parameters[i].grad is not None:
            parameters[i].data.add_(parameters[i].grad, alpha=-learning_rate)
            parameters[i].grad = None


def with_torch(parameters, learning_rate):
    optimizer = torch.optim.SGD(parameters, lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


def all_decay(parameters, learning_rate):
    step(lambda p, g, r: p.sub_(r * g))(parameters, learning_rate)
    with torch.no_grad():
        parameters[1].zero_()


def moved(parameter, gradient, rate):
    parameter -= rate * gradient


WRONG = {
    "01b-1": [
        (lambda x: x - x.mean(dim=0, keepdim=True), "first axis"),
        (lambda x: x - x.mean(), "every row has its own"),
        (lambda x: x - x.mean(dim=-1), "keepdim=True"),
        (lambda x: x.mean(dim=-1, keepdim=True) - x, "the sign is wrong"),
        (lambda x: x - x.sum(dim=-1, keepdim=True), "not the sum"),
        (lambda x: x, "this is x itself"),
        (lambda x: x.mean(dim=-1, keepdim=True), "shape of x"),
        (lambda x: x - x.mean(dim=1, keepdim=True), "not for the shape (3,)"),
        (
            lambda x: (x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True),
            "standard deviation",
        ),
        (lambda x: x - x.median(dim=-1, keepdim=True).values, "[[-1, 1], [-10, 10]]"),
        (center_in_place, "changed its argument"),
        (lambda x: None, "returns nothing"),
        (lambda x: "centered", "a tensor"),
    ],
    "01b-2": [
        (lambda a, b: (b[:, None] - a[None]).square().sum(-1), "transposed"),
        (lambda a, b: (a[:, None] - b[None]).square(), "sum over the coordinates is missing"),
        (lambda a, b: torch.cdist(a, b), "leave out the square root"),
        (lambda a, b: (a[:, None] - b[None]).sum(-1), "the square is missing"),
        (lambda a, b: (a[:, None] - b[None]).sum(-1) ** 2, "square first"),
        (lambda a, b: (a[:, None] - b[None]).abs().sum(-1), "instead of taking abs"),
        (lambda a, b: (a[:, None] - b[None]).square().mean(-1), "do not average"),
        (lambda a, b: a @ b.T, "dot product"),
        (lambda a, b: (a[:, None] - b[None]).square().sum(0), "shape (3, 2), not (2, 2)"),
        (lambda a, b: (a[:, None, :2] - b[None, :, :2]).square().sum(-1), "not for five"),
        (lambda a, b: a.sum(-1)[:, None] + b.sum(-1), "the points of the check"),
        (lambda a, b: None, "returns nothing"),
        (lambda a, b: a.sub_(1.0), "changed its argument"),
    ],
    "01b-3": [
        (step(lambda p, g, r: p.add_(r * g)), "subtract"),
        (step(lambda p, g, r: p.sub_(g)), "learning rate is missing"),
        (step(lambda p, g, r: p.sub_(g / r)), "you divide by it"),
        (step(lambda p, g, r: p.sub_(r * g), clear=False), "clear the gradients"),
        (step(lambda p, g, r: p.sub_(r * g), skip=False), "gradient None"),
        (step(moved, grad=False), "no_grad"),
        (until_none, "also after a None"),
        (new_tensors, "no parameter has changed"),
        (step(lambda p, g, r: p.sub_(r * g).requires_grad_(False)), "lost requires_grad"),
        (step(lambda p, g, r: p.sub_(r * g.sign())), "[0.8, 1.6]"),
        (all_decay, "must stay as it is"),
        (lambda parameters, learning_rate: None, "no parameter has changed"),
    ],
}
RIGHT = {
    "01b-1": [
        lambda x: x - x.mean(dim=-1, keepdim=True),
        center_by_loop,
        lambda x: x - x.mean(-1)[..., None],
        lambda x: x.numpy() - x.numpy().mean(axis=-1, keepdims=True),
    ],
    "01b-2": [
        lambda a, b: (a[:, None] - b[None]).square().sum(-1),
        distances_by_loop,
        lambda a, b: (a**2).sum(-1)[:, None] + (b**2).sum(-1) - 2 * a @ b.T,
        lambda a, b: np.square(a.numpy()[:, None] - b.numpy()).sum(axis=-1),
    ],
    "01b-3": [step(moved), with_index, with_torch],
}

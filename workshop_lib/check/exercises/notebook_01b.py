"""Self-checks of 01b_pytorch_in_an_hour."""

import torch

from workshop_lib.check.exercise import wants


@wants(torch.Tensor)
def check_01b_1(center) -> str | None:
    """Subtract the mean of the last axis."""
    x = torch.tensor([[1.0, 3.0], [10.0, 30.0]])
    found = center(x)
    if found.shape != x.shape:
        return f"the result has the shape of x, (2, 2), not {tuple(found.shape)}: subtract from x"
    found = found.detach().float()
    hints = [
        (x, "this is x itself: subtract the mean"),
        (
            x - x.mean(dim=0, keepdim=True),
            "this is the mean over the first axis: use dim=-1, the last one",
        ),
        (x - x.mean(), "this is one mean over all numbers: every row has its own, dim=-1"),
        (
            x - x.mean(dim=-1),
            "the means were subtracted along the wrong axis, without an error: keepdim=True keeps "
            "them as a column",
        ),
        (x.mean(dim=-1, keepdim=True) - x, "the sign is wrong: x minus its mean"),
        (x - x.sum(dim=-1, keepdim=True), "subtract the mean, not the sum"),
        (
            (x - x.mean(dim=-1, keepdim=True)) / x.std(dim=-1, keepdim=True),
            "subtract the mean, and do not divide by the standard deviation",
        ),
        (
            (x - x.mean(dim=-1, keepdim=True)) / x.std(dim=-1, keepdim=True, correction=0),
            "subtract the mean, and do not divide by the standard deviation",
        ),
    ]
    for wrong, hint in hints:
        if torch.allclose(found, wrong):
            return hint
    if not torch.allclose(found, x - x.mean(dim=-1, keepdim=True)):
        return f"[[1, 3], [10, 30]] gives [[-1, 1], [-10, 10]], not {found.tolist()}"
    for shape in ((3,), (2, 3, 4), (2, 1, 3, 5)):
        y = torch.arange(1.0, 1 + torch.Size(shape).numel()).reshape(shape).square()
        try:
            right = torch.allclose(center(y).float(), y - y.mean(dim=-1, keepdim=True))
        except (RuntimeError, IndexError, ValueError):
            right = False
        if not right:
            return (
                f"right for a matrix, but not for the shape {shape}: dim=-1 is the last axis of "
                "any shape"
            )
    return None


@wants(torch.Tensor)
def check_01b_2(squared_distances) -> str | None:
    """All squared distances between two sets of points."""
    a = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    b = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    differences = a[:, None] - b[None]
    right = differences.square().sum(dim=-1)
    found = squared_distances(a, b)
    if found.shape == right.T.shape:
        if torch.allclose(found.float(), right.T):
            return "the table is transposed: entry i, j is point i of a with point j of b"
        return "the table has the shape (m, n): rows are the points of a, columns those of b"
    if found.shape == differences.shape:
        return "the sum over the coordinates is missing: .sum(dim=-1)"
    if found.shape != right.shape:
        return f"3 points and 2 points give a table of shape (3, 2), not {tuple(found.shape)}"
    found = found.detach().float()
    hints = [
        (right.sqrt(), "these are distances: leave out the square root"),
        (differences.sum(dim=-1), "the square is missing: differences of both signs cancel"),
        (differences.abs().sum(dim=-1), "square the differences instead of taking abs"),
        (differences.square().mean(dim=-1), "sum over the coordinates, do not average"),
        (a @ b.T, "this is the dot product of the points, not the distance"),
        (
            differences.sum(dim=-1).square(),
            "square first, then sum: differences of both signs cancel",
        ),
    ]
    for wrong, hint in hints:
        if torch.allclose(found, wrong):
            return hint
    if not torch.allclose(found, right):
        return f"the points of the check give {right.tolist()}, not {found.tolist()}"
    a, b = torch.arange(20.0).reshape(4, 5), torch.ones(6, 5)
    if not torch.allclose(squared_distances(a, b).float(), (a[:, None] - b).square().sum(dim=-1)):
        return "right for two coordinates, but not for five: sum over the whole last axis"
    return None


@wants(in_place=True)
def check_01b_3(sgd_step) -> str | None:
    """One step of gradient descent, in place."""
    first = torch.tensor([1.0, 2.0], requires_grad=True)
    unused = torch.tensor([5.0], requires_grad=True)
    last = torch.tensor(3.0, requires_grad=True)
    (first.square().sum() + 10 * last).backward()  # gradients [2, 4], None and 10
    try:
        sgd_step([first, unused, last], 0.1)
    except TypeError as error:
        if "NoneType" in str(error):
            return "one parameter has the gradient None, for it was not used: leave it out"
        raise
    except RuntimeError as error:
        if "leaf Variable" in str(error):
            return "autograd records the change of a parameter: do it under torch.no_grad()"
        raise
    values = [p.detach().tolist() for p in (first, unused, last)]
    if not all(p.requires_grad and p.is_leaf for p in (first, unused, last)):
        return "the parameters lost requires_grad: change their numbers only, under no_grad"
    if values == [[1.0, 2.0], [5.0], 3.0]:
        return (
            "no parameter has changed: p = p - … makes a new tensor; p -= … changes the one that "
            "was passed in"
        )

    def near(step_first, step_last):
        wanted = torch.tensor([1 + 2 * step_first, 2 + 4 * step_first, 3 + 10 * step_last])
        return torch.allclose(torch.tensor([*values[0], values[2]]), wanted)

    if near(0.1, 0.1):
        return "the loss would grow: go against the gradient, so subtract"
    if near(-1.0, -1.0):
        return "the learning rate is missing: multiply the gradient by it"
    if near(-10.0, -10.0):
        return "multiply by the learning rate; you divide by it"
    if near(-0.1, 0.0):
        return "only the first parameter moved: go through the whole list, also after a None"
    if not near(-0.1, -0.1):
        return f"[1, 2] with the gradient [2, 4] at 0.1 becomes [0.8, 1.6], not {values[0]}"
    if values[1] != [5.0]:
        return "a parameter without a gradient must stay as it is"
    if first.grad is not None or last.grad is not None:
        return "clear the gradients: set each .grad to None, or the next backward adds to it"
    return None

"""The figures of 01b_pytorch_in_an_hour."""

from figures.svg import Drawing


def tensor_shapes() -> str:
    """A scalar, a vector, a matrix and a batch of matrices, with their shapes."""
    drawing = Drawing(
        900,
        300,
        "Tensors and their shapes",
        "A single number has the shape (). Three numbers in a row have the shape (3,). Two rows of "
        "three have the shape (2, 3). Two such matrices, one in front of the other, have the "
        "shape (2, 2, 3).",
    )
    names = [(70, "scalar", "()"), (230, "vector", "(3,)"), (450, "matrix", "(2, 3)")]
    for x, name, shape in [*names, (722, "batch of matrices", "(2, 2, 3)")]:
        drawing.text(x, 36, name, 20, bold=True)
        drawing.text(x, 266, shape, 22, mono=True, colour="blue")
    drawing.grid(46, 120, [["7"]], cell=48, colours="blue", size=20)
    drawing.grid(158, 120, [["1", "2", "3"]], cell=48, colours="blue", size=20)
    matrix = [["1", "2", "3"], ["4", "5", "6"]]
    drawing.grid(378, 96, matrix, cell=48, colours="blue", size=20)
    tens = [["10", "20", "30"], ["40", "50", "60"]]
    drawing.grid(666, 76, matrix, cell=48, colours="orange", size=20)
    drawing.grid(634, 132, tens, cell=48, colours="blue", size=20)
    return drawing.svg()


def broadcasting() -> str:
    """A row repeated down a matrix; a column and a row that make a table."""
    drawing = Drawing(
        940,
        400,
        "Broadcasting",
        "Above: a matrix of shape (2, 3) plus a vector of shape (3,): the vector is used for both "
        "rows. Below: a column of shape (2, 1) plus a row of shape (1, 3): the column is used for "
        "each of the three columns, the row for both rows, and the result has the shape (2, 3).",
    )
    size = {"cell": 54, "height": 44, "size": 18}
    drawing.grid(40, 50, [["1", "2", "3"], ["4", "5", "6"]], colours="blue", **size)
    drawing.text(238, 94, "+", 26)
    faded = 3 * ["grey"]
    rows = [["10", "20", "30"], ["10", "20", "30"]]
    drawing.grid(280, 50, rows, colours=[3 * ["orange"], faded], **size)
    drawing.text(478, 94, "=", 26)
    drawing.grid(520, 50, [["11", "22", "33"], ["14", "25", "36"]], colours="green", **size)
    for x, shape in ((121, "(2, 3)"), (361, "   (3,)"), (601, "(2, 3)")):
        drawing.text(x, 158, shape, 19, mono=True)
    drawing.text(704, 94, "grey: used again", 17, anchor="start", colour="grey")

    columns = [["10", "10", "10"], ["20", "20", "20"]]
    colours = [["blue", "grey", "grey"], ["blue", "grey", "grey"]]
    drawing.grid(40, 230, columns, colours=colours, **size)
    drawing.text(238, 274, "+", 26)
    rows = [["1", "2", "3"], ["1", "2", "3"]]
    drawing.grid(280, 230, rows, colours=[3 * ["orange"], faded], **size)
    drawing.text(478, 274, "=", 26)
    drawing.grid(520, 230, [["11", "12", "13"], ["21", "22", "23"]], colours="green", **size)
    for x, shape in ((121, "(2, 1)"), (361, "(1, 3)"), (601, "(2, 3)")):
        drawing.text(x, 338, shape, 19, mono=True)
    rule = "aligned at the right, two lengths fit if they are equal or one of them is 1"
    drawing.text(470, 380, rule, 17, colour="grey")
    return drawing.svg()


def computational_graph() -> str:
    """The forward pass of (w x - y)^2 and its backward pass, with numbers."""
    drawing = Drawing(
        980,
        340,
        "A computational graph",
        "Forward, from left to right: w = 2 times x = 3 gives 6, minus y = 10 gives -4, squared "
        "gives the loss 16. Backward, from right to left: the derivative of the loss is 1, before "
        "the square -8, before the subtraction -8, and for w -8 times 3 = -24.",
    )
    drawing.box(20, 116, 120, 66, "w = 2", colour="orange", size=20)
    drawing.box(216, 116, 120, 66, "× x", note="x = 3", size=20)
    drawing.box(446, 116, 120, 66, "− y", note="y = 10", size=20)
    drawing.box(676, 116, 120, 66, "square", size=20)
    drawing.box(864, 116, 100, 66, "loss", colour="green", size=20)
    drawing.text(490, 40, "forward pass: values", 20, bold=True)
    drawing.text(490, 304, "backward pass: derivatives of the loss", 20, colour="purple", bold=True)
    forward = [(140, 216, "2"), (336, 446, "6"), (566, 676, "−4"), (796, 864, "16")]
    for left, right, value in forward:
        drawing.arrow((left, 136), (right - 2, 136))
        drawing.text((left + right) / 2, 112, value, 19)
    backward = [(140, 216, "−8 · 3 = −24"), (336, 446, "−8 · 1 = −8"), (796, 864, "1")]
    backward += [(566, 676, "2 · (−4) = −8")]
    for left, right, value in backward:
        drawing.arrow((right, 166), (left + 2, 166), colour="purple")
        drawing.text((left + right) / 2, 222, value, 18, colour="purple")
        drawing.arrow(((left + right) / 2, 208), ((left + right) / 2, 174), colour="purple")
    return drawing.svg()

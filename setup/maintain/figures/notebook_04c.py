"""The figures of 04c_scaling_up."""

from figures.svg import Drawing


def chunked_loss() -> str:
    """Whole logits against one chunk at a time."""
    drawing = Drawing(
        920,
        380,
        "The head and the loss, whole and in chunks",
        "Above: the vectors of all tokens become all logits, then all probabilities, then all "
        "gradients, three large blocks. Below: a few tokens at a time become few logits, their "
        "loss and their gradient, which is added to two small sums, before the next few come.",
    )
    drawing.text(30, 28, "whole", anchor="start", bold=True)
    drawing.box(30, 60, 90, 110, "hidden", note="all tokens", colour="green")
    drawing.arrow((120, 115), (190, 115), label="head")
    for x, label in ((192, "logits"), (432, "probabilities"), (672, "gradient")):
        drawing.box(x, 50, 200, 130, label, note="all tokens × all V", colour="orange")
    drawing.arrow((392, 115), (432, 115))
    drawing.arrow((632, 115), (672, 115))
    drawing.text(30, 218, "in chunks", anchor="start", bold=True)
    for i in range(4):
        colour = "blue" if i == 1 else "green"
        drawing.box(30, 240 + 30 * i, 90, 28, "next" if i == 1 else "", colour=colour, size=14)
    drawing.arrow((120, 284), (190, 284), label="head")
    drawing.box(192, 262, 200, 44, "logits of a chunk", colour="blue", size=15)
    drawing.arrow((392, 284), (470, 284))
    drawing.box(472, 262, 160, 44, "its gradient", colour="blue", size=15)
    drawing.arrow((632, 284), (710, 284), label="add")
    drawing.box(712, 240, 180, 40, "sum for the head", colour="yellow", size=15)
    drawing.box(712, 290, 180, 40, "gradient of hidden", colour="yellow", size=15)
    drawing.text(412, 345, "then the chunk is freed, and the next one comes", 14, colour="grey")
    return drawing.svg()


def data_parallel() -> str:
    """Two processes that train one model."""
    drawing = Drawing(
        920,
        300,
        "Data parallelism",
        "A batch of eight windows is shared: four go to each of two processes. Each has all the "
        "weights and computes a gradient. The gradients are averaged, so both take the same step.",
    )
    drawing.box(30, 110, 130, 80, "one batch", note="8 windows", colour="grey")
    for y, name in ((40, "process 0"), (200, "process 1")):
        drawing.text(330, y - 14, name, 14, colour="grey")
        drawing.arrow((160, 150), (240, y + 30))
        drawing.box(242, y, 176, 60, "all weights", note="4 windows", colour="orange")
        drawing.arrow((418, y + 30), (500, y + 30))
        drawing.box(502, y, 130, 60, "gradient", colour="blue")
        drawing.arrow((632, y + 30), (700, 150))
    drawing.box(702, 110, 188, 80, "average", note="all-reduce: to both", colour="purple")
    drawing.text(796, 216, "then each takes", 14, colour="grey")
    drawing.text(796, 236, "the same step", 14, colour="grey")
    return drawing.svg()

"""A few shapes, one look: a light card with dark ink, so that it reads on light and dark pages.

    drawing = Drawing(640, 240, "What it shows", "The same for those who cannot see it.")
    drawing.box(40, 80, 120, 60, "text", colour="blue")
    drawing.arrow((160, 110), (220, 110), label="encode")
    return drawing.svg()

Lengths are pixels, (0, 0) is the upper left corner. Whatever lies outside the card, or a label that
is wider than its box, raises ValueError: readers' fonts differ, so leave room.
"""

from xml.sax.saxutils import escape

INK = "#1f2328"
CARD = "#fcfbf8"
# name: (fill, line and emphasised text); told apart with every kind of colour vision
COLOURS = {
    "blue": ("#d9e8f6", "#0b5394"),
    "orange": ("#fde3cf", "#a84300"),
    "green": ("#d3eee2", "#00634a"),
    "purple": ("#f1ddea", "#8a3d70"),
    "yellow": ("#faecc2", "#7a5500"),
    "grey": ("#ececec", "#555555"),
    "white": ("#ffffff", "#555555"),
}
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif"
MONO = "ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace"


def text_width(text: str, size: float, mono: bool = False) -> float:
    """Estimate how wide a line is; a little more than most fonts need."""
    wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text)  # CJK, emoji
    return wide * size * (0.61 if mono else 0.56)


class Drawing:
    """A card to draw on.

    Args:
        width, height: of the card.
        title: what the figure shows, in a few words.
        description: the same in sentences, for screen readers.
    """

    def __init__(self, width: int, height: int, title: str, description: str):
        self.width, self.height = width, height
        self.title, self.description = title, description
        self.shapes: list[str] = []

    def box(self, x, y, width, height, label="", *, colour="blue", note="", mono=False, size=16):
        """Draw a rounded box with its label in the middle and a smaller note below it."""
        fill, line = COLOURS[colour]
        self._inside(x, y)
        self._inside(x + width, y + height)
        self._shape("rect", x=x, y=y, width=width, height=height, rx=8, fill=fill, stroke=line)
        for line_of_text, wanted in ((label, size), (note, size - 3)):
            if text_width(line_of_text, wanted, mono) > width - 8:
                raise ValueError(f"{line_of_text!r} is too wide for a box of {width}")
        middle = y + height / 2
        if label:
            self.text(x + width / 2, middle - (size * 0.6 if note else 0), label, size, mono=mono)
        if note:
            self.text(x + width / 2, middle + size * 0.65, note, size - 3, colour="grey")

    def text(self, x, y, text, size=16, *, anchor="middle", colour=None, bold=False, mono=False):
        """Write one line whose height is centred on y; anchor: "start", "middle" or "end"."""
        width = text_width(text, size, mono)
        left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
        self._inside(left, y - size / 2)
        self._inside(left + width, y + size / 2)
        attributes = {"x": x, "y": y, "font-size": size, "text-anchor": anchor}
        attributes["fill"] = COLOURS[colour][1] if colour else INK
        if bold:
            attributes["font-weight"] = 600
        if mono:
            attributes["class"] = "mono"
        self._shape("text", escape(text), **attributes)

    def arrow(self, *points, label="", colour="grey", dashed=False, head=True, size=14):
        """Draw a line through two or more points with a head at the last one.

        The label stands above the middle of the first stretch, or right of it if that is upright.
        """
        line = COLOURS[colour][1]
        for point in points:
            self._inside(*point)
        path = "M" + " L".join(f"{_number(x)} {_number(y)}" for x, y in points)
        style = {"d": path, "fill": "none", "stroke": line, "stroke-width": 2}
        if dashed:
            style["stroke-dasharray"] = "5 4"
        if head:
            style["marker-end"] = f"url(#head-{colour})"
        self._shape("path", **style)
        if label:
            (x1, y1), (x2, y2) = points[:2]
            x, y = (x1 + x2) / 2, (y1 + y2) / 2
            if abs(x1 - x2) < abs(y1 - y2):
                self.text(x + 8, y, label, size, anchor="start", colour=colour)
            else:
                if text_width(label, size) > abs(x1 - x2):
                    raise ValueError(f"{label!r} is too wide for an arrow of {abs(x1 - x2):.0f}")
                self.text(x, y - size, label, size, colour=colour)

    def grid(self, x, y, rows, *, cell=36, height=None, colours="white", size=15, mono=True):
        """Draw a table of values.

        Args:
            x, y: its upper left corner.
            rows: lists of values, written as they are; "" leaves a cell empty.
            cell, height: the width and height of a cell (height: the width, if not given).
            colours: one colour for all, or rows of colours as `rows` has values.
        """
        height = height or cell
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                colour = colours if isinstance(colours, str) else colours[i][j]
                fill, line = COLOURS[colour]
                left, top = x + j * cell, y + i * height
                self._inside(left + cell, top + height)
                place = {"x": left, "y": top, "width": cell, "height": height}
                self._shape("rect", **place, fill=fill, stroke=line)
                if text_width(str(value), size, mono) > cell - 2:
                    raise ValueError(f"{value!r} is too wide for a cell of {cell}")
                if value != "":
                    middle = (left + cell / 2, top + height / 2)
                    self.text(*middle, str(value), size, mono=mono)

    def svg(self) -> str:
        """Return the whole file."""
        heads = "".join(
            f'<marker id="head-{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
            f'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z" '
            f'fill="{line}"/></marker>'
            for name, (_, line) in COLOURS.items()
            if any(f"url(#head-{name})" in shape for shape in self.shapes)
        )
        card = f'<rect width="{self.width}" height="{self.height}" rx="12" fill="{CARD}"/>'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" '
            f'aria-labelledby="title desc" font-family="{SANS}">',
            f'<title id="title">{escape(self.title)}</title>',
            f'<desc id="desc">{escape(self.description)}</desc>',
            "<style>text{dominant-baseline:central;white-space:pre}"
            f".mono{{font-family:{MONO}}}</style>",
            *([f"<defs>{heads}</defs>"] if heads else []),
            card,
            *self.shapes,
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _shape(self, name: str, content: str = "", **attributes) -> None:
        pairs = "".join(f' {key}="{_number(value)}"' for key, value in attributes.items())
        self.shapes.append(f"<{name}{pairs}>{content}</{name}>" if content else f"<{name}{pairs}/>")

    def _inside(self, x, y) -> None:
        if not (0 <= x <= self.width and 0 <= y <= self.height):
            raise ValueError(
                f"({x:.0f}, {y:.0f}) is outside the card of {self.width} x {self.height}"
            )


def _number(value) -> str:
    """Write a number in the same way on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

"""The SVG figures: drawn by their functions, light, readable by all, and whole without a network."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from workshop_lib.paths import ROOT

sys.path.insert(0, str(ROOT / "setup" / "maintain"))

import draw_figures
from figures.svg import CARD, COLOURS, INK, Drawing

FIGURES = sorted(ROOT.glob("0[1-6]_*/figures/*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def test_files_are_what_the_functions_draw():
    check = [sys.executable, str(ROOT / "setup" / "maintain" / "draw_figures.py"), "--check"]
    run = subprocess.run(check, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert set(draw_figures.draw_all()) == set(FIGURES) and len(FIGURES) >= 2


def problems(text: str) -> list[str]:
    """Say what keeps a figure from being small, self-contained and readable by all."""
    root = ElementTree.fromstring(text)
    found = []
    for name in ("title", "desc"):
        element = root.find(SVG + name)
        if element is None or not (element.text or "").strip():
            found.append(f"no {name}")
    if len(text.encode()) > 60_000:
        found.append("above 60 kB")
    if re.search(r"(href|src)=|url\((?!#)|@import|<script|<foreignObject", text):
        found.append("reaches outside itself")
    if CARD not in text:
        found.append("no card: dark pages would swallow its ink")
    return found


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_figures_are_small_and_readable_by_all(path):
    assert problems(path.read_text("utf-8")) == []


def test_the_rules_for_figures_are_not_empty():
    good = Drawing(100, 50, "A", "B").svg()
    assert problems(good) == []
    assert problems(good.replace("<title", "<g").replace("</title", "</g")) == ["no title"]
    assert problems(good.replace(">B<", "> <")) == ["no desc"]
    assert problems(good.replace(CARD, "none")) == ["no card: dark pages would swallow its ink"]
    assert problems(good.replace("</svg>", " " * 60_000 + "</svg>")) == ["above 60 kB"]
    image = '<image href="https://example.org/a.png"/></svg>'
    assert problems(good.replace("</svg>", image)) == ["reaches outside itself"]


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", COLOURS)
def test_ink_has_the_contrast_that_small_text_needs(name):
    fill, line = COLOURS[name]
    for ink, ground in ((INK, fill), (line, fill), (line, CARD), (INK, CARD)):
        light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda d: d.box(150, 10, 60, 20), "outside the card"),
        (lambda d: d.box(10, 10, 60, 20, "much too long"), "too wide for a box"),
        (lambda d: d.text(10, 10, "starts outside"), "outside the card"),
        (lambda d: d.arrow((0, 0), (10, 200)), "outside the card"),
        (lambda d: d.arrow((50, 50), (60, 50), label="wide"), "too wide for an arrow"),
        (lambda d: d.grid(10, 10, [["12345678"]]), "too wide for a cell"),
        (lambda d: d.grid(10, 10, [list("abcdefgh")]), "outside the card"),
    ],
)
def test_what_would_not_be_seen_whole_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(Drawing(200, 100, "A", "B"))


def test_shapes_are_drawn_and_escaped():
    drawing = Drawing(200, 100, "a < b", "c & d")
    drawing.box(10, 10, 80, 40, "x < y", colour="green")
    drawing.arrow((90, 30), (150, 30), colour="green")
    drawing.grid(10, 60, [[1, 2]], cell=20)
    root = ElementTree.fromstring(drawing.svg())
    assert root.find(f"{SVG}title").text == "a < b"
    assert [text.text for text in root.iter(f"{SVG}text")] == ["x < y", "1", "2"]
    assert len(root.findall(f".//{SVG}marker")) == 1, "only the arrow heads that are used"

"""The slide decks: made from their notebooks, complete, small, and nothing cut off."""

import re
import sys

import pytest
from test_notebooks import code, markdown, notebook, printed

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read
from workshop_lib.paths import ROOT

sys.path.insert(0, str(ROOT / "setup" / "maintain"))

import make_slides

LARGEST = 1_000_000  # bytes


def on(kind, cell, **workshop):
    """Put a cell on a slide."""
    metadata = cell["metadata"] | {"slideshow": {"slide_type": kind}}
    return cell | {"metadata": metadata | ({"workshop": workshop} if workshop else {})}


NOTEBOOK = notebook(
    on("slide", markdown("# 99a Title\n\nSee [token](glossary.md#token), [paper](https://a.org).")),
    on("skip", markdown("Too long for a slide.")),
    on("-", code("print('x < y')", outputs=[printed("x < y\n")])),
    on("slide", code("secret = 42", outputs=[printed("shown\n")]), slide="output"),
    on("notes", markdown("For the instructor.")),
    markdown("One more line."),
)


def test_cells_are_grouped_and_skipped():
    cells = NOTEBOOK["cells"]
    assert make_slides.slides(NOTEBOOK) == [[cells[0], cells[2]], [cells[3], cells[5]]]
    assert make_slides.slides(notebook(markdown("# No slides"))) == []


def test_a_page_holds_what_it_should(tmp_path):
    text = make_slides.page(NOTEBOOK, tmp_path)
    assert text.count("<section") == 2 and "<title>99a Title</title>" in text
    assert "Too long" not in text and "For the instructor" not in text
    assert "x &lt; y" in text and "shown" in text and "secret" not in text
    assert "See token," in text and 'href="https://a.org"' in text
    assert "glossary.md" not in text, "a link to a file would name a folder of this machine"


def test_figures_are_put_into_the_page(tmp_path):
    cells = [on("slide", markdown("# 99a Title\n\n![A picture of it](figures/a.svg)"))]
    with pytest.raises(FileNotFoundError):
        make_slides.page(notebook(*cells), tmp_path)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.svg").write_text("<svg/>", "utf-8")
    before = make_slides.page(notebook(*cells), tmp_path)
    assert "figures/a.svg" not in before and "data:image/svg+xml;base64," in before
    (tmp_path / "figures" / "a.svg").write_text("<svg> </svg>", "utf-8")
    assert make_slides.page(notebook(*cells), tmp_path) != before, "a new figure, the same deck"


DECKS = [path for path in chapter_notebooks() if make_slides.slides(read(path))]


def test_the_first_chapter_has_a_deck():
    assert any(path.name.startswith("01") for path in DECKS)


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_the_deck_is_made_from_its_notebook(path):
    deck = path.with_suffix(".pdf")
    assert deck.is_file() and deck.stat().st_size < LARGEST
    text = make_slides.page(read(path), path.parent)
    assert make_slides.is_current(deck, text), "run python setup/maintain/make_slides.py"
    assert not make_slides.is_current(deck, text + " ")
    pdf = deck.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == text.count("<section")
    assert b"file:" not in pdf


@pytest.mark.browser
def test_a_deck_is_printed_the_same_each_time_and_refuses_what_does_not_fit(tmp_path):
    found_chromium()
    page = make_slides.page(NOTEBOOK, tmp_path)
    decks = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for deck in decks:
        make_slides.print_deck(page, deck)
        assert make_slides.is_current(deck, page)
    assert decks[0].read_bytes() == decks[1].read_bytes()
    for full in ("word " * 900, "![too small a place for it](figures/a.svg)\n\n" + "word " * 300):
        (tmp_path / "figures").mkdir(exist_ok=True)
        svg = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300"/>'
        (tmp_path / "figures" / "a.svg").write_text(svg, "utf-8")
        overfull = notebook(
            on("slide", markdown("# 99a Title")), on("slide", markdown(f"# Full\n\n{full}"))
        )
        with pytest.raises(ValueError, match="too much on slide 2"):
            make_slides.print_deck(make_slides.page(overfull, tmp_path), tmp_path / "full.pdf")
    assert not (tmp_path / "full.pdf").exists()


def found_chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as driver:
        if not make_slides.chromium(driver).is_file():
            pytest.skip("no Chromium")

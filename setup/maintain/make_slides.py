"""Make a deck of slides from each notebook that has some: a PDF for halls without a network.

    python setup/maintain/make_slides.py            decks whose notebook or figures have changed
    python setup/maintain/make_slides.py --check    make nothing; fail when a deck is out of date

A cell's `slideshow` metadata says where slides begin. A code cell whose `workshop` metadata holds
`"slide": "output"` shows its output alone. For maintainers; needs a Chromium.
"""

import argparse
import base64
import hashlib
import html
import os
import re
import shutil
import sys
from pathlib import Path

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, source
from workshop_lib.paths import ROOT

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTH, HEIGHT = 1280, 720  # of a slide, in pixels
STAMP = b"\n%% made from %s\n"  # the deck's last line: which page it was printed from

STYLE = """
@page { size: 1280px 720px; margin: 0 }
* { box-sizing: border-box }
body { margin: 0; font: 30px/1.4 'DejaVu Sans', Arial, sans-serif; color: #1f2328 }
section { height: 720px; padding: 44px 60px 56px; position: relative; break-after: page;
  display: flex; flex-direction: column; gap: 18px; background: #fff }
section.first { justify-content: center }
h1, h2, h3 { margin: 0; line-height: 1.2; color: #0b5394; font-size: 46px }
h1 { font-size: 64px }
p, ul, ol { margin: 0 }
ul { padding-left: 1.2em }
p:has(img), figure { display: contents }
img { flex: 1 1 0; min-height: 0; max-width: 100%; object-fit: contain }
pre { margin: 0; font: 22px/1.35 'DejaVu Sans Mono', monospace; white-space: pre-wrap;
  overflow-wrap: anywhere }
.source pre { background: #f3f5f7; padding: 14px 18px; border-radius: 8px }
.output pre { font-size: 25px; padding: 6px 18px; border-left: 6px solid #0b5394 }
code { font-family: 'DejaVu Sans Mono', monospace; font-size: 0.9em }
table { border-collapse: collapse; font-size: 26px }
td, th { padding: 8px 18px; border-bottom: 1px solid #cccccc; text-align: left }
footer { position: absolute; right: 60px; bottom: 16px; font-size: 17px; color: #555555 }
"""
PAGE = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{}</title><style>{}</style>{}'


# --- The page to print -------------------------------------------------------------------


def slides(notebook: dict) -> list[list[dict]]:
    """Group a notebook's cells into slides; cells marked `skip` or `notes` are on none."""
    groups = []
    for cell in notebook["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type", "-")
        if kind in ("slide", "subslide"):
            groups.append([])
        if groups and kind not in ("skip", "notes"):
            groups[-1].append(cell)
    return groups


def page(notebook: dict, folder: Path) -> str:
    """Write a notebook's slides as one page of HTML that needs nothing beside it."""
    title = source(notebook["cells"][0]).partition("\n")[0].lstrip("# ")
    sections = []
    for number, cells in enumerate(slides(notebook), 1):
        body = "".join(
            _markdown(source(cell), folder) if cell["cell_type"] == "markdown" else _code(cell)
            for cell in cells
        )
        kind = ' class="first"' if number == 1 else ""
        sections.append(f"<section{kind}>{body}<footer>{title} · {number}</footer></section>")
    return PAGE.format(html.escape(title), STYLE, "\n".join(sections))


def _markdown(text: str, folder: Path) -> str:
    """Render text; pictures move into the page, links to other files become plain words."""

    def embed(match: re.Match) -> str:
        data = base64.b64encode((folder / match[1]).read_bytes()).decode()
        return f'src="data:image/svg+xml;base64,{data}"'

    rendered = mistune.create_markdown(plugins=["table"])(text)
    rendered = re.sub(r'<a href="(?!https?:)[^"]*">(.*?)</a>', r"\1", rendered)
    return re.sub(r'src="([^":]+\.svg)"', embed, rendered)


def _code(cell: dict) -> str:
    parts = []
    if cell["metadata"].get("workshop", {}).get("slide") != "output":
        code = highlight(source(cell), PythonLexer(), HtmlFormatter(noclasses=True, nowrap=True))
        parts.append(f'<div class="source"><pre>{code}</pre></div>')
    parts += [_output(output) for output in cell["outputs"]]
    return "".join(parts)


def _output(output: dict) -> str:
    data = {kind: "".join(value) for kind, value in output.get("data", {}).items()}
    if "image/png" in data:
        return f'<img alt="" src="data:image/png;base64,{data["image/png"].strip()}">'
    if "text/html" in data:
        return data["text/html"]
    text = "".join(output.get("text", "")) or data.get("text/plain", "")
    return f'<div class="output"><pre>{html.escape(text.rstrip())}</pre></div>'


# --- The deck ----------------------------------------------------------------------------


def stamp(text: str) -> bytes:
    return STAMP % hashlib.sha256(text.encode()).hexdigest().encode()


def is_current(deck: Path, text: str) -> bool:
    """Say whether a deck was printed from this page."""
    return deck.is_file() and deck.read_bytes().endswith(stamp(text))


def chromium(driver) -> Path:
    """Find the system's Chromium, or the place where playwright would keep its own."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return Path(found or driver.chromium.executable_path)


def print_deck(text: str, deck: Path) -> None:
    """Print a page as a PDF, the same bytes each time with the same Chromium and fonts.

    Raises:
        ValueError: something does not fit on its slide.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(driver), args=["--no-sandbox"])
        sheet = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
        sheet.set_content(text)
        too_full = sheet.evaluate(
            """() => [...document.querySelectorAll('section')].flatMap((section, index) =>
                section.scrollHeight > 720 || section.scrollWidth > 1280 ||
                [...section.querySelectorAll('img')].some(image => image.clientHeight < 200) ||
                section.querySelector(':scope > :nth-last-child(2)')
                    .getBoundingClientRect().bottom > section.getBoundingClientRect().bottom - 40
                ? [index + 1] : [])"""
        )
        if too_full:
            raise ValueError(f"{deck.name}: too much on slide {', '.join(map(str, too_full))}")
        pdf = sheet.pdf(prefer_css_page_size=True, print_background=True)
        browser.close()
    pdf = re.sub(rb"/(CreationDate|ModDate) \(D:\d{14}", rb"/\1 (D:20000101000000", pdf)
    part = deck.with_name(f".{deck.name}.{os.getpid()}.part")
    part.write_bytes(pdf + stamp(text))
    os.replace(part, deck)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="make nothing, compare only")
    args = parser.parse_args()
    odd = []
    for path in chapter_notebooks():
        notebook, deck = read(path), path.with_suffix(".pdf")
        if not slides(notebook):
            continue
        text = page(notebook, path.parent)
        if is_current(deck, text):
            continue
        odd.append(deck)
        if not args.check:
            print_deck(text, deck)
        state = "out of date" if args.check else f"printed, {deck.stat().st_size / 1000:.0f} kB"
        print(f"{deck.relative_to(ROOT)}: {state}")
    return int(args.check and bool(odd))


if __name__ == "__main__":
    sys.exit(main())

"""Links in Markdown files and notebooks: those that stay in the repository must lead somewhere."""

import re
from pathlib import Path

from workshop_lib.course.editions import read, source
from workshop_lib.paths import ROOT

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
PAGES = ("*.md", "setup/**/*.md", "0[1-6]_*/*.md", ".github/**/*.md", "0[1-6]_*/*.ipynb")


def pages() -> list[Path]:
    return sorted({path for pattern in PAGES for path in ROOT.glob(pattern)})


def markdown(path: Path) -> str:
    """Return what a page says in Markdown."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = (cell for cell in read(path)["cells"] if cell["cell_type"] == "markdown")
    return "\n\n".join(map(source, cells))


def broken_links(path: Path, root: Path = ROOT) -> list[str]:
    """Say which links and images lead nowhere, and which images nobody can hear described."""
    found = []
    text = markdown(path)
    for is_image, label, address in LINK.findall(CODE.sub(lambda match: " " * 3, text)):
        if is_image and len(label.split()) < 3:
            found.append(f"{address} has no description: {label!r}")
        if re.match(r"https?://|mailto:", address):
            continue
        file, _, anchor = address.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists():
            found.append(f"there is no {file}")
        elif not target.is_relative_to(root.resolve()):
            found.append(f"{file} is outside of the repository")
        elif anchor and anchor not in anchors(target):
            found.append(f"{file or path.name} has no heading #{anchor}")
    return found


def anchors(path: Path) -> set[str]:
    """Return the names that code hosts and Jupyter give to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub(_words, markdown(path)), re.MULTILINE)
    if path.suffix == ".ipynb":  # Jupyter keeps the case and all signs
        return {heading.strip().replace(" ", "-") for heading in headings}
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in headings}


def _words(match: re.Match) -> str:
    """Keep the words of `code` in a heading, and nothing of a block of code."""
    return "" if match[0].startswith("```") else match[0].strip("`")

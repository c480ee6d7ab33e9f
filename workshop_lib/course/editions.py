"""A notebook as its readers need it: to fill oneself, to type live, or with all the answers."""

import json
import re
from copy import deepcopy
from itertools import takewhile
from pathlib import Path
from typing import Any

from workshop_lib.files import atomic_path

EDITIONS = ("participant", "live", "solution")
MINUTES = re.compile(r"(\d+) minutes?\b")


def read(path: Path) -> dict:
    """Read a notebook as the dictionary that its JSON holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def write(notebook: dict, path: Path) -> None:
    """Write a notebook as Jupyter does, in one step: a killed start leaves no half of it."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    with atomic_path(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


def source(cell: dict) -> str:
    """Return a cell's text, which JSON may hold as a list of lines."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def tags(cell: dict) -> list[str]:
    """Return a cell's tags."""
    return cell["metadata"].get("tags", [])


def notes(cell: dict) -> str:
    """Return what a cell tells the instructor, which no edition but the solutions shows."""
    return cell["metadata"].get("workshop", {}).get("notes", "")


def minutes(notebook: dict) -> dict[str, int | None]:
    """Add up the minutes that the notes for the instructor plan.

    The note of a section begins with its minutes: "6 minutes. Ask who …". A section that may be
    left out in class says so in its first sentence: "5 minutes, or homework." The note of the first
    cell may tell the sum: "Goal: … 35 minutes in class."

    Args:
        notebook: the chapter's notebook.

    Returns:
        class: the sum of all sections that are for the class; homework: of those that need not be;
        stated: the sum as the first cell tells it, or None.
    """
    planned: dict[str, Any] = {"class": 0, "homework": 0, "stated": None}
    for index, cell in enumerate(notebook["cells"]):
        note = notes(cell)
        found = MINUTES.match(note)
        if found:
            spare = re.search(r"homework|skip", note.split(". ")[0])
            planned["homework" if spare else "class"] += int(found[1])
        elif index == 0 and (found := MINUTES.search(note)):
            planned["stated"] = int(found[1])
    return planned


def edition(notebook: dict, kind: str) -> dict:
    """Make the notebook that one kind of reader opens.

    participant: without outputs, so that what it shows is what its owner has run.
    live: for typing in front of a class. Cells tagged `live` keep only their leading `#` lines,
    outputs are gone. Solutions stay, folded away: later cells need what an exercise was to build,
    so the notebook runs from top to bottom when the live cells are typed and no exercise is done.
    solution: for the instructor's own screen. Solutions are unfolded, the notes for instructors
    shown, outputs kept.

    Args:
        notebook: the chapter's notebook; it stays as it is.
        kind: "participant", "live" or "solution".

    Returns:
        The new notebook.

    Raises:
        ValueError: there is no such edition.
    """
    if kind not in EDITIONS:
        raise ValueError(f"there is no edition {kind!r}; there are {', '.join(EDITIONS)}")
    make = {"participant": _participant, "live": _live, "solution": _solution}[kind]
    cells = [new for cell in deepcopy(notebook["cells"]) for new in make(cell)]
    return notebook | {"cells": cells}


def _participant(cell: dict) -> list[dict]:
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    return [cell]


def _live(cell: dict) -> list[dict]:
    if any(tag.startswith("solution:") for tag in tags(cell)):
        cell["metadata"].setdefault("jupyter", {})["source_hidden"] = True
    if "live" in tags(cell):
        lines = source(cell).splitlines(keepends=True)
        prompts = "".join(takewhile(lambda line: line.startswith("#"), lines)).rstrip("\n")
        cell["source"] = prompts.splitlines(keepends=True)
    return _participant(cell)


def _solution(cell: dict) -> list[dict]:
    cell["metadata"].pop("jupyter", None)  # it folds the source away
    if not notes(cell):
        return [cell]
    text = f"> **For the instructor.** {notes(cell)}"
    note = {"cell_type": "markdown", "id": f"{cell['id']}-notes", "metadata": {}, "source": text}
    return [note, cell]

"""The minutes that a notebook's head promises are those of its notes for instructors."""

import re

import pytest

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, source

# Whose notes are complete: one note for each section, which starts with its minutes or "Homework".
# The list only grows.
COMPLETE = ("01a", "01b")


def minutes_of_head(notebook: dict) -> int:
    """Return the minutes of reading and doing that the first cell gives."""
    return int(re.search(r"\*\*Time\*\* (\d+) min", source(notebook["cells"][0]))[1])


def minutes_of_notes(notebook: dict) -> int:
    """Return the sum of the minutes with which the notes start."""
    notes = [cell["metadata"].get("workshop", {}).get("notes", "") for cell in notebook["cells"]]
    return sum(
        int(match[1]) for match in map(re.compile(r"(\d+) minutes?\b").match, notes) if match
    )


@pytest.mark.parametrize("number", COMPLETE)
def test_the_notes_add_up_to_the_time_of_the_head(number):
    [path] = [path for path in chapter_notebooks() if path.stem.startswith(number)]
    assert minutes_of_notes(read(path)) == minutes_of_head(read(path))


def test_the_plan_in_01a_shows_the_minutes_of_every_head():
    heads = {path.stem[:3]: minutes_of_head(read(path)) for path in chapter_notebooks()}
    notebook = read(next(path for path in chapter_notebooks() if path.stem.startswith("01a")))
    shown = [
        "".join(output.get("text", ""))
        for cell in notebook["cells"]
        if "def minutes_of(" in source(cell)
        for output in cell["outputs"]
    ]
    assert len(shown) == 1
    found = {name: int(minutes) for name, minutes in re.findall(r"(\d\d[a-z]) (\d+)", shown[0])}
    assert found == heads, "run python setup/maintain/build.py 01a"


def test_notes_are_added_up():
    def cell(notes=None):
        text = "# 99a Title\n\n**Time** 7 min reading"
        return {"source": text, "metadata": {"workshop": {"notes": notes}} if notes else {}}

    cells = [
        cell("2 minutes. A."),
        cell(),
        cell("1 minute to go."),
        cell("Homework, or 5 minutes."),
    ]
    assert minutes_of_notes({"cells": cells}) == 3 and minutes_of_head({"cells": cells}) == 7

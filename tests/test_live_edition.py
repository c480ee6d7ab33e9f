"""The live edition runs: its live cells typed as the source has them, no exercise done.

This is what an instructor has on screen at the end of a lesson. The chapters run at the smoke
profile, where results are poor and quick, on this machine's own copy of them.
"""

import json
from copy import deepcopy

import pytest
from test_notebooks import code, notebook

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import edition, read, source, tags
from workshop_lib.course.running import run

# Chapters 4 to 6 train and load models: minutes, also at the smoke profile.
NOTEBOOKS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.name >= "04"))
    for path in chapter_notebooks()
]


def typed(original: dict):
    """Make the live edition and type into its live cells what the source has there."""
    import nbformat

    live = edition(original, "live")
    assert len(live["cells"]) == len(original["cells"]), "the live edition has other cells"
    for cell, was in zip(live["cells"], original["cells"], strict=True):
        if "live" in tags(cell):
            prompts = source(cell)
            assert prompts and source(was).startswith(prompts), "the prompts are not the source's"
            cell["source"] = source(was)
    return nbformat.reads(json.dumps(live), as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_it_runs_from_top_to_bottom(path, monkeypatch):
    monkeypatch.setenv("WORKSHOP_PROFILE", "smoke")
    filled = typed(read(path))
    run(filled, path.parent)
    codes = [cell for cell in filled.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))
    checks = [c for c in codes if any(tag.startswith("check:") for tag in tags(c))]
    assert checks and all(c.outputs[0].text.startswith("⏳") for c in checks)


# --- The test itself -----------------------------------------------------------------------

SMALL = notebook(
    code("import math"),
    code("# Double\ndef double(x):\n    return 2 * x", "live"),
    code("def half(x):\n    raise NotImplementedError", "exercise:99a-1"),
    code("print('⏳ 99a-1: not attempted yet')", "check:99a-1"),
    code("half = lambda x: x / 2", "solution:99a-1"),
    code("assert double(half(4)) == 4"),
)


def test_what_was_typed_is_the_source():
    cells = typed(SMALL).cells
    assert [cell.source for cell in cells] == [source(cell) for cell in SMALL["cells"]]
    assert source(edition(SMALL, "live")["cells"][1]) == "# Double"


def test_a_good_notebook_runs(tmp_path):
    run(typed(SMALL), tmp_path)


def test_a_solution_that_is_missing_is_found(tmp_path):
    from nbclient.exceptions import CellExecutionError

    without = deepcopy(SMALL)
    del without["cells"][4]
    with pytest.raises(CellExecutionError, match="NotImplementedError"):
        run(typed(without), tmp_path)

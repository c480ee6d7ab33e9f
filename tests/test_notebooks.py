"""Copies, editions and unattended runs, on small chapters made for the test."""

import json
import os
import sys
from copy import deepcopy

import pytest

from workshop_lib.course import copies, running
from workshop_lib.course.editions import edition, read, source, write


def code(text, *tags, outputs=(), count=1, **metadata):
    metadata |= {"tags": list(tags)} if tags else {}
    cell = {"cell_type": "code", "id": "a", "metadata": metadata, "source": text}
    return cell | {"outputs": list(outputs), "execution_count": count}


def markdown(text, **metadata):
    return {"cell_type": "markdown", "id": "m", "metadata": metadata, "source": text}


def notebook(*cells):
    cells = [cell | {"id": f"cell-{index:03d}"} for index, cell in enumerate(deepcopy(cells))]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": [text]}


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A workshop of two chapters, one of which fails in its second cell."""
    monkeypatch.setattr(copies, "ROOT", tmp_path)
    monkeypatch.setattr(copies, "WORK", tmp_path / "work")
    monkeypatch.setattr(running, "WORK", tmp_path / "work")
    monkeypatch.setenv("WORKSHOP_PROFILE", "cpu")
    write(
        notebook(
            markdown("# One"),
            code(
                "import os, pathlib, sys\nprint('Headline: a first try')", outputs=[printed("old")]
            ),
            code("raise RuntimeError('a gpu cell ran')", "gpu"),
            code("print('Headline:', pathlib.Path('data.txt').read_text())"),
            code("print(sys.executable, os.environ['WORKSHOP_STATIC'])"),
        ),
        tmp_path / "01_one" / "01a_first.ipynb",
    )
    (tmp_path / "01_one" / "data.txt").write_text("42 grams", "utf-8")
    (tmp_path / "01_one" / "figures").mkdir()
    (tmp_path / "01_one" / "figures" / "a.svg").write_text("<svg/>", "utf-8")
    (tmp_path / "01_one" / ".ipynb_checkpoints").mkdir()
    write(notebook(), tmp_path / "01_one" / ".ipynb_checkpoints" / "01a_first-checkpoint.ipynb")
    write(
        notebook(code("print('Headline: none')"), code("1 / 0"), code("print('later')")),
        tmp_path / "02_two" / "02a_second.ipynb",
    )
    return tmp_path


def test_notebooks_are_found_in_order(workshop):
    names = [path.name for path in copies.chapter_notebooks()]
    assert names == ["01a_first.ipynb", "02a_second.ipynb"]


def test_copies_have_no_outputs_and_bring_their_files(workshop):
    made = copies.make_copies()
    assert [str(path.relative_to(workshop / "work").as_posix()) for path in made] == [
        "01_one/01a_first.ipynb",
        "01_one/data.txt",
        "01_one/figures/a.svg",
        "02_two/02a_second.ipynb",
    ]
    copied = read(made[0])
    original = read(workshop / "01_one" / "01a_first.ipynb")
    assert original["cells"][1]["outputs"], "the original lost its outputs"
    for cell, was in zip(copied["cells"], original["cells"], strict=True):
        assert cell["source"] == was["source"]
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None


def test_copies_are_never_overwritten(workshop):
    mine = copies.make_copies()[0]
    mine.write_text("my work", "utf-8")
    (workshop / "work" / "01_one" / "data.txt").unlink()
    assert copies.make_copies() == [workshop / "work" / "01_one" / "data.txt"]
    assert mine.read_text("utf-8") == "my work"


def test_a_copy_that_is_cut_short_leaves_nothing_half_made(workshop, monkeypatch):
    def full_disk(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        copies.make_copies()
    assert not list((workshop / "work").rglob("*.ipynb"))


@pytest.mark.parametrize("chapter", [1, "1", "01"])
def test_reset_keeps_a_backup(workshop, chapter):
    mine = copies.make_copies()[0]
    mine.write_text("my work", "utf-8")
    (mine.parent / "notes.txt").write_text("my notes", "utf-8")
    (workshop / "work" / "02_two" / "02a_second.ipynb").write_text("untouched", "utf-8")
    backup = copies.reset(chapter)
    assert backup.parent.parent == workshop / "work" / "backups"
    assert (backup / mine.name).read_text("utf-8") == "my work"
    assert (backup / "notes.txt").read_text("utf-8") == "my notes"
    assert source(read(mine)["cells"][0]) == "# One"
    assert (workshop / "work" / "02_two" / "02a_second.ipynb").read_text("utf-8") == "untouched"
    assert copies.reset(chapter) != backup, "a second backup replaced the first"


def test_reset_works_before_there_are_copies_and_names_a_wrong_chapter(workshop):
    assert copies.reset("02") is None
    assert (workshop / "work" / "02_two" / "02a_second.ipynb").exists()
    for wrong in (7, "0", "", "two", "../01"):
        with pytest.raises(ValueError, match="there are 01_one, 02_two"):
            copies.reset(wrong)


CELLS = notebook(
    markdown("# Title", workshop={"notes": "Ask who knows this."}),
    code(
        "# Add two numbers\n# and print\nprint(1 + 1)\n# not a prompt",
        "live",
        outputs=[printed("2")],
    ),
    code("def double(x):\n    raise NotImplementedError", "exercise:01a-1"),
    code("check('01a-1', double)", "check:01a-1"),
    code("double = 'the answer'", "solution:01a-1", jupyter={"source_hidden": True}),
)


def test_participants_get_everything_but_outputs():
    cells = edition(CELLS, "participant")["cells"]
    assert [source(cell) for cell in cells] == [source(cell) for cell in CELLS["cells"]]
    assert not any(cell.get("outputs") for cell in cells)
    assert cells[-1]["metadata"]["jupyter"]["source_hidden"]


def test_the_live_edition_keeps_prompts_and_folded_solutions():
    cells = edition(CELLS, "live")["cells"]
    assert source(cells[1]) == "# Add two numbers\n# and print"
    assert [cell["metadata"].get("tags") for cell in cells[1:]] == [
        ["live"],
        ["exercise:01a-1"],
        ["check:01a-1"],
        ["solution:01a-1"],
    ]
    assert "Ask who" not in source(cells[0]) and "the answer" in source(cells[-1])
    assert cells[-1]["metadata"]["jupyter"] == {"source_hidden": True}
    unfolded = notebook(code("x = 1", "solution:01a-1"))
    assert edition(unfolded, "live")["cells"][0]["metadata"]["jupyter"] == {"source_hidden": True}
    assert not any(cell.get("outputs") for cell in cells)


def test_the_solution_edition_unfolds_solutions_and_notes():
    cells = edition(CELLS, "solution")["cells"]
    assert source(cells[0]) == "> **For the instructor.** Ask who knows this."
    assert [source(cell) for cell in cells[1:]] == [source(cell) for cell in CELLS["cells"]]
    assert "jupyter" not in cells[-1]["metadata"]
    assert cells[2]["outputs"] == CELLS["cells"][1]["outputs"]


def test_editions_leave_the_notebook_alone_and_are_valid():
    import nbformat

    before = deepcopy(CELLS)
    for kind in ("participant", "live", "solution"):
        nbformat.validate(nbformat.from_dict(edition(CELLS, kind)))
    assert before == CELLS
    with pytest.raises(ValueError, match="no edition 'student'; there are participant, live"):
        edition(CELLS, "student")


def test_an_edition_is_written_afresh(workshop):
    folder = copies.make_edition("live")
    (folder / "stale.ipynb").write_text("old", "utf-8")
    assert copies.make_edition("live") == folder == workshop / "work" / "editions" / "live"
    assert not (folder / "stale.ipynb").exists()
    assert (folder / "01_one" / "01a_first.ipynb").exists()


def test_execute_all_reports_each_notebook_and_fails_if_one_failed(workshop, capsys):
    originals = {path: path.read_bytes() for path in copies.chapter_notebooks()}
    assert running.execute_all() == 1
    out = capsys.readouterr().out
    first, second = json.loads((workshop / "work/results/execute.json").read_text("utf-8"))[
        "notebooks"
    ]
    assert first["status"] == "passed" and first["headline"] == "42 grams"
    assert first["skipped_cells"] == 1 and first["seconds"] > 0 and first["error"] == ""
    assert second["status"] == "failed" and second["error"] == "ZeroDivisionError: division by zero"
    assert "01_one/01a_first.ipynb   passed, 1 cells skipped" in out and "42 grams" in out
    assert "02_two/02a_second.ipynb  failed" in out and "ZeroDivisionError" in out
    assert "7/7" in out, "the bar did not reach its end"
    assert {path: path.read_bytes() for path in originals} == originals, "an original was changed"
    run = read(workshop / "work/execute/01_one/01a_first.ipynb")
    assert "".join(run["cells"][4]["outputs"][0]["text"]) == f"{sys.executable} 1\n"
    later = read(workshop / "work/execute/02_two/02a_second.ipynb")["cells"][2]
    assert later["outputs"] == [] and later["execution_count"] is None


def test_execute_all_passes_only_when_something_ran(workshop):
    (workshop / "02_two" / "02a_second.ipynb").unlink()
    assert running.execute_all() == 0
    (workshop / "01_one" / "01a_first.ipynb").unlink()
    assert running.execute_all() == 1


def test_a_dead_kernel_is_reported(workshop):
    path = workshop / "02_two" / "02a_second.ipynb"
    write(notebook(code("import os\nos._exit(1)")), path)
    result = running.execute(path)
    assert result["status"] == "failed" and "kernel died" in result["error"]


def test_tags_that_cannot_run_here_have_a_reason(monkeypatch):
    monkeypatch.setenv("WORKSHOP_PROFILE", "cpu")
    for tag, variable in (("slow", "WORKSHOP_SLOW"), ("network", "WORKSHOP_NETWORK")):
        monkeypatch.delenv(variable, raising=False)
        assert variable in running.skip_reason(["live", tag])
        monkeypatch.setenv(variable, "1")
        assert running.skip_reason([tag]) is None
    assert "GPU" in running.skip_reason(["gpu"])
    monkeypatch.setenv("WORKSHOP_PROFILE", "gpu")
    assert running.skip_reason(["gpu"]) is None

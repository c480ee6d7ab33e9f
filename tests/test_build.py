"""The builder of stored outputs: byte-stable, honest about failures, without what ages badly."""

import sys

import pytest
from test_notebooks import code, markdown, notebook

from workshop_lib.course.editions import read, write
from workshop_lib.paths import ROOT

sys.path.insert(0, str(ROOT / "setup" / "maintain"))

import build

CELLS = [
    markdown("# 99a Title"),
    code("import os, time, warnings\nfrom workshop_lib import plot, progress", "setup"),
    code("for _ in progress.progress(range(3), 'wait'):\n    time.sleep(0.2)"),
    code(
        "show = plot.live_figure()\n"
        "for end in (2, 3):\n"
        "    show(plot.loss_curve({'a': [(i, i) for i in range(end)]}))"
    ),
    code("plot.token_spans(['a', ' b'])"),
    code("from tqdm.auto import tqdm\nlist(tqdm(range(2)))"),
    code("print(os.environ['WORKSHOP_PROFILE'], os.environ['HF_HUB_OFFLINE'])"),
    code("1 / 0", "gpu"),
]


@pytest.fixture
def path(tmp_path, monkeypatch):
    path = tmp_path / "99_test" / "99a_title.ipynb"
    write(notebook(*CELLS), path)
    monkeypatch.setattr(build, "chapter_notebooks", lambda: [path])
    for name in ("WORKSHOP_PROFILE", "WORKSHOP_DEVICE", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "")  # so that what main() sets is undone
    return path


def main(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["build.py", *arguments])
    return build.main()


def test_outputs_are_stored_byte_for_byte_the_same_each_time(path, monkeypatch, capsys):
    assert main(monkeypatch, "--check") == 1, "before it was built"
    assert main(monkeypatch, "99") == 0
    first = path.read_bytes()
    assert main(monkeypatch) == 0 and path.read_bytes() == first
    assert "unchanged" in capsys.readouterr().out
    assert main(monkeypatch, "--check") == 0
    wait, plot, spans, widget, profile, gpu = (cell["outputs"] for cell in read(path)["cells"][2:])
    assert len(wait) == 1 and "".join(wait[0]["text"]).endswith("| 3/3\n")
    assert len(plot) == 1 and "image/png" in plot[0]["data"], "only the last of the live figures"
    assert set(spans[0]["data"]) == {"text/html", "text/plain"}
    assert not any("widget" in kind for output in widget for kind in output["data"])
    assert profile[0]["text"] == ["cpu 1\n"]
    assert gpu[0]["text"] == ["Not run here: needs a GPU; the profile here is cpu.\n"]
    assert read(path)["cells"][-1]["source"] == ["1 / 0"], "what it is stays as it was"


def test_a_failing_notebook_keeps_its_old_content(path, monkeypatch, capsys):
    write(notebook(code("print('new')"), code("1 / 0")), path)
    before = path.read_bytes()
    assert main(monkeypatch) == 1
    assert path.read_bytes() == before
    assert "FAILED 99a_title.ipynb" in capsys.readouterr().out


def test_an_unknown_name_is_an_error(path, monkeypatch):
    with pytest.raises(SystemExit):
        main(monkeypatch, "98")

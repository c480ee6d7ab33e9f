"""What a commit is checked for is what the test command checks: these are the hooks of pre-commit."""

import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import write
from workshop_lib.paths import ROOT

sys.path.insert(0, str(ROOT / "setup" / "maintain"))

import check_spelling

CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
HOOKS = {hook["id"]: hook for repo in CONFIG["repos"] for hook in repo["hooks"]}


def words(hook: str) -> list[str]:
    """Return a hook's command, with this Python in the place of the one on the path."""
    program, *arguments = shlex.split(HOOKS[hook]["entry"])
    assert program == "python"
    return [sys.executable, *arguments]


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook != "mypy"])  # see test_types
def test_the_hook_finds_nothing(hook):
    if hook == "codespell":
        pytest.importorskip("codespell_lib", reason="codespell is not installed")
    done = subprocess.run(words(hook), capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_the_hooks_need_no_download():
    assert {repo["repo"] for repo in CONFIG["repos"]} == {"local"}
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}
    assert set(HOOKS) == {"ruff-check", "ruff-format", "mypy", "codespell", "notebooks", "figures"}


def test_ruff_looks_at_all_code():
    folders = {path.parent.name for path in chapter_notebooks()}
    code = {"workshop_lib", "setup", "tests", "conftest.py"}
    assert set(words("ruff-check")[4:]) == code | folders
    # Cells are laid out by hand, for a projector: tests/notebook_rules.py.
    assert set(words("ruff-format")[5:]) == code


def run(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_each_tool_finds_a_fault(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def f(x: int, y) -> str:\n  return x + z\n", "utf-8")
    settings = ("--config", ROOT / "pyproject.toml", "--no-cache")
    assert "F821" in run(sys.executable, "-m", "ruff", "check", *settings, bad)
    assert "reformatted" in run(sys.executable, "-m", "ruff", "format", "--check", *settings, bad)


WRONG = "T" + "eh"  # in two pieces, or codespell would find it here


def test_misspelled_cells_are_found_and_outputs_are_not(tmp_path, capfd):
    pytest.importorskip("codespell_lib")
    (tmp_path / "01_intro").mkdir()
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1}
    said = {"output_type": "stream", "name": "stdout", "text": f"{WRONG} model says so\n"}
    page = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "01_intro" / "01a_x.ipynb"
    write(page | {"cells": [cell | {"source": "# The cat", "outputs": [said]}]}, path)
    assert check_spelling.main(tmp_path) == 0
    write(page | {"cells": [cell | {"source": f"# {WRONG} cat", "outputs": []}]}, path)
    assert check_spelling.main(tmp_path) != 0
    assert f"{WRONG} ==> The" in capfd.readouterr().out
    (tmp_path / "README.md").write_text(f"{WRONG} page\n", "utf-8")
    write(page | {"cells": []}, path)
    assert check_spelling.main(tmp_path) != 0


# --- Files that say how the project works -------------------------------------------------


def test_the_citation_is_complete():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors", "license", "type"} <= set(citation)
    assert citation["license"] == project["license"] and citation["version"] == project["version"]


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells, without backticks, of the table below a heading."""
    part = text.partition(f"### {heading}\n")[2].partition("\n#")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in lines]


def test_the_changelog_leads_to_files_and_names_that_exist():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    files, names = rows(text, "Old file, new file"), rows(text, "Old name, new name")
    assert len(files) >= 60 and len(names) >= 30
    for old, new, _ in files:
        assert not (ROOT / old).is_file(), f"{old} is still there"
        assert (ROOT / new).is_file(), f"{new} is not there"
    for _, new, file in names:
        if file:
            name = re.findall(r"\w+", new)[-1]
            assert re.search(rf"\b{name}\b", (ROOT / file).read_text("utf-8")), f"{new} in {file}"

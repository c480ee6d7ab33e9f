"""Every chapter notebook keeps to the rules, and every rule finds the fault it is for."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from links import broken_links
from notebook_rules import (
    PENDING,
    RULES,
    answers_are_spread,
    has_open_exercises,
    plan_agrees,
    plan_of_the_day,
)
from test_notebooks import code, markdown, notebook, printed

from workshop_lib.check import exercises
from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import minutes, read, source, write
from workshop_lib.course.running import run
from workshop_lib.paths import ROOT

sys.path.insert(0, str(ROOT / "setup" / "maintain"))

from build import is_normal

NOTEBOOKS = chapter_notebooks()
LARGEST = 1_000_000  # bytes
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_each_chapter_has_a_notebook():
    chapters = {path.parent.name[:2] for path in NOTEBOOKS}
    assert chapters == {"01", "02", "03", "04", "05", "06"}


@each_notebook
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_notebook_keeps_the_rule(rule, path):
    expect_none(rule(read(path)), rule.__name__, path.stem[:3])


def expect_none(faults: list[str], rule: str, where: str) -> None:
    if faults and where in PENDING.get(rule, ()):
        pytest.skip(f"{where} does not keep {rule} yet: {faults[0]}")
    assert not faults, "\n".join(["", *faults])


def chapter_rules():
    plan = plan_of_the_day(read(NOTEBOOKS[0]))
    return {
        "answers_are_spread": answers_are_spread,
        "has_open_exercises": has_open_exercises,
        "plan_agrees": lambda notebooks: plan_agrees(notebooks, plan),
    }


@pytest.mark.parametrize("chapter", sorted({path.name[:2] for path in NOTEBOOKS}))
@pytest.mark.parametrize("rule", chapter_rules())
def test_chapter_keeps_the_rule(rule, chapter):
    notebooks = [read(path) for path in NOTEBOOKS if path.name.startswith(chapter)]
    expect_none(chapter_rules()[rule](notebooks), rule, chapter)


def test_what_is_pending_exists():
    rules = {rule.__name__ for rule in RULES} | set(chapter_rules())
    assert set(PENDING) <= rules
    places = {path.stem[:3] for path in NOTEBOOKS} | {path.stem[:2] for path in NOTEBOOKS}
    assert {place for pending in PENDING.values() for place in pending} <= places


@each_notebook
def test_notebook_is_small_and_in_normal_form(path):
    assert path.stat().st_size < LARGEST
    assert is_normal(path), "run python setup/maintain/build.py"


@each_notebook
def test_names_and_links_in_notebook_exist(path):
    faults = lint(path) + broken_links(path)
    assert not faults, "\n".join(["", *faults])


@pytest.mark.slow
@each_notebook
def test_notebook_runs_twice_in_one_kernel_and_from_elsewhere(path, tmp_path):
    import nbformat

    twice = nbformat.read(path, as_version=4)
    twice.cells += deepcopy(twice.cells)
    run(twice, tmp_path)


@pytest.mark.parametrize("chapter", sorted({path.parent for path in NOTEBOOKS}))
def test_figures_are_all_used(chapter):
    assert unused_figures(chapter) == []


def lint(path: Path) -> list[str]:
    """Let ruff look for names that are used before they are defined, among other faults."""
    ruff = [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--no-cache"]
    config = ["--config", str(ROOT / "pyproject.toml")]
    run = subprocess.run(
        [*ruff, *config, str(path)], capture_output=True, text=True, encoding="utf-8"
    )
    return [] if run.returncode == 0 else (run.stdout + run.stderr).splitlines()


def unused_figures(chapter: Path) -> list[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in chapter.glob("*.ipynb"))
    figures = sorted(chapter.glob("figures/*"))
    return [figure.name for figure in figures if f"(figures/{figure.name})" not in text]


# --- The rules themselves: one good notebook, and one fault at a time ----------------------

OPEN_EXERCISE = f"""### Open exercise: your own number

Double it.

<details><summary>A worked outline</summary>

{"word " * 40}

</details>

"""
QUIZ = "## 9 Quiz\n\n" + "".join(
    f"""**{number}. What is {number} and {number}?**

- a) Nothing,
  or less.
- b) One.
- c) Two.
- d) `{2 * number}`.

<details><summary>Answer</summary>

**{right}.** Look again at a).

</details>

"""
    for number, right in enumerate("abcd", 1)
)
GOOD = notebook(
    markdown(
        "# 99a Title\n\n**Time** 5 min · 10 s on a CPU · 1 s on a GPU\n\n**Needs** nothing",
        workshop={"notes": "Goal: everybody can double. 5 minutes in class. Question: why?"},
    ),
    code("import math", "setup", count=1),
    code("# Print pi\nprint(math.pi)", "live", count=2, outputs=[printed("3.14\n")]),
    code("1 / 0", "gpu", count=3, outputs=[printed("Not run here: needs a GPU.\n")]),
    code("def double(x):\n    raise NotImplementedError", "exercise:99a-1", count=4),
    code('check("99a-1", double)', "check:99a-1", count=5, outputs=[printed("⏳ 99a-1\n")]),
    code(
        '# Solution 99a-1\ndouble = solved("99a-1", double, abs)',
        "solution:99a-1",
        count=6,
        jupyter={"source_hidden": True},
    ),
    code(
        "print('Headline: 42')", "nbval-check-output", count=7, outputs=[printed("Headline: 42\n")]
    ),
    markdown(
        OPEN_EXERCISE
        + QUIZ
        + "## What you built\n\n`double`, which lives in `workshop_lib.nowhere`.",
        workshop={"notes": "5 minutes. Ask who has doubled."},
    ),
)


@pytest.fixture(autouse=True)
def notebook_99a(monkeypatch):
    monkeypatch.setattr("notebook_rules.EXERCISES_AT_LEAST", 1)
    find = exercises.find
    monkeypatch.setattr(exercises, "find", lambda id: id == "99a-1" or find(id))


def change(**changes):
    """Return a fault: these keys of one cell."""

    def fault(nb, index):
        nb["cells"][index] |= changes

    return fault


def output(index, **keys):
    return index, change(outputs=[{"output_type": "display_data", "data": {}} | keys])


def text(index, source):
    return index, change(source=source)


def replaced(index, old, new):
    """Return a fault: other words in a cell."""

    def fault(nb, index):
        cell = nb["cells"][index]
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new, 1)

    return index, fault


def retag(index, *tags):
    return index, change(metadata={"tags": list(tags)})


FAULTS = {
    "is_executed_in_order": [
        (2, change(execution_count=7)),
        (2, change(execution_count=None)),
    ],
    "has_no_errors_or_warnings": [
        output(2, output_type="error", ename="ValueError", evalue="", traceback=[]),
        output(2, output_type="stream", name="stderr", text=["Warning: old"]),
    ],
    "has_no_widgets": [
        output(2, data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": ["0%"]}),
        output(2, data={"application/javascript": ["alert()"]}),
        (0, lambda nb, _: nb["metadata"].update(widgets={})),
    ],
    "checked_cells_have_outputs": [(7, change(outputs=[]))],
    "has_a_headline": [(7, change(outputs=[printed("The headline: 42")]))],
    "has_no_private_paths": [
        text(2, "# Read\nopen('/home/ada/notes.txt')"),
        text(8, "See C:\\Users\\ada"),
        output(2, output_type="stream", name="stdout", text=["in /tmp/x.py\n"]),
        output(2, data={"text/html": ["<b>/root/x</b>"]}),
    ],
    "is_plain_python": [
        text(2, "!ls"),
        text(2, "# Install\n%pip install x"),
        text(2, "%%bash\nfalse"),
        text(2, "files = !ls"),
        text(2, "def ("),
    ],
    "has_no_forbidden_code": [
        text(2, "get_ipython().system('ls')"),
        text(2, "import os; os.system('ls')"),
        text(2, "name = input()"),
        text(2, "import sys; sys.path.insert(0, '..')"),
    ],
    "markdown_shows_everywhere": [
        text(8, "a<br>b"),
        text(8, "> [!NOTE]\n> b"),
        text(8, "<svg></svg>"),
        text(8, "![A long description](https://example.org/a.png)"),
    ],
    "tags_are_known": [retag(2, "life"), retag(2, "exercise:1"), retag(8, "setup")],
    "cells_are_short": [text(2, "# a\n" * 30 + "1")],
    "live_cells_have_prompts": [text(2, "print(1)\n# Print one")],
    "live_cells_fit_a_projector": [text(2, f"# Print\nprint({'1' * 82})")],
    "a_building_block_is_typed_live": [
        text(0, "# 02a Title\n\n**Time** 5 min"),
        text(0, "# 03c Title\n\n**Time** 5 min"),
    ],
    "minutes_add_up": [
        (8, change(metadata={"workshop": {"notes": "6 minutes. Ask who has doubled."}})),
        (8, change(metadata={"workshop": {"notes": "5 minutes, or homework. Ask who."}})),
        (8, change(metadata={"workshop": {"notes": "5 minutes; skip if late. Ask who."}})),
        (2, change(metadata={"workshop": {"notes": "1 minute."}})),
    ],
    "quiz_has_the_form": [
        replaced(8, "## 9 Quiz", "## 9 Questions"),
        replaced(8, "**4. ", "**5. "),
        replaced(8, "**3. What is 3 and 3?**", "**3.** What is 3 and 3?"),
        replaced(8, "- d) `2`", "- (d) `2`"),
        replaced(8, "- d) `2`.\n", ""),
        replaced(8, "- d) `2`.\n", "- d) `2`.\n- e) Three.\n"),
        replaced(8, "- c) Two.\n- d) `2`.\n", "- d) Two.\n- c) `2`.\n"),
        replaced(8, "**b.** Look", "(b) Look"),
        replaced(8, "**b.** Look again at a).", "**b.**"),
        replaced(8, "</details>\n\n## What", "## What"),
        replaced(8, "<summary>Answer</summary>\n\n**a", "<summary>Solution</summary>\n\n**a"),
    ],
    "open_exercises_have_outlines": [
        replaced(8, "A worked outline", "Outline"),
        replaced(8, "word word", "word"),
        (8, lambda nb, i: nb["cells"][i].update(source="## Open exercise: a\n\nDo it.")),
    ],
    "opens_with_goal_and_minutes": [
        text(0, "# Title\n\n**Time** 5 min, CPU, GPU\n\n**Needs** nothing"),
        text(0, "# 99a Title\n\n5 min, CPU, GPU\n\n**Needs** nothing"),
        text(0, "# 99a Title\n\n**Time** long, CPU, GPU\n\n**Needs** nothing"),
        text(0, "# 99a Title\n\n**Time** 5 min, CPU\n\n**Needs** nothing"),
        text(0, "# 99a Title\n\n**Time** 5 min, CPU, GPU"),
        (0, lambda nb, _: nb["cells"].pop(0)),
    ],
    "closes_with_what_was_built": [
        text(8, "## The end\n\n`workshop_lib.nowhere`"),
        text(8, "## What you built\n\nA lot."),
    ],
    "exercises_are_complete": [
        (5, lambda nb, index: nb["cells"].pop(index)),
        (6, lambda nb, index: nb["cells"].pop(index)),
        (5, lambda nb, index: nb["cells"].insert(3, nb["cells"].pop(index))),
        text(4, "def double(x):\n    return 2 * x"),
        text(5, 'check("99a-2", double)'),
        (5, change(outputs=[printed("✅ 99a-1")])),
        (5, change(outputs=[])),
        text(6, 'double = solved("99a-1", double, abs)'),
        text(6, "# Solution 99a-1\ndouble = abs"),
        (6, change(metadata={"tags": ["solution:99a-1"]})),
        text(0, "# 98a Title"),
        (0, lambda nb, _: nb.update(cells=[nb["cells"][i] for i in (0, 1, 2, 3, 7, 8)])),
    ],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_lets_a_good_notebook_pass(rule):
    assert rule(GOOD) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_each_of_its_faults(rule):
    for number, (index, fault) in enumerate(FAULTS[rule.__name__]):
        bad = deepcopy(GOOD)
        fault(bad, index)
        assert rule(bad), f"fault {number} of {rule.__name__} passes"


def test_rules_of_a_chapter_find_their_faults():
    assert answers_are_spread([GOOD]) == []
    a, b = deepcopy(GOOD), deepcopy(GOOD)
    replaced(8, "**d.**", "**a.**")[1](a, 8)
    assert answers_are_spread([a]) == ["d is right nowhere in the quizzes"]
    assert answers_are_spread([a, b]) == []
    for letter in "bc":
        replaced(8, f"**{letter}.**", "**a.**")[1](a, 8)
    assert answers_are_spread([a, b]) == ["a is right in 5 of 8 questions"]
    assert has_open_exercises([GOOD]) == ["1 open exercises, fewer than 2"]
    assert has_open_exercises([GOOD, GOOD]) == []


def test_the_plan_of_the_day_is_compared_with_the_notes():
    plan = 'PLAN = {\n    "1 Introduction": 35, "2 Data": 40, "break": 15, "questions": 10,\n}'
    introduction = notebook(markdown("# 01a Title"), code("import math"), code(plan))
    plan = plan_of_the_day(introduction)
    assert plan == {"01": 35, "02": 40}
    chapter = notebook(
        markdown("# 02a Title", workshop={"notes": "Goal: all. 40 minutes in class."}),
        markdown("One", workshop={"notes": "15 minutes. Ask."}),
        markdown("Two", workshop={"notes": "20 minutes, of which you talk for two."}),
        markdown("Three", workshop={"notes": "7 minutes, or homework. Ask."}),
        markdown("Four", workshop={"notes": "Whoever is done takes 9 minutes off."}),
        markdown("Five"),
    )
    assert minutes(chapter) == {"class": 35, "homework": 7, "stated": 40}
    assert plan_agrees([chapter], plan) == ["the plan of the day has 40 minutes, the notes 35"]
    assert plan_agrees([chapter], {"02": 35}) == []
    assert plan_agrees([chapter, chapter], {"02": 70}) == []
    assert plan_agrees([chapter], {"01": 35}) == [
        "the plan of the day has None minutes, the notes 35"
    ]


def test_an_exercise_without_a_check_in_the_package_is_found(monkeypatch):
    monkeypatch.undo()
    rule = next(rule for rule in RULES if rule.__name__ == "exercises_are_complete")
    assert "there is no exercise '99a-1': notebook 99a has none" in rule(GOOD)


def test_faults_of_files_are_found(tmp_path):
    path = tmp_path / "99a_bad.ipynb"
    (tmp_path / "figures").mkdir()
    for name in ("used.svg", "unused.svg"):
        (tmp_path / "figures" / name).write_text("<svg/>", "utf-8")
    (tmp_path / "glossary.md").write_text("# Glossary\n\n## Byte pair\n", "utf-8")
    good = "![A long description](figures/used.svg) [b](glossary.md#byte-pair) [c](https://a.org)"
    write(notebook(markdown(good), code("x = 1\nprint(x)")), path)
    assert broken_links(path, tmp_path) == lint(path) == [] and not is_normal(path)
    assert unused_figures(tmp_path) == ["unused.svg"]
    bad = "![](figures/used.svg) [b](glossary.md#word) [c](gone.md)"
    write(notebook(markdown(bad), code("print(x)"), code("x = 1")), path)
    assert broken_links(path, tmp_path) == [
        "figures/used.svg has no description: ''",
        "glossary.md has no heading #word",
        "there is no gone.md",
    ]
    assert any("F821" in line for line in lint(path)), "a name used before it is defined"


def test_normal_form_is_reached_and_kept(tmp_path):
    import nbformat
    from build import normal

    path = tmp_path / "a.ipynb"
    odd = deepcopy(GOOD)
    odd["metadata"] = {"kernelspec": {"name": "mine", "display_name": "x"}, "widgets": {}}
    odd["cells"][2] |= {"id": "zz", "execution_count": 17}
    odd["cells"][2]["metadata"] |= {"execution": {"iopub.execute_input": "now"}, "scrolled": True}
    odd["cells"][2]["source"] = "# Print pi  \nprint(math.pi)\n\n"
    odd["cells"][6]["metadata"].pop("jupyter")
    write(odd, path)
    assert not is_normal(path)
    text = normal(nbformat.read(path, as_version=4))
    path.write_bytes(text.encode())
    assert is_normal(path) and normal(nbformat.read(path, as_version=4)) == text
    cells = read(path)["cells"]
    assert [cell["id"] for cell in cells] == [f"cell-{index:03d}" for index in range(9)]
    assert cells[2]["metadata"] == {"tags": ["live"]} and cells[2]["execution_count"] == 2
    assert source(cells[2]) == "# Print pi\nprint(math.pi)"
    assert cells[6]["metadata"]["jupyter"] == {"source_hidden": True}
    assert read(path)["metadata"]["kernelspec"]["name"] == "python3"

"""What every chapter notebook keeps to. Each rule takes a notebook and returns its faults.

Three things have one form, so that learners meet them everywhere alike and tests can read them.

**Quiz.** A section `## 9 Quiz` with questions of four answers, of which one is right. In each
chapter all four letters are right at times, and none in more than half of the questions:

    **1. What does a row of attention weights sum to?**

    - a) The number of tokens.
    - b) The sum of its scores.
    - c) 1.
    - d) The number of heads.

    <details><summary>Answer</summary>

    **c.** Softmax divides by the sum of the row. a) is the sum of the whole matrix. …

    </details>

**Open exercise.** It has no check: its result is the participant's own. Two a chapter at least:

    ### Open exercise: your own text

    What to do …

    <details><summary>A worked outline</summary>

    How one could go about it, and what one would find (40 words at least) …

    </details>

**Minutes.** The note for the instructor of each section (cell metadata `workshop.notes`) begins with its
minutes: `6 minutes. Ask who …`. What may be left out in class says so in the first sentence: `5 minutes, or
homework.` The note of the first cell tells the sum of the rest: `Goal: … 35 minutes in class.`

`PENDING` lists what does not keep to a rule yet; the list only shrinks.
"""

import ast
import re
from collections import Counter

from workshop_lib.check import exercises
from workshop_lib.course.editions import minutes, source, tags
from workshop_lib.course.running import HEADLINE, headline

# Rule: the notebooks that do not keep it yet. Taking a name off the list switches the rule on.
PENDING = {
    "cells_are_short": (),
    "quiz_has_the_form": (),
    "minutes_add_up": (),
    "live_cells_fit_a_projector": (),
    "a_building_block_is_typed_live": (),
    # These look at a whole chapter.
    "answers_are_spread": (),
    "has_open_exercises": (),
    "plan_agrees": (),
}

LONGEST_CELL = 30  # lines
EXERCISES_AT_LEAST = 3
OPEN_EXERCISES_AT_LEAST = 2  # in a chapter
OUTLINE_AT_LEAST = 40  # words
QUESTIONS_AT_LEAST = 4  # in a notebook's quiz
WIDEST_LIVE_LINE = 88  # columns: what a projector shows in large type
PLAIN_TAGS = {"live", "setup", "gpu", "slow", "network", "nbval-check-output"}
ID_TAG = re.compile(r"(exercise|check|solution):(\d\d[a-z]-\d+)")
PRIVATE_PATH = re.compile(
    r"(?<![\w.:/])(?:/(?:home|root|tmp|Users|opt|work|usr|var|mnt|content|teamspace)/|[A-Z]:\\)"
)
# What a notebook that is not trusted, another editor or a code host does not show.
LOST_MARKDOWN = ("<br", "<img", "<script", "<style", "<svg", "<iframe", "> [!", "](attachment:")
QUESTION = re.compile(
    r"\*\*(?P<number>\d+)\. [^*].*?\*\*\n\n"
    + "".join(rf"- {letter}\) \S[^\n]*\n(?:  \S[^\n]*\n)*" for letter in "abcd")
    + r"\n<details><summary>Answer</summary>\n\n"
    r"\*\*(?P<right>[abcd])\.\*\* \S.*?\n\n</details>",
    re.DOTALL,
)
OUTLINE = re.compile(
    r"<details><summary>A worked outline</summary>\n\n(.+?)\n\n</details>", re.DOTALL
)
# What hides failures, waits for somebody, or works on one machine only.
FORBIDDEN_CODE = ("get_ipython(", "os.system(", "input(", "sys.path.", "sys.exit(")


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def prose(notebook):
    return [source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell["outputs"]]


def shown_text(output) -> str:
    """Return the text that an output shows, not its pictures."""
    data = output.get("data", {})
    parts = [value for kind, value in data.items() if kind.startswith("text/")]
    return "\n".join("".join(part) for part in [output.get("text", ""), *parts])


def first_line(cell) -> str:
    return source(cell).split("\n")[0][:50]


# --- Stored outputs ----------------------------------------------------------------------


def is_executed_in_order(notebook):
    """Every cell has run, once, from top to bottom."""
    found = []
    for count, cell in enumerate(code_cells(notebook), 1):
        if cell["execution_count"] != count:
            found.append(f"run as {cell['execution_count']}, not {count}: {first_line(cell)}")
    return found


def has_no_errors_or_warnings(notebook):
    found = [f"stored error: {o['ename']}" for o in outputs(notebook) if "ename" in o]
    stderr = [o for o in outputs(notebook) if o.get("name") == "stderr"]
    return found + [f"stored warning: {shown_text(output)[:60]!r}" for output in stderr]


def has_no_widgets(notebook):
    """Nobody but who made them can see them."""
    kinds = {kind for output in outputs(notebook) for kind in output.get("data", {})}
    found = sorted(kind for kind in kinds if "widget" in kind or "javascript" in kind)
    return found + ["widgets in the metadata"] * ("widgets" in notebook["metadata"])


def checked_cells_have_outputs(notebook):
    cells = [cell for cell in code_cells(notebook) if "nbval-check-output" in tags(cell)]
    return [f"nothing to compare: {first_line(cell)}" for cell in cells if not cell["outputs"]]


def has_a_headline(notebook):
    return [] if headline(notebook) else [f"no cell prints a line that starts {HEADLINE!r}"]


# --- Sources -----------------------------------------------------------------------------


def has_no_private_paths(notebook):
    texts = [source(cell) for cell in notebook["cells"]] + list(map(shown_text, outputs(notebook)))
    found = [text[match.start() :][:40] for text in texts for match in PRIVATE_PATH.finditer(text)]
    return [f"a path of one machine: {path!r}" for path in found]


def is_plain_python(notebook):
    """No `!command` and no `%magic`: when these fail, tests pass."""
    found = []
    for cell in code_cells(notebook):
        try:
            ast.parse(source(cell))
        except SyntaxError as error:
            found.append(f"not plain Python: {(error.text or first_line(cell)).strip()}")
    return found


def has_no_forbidden_code(notebook):
    cells = [source(cell) for cell in code_cells(notebook)]
    return [f"{bad} is used" for bad in FORBIDDEN_CODE if any(bad in text for text in cells)]


def markdown_shows_everywhere(notebook):
    texts = prose(notebook)
    found = [f"{bad} is used" for bad in LOST_MARKDOWN if any(bad in text for text in texts)]
    remote = [text for text in texts if re.search(r"!\[[^\]]*\]\(\s*(https?:)?//", text)]
    return found + ["an image from the network"] * bool(remote)


def tags_are_known(notebook):
    found = []
    for cell in notebook["cells"]:
        for tag in tags(cell):
            if not (tag in PLAIN_TAGS or ID_TAG.fullmatch(tag) or tag.startswith("lib:")):
                found.append(f"unknown tag {tag!r}")
            elif cell["cell_type"] != "code":
                found.append(f"tag {tag!r} on a cell that is not code")
    return found


def cells_are_short(notebook):
    found = []
    for cell in code_cells(notebook):
        lines = len(source(cell).split("\n"))
        if lines > LONGEST_CELL:
            found.append(f"{lines} lines, more than {LONGEST_CELL}: {first_line(cell)}")
    return found


def live_cells_have_prompts(notebook):
    """What remains of them in the live edition is what tells the instructor what to type."""
    cells = [cell for cell in code_cells(notebook) if "live" in tags(cell)]
    return [
        f"live without a # line: {first_line(cell)}" for cell in cells if source(cell)[0] != "#"
    ]


def live_cells_fit_a_projector(notebook):
    lines = [
        line
        for cell in code_cells(notebook)
        if "live" in tags(cell)
        for line in source(cell).split("\n")
    ]
    return [
        f"live line of {len(line)} columns, more than {WIDEST_LIVE_LINE}: {line.strip()[:50]}"
        for line in lines
        if len(line) > WIDEST_LIVE_LINE
    ]


def a_building_block_is_typed_live(notebook):
    """In chapters 2 and 3 the instructor types at least one function or class, not only calls."""
    if chapter_of(notebook) not in ("02", "03"):
        return []
    cells = [cell for cell in code_cells(notebook) if "live" in tags(cell)]
    blocks = [cell for cell in cells if re.search(r"^(def|class) ", source(cell), re.MULTILINE)]
    return [] if blocks else [f"none of {len(cells)} live cells defines a function or a class"]


def minutes_add_up(notebook):
    planned = minutes(notebook)
    if planned["stated"] in (None, planned["class"]):
        return []
    return [f"the first note says {planned['stated']} minutes, the sections {planned['class']}"]


# --- Quiz and open exercises ---------------------------------------------------------------


def section(notebook, heading: str) -> str:
    """Return the text of the section whose heading holds a word, without the heading."""
    parts = re.split(r"^## (.+)$", "\n\n".join(prose(notebook)), flags=re.MULTILINE)
    return "".join(t for h, t in zip(parts[1::2], parts[2::2], strict=True) if heading in h)


def quiz_faults_and_letters(notebook) -> tuple[list[str], list[str]]:
    """Return what is wrong with the form of a quiz, and the letters of the right answers."""
    text = section(notebook, "Quiz")
    starts = [match.start() for match in re.finditer(r"^\*\*\d+\.", text, re.MULTILINE)]
    found, letters = [], []
    if len(starts) < QUESTIONS_AT_LEAST:
        found.append(f"{len(starts)} questions in the quiz, fewer than {QUESTIONS_AT_LEAST}")
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=False), 1):
        match = QUESTION.fullmatch(text[start:end].strip())
        if match and int(match["number"]) == number:
            letters.append(match["right"])
        else:
            found.append(
                f"question {number} of the quiz has another form: {text[start:end][:50]!r}"
            )
    return found, letters


def quiz_has_the_form(notebook):
    return quiz_faults_and_letters(notebook)[0]


def open_exercises_have_outlines(notebook):
    """An open exercise has no check, so a folded outline shows how one could go about it."""
    return [
        f"open exercise without a worked outline of {OUTLINE_AT_LEAST} words: {title}"
        for title, text in open_exercises(notebook)
        if not any(len(outline.split()) >= OUTLINE_AT_LEAST for outline in OUTLINE.findall(text))
    ]


def open_exercises(notebook) -> list[tuple[str, str]]:
    """Return title and text of each."""
    parts = re.split(r"^#{2,3} (.+)$", "\n\n".join(prose(notebook)), flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return [(title, text) for title, text in pairs if title.startswith("Open exercise")]


def chapter_of(notebook) -> str:
    return source(notebook["cells"][0])[2:4]


# --- Shape -------------------------------------------------------------------------------


def opens_with_goal_and_minutes(notebook):
    cell = notebook["cells"][0]
    if cell["cell_type"] != "markdown":
        return ["the first cell is not text"]
    wanted = {
        "a title such as '# 02a Tokenizers'": r"\A# \d\d[a-z] \S",
        "**Time** with minutes": r"\*\*Time\*\*.*\d+ (min|s)\b",
        "the time on a CPU": r"\*\*Time\*\*.*CPU",
        "the time on a GPU": r"\*\*Time\*\*.*GPU",
        "**Needs**": r"\*\*Needs\*\*",
    }
    return [
        f"the first cell lacks {k}" for k, v in wanted.items() if not re.search(v, source(cell))
    ]


def closes_with_what_was_built(notebook):
    texts = prose(notebook)
    headings = re.findall(r"^## (.+)$", "\n".join(texts), re.MULTILINE)
    if not headings or "What you built" not in headings[-1]:
        return ["the last section is not 'What you built'"]
    return [] if "workshop_lib." in texts[-1] else ["the last cell does not say where it lives"]


def exercises_are_complete(notebook):
    """Each has a stub, a check and a folded solution, in this order, and a check in the package."""
    number = source(notebook["cells"][0])[2:5]
    parts = [
        (match[2], match[1], cell)
        for cell in code_cells(notebook)
        for match in map(ID_TAG.fullmatch, tags(cell))
        if match
    ]
    found = []
    ids = list(dict.fromkeys(exercise for exercise, _, _ in parts))
    for exercise in ids:
        cells = [(kind, cell) for other, kind, cell in parts if other == exercise]
        if [kind for kind, _ in cells] != ["exercise", "check", "solution"]:
            found.append(f"{exercise} has {[kind for kind, _ in cells]}")
            continue
        stub, check, solution = (cell for _, cell in cells)
        if not re.search(
            r"(raise NotImplementedError|= None)\s*(#.*)?$", source(stub), re.MULTILINE
        ):
            found.append(f"{exercise}: the stub neither raises NotImplementedError nor is None")
        if f'check("{exercise}"' not in source(check):
            found.append(f'{exercise}: the check does not call check("{exercise}", …)')
        if not shown_text((check["outputs"] or [{}])[0]).startswith("⏳"):
            found.append(f"{exercise}: the stored check is not ⏳, so the stub is filled in")
        if not source(solution).startswith(f"# Solution {exercise}"):
            found.append(f"{exercise}: the solution does not start '# Solution {exercise}'")
        if f'solved("{exercise}"' not in source(solution):
            found.append(f'{exercise}: the solution does not end in solved("{exercise}", …)')
        if not solution["metadata"].get("jupyter", {}).get("source_hidden"):
            found.append(f"{exercise}: the solution is not folded")
        if not exercise.startswith(number):
            found.append(f"{exercise} is not of notebook {number}")
        try:
            exercises.find(exercise)
        except ValueError as error:
            found.append(str(error))
    if len(ids) < EXERCISES_AT_LEAST:
        found.append(f"{len(ids)} exercises, fewer than {EXERCISES_AT_LEAST}")
    return found


# --- Chapters, as lists of their notebooks --------------------------------------------------


def answers_are_spread(notebooks):
    """Whoever always ticks the same letter is wrong at least half of the time."""
    letters = Counter()
    for notebook in notebooks:
        letters.update(quiz_faults_and_letters(notebook)[1])
    found = [
        f"{letter} is right nowhere in the quizzes" for letter in "abcd" if not letters[letter]
    ]
    for letter, count in letters.items():
        if 2 * count > letters.total():
            found.append(f"{letter} is right in {count} of {letters.total()} questions")
    return found


def has_open_exercises(notebooks):
    titles = [title for notebook in notebooks for title, _ in open_exercises(notebook)]
    few = len(titles) < OPEN_EXERCISES_AT_LEAST
    return [f"{len(titles)} open exercises, fewer than {OPEN_EXERCISES_AT_LEAST}"] * few


def plan_of_the_day(introduction) -> dict[str, int]:
    """Read the minutes of each chapter, such as {"02": 40}, from the table PLAN of 01a."""
    trees = [ast.parse(source(cell)) for cell in code_cells(introduction)]
    plans = [
        ast.literal_eval(line.value)
        for tree in trees
        for line in tree.body
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "PLAN"
    ]
    parts = [item for plan in plans for item in plan.items()]
    return {part[0].zfill(2): length for part, length in parts if re.match(r"[1-6] ", part)}


def plan_agrees(notebooks, plan):
    """The plan of the day gives a chapter the minutes that its notes add up to."""
    chapter = chapter_of(notebooks[0])
    needed = sum(minutes(notebook)["class"] for notebook in notebooks)
    if plan.get(chapter) == needed:
        return []
    return [f"the plan of the day has {plan.get(chapter)} minutes, the notes {needed}"]


RULES = (
    is_executed_in_order,
    has_no_errors_or_warnings,
    has_no_widgets,
    checked_cells_have_outputs,
    has_a_headline,
    has_no_private_paths,
    is_plain_python,
    has_no_forbidden_code,
    markdown_shows_everywhere,
    tags_are_known,
    cells_are_short,
    live_cells_have_prompts,
    live_cells_fit_a_projector,
    a_building_block_is_typed_live,
    minutes_add_up,
    quiz_has_the_form,
    open_exercises_have_outlines,
    opens_with_goal_and_minutes,
    closes_with_what_was_built,
    exercises_are_complete,
)

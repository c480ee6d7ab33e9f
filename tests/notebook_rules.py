"""What every chapter notebook keeps to. Each rule takes a notebook and returns its faults."""

import ast
import re

from workshop_lib.check import exercises
from workshop_lib.course.editions import source, tags
from workshop_lib.course.running import HEADLINE, headline

LONGEST_CELL = 30  # lines
LONGEST_LIB_CELL = 60  # lines: a class of the package cannot be cut in two
EXERCISES_AT_LEAST = 3
PLAIN_TAGS = {"live", "setup", "gpu", "slow", "network", "nbval-check-output"}
ID_TAG = re.compile(r"(exercise|check|solution):(\d\d[a-z]-\d+)")
PRIVATE_PATH = re.compile(
    r"(?<![\w.:/])(?:/(?:home|root|tmp|Users|opt|work|usr|var|mnt|content|teamspace)/|[A-Z]:\\)"
)
# What a notebook that is not trusted, another editor or a code host does not show.
LOST_MARKDOWN = ("<br", "<img", "<script", "<style", "<svg", "<iframe", "> [!", "](attachment:")
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
        is_lib = any(tag.startswith("lib:") for tag in tags(cell))
        limit = LONGEST_LIB_CELL if is_lib else LONGEST_CELL
        if lines > limit:
            found.append(f"{lines} lines, more than {limit}: {first_line(cell)}")
    return found


def live_cells_have_prompts(notebook):
    """What remains of them in the live edition is what tells the instructor what to type."""
    cells = [cell for cell in code_cells(notebook) if "live" in tags(cell)]
    return [
        f"live without a # line: {first_line(cell)}" for cell in cells if source(cell)[0] != "#"
    ]


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
    opens_with_goal_and_minutes,
    closes_with_what_was_built,
    exercises_are_complete,
)

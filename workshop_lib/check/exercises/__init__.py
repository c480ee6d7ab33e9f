"""The self-checks of the exercises, one module a notebook.

The check of exercise `02a-1` is `check_02a_1(answer)` in `notebook_02a.py`. It returns None when the
answer is right, else a hint that names the mistake. Participants call `workshop_lib.check.check`.

A check needs to know nothing of forgotten returns, changed arguments and numbers of torch or NumPy:
`workshop_lib.check.exercise` sees to these. What a function is to return is declared above the check:

    @wants(float)
    def check_02a_2(unknown_share) -> str | None:
"""

import importlib
import importlib.util
import re
from collections.abc import Callable

_ID = re.compile(r"(\d\d[a-z])-\d+")


def find(exercise_id: str) -> Callable[[object], str | None]:
    """Find the check of an exercise.

    Args:
        exercise_id: notebook and number, such as "02a-1".

    Returns:
        The function that takes an answer and returns a hint, or None when the answer is right.

    Raises:
        ValueError: there is no such exercise.
    """
    match = _ID.fullmatch(str(exercise_id))
    if match is None:
        raise ValueError(f"an exercise id looks like '02a-1', not {exercise_id!r}")
    notebook = f"{__name__}.notebook_{match[1]}"
    if importlib.util.find_spec(notebook) is None:
        raise ValueError(f"there is no exercise {exercise_id!r}: notebook {match[1]} has none")
    module = importlib.import_module(notebook)
    name = f"check_{exercise_id.replace('-', '_')}"
    if not hasattr(module, name):
        known = ", ".join(ids(match[1]))
        raise ValueError(f"there is no exercise {exercise_id!r}; notebook {match[1]} has {known}")
    return getattr(module, name)


def ids(notebook: str) -> list[str]:
    """List the exercises of a notebook.

    Args:
        notebook: its digits and letter, such as "02a".

    Returns:
        The ids in order, such as ["02a-1", "02a-2"].

    Raises:
        ModuleNotFoundError: the notebook has no exercises.
    """
    module = importlib.import_module(f"{__name__}.notebook_{notebook}")
    numbers = re.findall(rf"^check_{notebook}_(\d+)$", "\n".join(vars(module)), re.MULTILINE)
    return [f"{notebook}-{number}" for number in sorted(numbers, key=int)]

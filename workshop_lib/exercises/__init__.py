"""The self-checks of the exercises, one module a chapter.

The check of exercise `02a-1` is `check_02a_1(answer)` in `chapter_02.py`. It returns None when the
answer is right, else a hint that names the mistake. Participants call `workshop_lib.check.check`.
"""

import importlib
import importlib.util
import re
from collections.abc import Callable

_ID = re.compile(r"(\d\d)[a-z]-\d+")


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
    chapter = f"{__name__}.chapter_{match[1]}"
    if importlib.util.find_spec(chapter) is None:
        raise ValueError(f"there is no exercise {exercise_id!r}: chapter {match[1]} has none")
    module = importlib.import_module(chapter)
    name = f"check_{exercise_id.replace('-', '_')}"
    if not hasattr(module, name):
        known = ", ".join(ids(match[1]))
        raise ValueError(f"there is no exercise {exercise_id!r}; chapter {match[1]} has {known}")
    return getattr(module, name)


def ids(chapter: str) -> list[str]:
    """List the exercises of a chapter.

    Args:
        chapter: its two digits, such as "02".

    Returns:
        The ids in order, such as ["02a-1", "02a-2"].

    Raises:
        ModuleNotFoundError: the chapter has no exercises.
    """
    module = importlib.import_module(f"{__name__}.chapter_{chapter}")
    found = re.findall(r"^check_(\d\d[a-z])_(\d+)$", "\n".join(vars(module)), re.MULTILINE)
    return [f"{notebook}-{n}" for notebook, n in sorted(found, key=lambda f: (f[0], int(f[1])))]

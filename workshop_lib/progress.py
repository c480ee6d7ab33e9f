"""One progress bar that looks the same in JupyterLab, a terminal and a stored notebook."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm.std import tqdm

T = TypeVar("T")


def is_static() -> bool:
    """Say whether nobody watches: WORKSHOP_STATIC=1, as when tests or the builder run a notebook.

    What a cell shows is then the same in every run: no widgets, no times, no rates.
    """
    return os.environ.get("WORKSHOP_STATIC") == "1"


def progress(
    iterable: Iterable[T] | None, description: str | None = None, total: int | None = None
) -> "tqdm[T]":
    """Show a progress bar while a loop runs.

    Args:
        iterable: what to loop over; None for a bar that `update()` moves on.
        description: a word or two in front of the bar.
        total: the number of rounds, where `iterable` has no length.

    Returns:
        A `tqdm` bar to loop over. Its `set_postfix_str("loss 2.31")` shows a value at its end.
    """
    from tqdm.std import tqdm

    # On stdout: JupyterLab paints stderr red. Plain tqdm: a widget would be lost when stored.
    look: dict[str, Any] = {"file": sys.stdout, "ncols": 80, "mininterval": 0.5}
    if is_static():
        # The last state only, without the times.
        counted = total is not None or hasattr(iterable, "__len__")
        shape = "{l_bar}{bar}| {n_fmt}/{total_fmt}" if counted else "{desc}: {n_fmt}"
        look |= {"mininterval": float("inf"), "bar_format": shape + "{postfix}"}
    return tqdm(iterable, desc=description, total=total, **look)

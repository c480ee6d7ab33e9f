"""Views with controls where someone can move them, and drawn once everywhere else."""

from collections.abc import Callable
from typing import Any

from workshop_lib.progress import is_static


def show(view: Callable[..., object], **controls: object) -> None:
    """Show a view with a control for each argument to be changed, or as it is with its defaults.

    Args:
        view: returns what to show; all its arguments have defaults, where the controls start.
        controls: by argument: a list of choices, (lowest, highest, step) for a slider, a text.
            Where no control can work (a stored notebook, a terminal, ipywidgets not installed),
            they are left out: what `view()` returns is shown.
    """
    from IPython.display import display

    widgets = page_widgets()
    if widgets is None:
        display(view())
    else:
        widgets.interact(view, **controls)


def page_widgets() -> Any:
    """Return the module ipywidgets, or None where nobody could move a control."""
    from IPython import get_ipython

    has_page = getattr(get_ipython(), "kernel", None) is not None
    if is_static() or not has_page:
        return None
    try:
        import ipywidgets
    except ImportError:
        return None
    return ipywidgets

"""Interactive views and their static twins."""

import sys
from types import SimpleNamespace

import IPython
import pytest

from workshop_lib import interactive


@pytest.fixture
def page(monkeypatch):
    """A kernel with a page in front of it."""
    monkeypatch.delenv("WORKSHOP_STATIC", raising=False)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *things, **_: shown.extend(things))
    return shown


def view(times=3, text="ab"):
    return text * times


def test_a_page_gets_controls_that_start_at_the_defaults(page, monkeypatch):
    import ipywidgets

    made = []
    interact = ipywidgets.interact
    monkeypatch.setattr(
        ipywidgets, "interact", lambda *a, **k: made.append(interact(*a, **k).widget)
    )
    interactive.show(view, times=(1, 5, 1), text=["xy", "ab"])
    slider, choice = made[0].children[:2]
    assert (slider.min, slider.max, slider.value) == (1, 5, 3)
    assert choice.options == ("xy", "ab") and choice.value == "ab"
    assert made[0].result == "ababab"
    slider.value = 2
    assert made[0].result == "abab"


@pytest.mark.parametrize("case", ["static", "terminal", "script", "no ipywidgets"])
def test_elsewhere_the_view_is_shown_once(page, displayed, monkeypatch, case):
    if case == "static":
        monkeypatch.setenv("WORKSHOP_STATIC", "1")
    elif case == "terminal":
        monkeypatch.setattr(IPython, "get_ipython", SimpleNamespace)
    elif case == "script":
        monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    else:
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
    interactive.show(view, times=(1, 5, 1), text=["xy", "ab"])
    assert displayed == ["ababab"]

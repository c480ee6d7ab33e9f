"""A blind comparison with buttons: two answers, no names, one vote."""

from collections.abc import Sequence

from workshop_lib.evaluate.preferences import Match, Vote
from workshop_lib.interactive import page_widgets


def blind_panel(matches: Sequence[Match], votes: list[Vote]) -> None:
    """Show answers without their authors, and collect who is preferred.

    Args:
        matches: what to compare, one after the other.
        votes: each click appends a Vote to this list. Where nobody could click (a stored
            notebook, a terminal, ipywidgets not installed), the first match is printed instead
            and the list stays as it is.
    """
    widgets = page_widgets()
    if widgets is None:
        print(_as_text(matches[0]))
        return
    from IPython.display import display

    text = widgets.Textarea(disabled=True, layout={"width": "100%", "height": "11em"})
    buttons = [widgets.Button(description=name) for name in ("A is better", "B is better", "equal")]

    def show(number: int) -> None:
        done = number == len(matches)
        text.value = f"{number} votes. Run the next cell." if done else _as_text(matches[number])
        for button in buttons:
            button.disabled = done

    number = 0

    def on_click(button: object) -> None:
        nonlocal number
        a, b = matches[number].author_of_a, matches[number].author_of_b
        winner, loser = (b, a) if button is buttons[1] else (a, b)
        votes.append(Vote(winner, loser, tie=button is buttons[2]))
        number += 1
        show(number)

    for button in buttons:
        button.on_click(on_click)
    show(number)
    display(widgets.VBox([text, widgets.HBox(buttons)]))


def _as_text(match: Match) -> str:
    """Write a match as it is shown: without the authors."""
    return f"{match.task}\n\nA: {match.a}\n\nB: {match.b}"

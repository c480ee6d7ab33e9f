"""Self-checks of 06d_evaluation."""

import math

from workshop_lib.check.exercise import wants


@wants(tuple)
def check_06d_1(gained_and_lost) -> str | None:
    """Which tasks changed from wrong to right, and back."""
    before = [True, False, False, True, False, True, False]
    after = [True, True, True, False, False, True, True]
    found = gained_and_lost(before, after)
    if len(found) != 2 or not all(isinstance(number, int) for number in found):
        return f"return two numbers, gained and lost, not {found!r}"
    hints = {
        (1, 3): "these are swapped: gained means wrong before and right after",
        (5, 3): "these are all that are right after and before; count only the ones that changed",
        (5, 2): "these are all that are right or wrong after; count only the ones that changed",
        (2, 1): "2 is the difference; 3 tasks were gained, and 1 was lost",
        (2, 0): "2 is the difference; 3 tasks were gained, and 1 was lost",
        (3, 3): "a task that stayed wrong or right is neither gained nor lost",
        (3, -1): "lost is a number of tasks: 1, not -1",
    }
    if found in hints:
        return hints[found]
    if found != (3, 1):
        return f"in the example 3 were gained and 1 lost, not {found}"
    if gained_and_lost([True, True], [False, False]) != (0, 2):
        return "two tasks that were right and are wrong now give (0, 2)"
    return None


def check_06d_2(pick) -> str | None:
    """The likeliest choice, length set aside."""
    choices = ["an answer of many words", "brief", "medium one"]
    found = pick([-9.2, -4.0, -9.5], choices)
    if isinstance(found, str):
        return "return the index of the choice, not its text"
    if isinstance(found, bool) or not isinstance(found, int):
        return f"return the index of a choice, not {found!r}"
    if found == 1:
        return "that is the largest sum; divide each by the number of characters of its choice"
    if found == 2:
        return "that is the least likely one: log-likelihoods are below zero, so take the max"
    if found != 0:
        return f"the sums -9.2, -4 and -9.5 for 23, 5 and 10 characters make it 0, not {found!r}"
    if pick([-3.0, -3.2], ["a b c", "a b cdefgh"]) != 1:
        return "count characters, not words"
    if pick([-6.0, -5.0], ["a b c d e", "abcdefg"]) != 0:
        return "spaces are characters too: count them"
    if pick([-3.0, -2.8], ["abcde", "abcd"]) != 0:
        return "5 characters are more than 4: divide by the exact length, without rounding"
    return None


@wants(float)
def check_06d_3(win_probability) -> str | None:
    """From two ratings to the probability of being preferred."""
    found = win_probability(1200, 800)
    hints = {
        1 / 11: "that is the probability of the other one: the higher rating is preferred",
        10.0: "these are the odds, 10 to 1; the probability is odds / (1 + odds)",
        1200 / 2000: "a / (a + b) holds for strengths; ratings are 400 times their logarithms",
        1 / (1 + math.exp(-1)): "the base is 10, not e: 400 points are odds of ten to one",
        1 / (1 + math.exp(-400)): "divide the difference by 400, and take 10 to that power",
        1.0: "divide the difference by 400 before you take the power",
    }
    for wrong, hint in hints.items():
        if math.isclose(found, wrong, abs_tol=1e-6):
            return hint
    if not math.isclose(found, 10 / 11, abs_tol=1e-6):
        return f"400 points more mean odds of 10 to 1, a probability of {10 / 11:.3f}, not {found}"
    if not math.isclose(win_probability(-100, -100), 0.5, rel_tol=1e-6):
        return "equal ratings give one half, also below zero: only the difference counts"
    if not math.isclose(win_probability(400, 0), 10 / 11, rel_tol=1e-6):
        return "only the difference counts: 400 against 0 is like 1200 against 800"
    if not math.isclose(win_probability(0, 800), 1 / 101, rel_tol=1e-6):
        return "800 points less mean odds of 1 to 100: the difference may be below zero"
    return None

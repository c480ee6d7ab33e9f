"""Self-checks of 06c_finetuning_with_litgpt."""

import math

from workshop_lib.check.exercise import wants


@wants(float)
def check_06c_1(standard_error) -> str | None:
    """The standard error of a share."""
    found = standard_error(30, 40)
    right = math.sqrt(0.75 * 0.25 / 40)
    hints = {
        0.75 * 0.25 / 40: "that is the variance; its square root is the standard error",
        math.sqrt(0.75 * 0.25): "divide by the number of tasks before taking the root",
        0.75: "that is the share itself, not its error",
        math.sqrt(0.75 / 40): "the factor 1 - p is missing",
    }
    for wrong, hint in hints.items():
        if math.isclose(found, wrong, rel_tol=1e-6):
            return hint
    if not math.isclose(found, right, rel_tol=1e-6):
        return f"30 of 40 right have a standard error of {right:.4f}, not {found:.4f}"
    return None


@wants(bool, or_none=True)
def check_06c_2(holds_answer) -> str | None:
    """Whether an answer holds the wanted text."""
    if not holds_answer("The plural is mice.", "mice"):
        return "'The plural is mice.' holds 'mice': look anywhere in the answer"
    if not holds_answer("MICE", "Mice"):
        return "compare in lower case, on both sides"
    if holds_answer("A miceloft", "mice"):
        return "'miceloft' does not hold the word 'mice': look for whole words"
    try:
        if not holds_answer("(25 °C)", "25 °C") or not holds_answer("a+b is it", "a+b"):
            return "signs such as + and ° are part of the text: escape them (re.escape)"
    except Exception:
        return "signs such as + and ° are part of the text: escape them (re.escape)"
    if holds_answer("no idea", "mice"):
        return "'no idea' does not hold 'mice'"
    return None


@wants(int)
def check_06c_3(lora_parameters_of) -> str | None:
    """How many parameters LoRA trains."""
    found = lora_parameters_of([(10, 3), (4, 5)], 2)
    hints = {
        50: "that counts the frozen weights; count A (r, in) and B (out, r) instead",
        44 // 2: "r is missing: A has r rows and B has r columns",
        2 * (3 + 5): "B is missing: add r times out",
        2 * (10 + 4): "A is missing: add r times in",
        2 * (10 + 3): "that is the first weight alone; add up all of them",
        2 * (30 + 20): "A and B are added, not multiplied: r * (in + out)",
    }
    if found in hints:
        return hints[found]
    return None if found == 44 else f"shapes (10, 3) and (4, 5) with r = 2 give 44, not {found}"

"""Self-checks of 06c_finetuning_with_litgpt."""

import math

from workshop_lib.check.exercise import wants


@wants(float)
def check_06c_1(standard_error) -> str | None:
    """The standard error of a share."""
    found = standard_error(16, 40)
    right = math.sqrt(0.4 * 0.6 / 40)
    hints = {
        0.4 * 0.6 / 40: "that is the variance; its square root is the standard error",
        math.sqrt(0.4 * 0.6): "divide by the number of tasks before taking the root",
        0.4: "that is the share itself, not its error",
        math.sqrt(0.4 / 40): "the factor 1 - p is missing",
        2 * right: "those are two standard errors, half the width of the interval; return one",
        1.96 * right: "those are 1.96 standard errors, half the width of the interval; return one",
        math.sqrt(0.4 * 0.6) / 40: "divide by the number of tasks under the root, not outside it",
        math.sqrt(16 * 24 / 40): "p is a share: divide the number of right answers by all tasks",
    }
    for wrong, hint in hints.items():
        if math.isclose(found, wrong, rel_tol=1e-6):
            return hint
    if not math.isclose(found, right, rel_tol=1e-6):
        return f"16 of 40 right have a standard error of {right:.4f}, not {found:.4f}"
    if not math.isclose(standard_error(0, 10), 0.0, abs_tol=1e-9):
        return "0 of 10 right have a standard error of 0 by this formula"
    return None


@wants(bool)
def check_06c_2(contains_words) -> str | None:
    """Whether a text contains the wanted words."""
    if not contains_words("The plural is mice.", "mice"):
        return "'The plural is mice.' contains 'mice': look anywhere in the text"
    if not contains_words("MICE", "Mice"):
        return "compare in lower case, on both sides"
    if contains_words("A miceloft", "mice") or contains_words("dormice", "mice"):
        return "neither 'miceloft' nor 'dormice' contains the word 'mice': look for whole words"
    try:
        if not contains_words("it is a+b", "a+b") or contains_words("aab", "a+b"):
            return "signs such as + are part of the text: escape them (re.escape)"
    except Exception:
        return "signs such as + are part of the text: escape them (re.escape)"
    if not contains_words("He said: You should not wait.", "You should not wait."):
        return (
            r"the wanted text may end in a full stop, and \b after one demands a letter: "
            r"use (?<!\w) before and (?!\w) after it"
        )
    if not contains_words("(25 °C), I think", "25 °C"):
        return "'(25 °C), I think' contains '25 °C': brackets and commas may stand around it"
    if contains_words("no idea", "mice"):
        return "'no idea' does not contain 'mice'"
    return None


@wants(float)
def check_06c_3(training_gigabytes) -> str | None:
    """The memory of weights, gradients and optimizer state."""
    found = training_gigabytes(6e9, 1e9, 2)
    hints = {
        56.0: "the frozen weights have no gradient and no optimizer state: they count once",
        14.0: "each trained weight needs a gradient and two AdamW moments besides itself",
        8.0: "the frozen weights are in memory too: the forward pass needs them",
        18.0: "the weight itself, its gradient and two moments are four numbers, not three",
        16.0: "AdamW keeps two moments for each trained weight, and the gradient is needed too",
        10.0: "the number format is missing: each number takes n_bytes bytes",
        20e9: "that is in bytes: a gigabyte is 10⁹ bytes",
        20e9 / 2**30: "a gigabyte (GB) is 10⁹ bytes; you divided by 2³⁰, which gives GiB",
    }
    for wrong, hint in hints.items():
        if math.isclose(found, wrong, rel_tol=1e-6):
            return hint
    if not math.isclose(found, 20.0, rel_tol=1e-6):
        return f"6e9 frozen and 1e9 trained weights in 2 bytes take 20 GB, not {found}"
    if not math.isclose(training_gigabytes(0, 1e9, 4), 16.0, rel_tol=1e-6):
        return "full finetuning of 1e9 weights in 4 bytes takes 16 GB: use n_bytes everywhere"
    return None

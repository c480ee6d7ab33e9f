"""Self-checks of 04b_pretraining."""

import math

from workshop_lib.check.exercise import wants
from workshop_lib.config.training import TrainConfig


@wants(float)
def check_04b_1(epochs_read) -> str | None:
    """How many epochs a run reads."""
    config = TrainConfig(steps=30, batch_size=4, context_length=10, gradient_accumulation_steps=3)
    found = epochs_read(config, 1000)
    hints = {
        1.2: "gradient_accumulation_steps is missing: a step reads that many batches",
        0.36: "context_length is missing: a window has that many tokens",
        0.9: "batch_size is missing: a micro-batch has that many windows",
        0.12: "steps is missing: that is the share that one step reads",
        3600: "that is the number of tokens read; divide it by the number of tokens in the text",
        1 / 3.6: "that is the reciprocal: divide the tokens read by the tokens of the text",
        3: "the result is a fraction: use / instead of // and do not round",
        4: "the result is a fraction: use / instead of // and do not round",
        360: "that is 100 times too much: 1.0 is one epoch, not 100",
    }
    for value, hint in hints.items():
        if math.isclose(found, value, rel_tol=1e-6):
            return hint
    if not math.isclose(found, 3.6, rel_tol=1e-6):
        return (
            f"30 steps of 3 x 4 windows of 10 tokens, from a text of 1,000, give 3.6, not {found}"
        )
    found = epochs_read(config, 7200)
    if not math.isclose(found, 0.5, rel_tol=1e-6):
        return f"half of a text of 7,200 tokens is 0.5 epochs, not {found}: do not round"
    return None


@wants(float)
def check_04b_2(real_word_share) -> str | None:
    """The share of words that are in a vocabulary."""
    vocabulary = {"to", "be", "king", "s", "queen", "or", "not", "is"}
    found = real_word_share("to be to be xyzzy", vocabulary)
    hints = {
        2 / 3: "count each occurrence, not each different word",
        0.2: "that is the share of unknown words",
        4: "that is the number of known words: divide it by the number of all words",
        0.5: "divide by the words of the sample, not by the vocabulary",
        1: "divide by all words of the sample, not by the known ones alone",
        80: "a share is between 0 and 1, not per cent",
    }
    for value, hint in hints.items():
        if math.isclose(found, value, rel_tol=1e-6):
            return hint
    if not math.isclose(found, 0.8, rel_tol=1e-6):
        return f"4 of the 5 words in 'to be to be xyzzy' are known, which is 0.8, not {found}"
    if real_word_share("KING", vocabulary) == 0:
        return "compare in lower case: KING is the word king"
    if real_word_share("to be, be: to.", vocabulary) < 1:
        return "commas and full stops are no part of a word"
    for sample, hint in (
        ("to--be", "`to--be` is two words: what is not a letter separates words, also inside"),
        ("king's", "`king's` is two words, king and s: an apostrophe is not a letter"),
        (
            "to 2be be_to 12",
            "digits and underscores are not letters: `\\w` and `isalnum` take them in",
        ),
    ):
        if real_word_share(sample, vocabulary) < 1:
            return hint
    try:
        if real_word_share("12 ... !", vocabulary) != 0:
            return "a sample without any word has the share 0.0"
    except ZeroDivisionError:
        return "a sample without any word divides by zero: return 0.0 for it"
    return None


def check_04b_3(best_step) -> str | None:
    """The step with the lowest validation loss."""
    points = [(100, 3.0), (200, 2.5), (300, 2.7), (400, 2.3), (500, 2.9), (600, 2.6)]
    found = best_step(list(points))
    if isinstance(found, list | tuple):
        return "that is the whole pair; return its step alone"
    if isinstance(found, bool) or not isinstance(found, int | float):
        try:
            found = found.item()  # type: ignore[union-attr]  # of torch or NumPy
        except (AttributeError, ValueError, RuntimeError):
            return f"return the step, a number, not {type(found).__name__}"
    hints = {
        600: "that is the last step; the loss had been lower before",
        100: "that is the first step, which has the highest loss",
        200: "that is where the loss first rises; it falls below that again later",
        500: "that is the highest loss after the first; look for the lowest",
        2.3: "that is the lowest loss itself; return the step it belongs to",
        3: "that is its index in the list; return the step",
    }
    if found in hints:
        return hints[found]
    if found != 400:
        return f"the loss is lowest at step 400, not {found}"
    for points, right, what in (
        ([(10, 2.0), (20, 2.1), (30, 2.2)], 10, "a loss that only rises"),
        ([(10, 2.2), (20, 2.1), (30, 2.0)], 30, "a loss that only falls"),
        ([(50, 1.5)], 50, "a single point"),
    ):
        if best_step(points) != right:
            return f"{what}: the step to keep is {right}"
    return None

"""Self-checks of 04b_pretraining."""

from workshop_lib.check.exercise import wants
from workshop_lib.config.training import TrainConfig


@wants(float)
def check_04b_1(epochs_read) -> str | None:
    """How often a run reads its text."""
    config = TrainConfig(steps=30, batch_size=4, context_length=10, gradient_accumulation_steps=3)
    found = epochs_read(config, 1000)
    if found == 1.2:
        return "gradient_accumulation_steps is missing: a step reads that many batches"
    if found == 0.36:
        return "context_length is missing: a window holds that many tokens"
    if found == 3600:
        return "that is the number of tokens read; divide it by the number of tokens in the text"
    if found in (3, 4):
        return "the result is a fraction: use / instead of // and do not round"
    if abs(found - 3.6) > 1e-9:
        return (
            f"30 steps of 3 x 4 windows of 10 tokens, from a text of 1,000, give 3.6, not {found}"
        )
    return None


@wants(float)
def check_04b_2(real_word_share) -> str | None:
    """The share of words that are in a vocabulary."""
    vocabulary = {"to", "be", "king"}
    if real_word_share("KING", vocabulary) == 0:
        return "compare in lower case: KING is the word king"
    if real_word_share("to be, be: to.", vocabulary) < 1:
        return "commas and full stops are no part of a word"
    try:
        if real_word_share("12 ... !", vocabulary) != 0:
            return "a sample without any word has the share 0.0"
    except ZeroDivisionError:
        return "a sample without any word divides by zero: return 0.0 for it"
    if real_word_share("to be to be xyzzy", vocabulary) == 2 / 3:
        return "count each occurrence, not each different word"
    found = real_word_share("to be to be xyzzy", vocabulary)
    if abs(found - 0.8) > 1e-9:
        return f"4 of the 5 words in 'to be to be xyzzy' are known, which is 0.8, not {found}"
    return None


def check_04b_3(best_step) -> str | None:
    """The step with the lowest validation loss."""
    points = [(100, 3.0), (200, 2.5), (300, 2.7), (400, 2.9)]
    found = best_step(points)
    if isinstance(found, list | tuple):
        return "that is the whole pair; return its step alone"
    if not isinstance(found, int | float):
        return f"return the step, a number, not {found!r}"
    hints = {
        400: "that is the last step; the loss had been lower before",
        100: "that is the step with the highest loss",
        2.5: "that is the lowest loss itself; return the step it belongs to",
        1: "that is its place in the list; return the step",
    }
    if found in hints:
        return hints[found]
    return None if found == 200 else f"the loss is lowest at step 200, not {found}"

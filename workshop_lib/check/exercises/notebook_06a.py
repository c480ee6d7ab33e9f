"""Self-checks of 06a_instruction_data."""

import torch

from workshop_lib.check.exercise import wants


def check_06a_1(make_targets) -> str | None:
    """Inputs and targets of one sequence."""
    # The response holds a token of the prompt, so masking by id shows.
    result = make_targets([11, 12, 13], [21, 12], 2)
    if not isinstance(result, tuple | list) or len(result) != 2:
        return "return two lists: inputs and targets"
    if not all(isinstance(part, list | tuple) for part in result):
        return f"inputs and targets are lists, not {result}"
    inputs, targets = (list(part) for part in result)
    mistakes = {
        "the prompt is not masked: put -100 where the target is a token of the prompt": (
            [12, 13, 21, 12, 2]
        ),
        "EOS is missing: the model would never learn to stop": [-100, -100, 21, 12],
        "there are two EOS tokens; exactly one is to be learned": [-100, -100, 21, 12, 2, 2],
        "targets are not shifted: at each position stands the token that comes next": (
            [-100, -100, -100, 21, 12, 2]
        ),
        "the first token of the response is masked: the last token of the prompt predicts it": (
            [-100, -100, -100, 12, 2]
        ),
        "one token of the prompt counts: mask as many labels as the prompt has tokens": (
            [-100, 13, 21, 12, 2]
        ),
        "EOS is masked as if it were padding": [-100, -100, 21, 12, -100],
        "mask by position, not by id: the response may use a token of the prompt": (
            [-100, -100, 21, -100, 2]
        ),
        "0 is an ordinary token id; the mask is -100": [0, 0, 21, 12, 2],
    }
    for hint, wrong in mistakes.items():
        if targets == wrong:
            return hint
    if targets != [-100, -100, 21, 12, 2]:
        return f"for prompt [11, 12, 13], response [21, 12], end 2, targets are not {targets}"
    if inputs == [11, 12, 13, 21, 12, 2]:
        return "inputs are one too long: nothing comes after EOS"
    if inputs != [11, 12, 13, 21, 12]:
        return f"inputs should be the sequence without its last position, not {inputs}"
    if list(map(list, make_targets([5], [6, 7, 8], 9))) != [[5, 6, 7, 8], [6, 7, 8, 9]]:
        return "right for one sequence, wrong for prompt [5], response [6, 7, 8], end 9"
    return None


@wants(float)
def check_06a_2(mean_loss) -> str | None:
    """The mean over the unmasked targets."""
    # 4 of 10 targets count, in 2 rows of 5: no two ways to divide agree.
    losses = torch.tensor([[1.0, 2.0, 4.0, 8.0, 16.0], [32.0, 64.0, 128.0, 256.0, 512.0]])
    targets = torch.tensor([[-100, 0, -100, -100, -100], [5, 6, -100, 7, -100]])
    counts = targets != -100
    found = float(mean_loss(losses.clone(), targets.clone()))
    right = float(losses[counts].mean())
    total = losses[counts].sum()
    mistakes = {
        "masked positions are in the mean": losses.mean(),
        "the sum is divided by all positions; divide by the number of unmasked targets": (
            total / counts.numel()
        ),
        "the sum is divided by the length of a row, T; divide by the number of unmasked targets": (
            total / counts.shape[1]
        ),
        "this is the sum: divide by the number of unmasked targets": total,
        "this is a mean of the rows' means: a short response would weigh more than a long one": (
            torch.stack([row[use].mean() for row, use in zip(losses, counts, strict=True)]).mean()
        ),
        "the masked positions are taken: use targets that are not -100": losses[~counts].mean(),
        "the sum is divided by the number of rows": total / 2,
        "token id 0 is a token like any other: only -100 is masked": losses[targets > 0].mean(),
        "the median is not the mean": losses[counts].median(),
    }
    for hint, wrong in mistakes.items():
        if abs(found - float(wrong)) < 1e-4:
            return hint
    if abs(found - right) > 1e-4:
        return f"expected {right:.2f}, got {found:.2f}"
    # A row in which nothing counts, and one column.
    losses, targets = torch.tensor([[3.0], [5.0], [9.0]]), torch.tensor([[-100], [1], [2]])
    if abs(float(mean_loss(losses, targets)) - 7.0) > 1e-4:
        return "right for one batch, wrong where all targets of a row are masked: the mean is 7"
    return None


@wants(float)
def check_06a_3(similarity) -> str | None:
    """Jaccard's measure on words."""
    first = "Add the one to the two and the the three"
    second = "add the one to nine or"
    found = similarity(first, second)
    a, b = first.lower().split(), second.lower().split()
    shared = len(set(a) & set(b))
    mistakes = {
        "letter case should not count: lower() both texts": 3 / 10,
        "this is the number of words in both: divide by the number of different words": shared,
        "divide by the words that are in either text, not by those of one": shared / len(set(a)),
        "divide by the words in either text; adding both sizes counts shared words twice": (
            shared / (len(set(a)) + len(set(b)))
        ),
        "this is twice the shared words by both sizes (Dice); divide by the words in either": (
            2 * shared / (len(set(a)) + len(set(b)))
        ),
        "a word that stands twice counts once: use sets": shared / len(a),
        "compare words, not letters: split() the text": (
            len(set(first.lower()) & set(second.lower()))
            / len(set(first.lower()) | set(second.lower()))
        ),
        "this is how far the texts are apart; 1 means the same": 1 - shared / len(set(a + b)),
    }
    for hint, wrong in mistakes.items():
        if abs(found - wrong) < 1e-6:
            return hint
    if abs(found - shared / len(set(a + b))) > 1e-6:
        return f"{first!r} and {second!r} share {shared} of {len(set(a + b))} different words"
    if abs(similarity(second, first) - found) > 1e-6 or similarity("a b", "a") != 0.5:
        return "right for one pair; it should not matter which text comes first"
    return None

"""Answers to the exercises of 06a: usual mistakes with the hint each must get, and right ones."""


def targets_unmasked(start, response, end):
    row = [*start, *response, end]
    return row[:-1], row[1:]


def targets_no_end(start, response, end):
    row = [*start, *response]
    return row[:-1], ([-100] * len(start) + response)[1:]


def targets_two_ends(start, response, end):
    row = [*start, *response, end, end]
    return row[:-1], ([-100] * len(start) + [*response, end, end])[1:]


def targets_unshifted(start, response, end):
    return [*start, *response, end], [-100] * len(start) + [*response, end]


def targets_first_lost(start, response, end):
    row = [*start, *response, end]
    return row[:-1], [-100] * len(start) + row[len(start) + 1 :]


def targets_one_short(start, response, end):
    row = [*start, *response, end]
    return row[:-1], [-100] * (len(start) - 2) + row[len(start) - 1 :]


def targets_end_masked(start, response, end):
    inputs, found = targets(start, response, end)
    return inputs, [*found[:-1], -100]


def targets_by_id(start, response, end):
    row = [*start, *response, end]
    return row[:-1], [-100 if token in start else token for token in row[1:]]


def targets_zero(start, response, end):
    inputs, found = targets(start, response, end)
    return inputs, [0 if token == -100 else token for token in found]


def targets_long_inputs(start, response, end):
    return [*start, *response, end], targets(start, response, end)[1]


def targets(start, response, end):
    row = [*start, *response, end]
    return row[:-1], ([-100] * len(start) + [*response, end])[1:]


def mean_of_rows(losses, wanted):
    means = [row[use].mean() for row, use in zip(losses, wanted != -100, strict=True)]
    return sum(means) / len(means)


def mean_over_rows_with_targets(losses, wanted):
    """Right for the first batch; skips what follows a row in which nothing counts."""
    total = n = 0
    for row, row_wanted in zip(losses, wanted, strict=True):
        if (row_wanted == -100).all():
            break
        total, n = total + row[row_wanted != -100].sum(), n + (row_wanted != -100).sum()
    return total / max(n, 1)


def mean_in_loops(losses, wanted):
    total = n = 0
    for row, row_wanted in zip(losses.tolist(), wanted.tolist(), strict=True):
        for loss, target in zip(row, row_wanted, strict=True):
            if target != -100:
                total, n = total + loss, n + 1
    return total / n


def targets_by_position(start, response, end):
    row = [*start, *response, end]
    first = len(start)
    return row[:-1], [row[i] if i >= first else -100 for i in range(1, len(row))]


def targets_in_pieces(start, response, end):
    return start + response, [-100] * (len(start) - 1) + response + [end]


def shared_in_loops(a, b):
    first, second = words(a), words(b)
    both = [word for word in first if word in second]
    return len(both) / (len(first) + len(second) - len(both))


def shared_by_counting(a, b):
    either = {*a.lower().split(), *b.lower().split()}
    return sum(word in words(a) and word in words(b) for word in either) / len(either)


def words(text):
    return set(text.lower().split())


def dice(a, b):
    return 2 * len(words(a) & words(b)) / (len(words(a)) + len(words(b)))


def with_case(a, b):
    first, second = set(a.split()), set(b.split())
    return len(first & second) / len(first | second)


WRONG = {
    "06a-1": [
        (targets_unmasked, "the prompt is not masked"),
        (targets_no_end, "EOS is missing"),
        (targets_two_ends, "two EOS tokens"),
        (targets_unshifted, "not shifted"),
        (targets_first_lost, "first token of the response is masked"),
        (targets_one_short, "one token of the prompt counts"),
        (targets_end_masked, "as if it were padding"),
        (targets_by_id, "mask by position, not by id"),
        (targets_zero, "the mask is -100"),
        (targets_long_inputs, "one too long"),
        (lambda start, response, end: targets(start, response, end)[1], "return two lists"),
    ],
    "06a-2": [
        (lambda losses, wanted: losses.mean(), "masked positions are in the mean"),
        (lambda losses, wanted: (losses * (wanted != -100)).mean(), "divided by all positions"),
        (lambda losses, wanted: losses[wanted != -100].sum(), "this is the sum"),
        (mean_of_rows, "mean of the rows' means"),
        (lambda losses, wanted: losses[wanted == -100].mean(), "the masked positions are taken"),
        (lambda losses, wanted: losses[wanted != -100].sum() / len(losses), "number of rows"),
        (lambda losses, wanted: losses[wanted > 0].mean(), "token id 0"),
        (
            lambda losses, wanted: losses[wanted != -100].sum() / losses.shape[1],
            "the length of a row",
        ),
        (lambda losses, wanted: losses[wanted != -100].median(), "not the mean"),
        (mean_over_rows_with_targets, "all targets of a row are masked"),
        (lambda losses, wanted: losses[wanted != -100].max(), "expected 88.50"),
    ],
    "06a-3": [
        (with_case, "letter case"),
        (lambda a, b: len(words(a) & words(b)), "the number of words in both"),
        (lambda a, b: len(words(a) & words(b)) / len(words(a)), "not by those of one"),
        (dice, "Dice"),
        (lambda a, b: dice(a, b) / 2, "counts shared words twice"),
        (lambda a, b: len(words(a) & words(b)) / len(a.split()), "use sets"),
        (
            lambda a, b: (
                len(set(a.lower()) & set(b.lower())) / len(set(a.lower()) | set(b.lower()))
            ),
            "compare words, not letters",
        ),
        (lambda a, b: 1 - len(words(a) & words(b)) / len(words(a) | words(b)), "far the texts"),
    ],
}

RIGHT = {
    "06a-1": [targets, targets_by_position, targets_in_pieces],
    "06a-2": [
        lambda losses, wanted: losses[wanted != -100].mean(),
        lambda losses, wanted: (losses * (wanted != -100)).sum() / (wanted != -100).sum(),
        mean_in_loops,
    ],
    "06a-3": [
        lambda a, b: len(words(a) & words(b)) / len(words(a) | words(b)),
        shared_in_loops,
        shared_by_counting,
    ],
}

"""Shares of right answers, with their intervals."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from workshop_lib.finetune.answer_checks import is_correct


def wilson_interval(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Give the interval in which the true rate lies, as Wilson computes it.

    Unlike the usual rate ± z · error it stays within 0 and 1 and works for few answers.

    Args:
        right: answers that passed.
        count: all answers, 1 or more.
        z: width in standard errors; 1.96 covers 95 %.

    Returns:
        Lower and upper bound, both in 0..1.

    Raises:
        ValueError: right is not within 0..count, or count is below 1.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    Built in: 06d
    """
    if count < 1 or not 0 <= right <= count:
        raise ValueError(f"{right} right of {count} is no count of right answers")
    rate = right / count
    centre = rate + z * z / (2 * count)
    spread = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


class Score(NamedTuple):
    """How many answers were right, of how many, the rate, and its 95 % interval."""

    right: int
    count: int  # type: ignore[assignment]  # hides tuple.count
    rate: float
    low: float
    high: float


def count_right(passed: Sequence[bool]) -> Score:
    """Count what passed.

    Args:
        passed: True for each right answer, False for each wrong one; one or more.

    Returns:
        The Score, with its 95 % interval.

    Raises:
        ValueError: there is nothing to count.

    Used in: 06d
    """
    right, count = sum(passed), len(passed)
    low, high = wilson_interval(right, count)
    return Score(right, count, right / count, low, high)


def score(examples: Sequence, answers: Sequence[str]) -> dict[str, Score]:
    """Count the answers that pass their example's check.

    Args:
        examples: `Example`s; those without a check are left out.
        answers: what the model wrote for each example, in the same order.

    Returns:
        A Score for each kind, in order of the kinds' names, and one for "all" at the end.

    Raises:
        ValueError: there are not as many answers as examples, or no example has a check.

    Used in: 06a
    """
    if len(examples) != len(answers):
        raise ValueError(f"{len(answers)} answers for {len(examples)} examples")
    results = defaultdict(list)
    for example, answer in zip(examples, answers, strict=True):
        if example.check is not None:
            results[example.kind].append(is_correct(example.check, answer))
    if not results:
        raise ValueError(f"none of {len(examples)} examples has a check")
    kinds = {kind: results[kind] for kind in sorted(results)}
    kinds["all"] = [result for kind in results.values() for result in kind]
    return {kind: count_right(passed) for kind, passed in kinds.items()}

"""Shares of right answers, with intervals that respect groups, and a baseline beside them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from workshop_lib.evaluate.intervals import cluster_bootstrap, wilson_interval
from workshop_lib.finetune.answer_checks import is_correct

FEW_GROUPS = 10  # below so many, resampling groups gives intervals that are too narrow


class Score(NamedTuple):
    """How many answers were right, of how many, the rate, and its 95 % interval."""

    right: int
    count: int  # type: ignore[assignment]  # hides tuple.count
    rate: float
    low: float
    high: float


def count_right(passed: Sequence[bool], groups: Sequence[Hashable] | None = None) -> Score:
    """Count what passed.

    Args:
        passed: True for each right answer, False for each wrong one; one or more.
        groups: the group of each answer; without them, or where no two answers share one, answers
            count as independent.

    Returns:
        The Score, with its 95 % interval: Wilson's for independent answers, else the cluster
        bootstrap's. Below 10 groups, and where all or no answers are right, resampling says too
        little: then it is Wilson's for as many answers as there are groups.

    Raises:
        ValueError: there is nothing to count, or not as many groups as answers.

    Used in: 06d
    """
    right, count = sum(passed), len(passed)
    if groups is not None and len(groups) != count:
        raise ValueError(f"{len(groups)} groups for {count} answers")
    n_groups = count if groups is None else len(set(groups))
    if groups is not None and FEW_GROUPS <= n_groups < count and 0 < right < count:
        return Score(right, count, *cluster_bootstrap(passed, groups))
    low, high = wilson_interval(right * n_groups / max(count, 1), n_groups)
    return Score(right, count, right / count, low, high)


def score(
    examples: Sequence,
    answers: Sequence[str],
    *,
    passes: Callable[[dict, str], bool] = is_correct,
) -> dict[str, Score]:
    """Count the answers that pass their example's check.

    Args:
        examples: `Example`s; those without a check are left out, those without a group are groups
            of their own.
        answers: what the model wrote for each example, in the same order.
        passes: what decides: `is_correct` is strict, `holds_answer` lenient.

    Returns:
        A Score for each kind, in order of the kinds' names, and one for "all" at the end. Their
        intervals respect the groups.

    Raises:
        ValueError: there are not as many answers as examples, or no example has a check.

    Used in: 06a
    """
    if len(examples) != len(answers):
        raise ValueError(f"{len(answers)} answers for {len(examples)} examples")
    results = defaultdict(list)
    for place, (example, answer) in enumerate(zip(examples, answers, strict=True)):
        if example.check is not None:
            result = (passes(example.check, answer), example.group or f"alone {place}")
            results[example.kind].append(result)
    if not results:
        raise ValueError(f"none of {len(examples)} examples has a check")
    kinds = {kind: results[kind] for kind in sorted(results)}
    kinds["all"] = [result for kind in results.values() for result in kind]
    return {kind: count_right(*zip(*found, strict=True)) for kind, found in kinds.items()}


def most_frequent_answers(training: Sequence) -> dict[str, str]:
    """Find the one answer per kind that is right most often in the training part.

    A baseline that reads no task: give this answer to every task of the kind. A model that does no
    better has learned no more than which answers are common.

    Args:
        training: `Example`s; those without a check are left out.

    Returns:
        {kind: answer}, of several equally frequent ones the first.

    Raises:
        ValueError: no example has a check.

    Used in: 06d
    """
    kinds = defaultdict(list)
    for example in training:
        if example.check is not None:
            kinds[example.kind].append(example)
    if not kinds:
        raise ValueError(f"none of {len(training)} examples has a check")
    answers = {}
    for kind, examples in kinds.items():
        candidates = list(dict.fromkeys(example.output for example in examples))
        hits = [sum(is_correct(e.check, answer) for e in examples) for answer in candidates]
        answers[kind] = candidates[hits.index(max(hits))]
    return answers

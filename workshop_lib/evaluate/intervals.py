"""Intervals of a mean or a share: for independent values, and for values in groups."""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from workshop_lib.require import require_count


def wilson_interval(right: float, count: float, z: float = 1.96) -> tuple[float, float]:
    """Give the interval in which the true rate lies, as Wilson computes it.

    Unlike the usual rate ± z · error it stays within 0 and 1 and works for few answers.

    Args:
        right: answers that passed.
        count: all answers, 1 or more; with groups, their `effective_size`.
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


class Estimate(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


def by_group(values: Sequence[float], groups: Sequence[Hashable]) -> list[np.ndarray]:
    """Gather the values of each group; refuse what has no mean."""
    if len(values) != len(groups):
        raise ValueError(f"{len(groups)} groups for {len(values)} values")
    if not len(values):
        raise ValueError("there are no values to take a mean of")
    gathered = defaultdict(list)
    for index, (value, group) in enumerate(zip(values, groups, strict=True)):
        if not math.isfinite(value):
            raise ValueError(f"value {index} is {value}: leave out what was not measured")
        gathered[group].append(float(value))
    return [np.array(members) for members in gathered.values()]


def cluster_bootstrap(
    values: Sequence[float],
    groups: Sequence[Hashable],
    *,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Estimate a mean and its 95 % interval by drawing whole groups again and again.

    Tasks that share a wording are right or wrong together, so they are drawn together. For a share,
    the values are 0 and 1; for a paired difference they are after minus before, task by task.

    Args:
        values: one finite number per task.
        groups: the group of each task. The interval is too narrow below about 20 groups.
        n_resamples: how often as many groups as there are get drawn, with replacement.
        seed: for the draws; the same seed gives the same interval.

    Returns:
        The mean of all values, and the 2.5 % and 97.5 % percentiles of the resampled means.

    Raises:
        ValueError: there are no values, a value is not finite, the lengths differ, or there is a
            single group.

    Source: Field and Welsh 2007, "Bootstrapping clustered data"; on few groups Cameron, Gelbach
    and Miller 2008, "Bootstrap-based improvements for inference with clustered errors".
    Built in: 06d
    """
    require_count("n_resamples", n_resamples)
    members = by_group(values, groups)
    if len(members) < 2:
        raise ValueError("one group cannot be resampled: 2 groups or more are needed")
    sums = np.array([group.sum() for group in members])
    sizes = np.array([len(group) for group in members])
    draws = np.random.default_rng(seed).integers(len(members), size=(n_resamples, len(members)))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(sums.sum() / sizes.sum()), float(low), float(high))


def intraclass_correlation(values: Sequence[float], groups: Sequence[Hashable]) -> float:
    """Estimate how alike the values of one group are: 0 no more than any two, 1 all equal.

    It compares the variance between groups with the variance within them (one-way ANOVA), and may
    come out a little below 0 by chance.

    Args:
        values: one finite number per task.
        groups: the group of each task.

    Returns:
        The intra-class correlation (ICC).

    Raises:
        ValueError: as for `cluster_bootstrap`; or no two values share a group, or all are equal.

    Source: Donner and Koval 1980, "The estimation of intraclass correlation in the analysis of
    family data".
    Used in: 06d
    """
    members = by_group(values, groups)
    sizes = np.array([len(group) for group in members])
    count, everything = sizes.sum(), np.concatenate(members)
    if len(members) < 2 or count == len(members) or np.ptp(everything) == 0:
        raise ValueError("the ICC needs 2 groups, 2 values in one of them, and unequal values")
    means = np.array([group.mean() for group in members])
    between = (sizes * (means - everything.mean()) ** 2).sum() / (len(members) - 1)
    within = sum(((group - group.mean()) ** 2).sum() for group in members) / (count - len(members))
    typical_size = (count - (sizes**2).sum() / count) / (len(members) - 1)
    return float((between - within) / (between + (typical_size - 1) * within))


def effective_size(values: Sequence[float], groups: Sequence[Hashable]) -> float:
    """Say how many independent tasks would tell as much as these grouped ones.

    That is their count divided by the design effect, 1 + (m - 1) · ICC, where m is the mean size of
    the group in which a task finds itself.

    Args:
        values: one finite number per task.
        groups: the group of each task.

    Returns:
        The effective sample size, at most the count of values; a negative ICC counts as 0.

    Raises:
        ValueError: as for `intraclass_correlation`, but groups of one value each are fine.

    Source: Kish 1965, "Survey Sampling", on the design effect.
    Used in: 06d
    """
    sizes = np.array([len(group) for group in by_group(values, groups)])
    if sizes.max() == 1:
        return float(sizes.sum())
    mean_size = (sizes**2).sum() / sizes.sum()
    design_effect = 1 + (mean_size - 1) * max(0.0, intraclass_correlation(values, groups))
    return float(sizes.sum() / design_effect)

"""Ratings from preferences: who is preferred to whom, and by how much.

Shapes: N models.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch


class Vote(NamedTuple):
    """One comparison: who was preferred to whom, or, with tie, that both were equally good."""

    winner: str
    loser: str
    tie: bool = False


class Match(NamedTuple):
    """Two answers to one task, in the order in which they are shown, and whose they are."""

    task: str
    a: str
    b: str
    author_of_a: str
    author_of_b: str


def preference_ratings(votes: Sequence[Vote], *, prior: float = 1.0) -> dict[str, float]:
    """Rate models so that differences of ratings predict who is preferred (Bradley-Terry).

    P(a is preferred to b) = s_a / (s_a + s_b), and a rating is 400 log10(s), as in chess: 400
    points more mean odds of ten to one.

    Args:
        votes: comparisons of two models each; a tie counts as half a win for both.
        prior: imagined ties between every two models, so that one who never lost gets a
            finite rating. 0 leaves the votes as they are.

    Returns:
        {model: rating}, best first; the ratings' mean is 0.

    Raises:
        ValueError: there are no votes, one compares a model with itself, or without a prior no
            finite ratings exist.

    Source: Bradley and Terry 1952; Hunter 2004, section 2, for the iteration.
    Built in: 06d
    """
    if not votes:
        raise ValueError("there are no votes to rate models by")
    names = sorted({name for vote in votes for name in vote[:2]})
    wins = torch.full((len(names), len(names)), prior / 2, dtype=torch.float64)
    wins.fill_diagonal_(0)
    for vote in votes:
        winner, loser = names.index(vote.winner), names.index(vote.loser)
        if winner == loser:
            raise ValueError(f"a vote compares {vote.winner!r} with itself")
        wins[winner, loser] += 0.5 if vote.tie else 1.0
        wins[loser, winner] += 0.5 if vote.tie else 0.0
    reached = (wins + torch.eye(len(names))).sign().matrix_power(len(names))
    if not (reached > 0).all():
        raise ValueError("some models never lost to some others: use a prior above 0")
    games, strength = wins + wins.T, torch.ones(len(names), dtype=torch.float64)
    for _ in range(10_000):
        before = strength
        strength = wins.sum(dim=1) / (games / (strength[:, None] + strength)).sum(dim=1)
        strength = strength / strength.log().mean().exp()
        if torch.allclose(strength, before, rtol=1e-10, atol=0):
            break
    ratings = dict(zip(names, (400 * strength.log10()).tolist(), strict=True))
    return dict(sorted(ratings.items(), key=lambda pair: -pair[1]))

"""How good a model's answers are, and how sure that is (chapter 6)."""

from workshop_lib.evaluate.choice_scores import (
    LETTERS,
    STYLES,
    Prediction,
    Question,
    choice_prompt,
    log_likelihoods,
    multiple_choice,
)
from workshop_lib.evaluate.intervals import (
    Estimate,
    cluster_bootstrap,
    effective_size,
    intraclass_correlation,
    wilson_interval,
)
from workshop_lib.evaluate.llm_judge import JUDGE, Verdict, judge, judge_prompt
from workshop_lib.evaluate.panel import blind_panel
from workshop_lib.evaluate.preferences import Match, Vote, preference_ratings
from workshop_lib.evaluate.scores import Score, count_right, most_frequent_answers, score

__all__ = [
    "Estimate",
    "JUDGE",
    "LETTERS",
    "Match",
    "Prediction",
    "Question",
    "STYLES",
    "Score",
    "Verdict",
    "Vote",
    "blind_panel",
    "choice_prompt",
    "cluster_bootstrap",
    "count_right",
    "effective_size",
    "intraclass_correlation",
    "judge",
    "judge_prompt",
    "log_likelihoods",
    "most_frequent_answers",
    "multiple_choice",
    "preference_ratings",
    "score",
    "wilson_interval",
]

"""Evaluation: multiple choice by log-likelihood, a model as judge, ratings from preferences.

Shapes: K choices, T tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from workshop_lib.model.gpt import GPT
from workshop_lib.require import require_choice, require_text
from workshop_lib.tokenizer.protocol import Tokenizer
from workshop_lib.train.validation import evaluating

LETTERS = "ABCDEFGH"
STYLES = ("letters", "texts")

# --- Multiple choice ---------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A question with choices, one of which is right.

    Args:
        question: what is asked.
        choices: K texts.
        answer: the index of the right one; no prompt ever depends on it.

    Raises:
        TypeError: a text is not a str.
        ValueError: there are fewer than 2 or more than 8 choices, two are equal, or answer is
            not the index of one.

    Used in: 06d
    """

    question: str
    choices: Sequence[str]
    answer: int

    def __post_init__(self):
        for text in (self.question, *self.choices):
            require_text("a question or choice", text)
        if not 2 <= len(self.choices) <= len(LETTERS):
            raise ValueError(f"{self.question!r} has {len(self.choices)} choices, not 2 to 8")
        if len(set(self.choices)) < len(self.choices):
            raise ValueError(f"{self.question!r} has two equal choices")
        if self.answer not in range(len(self.choices)):
            raise ValueError(f"answer {self.answer!r} of {self.question!r} is no choice's index")


class Prediction(NamedTuple):
    """Which choice a model picked, whether it is right, and the K log-likelihoods, in nats."""

    picked: int
    right: bool
    log_likelihoods: list[float]


def choice_prompt(question: Question, style: str = "letters") -> str:
    """Write the prompt of a question.

    Args:
        question: its texts are used, its answer never.
        style: "letters" lists the choices, as MMLU does; "texts" shows the question alone.

    Returns:
        The text up to where the answer begins.

    Raises:
        ValueError: there is no such style.

    Source: Hendrycks et al. 2021, "Measuring massive multitask language understanding".
    Built in: 06d
    """
    require_choice("style", style, STYLES)
    if style == "texts":
        return f"Question: {question.question}\nAnswer:"
    listed = [f"{letter}. {text}" for letter, text in zip(LETTERS, question.choices, strict=False)]
    return "\n".join([question.question, *listed, "Answer:"])


def log_likelihoods(model: GPT, context: list[int], continuations: list[list[int]]) -> Tensor:
    """Add up the log-probabilities of each continuation's tokens.

    Args:
        model: a GPT.
        context: token ids that all continuations follow.
        continuations: token ids of each of K continuations.

    Returns:
        (K,) float, nats; nearer to zero is likelier.

    Built in: 06d
    """
    device = model.tok_emb.weight.device
    rows = [context + continuation for continuation in continuations]
    longest = max(map(len, rows))
    token_ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows], device=device)
    lengths = torch.tensor([len(row) for row in rows], device=device)[:, None]
    places = torch.arange(1, longest, device=device)  # of the targets
    counts = (places >= len(context)) & (places < lengths)  # (K, T - 1)
    inputs, targets = token_ids[:, :-1], token_ids[:, 1:]
    # Single letters leave equal inputs, which are computed once.
    inputs, row_of = inputs.unique(dim=0, return_inverse=True)
    with evaluating(model):
        logits = model.head(model.hidden(inputs)[row_of][counts])
        losses = torch.zeros(counts.shape, device=device)
        losses[counts] = F.cross_entropy(logits.float(), targets[counts], reduction="none")
    return -losses.sum(dim=1)


def multiple_choice(
    model: GPT, tokenizer: Tokenizer, questions: Sequence[Question], *, style: str = "letters"
) -> list[Prediction]:
    """Let a model pick the likeliest choice of each question.

    Nothing is generated: each choice is appended to the prompt, and its log-likelihood is read.

    Args:
        model: a GPT.
        tokenizer: has encode(text).
        questions: what to ask.
        style: "letters" scores the letters A, B, … after a prompt that lists the choices;
            "texts" scores the choices themselves, per character, as they differ in length.

    Returns:
        A Pick for each question. Count them with `answers.count_right`.

    Raises:
        ValueError: there is no such style, or a prompt is longer than the model's context.

    Source: Hendrycks et al. 2021; Brown et al. 2020, section 2.4, for lengths.
    Built in: 06d
    """
    picks = []
    for question in questions:
        context = choice_prompt(question, style)
        texts = LETTERS[: len(question.choices)] if style == "letters" else question.choices
        context_ids = tokenizer.encode(context)
        # Encoded as a whole: after a prompt a text may be split into other tokens than alone.
        whole = [tokenizer.encode(f"{context} {text}") for text in texts]
        scores = log_likelihoods(model, context_ids, [ids[len(context_ids) :] for ids in whole])
        per_character = [score / len(text) for score, text in zip(scores, texts, strict=True)]
        picked = per_character.index(max(per_character))
        picks.append(Prediction(picked, picked == question.answer, scores.tolist()))
    return picks


# --- A model as judge --------------------------------------------------------------------

"""A model that judges the answers of another."""

from typing import NamedTuple

from workshop_lib.evaluate.choice_scores import log_likelihoods
from workshop_lib.finetune.examples import Example
from workshop_lib.finetune.prompts import prompt_ids, user_text
from workshop_lib.model.gpt import GPT
from workshop_lib.tokenizer.protocol import Tokenizer

JUDGE = """Task: {task}

A: {a}

B: {b}

Which answer is right, A or B? Reply with the letter only."""


class Verdict(NamedTuple):
    """How sure a judge is of one answer, 0 to 1, where it was shown as A and where as B."""

    shown_first: float
    shown_second: float

    @property
    def share(self) -> float:
        """The mean of both, in which position bias cancels out."""
        return (self.shown_first + self.shown_second) / 2


def judge_prompt(task: Example, a: str, b: str) -> Example:
    """Write the judge's task; the reference answer, task.output, is not in it.

    Built in: 06d
    """
    text = JUDGE.format(task=user_text(task), a=a, b=b)
    return Example(instruction=text, output="A or B", id=task.id)


def judge(model: GPT, tokenizer: Tokenizer, task: Example, answer: str, other: str) -> Verdict:
    """Ask a chat model which of two answers is better, in both orders.

    Args:
        model: the judge.
        tokenizer: its tokenizer.
        task: what was to be answered; its output is never shown.
        answer: the answer whose share is returned.
        other: the answer that it is compared with.

    Returns:
        A Verdict; above 0.5 the judge prefers `answer`.

    Raises:
        TypeError: task is not an Example.

    Source: Zheng et al. 2023, "Judging LLM-as-a-judge", section 3, for both orders.
    Built in: 06d
    """
    letters = [tokenizer.encode(letter) for letter in "AB"]
    shares = []
    for a, b in ((answer, other), (other, answer)):
        context = prompt_ids(judge_prompt(task, a, b), tokenizer)
        shares.append(log_likelihoods(model, context, letters).softmax(dim=0)[0].item())
    return Verdict(shown_first=shares[0], shown_second=1 - shares[1])

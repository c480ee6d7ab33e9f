"""Answers to the exercises of 01a: usual mistakes with the hint each must get, and right ones."""

import math

import numpy as np
import torch

CUE = "<|im_start|>assistant\n"


def turns_as_text(turns, form="<|im_start|>{role}\n{text}<|im_end|>\n"):
    return "".join(form.format(role=role, text=text) for role, text in turns)


def changed_in_place(scores, temperature):
    scores /= temperature
    return torch.softmax(scores, -1)


def by_hand(scores, temperature):
    powers = torch.exp(scores / temperature)
    return powers / powers.sum()


def with_loop(scores, temperature):
    largest = max(float(score) for score in scores)
    powers = [math.exp((float(score) - largest) / temperature) for score in scores]
    return torch.tensor([power / sum(powers) for power in powers])


def with_numpy(scores, temperature):
    powers = np.exp((scores.numpy() - scores.numpy().max()) / temperature)
    return powers / powers.sum()


def with_list(turns):
    lines = []
    for role, text in turns:
        lines += [f"<|im_start|>{role}", text + "<|im_end|>"]
    return "\n".join([*lines, "<|im_start|>assistant", ""])


def without_return(turns):
    turns_as_text(turns) + CUE


def appended(turns):
    turns.append(("assistant", ""))
    return turns_as_text(turns).removesuffix("<|im_end|>\n") + "\n"


def in_hours_first(n, d, g, f, u):
    hours = 0.0
    for _ in range(6):
        hours += n * d / (g * f * u) / 3600
    return hours / 24


WRONG = {
    "01a-1": [
        (lambda turns: turns_as_text(turns), "open the assistant's turn"),
        (lambda turns: turns_as_text(turns) + CUE + "<|im_end|>\n", "do not close the last turn"),
        (lambda turns: turns_as_text(turns) + CUE.strip(), "line break belongs after the last"),
        (lambda turns: turns_as_text(turns[-1:]) + CUE, "one turn alone"),
        (
            lambda turns: turns_as_text(turns, "<|im_start|>{role}\n{text}\n") + CUE,
            "close each turn",
        ),
        (
            lambda turns: turns_as_text(turns, "<|im_start|>{role}\n{text}\n<|im_end|>\n") + CUE,
            "follows the text directly",
        ),
        (
            lambda turns: turns_as_text(turns, "<|im_start|>{role}\n{text}<|im_end|>") + CUE,
            "after each <|im_end|>",
        ),
        (
            lambda turns: turns_as_text(turns, "<|im_start|>{role} {text}<|im_end|>\n") + CUE,
            "its role, and a line break",
        ),
        (lambda turns: [turns_as_text(turns), CUE], "not list"),
        (lambda turns: turns_as_text(turns).lower() + CUE, "it should read"),
        (lambda turns: turns_as_text(turns[:-1]) + CUE, "it should read"),
        (without_return, "returns nothing"),
        (appended, "changed its argument"),
    ],
    "01a-2": [
        (lambda s, t: torch.softmax(s, -1), "no effect"),
        (lambda s, t: torch.softmax(s * t, -1), "you multiply"),
        (lambda s, t: torch.softmax(s, -1) / t, "not the probabilities"),
        (lambda s, t: s / t, "scores still"),
        (lambda s, t: torch.exp(s / t), "divide by the sum"),
        (changed_in_place, "changed its argument"),
        (by_hand, "overflow"),
        (lambda s, t: torch.softmax(s / t, -1).max(), "as many probabilities"),
        (lambda s, t: torch.softmax(s / math.sqrt(t), -1), "0.867"),
        (lambda s, t: torch.log_softmax(s / t, -1), "logarithms"),
        (lambda s, t: torch.softmax(-s / t, -1), "order is reversed"),
        (lambda s, t: torch.softmax(s / 0.5, -1), "not at 4.0"),
        (lambda s, t: None, "returns nothing"),
        (lambda s, t: str(torch.softmax(s / t, -1)), "a tensor"),
    ],
    "01a-3": [
        (lambda n, d, g, f, u: 6 * n * d / (g * f * u), "in seconds"),
        (lambda n, d, g, f, u: 6 * n * d / (g * f * u) / 3600, "in hours"),
        (lambda n, d, g, f, u: 6 * n * d / (g * f * u) / 60, "in minutes"),
        (lambda n, d, g, f, u: n * d / (g * f * u) / 86400, "the 6 is missing"),
        (lambda n, d, g, f, u: 2 * n * d / (g * f * u) / 86400, "forward pass alone"),
        (lambda n, d, g, f, u: 6 * n * d / (f * u) / 86400, "n_gpus is missing"),
        (lambda n, d, g, f, u: 6 * n * d * g / (f * u) / 86400, "divide by n_gpus"),
        (lambda n, d, g, f, u: 6 * n * d / (g * f) / 86400, "utilization is missing"),
        (lambda n, d, g, f, u: 6 * n * d * u / (g * f) / 86400, "takes longer"),
        (lambda n, d, g, f, u: 0.5, "1.447 days"),
        (lambda n, d, g, f, u: round(6 * n * d / (g * f * u) / 86400, 3), "do not round"),
        (lambda n, d, g, f, u: round(6 * n * d / (g * f * u) / 86400, 2), "do not round"),
        (lambda n, d, g, f, u: round(6 * n * d / (g * f * u) / 86400), "do not round"),
        (lambda n, d, g, f, u: math.ceil(6 * n * d / (g * f * u) / 86400), "do not round"),
        (lambda n, d, g, f, u: 6 * n * d // (g * f * u) // 86400, "do not round"),
        (lambda n, d, g, f, u: g * f * u * 86400 / (6 * n * d), "upside down"),
        (lambda n, d, g, f, u: 6 * 1e9 * d / (8 * f * u) / 86400, "for the example only"),
        (lambda n, d, g, f, u: f"{6 * n * d / (g * f * u) / 86400} days", "a number"),
        (lambda n, d, g, f, u: None, "returns nothing"),
    ],
}
RIGHT = {
    "01a-1": [
        lambda turns: turns_as_text(turns) + CUE,
        with_list,
        lambda turns: (
            "<|im_start|>"
            + "<|im_end|>\n<|im_start|>".join("\n".join(turn) for turn in turns)
            + "<|im_end|>\n<|im_start|>assistant\n"
        ),
    ],
    "01a-2": [lambda s, t: torch.softmax(s / t, -1), with_loop, with_numpy],
    "01a-3": [
        lambda n, d, g, f, u: 6 * n * d / (g * f * u) / 86400,
        in_hours_first,
        lambda n, d, g, f, u: np.float64(6 * n) * d / np.prod([g, f, u]) / np.float64(86400),
        lambda n, d, g, f, u: torch.tensor(6 * n * d / (g * f * u) / 86400, dtype=torch.float64),
    ],
}

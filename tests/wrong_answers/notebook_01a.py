"""Answers to the exercises of 01a: usual mistakes with the hint each must get, and a right one."""

import math

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
            "behind each <|im_end|>",
        ),
        (
            lambda turns: turns_as_text(turns, "<|im_start|>{role} {text}<|im_end|>\n") + CUE,
            "its role, and a line break",
        ),
        (lambda turns: [turns_as_text(turns), CUE], "not list"),
        (lambda turns: turns_as_text(turns).lower() + CUE, "it should read"),
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
    ],
    "01a-3": [
        (lambda n, d, g, f, u: 6 * n * d / (g * f * u), "in seconds"),
        (lambda n, d, g, f, u: 6 * n * d / (g * f * u) / 3600, "in hours"),
        (lambda n, d, g, f, u: 6 * n * d / (g * f * u) / 60, "in minutes"),
        (lambda n, d, g, f, u: n * d / (g * f * u) / 86400, "the 6 is missing"),
        (lambda n, d, g, f, u: 2 * n * d / (g * f * u) / 86400, "forward pass alone"),
        (lambda n, d, g, f, u: 6 * n * d / (f * u) / 86400, "n_gpus is missing"),
        (lambda n, d, g, f, u: 6 * n * d * g / (f * u) / 86400, "divide by n_gpus"),
        (lambda n, d, g, f, u: 6 * n * d / (g * f) / 86400, "utilisation is missing"),
        (lambda n, d, g, f, u: 6 * n * d * u / (g * f) / 86400, "takes longer"),
        (lambda n, d, g, f, u: 1.0, "1.447 days"),
    ],
}
RIGHT = {
    "01a-1": lambda turns: turns_as_text(turns) + CUE,
    "01a-2": lambda s, t: torch.softmax(s / t, -1),
    "01a-3": lambda n, d, g, f, u: 6 * n * d / (g * f * u) / 86400,
}

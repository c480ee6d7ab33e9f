"""Answers to the exercises of 06d: usual mistakes with the hint each must get, and a right one."""

import math


def changed(before, after):
    pairs = list(zip(before, after, strict=True))
    return pairs.count((False, True)), pairs.count((True, False))


def swapped(before, after):
    return changed(after, before)


def difference(before, after):
    return max(0, sum(after) - sum(before)), max(0, sum(before) - sum(after))


def by_character(scores, choices):
    shares = [score / len(choice) for score, choice in zip(scores, choices, strict=True)]
    return shares.index(max(shares))


def by_word(scores, choices):
    shares = [score / len(choice.split()) for score, choice in zip(scores, choices, strict=True)]
    return shares.index(max(shares))


def least_likely(scores, choices):
    shares = [score / len(choice) for score, choice in zip(scores, choices, strict=True)]
    return shares.index(min(shares))


WRONG = {
    "06d-1": [
        (swapped, "swapped"),
        (lambda before, after: (sum(after), sum(before)), "only the ones that changed"),
        (lambda before, after: (sum(after), after.count(False)), "right or wrong after"),
        (difference, "2 is the difference"),
        (lambda before, after: sum(after) - sum(before), "two numbers"),
        (lambda before, after: (4, 0), "not (4, 0)"),
    ],
    "06d-2": [
        (lambda scores, choices: scores.index(max(scores)), "largest sum"),
        (lambda scores, choices: choices[by_character(scores, choices)], "not its text"),
        (least_likely, "below zero"),
        (lambda scores, choices: None, "returns nothing"),
        (by_word, "characters, not words"),
    ],
    "06d-3": [
        (lambda a, b: 1 / (1 + 10 ** ((a - b) / 400)), "the other one"),
        (lambda a, b: 10 ** ((a - b) / 400), "odds / (1 + odds)"),
        (lambda a, b: 1 / (1 + math.exp((b - a) / 400)), "not e"),
        (lambda a, b: 1 / (1 + 10.0 ** (b - a)), "divide the difference"),
        (lambda a, b: 10 / 11 if a > b else 0.0, "one half"),
        (lambda a, b: 0.75, "not 0.75"),
    ],
}
RIGHT = {
    "06d-1": changed,
    "06d-2": by_character,
    "06d-3": lambda a, b: 1 / (1 + 10 ** ((b - a) / 400)),
}

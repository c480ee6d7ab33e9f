"""Answers to the exercises of 06d: usual mistakes with the hint each must get, and right ones."""

import math

import numpy as np


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


def by_counting(before, after):
    gained = sum(new and not old for old, new in zip(before, after, strict=True))
    return [gained, gained + sum(before) - sum(after)]


def by_arrays(before, after):
    change = np.array(after).astype(int) - np.array(before).astype(int)
    return np.sum(change == 1), np.sum(change == -1)


def by_key(scores, choices):
    return max(range(len(choices)), key=lambda i: scores[i] / len(choices[i]))


def by_argmax(scores, choices):
    return int(np.argmax(np.array(scores) / [len(choice) for choice in choices]))


def without_spaces(scores, choices):
    return by_key(scores, [choice.replace(" ", "") for choice in choices])


def by_pairs_of_characters(scores, choices):
    return max(range(len(choices)), key=lambda i: scores[i] / (len(choices[i]) // 2))


def by_strength(a, b):
    return 10 ** (a / 400) / (10 ** (a / 400) + 10 ** (b / 400))


def by_odds(a, b):
    odds = 10 ** ((a - b) / 400)
    return odds / (1 + odds)


WRONG = {
    "06d-1": [
        (swapped, "swapped"),
        (lambda before, after: (sum(after), sum(before)), "only the ones that changed"),
        (lambda before, after: (sum(after), after.count(False)), "right or wrong after"),
        (difference, "2 is the difference"),
        (lambda before, after: sum(after) - sum(before), "a tuple"),
        (lambda before, after: (changed(before, after)[0], -1), "not -1"),
        (lambda before, after: (4, 0), "not (4, 0)"),
        (lambda before, after: (3, 1), "give (0, 2)"),
    ],
    "06d-2": [
        (lambda scores, choices: scores.index(max(scores)), "largest sum"),
        (lambda scores, choices: choices[by_character(scores, choices)], "not its text"),
        (least_likely, "below zero"),
        (lambda scores, choices: None, "returns nothing"),
        (by_word, "characters, not words"),
        (without_spaces, "spaces are characters"),
        (by_pairs_of_characters, "without rounding"),
    ],
    "06d-3": [
        (lambda a, b: 1 / (1 + 10 ** ((a - b) / 400)), "the other one"),
        (lambda a, b: 10 ** ((a - b) / 400), "odds / (1 + odds)"),
        (lambda a, b: 1 / (1 + math.exp((b - a) / 400)), "not e"),
        (lambda a, b: 1 / (1 + 10.0 ** (b - a)), "divide the difference"),
        (lambda a, b: a / (a + b), "holds for strengths"),
        (lambda a, b: 10 / 11 if a > b else 0.0, "one half"),
        (lambda a, b: 0.75, "not 0.75"),
    ],
}
RIGHT = {
    "06d-1": [changed, by_counting, by_arrays],
    "06d-2": [by_character, by_key, by_argmax],
    "06d-3": [lambda a, b: 1 / (1 + 10 ** ((b - a) / 400)), by_strength, by_odds],
}

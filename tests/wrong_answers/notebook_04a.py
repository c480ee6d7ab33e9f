"""Answers to the exercises of 04a: usual mistakes with the hint each must get, and right ones."""

import math

import numpy as np
import torch

LN2 = math.log(2)


def length(gradients):
    return math.sqrt(sum(gradient.square().sum().item() for gradient in gradients))


def clip(gradients, max_norm):
    scale = max_norm / max(length(gradients), max_norm)
    return [gradient * scale for gradient in gradients]


def clip_each(gradients, max_norm):
    return [clip([gradient], max_norm)[0] for gradient in gradients]


def clip_values(gradients, max_norm):
    return [gradient.clamp(-max_norm, max_norm) for gradient in gradients]


def clip_always(gradients, max_norm):
    return [gradient * (max_norm / (length(gradients) + 1e-9)) for gradient in gradients]


def clip_into_nan(gradients, max_norm):
    scale = torch.tensor(max_norm) / torch.tensor(length(gradients))
    if length(gradients) == 0:
        return [gradient * scale for gradient in gradients]
    return clip(gradients, max_norm)


def clip_in_place(gradients, max_norm):
    for gradient, clipped in zip(gradients, clip(gradients, max_norm), strict=True):
        gradient.copy_(clipped)
    return gradients


def clip_sum_of_lengths(gradients, max_norm):
    total = sum(gradient.norm() for gradient in gradients)
    return [gradient * min(1, max_norm / total) for gradient in gradients]


def clip_without_root(gradients, max_norm):
    return [gradient * min(1, max_norm / length(gradients) ** 2) for gradient in gradients]


def clip_to_one(gradients, max_norm):
    return clip(gradients, 1.0)


def clip_flat(gradients, max_norm):
    return [gradient.flatten() for gradient in clip(gradients, max_norm)]


def schedule(step, steps, warmup, max_lr, *, first=1, begin=None, last=1, low=0.1):
    """The right schedule, of which a test spoils one part."""
    if step < warmup:
        return max_lr * (step + first) / warmup
    begin = warmup if begin is None else begin
    span = steps - last - begin
    progress = (step - begin) / span if span > 0 else 0.0
    return max_lr * (1 - (1 - low) * progress)


def schedule_without_care(step, steps, warmup, max_lr):
    if step < warmup:
        return max_lr * (step + 1) / warmup
    return max_lr * (1 - 0.9 * (step - warmup) / (steps - 1 - warmup))


def schedule_divides_by_warmup(step, steps, warmup, max_lr):
    rising = max_lr * (step + 1) / warmup
    return rising if step < warmup else schedule(step, steps, warmup, max_lr)


def schedule_cosine(step, steps, warmup, max_lr):
    rate = schedule(step, steps, warmup, 1.0)
    if step < warmup:
        return max_lr * rate
    progress = (1 - rate) / 0.9
    return max_lr * (0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2)


def schedule_ends_low(step, steps, warmup, max_lr):
    if step == steps - 1 and steps == warmup + 1:
        return 0.1 * max_lr
    return schedule(step, steps, warmup, max_lr)


def schedule_skips_first(step, steps, warmup, max_lr):
    return schedule(step, steps, max(warmup, 2), max_lr)


def schedule_of_one(step, steps, warmup, max_lr):
    return schedule(step, steps, warmup, 1.0)


def bits_step_by_step(loss, n_tokens, n_characters):
    total_nats = loss * n_tokens
    total_bits = total_nats / np.log(2)
    return total_bits / n_characters


def clip_with_torch(gradients, max_norm):
    weights = [torch.zeros_like(gradient) for gradient in gradients]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(weights, max_norm)
    return [weight.grad for weight in weights]


def clip_by_norm_of_norms(gradients, max_norm):
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients]
    return tuple(gradient / norm * max_norm for gradient in gradients)


def clip_by_inf_norm(gradients, max_norm):
    largest = max(gradient.abs().max().item() for gradient in gradients)
    scale = max_norm / max(largest, max_norm)
    return [gradient * scale for gradient in gradients]


def schedule_from_the_end(step, steps, warmup, max_lr):
    last = steps - 1
    if step < warmup:
        return (step + 1) / warmup * max_lr
    if last == warmup:
        return max_lr
    left = (last - step) / (last - warmup)
    return max_lr * (0.1 + 0.9 * left)


def schedule_by_numpy(step, steps, warmup, max_lr):
    corners = [-1, warmup - 1, warmup, max(steps - 1, warmup + 1)]
    return np.interp(step, corners, [0.0, max_lr, max_lr, 0.1 * max_lr])


WRONG = {
    "04a-1": [
        (lambda loss, n, c: loss * n / c, "those are nats"),
        (lambda loss, n, c: loss / LN2, "per token"),
        (lambda loss, n, c: loss / LN2 * c / n, "swapped"),
        (lambda loss, n, c: loss / LN2 / c, "the loss is a mean"),
        (lambda loss, n, c: loss / LN2 * n, "whole text"),
        (lambda loss, n, c: loss * LN2 * n / c, "1.44 bits"),
        (lambda loss, n, c: loss / math.log10(2) * n / c, "natural logarithm"),
        (lambda loss, n, c: math.exp(loss) * n / c, "perplexity"),
        (lambda loss, n, c: 2**loss * n / c, "no power"),
        (lambda loss, n, c: 1.0, "not 1.0"),
    ],
    "04a-2": [
        (clip_each, "the norm of all numbers together"),
        (clip_values, "the norm of all numbers together"),
        (lambda gradients, max_norm: list(gradients), "nothing is clipped"),
        (clip_in_place, "changed its argument"),
        (clip_sum_of_lengths, "not the sum of the"),
        (clip_without_root, "take the root"),
        (clip_by_inf_norm, "largest entry"),
        (clip_to_one, "use max_norm"),
        (clip_always, "should stay as it is"),
        (clip_into_nan, "becomes nan"),
        (clip_flat, "keep its shape"),
        (lambda gradients, max_norm: max_norm / length(gradients), "a list of as many"),
        (lambda gradients, max_norm: [-g for g in clip(gradients, max_norm)], "give 0.6, 0, 0.8"),
    ],
    "04a-3": [
        (lambda *args: schedule(*args, first=0), "rate of step 0 is 0"),
        (lambda *args: schedule(*args, first=0.5), "a warm-up of 4"),
        (lambda *args: schedule(*args, begin=0), "begin at the end of the warm-up"),
        (lambda *args: schedule(*args, begin=args[2] - 1), "still has max_lr"),
        (lambda *args: schedule(*args, low=0), "not 0"),
        (lambda *args: schedule(*args, last=0), "one step too late"),
        (schedule_cosine, "falls by 0.1"),
        (schedule_without_care, "divides by zero"),
        (schedule_divides_by_warmup, "a warm-up of 0 divides by zero"),
        (schedule_ends_low, "its last step has max_lr"),
        (schedule_skips_first, "step 0 has max_lr already"),
        (schedule_of_one, "multiples of max_lr"),
    ],
}
RIGHT = {
    "04a-1": [
        lambda loss, n, c: loss * n / (c * LN2),
        lambda loss, n, c: math.log2(math.exp(loss)) * n / c,
        bits_step_by_step,
    ],
    "04a-2": [clip, clip_with_torch, clip_by_norm_of_norms],
    "04a-3": [schedule, schedule_from_the_end, schedule_by_numpy],
}

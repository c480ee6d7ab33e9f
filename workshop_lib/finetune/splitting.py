"""Training and test examples that share no group."""

import random
from collections import defaultdict
from collections.abc import Sequence

from workshop_lib.finetune.examples import Example


def split(
    examples: Sequence[Example], *, test_fraction: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Set whole groups of every kind aside for testing.

    Args:
        examples: without a group, those with the same instruction and input are one.
        test_fraction: the share of each kind to set aside. Only whole groups are taken, so it
            comes out a little lower, but each kind with two groups or more gives one at least.
        seed: which groups; the same seed always sets the same ones aside.

    Returns:
        Training examples and test examples, both in their old order.

    Raises:
        ValueError: test_fraction is not between 0 and 1, or nothing can be set aside.

    Built in: 06a
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction {test_fraction} is outside 0 < test_fraction < 1")
    groups, kinds = defaultdict(list), defaultdict(list)
    for place, example in enumerate(examples):
        groups[example.group or f"{example.instruction}\n{example.input}"].append(place)
    for name, places in sorted(groups.items()):
        kinds[examples[places[0]].kind].append(name)
    held_out = set()
    for kind, names in kinds.items():
        random.Random(f"{seed} {kind}").shuffle(names)
        sizes = {name: len(groups[name]) for name in names}
        for name in choose_groups(sizes, test_fraction):
            held_out.update(groups[name])
    if not held_out:
        raise ValueError(f"{len(groups)} groups are too few to set one of any kind aside")
    train = [example for place, example in enumerate(examples) if place not in held_out]
    test = [example for place, example in enumerate(examples) if place in held_out]
    return train, test


def choose_groups(sizes: dict[str, int], fraction: float) -> list[str]:
    """Take groups in order as long as they fit into the fraction, or else the smallest one.

    Args:
        sizes: {name: examples} of all groups of one kind.
        fraction: the share of examples to take at most.

    Returns:
        Names of groups; none where there is a single group, which is needed for training.

    Built in: 06a
    """
    if len(sizes) < 2:
        return []
    chosen, room = [], fraction * sum(sizes.values())
    for name, size in sizes.items():
        if size <= room:
            chosen.append(name)
            room -= size
    return chosen or [min(sizes, key=sizes.__getitem__)]

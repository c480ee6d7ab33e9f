"""Compare ways to do the same thing: each in a process of its own, taking turns on one machine.

    from side_by_side import compare

    def ours():                      # makes ready, and returns what is to be timed
        model = ...
        def step():
            ...
            return loss              # compared with the other sides' results
        return step

    if __name__ == "__main__":
        compare("one training step", {"ours": ours, "transformers": theirs})

A ratio of two numbers from one run says more than either: what slows the machine down for a
moment slows both. A process of its own gives each side a peak memory of its own.
"""

import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch


class Row(NamedTuple):
    """Median seconds of one turn, median ratio to ours of the same round, peak MB above the start."""

    seconds: float
    ratio: float
    peak_mb: float


def compare(title: str, sides: dict, *, rounds: int = 7, bound: list | None = None) -> dict:
    """Time the sides in turns, check that their results agree, and print a table.

    Args:
        title: what is compared.
        sides: {name: function}; the first is ours. Each function is defined at the top level of
            its script, makes ready and returns a function without arguments: what is timed. What
            that one returns must be equal on all sides (floats to 4 digits); None is not compared.
        rounds: how often each side has its turn, after one turn that does not count.
        bound: (M, K, N) of all float32 matrix products that the task cannot do without; they are
            timed as one more side.

    Returns:
        {name: Row}.

    Raises:
        AssertionError: the results differ.
    """
    if bound:
        sides = sides | {"matrix products, torch.mm": partial(products, bound)}
    workers = {name: start(make) for name, make in sides.items()}
    turns = {name: [] for name in sides}
    for _ in range(1 + rounds):
        for name, (_, pipe) in workers.items():
            pipe.send("your turn")
            turns[name].append(pipe.recv())
        check([(name, turn[-1][1]) for name, turn in turns.items()])
    for process, pipe in workers.values():
        pipe.send(None)
        process.join()
    table = {}
    print(f"{title}: medians of {rounds} turns, {torch.get_num_threads()} threads")
    print(f"{'':26}{'seconds':>10}{'ratio':>8}{'peak MB':>10}")
    ours = [seconds for seconds, _, _ in turns[next(iter(sides))][1:]]
    for name in sides:
        seconds = [seconds for seconds, _, _ in turns[name][1:]]
        ratios = [theirs / our for theirs, our in zip(seconds, ours, strict=True)]
        row = table[name] = Row(median(seconds), median(ratios), turns[name][-1][2] / 1e6)
        print(f"{name:26}{row.seconds:10.3f}{row.ratio:8.2f}{row.peak_mb:10.0f}")
    return table


def start(make) -> tuple:
    """Start a process for one side, and wait until it is ready."""
    context = multiprocessing.get_context("spawn")
    pipe, its_end = context.Pipe()
    process = context.Process(target=take_turns, args=(make, its_end), daemon=True)
    process.start()
    its_end.close()  # so that the end of the process ends our waiting, with an EOFError
    assert pipe.recv() == "ready"
    return process, pipe


def take_turns(make, pipe) -> None:
    """Be one side: make ready, then run and time the task whenever asked to."""
    before = peak_memory()
    task = make()
    pipe.send("ready")
    while pipe.recv() is not None:
        began = time.perf_counter()
        result = task()
        pipe.send((time.perf_counter() - began, result, peak_memory() - before))


def check(results: list[tuple]) -> None:
    """Raise an AssertionError unless all results that are not None are equal."""
    results = [(name, result) for name, result in results if result is not None]
    for name, result in results[1:]:
        first_name, first = results[0]
        if isinstance(result, float):
            same = abs(result - first) <= 1e-4 * abs(first)
        else:
            same = result == first
        assert same, f"{name} gives {result}, but {first_name} {first}"


def products(shapes: list):
    """Make random matrices; multiplying them is what no implementation can do without."""
    pairs = {(m, k, n): (torch.randn(m, k), torch.randn(k, n)) for m, k, n in shapes}
    results = {(m, n): torch.empty(m, n) for m, _, n in shapes}

    def task():
        for m, k, n in shapes:
            torch.mm(*pairs[m, k, n], out=results[m, n])

    return task


def peak_memory() -> int:
    """Return the most bytes that this process has held so far."""
    if sys.platform == "linux":  # where getrusage would count the parent's memory too
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

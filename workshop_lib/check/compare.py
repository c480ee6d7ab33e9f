"""Checks that a notebook runs on itself: built code against the package, answers to exercises."""

import copy
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


def same_module(
    built: type[torch.nn.Module],
    reference: type[torch.nn.Module],
    *inputs: object,
    seed: int = 0,
    **kwargs: object,
) -> None:
    """Assert that two module classes are the same, then say so in one line.

    Both are constructed from the same seed and called on the same inputs. Compared are the names,
    shapes and order of their tensors, the start values, and the outputs, bit for bit: in eval mode,
    and in train mode (from the same seed again), where a forgotten dropout shows.

    Args:
        built: the class written in the notebook.
        reference: the class of the package.
        inputs: what `forward` takes. Each call gets its own copy, so a cache may be among them.
        seed: the seed of the start values and of dropout.
        kwargs: what the constructor takes, such as `config=PRESETS["tiny"]`.

    Raises:
        AssertionError: they differ; the message says where first.
    """
    _assert_two(built, reference)
    with _own_randomness():
        torch.manual_seed(seed)
        ours = built(**kwargs)
        torch.manual_seed(seed)
        theirs = reference(**kwargs)
        state, expected = ours.state_dict(), theirs.state_dict()
        assert _shapes(state) == _shapes(expected), (
            f"tensors differ: {_listing_difference(_shapes(state), _shapes(expected))}"
        )
        for name, tensor in state.items():
            assert torch.equal(tensor, expected[name]), f"same seed, different start values: {name}"
        for training in (True, False):
            mode = "in train mode" if training else "in eval mode"
            ours.train(training)
            theirs.train(training)
            output = _call(ours, inputs, seed)
            difference = _difference(output, _call(theirs, inputs, seed))
            assert difference is None, f"{difference} {mode}"
    print(f"identical: {len(state)} tensors, {_summary(output)}")


def same_function(
    built: Callable[..., object],
    reference: Callable[..., object],
    *inputs: object,
    **kwargs: object,
) -> None:
    """Assert that two functions return the same for the same inputs, then say so in one line.

    Args:
        built: the function written in the notebook.
        reference: the function of the package.
        inputs: the arguments. Each call gets its own copy, also of a `torch.Generator`.
        kwargs: the keyword arguments, copied in the same way.

    Raises:
        AssertionError: the results differ; the message says where first.
    """
    _assert_two(built, reference)
    with _own_randomness():
        output = _call(built, inputs, 0, kwargs)
        difference = _difference(output, _call(reference, inputs, 0, kwargs))
    assert difference is None, difference
    print(f"identical: {_summary(output)}")


def _assert_two(built: object, reference: object) -> None:
    assert built is not reference, (
        f"both are the same {getattr(built, '__name__', built)!r}: nothing is compared"
    )


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Leave torch's global random numbers as they are for the cells that follow."""
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        yield


def _call(
    function: Callable[..., object], inputs: tuple, seed: int, kwargs: dict | None = None
) -> object:
    inputs, kwargs = copy.deepcopy((inputs, kwargs or {}))
    torch.manual_seed(seed)
    with torch.no_grad():
        result = function(*inputs, **kwargs)
    return list(result) if isinstance(result, types.GeneratorType) else result


def _shapes(state: dict[str, torch.Tensor]) -> list[str]:
    return [f"{name} {tuple(tensor.shape)}" for name, tensor in state.items()]


def _listing_difference(built: list[str], reference: list[str]) -> str:
    extra = [entry for entry in built if entry not in reference]
    missing = [entry for entry in reference if entry not in built]
    if not extra and not missing:
        return "same names and shapes, another order"
    return f"only in the built class {extra}, only in the package {missing}"


def _difference(built: Any, reference: Any, where: str = "output") -> str | None:
    """Describe the first difference between two nested results, or return None."""
    if type(built) is not type(reference):
        return f"{where}: {type(built).__name__} instead of {type(reference).__name__}"
    if isinstance(built, torch.Tensor):
        if built.shape != reference.shape:
            return f"{where}: shape {tuple(built.shape)} instead of {tuple(reference.shape)}"
        if built.dtype != reference.dtype:
            return f"{where}: {built.dtype} instead of {reference.dtype}"
        if not torch.equal(built, reference):
            gap = (built.double() - reference.double()).abs().max().item()
            return f"{where}: values differ by up to {gap:.3g}"
        return None
    if isinstance(built, list | tuple):
        if len(built) != len(reference):
            return f"{where}: {len(built)} entries instead of {len(reference)}"
        pairs: Iterable[tuple[object, tuple]] = enumerate(zip(built, reference, strict=True))
    elif isinstance(built, dict):
        if list(built) != list(reference):
            return f"{where}: keys {list(built)} instead of {list(reference)}"
        pairs = ((key, (built[key], reference[key])) for key in built)
    else:
        same = built == reference
        return None if same else f"{where}: {built!r} instead of {reference!r}"
    for key, (ours, theirs) in pairs:
        difference = _difference(ours, theirs, f"{where}[{key!r}]")
        if difference is not None:
            return difference
    return None


def _summary(output: object) -> str:
    if isinstance(output, torch.Tensor):
        return f"output {tuple(output.shape)}"
    if isinstance(output, list | tuple | dict):
        return f"output {type(output).__name__} of {len(output)}"
    text = repr(output)
    return f"output {text if len(text) <= 40 else text[:37] + '...'}"

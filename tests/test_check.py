"""The checks that notebooks run on themselves: each must pass on equals and fail on each fault."""

import importlib.machinery
import sys
import types

import pytest
import torch
from torch import nn

from workshop_lib.check import check, exercises, same_function, same_module, solved


class Layer(nn.Module):
    """The reference: a linear layer with a norm and dropout."""

    def __init__(self, width, drop=0.5):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(width))
        self.dropout = nn.Dropout(drop)

    def forward(self, x):
        return self.dropout(self.scale * self.linear(x))


class Twin(nn.Module):
    """The same, written again."""

    def __init__(self, width, drop=0.5):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(width))
        self.dropout = nn.Dropout(drop)

    def forward(self, x):
        return self.dropout(self.scale * self.linear(x))


class Renamed(Twin):
    def __init__(self, width):
        super().__init__(width)
        self.lin = self.linear
        del self.linear

    def forward(self, x):
        return self.dropout(self.scale * self.lin(x))


class OtherOrder(Twin):
    def state_dict(self):
        return dict(reversed(super().state_dict().items()))


class OtherStart(Twin):
    def __init__(self, width):
        super().__init__(width)
        nn.init.zeros_(self.linear.bias)


class SlightlyOff(Twin):
    def forward(self, x):
        return super().forward(x) + 1e-6


class NoDropout(Twin):
    def forward(self, x):
        return self.scale * self.linear(x)


class ReturnsTuple(Twin):
    def forward(self, x):
        return super().forward(x), None


def test_same_module_says_so_in_one_line(capsys):
    same_module(Twin, Layer, torch.ones(2, 6, 4), width=4)
    assert capsys.readouterr().out == "identical: 3 tensors, output (2, 6, 4)\n"


@pytest.mark.parametrize(
    ("built", "message"),
    [
        (Renamed, "tensors differ: only in the built class .*lin.weight"),
        (OtherOrder, "another order"),
        (OtherStart, "same seed, different start values: linear.bias"),
        (SlightlyOff, r"values differ by up to 1.* in train mode"),
        (NoDropout, "values differ .* in train mode"),
        (ReturnsTuple, "tuple instead of Tensor"),
        (Layer, "both are the same 'Layer': nothing is compared"),
    ],
)
def test_same_module_finds_each_fault(built, message):
    with pytest.raises(AssertionError, match=message):
        same_module(built, Layer, torch.ones(2, 6, 4), width=4)


def test_same_module_finds_a_fault_that_only_evaluation_shows():
    class OnlyEval(Twin):
        def forward(self, x):
            return super().forward(x) if self.training else x

    with pytest.raises(AssertionError, match="in eval mode"):
        same_module(OnlyEval, Layer, torch.ones(2, 4), width=4)


def test_same_module_needs_equal_widths():
    with pytest.raises(TypeError):
        same_module(Twin, Layer, torch.ones(2, 4))


def test_same_module_gives_each_call_its_own_inputs():
    class Appends(nn.Module):
        def forward(self, x, cache):
            cache.append(x)
            return torch.stack(cache).sum(0)

    class AppendsToo(Appends):
        pass

    cache = []
    same_module(AppendsToo, Appends, torch.ones(3), cache)
    assert cache == []


def test_comparing_leaves_the_random_numbers_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    same_module(Twin, Layer, torch.ones(2, 4), width=4)
    same_function(lambda: torch.rand(1), lambda: torch.rand(1))
    assert torch.equal(torch.rand(3), expected)


def test_same_function_compares_deeply(capsys):
    generator = torch.Generator().manual_seed(3)

    def draw(n, generator):
        return {"ids": [1, 2], "x": torch.rand(n, generator=generator)}

    same_function(lambda n, generator: draw(n, generator), draw, 4, generator=generator)
    assert capsys.readouterr().out == "identical: output dict of 2\n"
    assert generator.get_state().equal(torch.Generator().manual_seed(3).get_state())


@pytest.mark.parametrize(
    ("built", "reference", "message"),
    [
        ([1, 2, 3], [1, 2], "3 entries instead of 2"),
        ([1, 2], [1, 3], r"output\[1\]: 2 instead of 3"),
        ([1, 2], (1, 2), "list instead of tuple"),
        ({"a": 1}, {"b": 1}, "keys"),
        ({"a": [torch.ones(2)]}, {"a": [torch.ones(3)]}, r"\['a'\]\[0\]: shape \(2,\)"),
        (torch.ones(2), torch.ones(2).double(), "float32 instead of torch.float64"),
        (torch.ones(2), torch.full((2,), 1.5), "differ by up to 0.5"),
        (1, 1.0, "int instead of float"),
    ],
)
def test_same_function_finds_each_difference(built, reference, message):
    with pytest.raises(AssertionError, match=message):
        same_function(lambda: built, lambda: reference)


def test_same_function_reads_generators():
    def count():
        yield from range(3)

    same_function(lambda: iter_from(count), count)
    with pytest.raises(AssertionError, match="3 entries instead of 2"):
        same_function(count, lambda: (n for n in range(2)))


def iter_from(function):
    yield from function()


@pytest.fixture
def notebook_99a(monkeypatch):
    """A notebook of exercises: 99a-1 asks for 42, 99a-2 and 99a-10 for a function that doubles."""
    name = "workshop_lib.check.exercises.notebook_99a"
    module = types.ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, loader=None)
    module.check_99a_1 = lambda answer: None if answer == 42 else "read the question again"

    def check_99a_2(answer):
        torch.manual_seed(0)
        return None if answer(4) == 8 else f"answer(4) should be 8, yours is {answer(4)}"

    module.check_99a_2 = module.check_99a_10 = check_99a_2
    monkeypatch.setitem(sys.modules, name, module)


def stub(x):
    raise NotImplementedError


def unfinished_by_torch(x):
    return nn.Module()(x)


def wild(x):
    return x / 0


@pytest.mark.parametrize(
    ("exercise", "answer", "line"),
    [
        ("99a-1", None, "⏳ 99a-1: not attempted yet"),
        ("99a-1", ..., "⏳ 99a-1: not attempted yet"),
        ("99a-1", 42, "✅ 99a-1: right"),
        ("99a-1", 41, "❌ 99a-1: read the question again"),
        ("99a-2", stub, "⏳ 99a-2: not attempted yet"),
        ("99a-2", lambda x: 2 * x, "✅ 99a-2: right"),
        ("99a-2", lambda x: x, "❌ 99a-2: answer(4) should be 8, yours is 4"),
        ("99a-2", wild, "❌ 99a-2: your answer stops with ZeroDivisionError: division by zero"),
        ("99a-2", 5, "❌ 99a-2: your answer stops with TypeError: 'int' object is not callable"),
        (
            "99a-7",
            1,
            "❌ 99a-7: there is no exercise '99a-7'; notebook 99a has 99a-1, 99a-2, 99a-10",
        ),
        ("98a-1", 1, "❌ 98a-1: there is no exercise '98a-1': notebook 98a has none"),
        ("two", 1, "❌ two: an exercise id looks like '02a-1', not 'two'"),
    ],
)
def test_check_prints_one_line_and_never_raises(notebook_99a, capsys, exercise, answer, line):
    assert check(exercise, answer) is None
    assert capsys.readouterr().out == line + "\n"


def test_an_error_of_torch_is_not_taken_for_a_stub(notebook_99a, capsys):
    check("99a-2", unfinished_by_torch)
    assert capsys.readouterr().out.startswith(
        "❌ 99a-2: your answer stops with NotImplementedError"
    )


def test_check_leaves_the_random_numbers_alone(notebook_99a):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    check("99a-2", lambda x: 2 * x)
    assert torch.equal(torch.rand(3), expected)


def test_solved_keeps_a_right_answer_of_ones_own(notebook_99a, capsys):
    def own(x):
        return x + x

    def solution(x):
        return 2 * x

    assert solved("99a-2", own, solution) is own
    assert "your own answer" in capsys.readouterr().out
    for answer in (stub, wild, None):
        assert solved("99a-2", answer, solution) is solution
        assert "the workshop's solution" in capsys.readouterr().out


def test_a_wrong_solution_fails_loudly(notebook_99a):
    with pytest.raises(AssertionError, match="the solution of 99a-1 fails its own check: read"):
        solved("99a-1", None, 41)
    with pytest.raises(AssertionError, match="there is no exercise"):
        solved("99a-3", None, 41)


def test_a_terminal_without_symbols_still_gets_the_text(notebook_99a, monkeypatch):
    class Narrow:
        encoding, text = "ascii", ""

        def write(self, text):
            self.text += text.encode("ascii").decode()

    narrow = Narrow()
    monkeypatch.setattr(sys, "stdout", narrow)
    check("99a-1", 42)
    assert "99a-1: right" in narrow.text


def test_exercises_are_listed_in_order(notebook_99a):
    assert exercises.ids("99a") == ["99a-1", "99a-2", "99a-10"]

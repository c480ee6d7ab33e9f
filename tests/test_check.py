"""The checks that notebooks run on themselves: each must pass on equals and fail on each fault."""

import copy
import importlib.machinery
import sys
import types

import numpy as np
import pytest
import torch
from torch import nn

from workshop_lib.check import check, exercises, same_function, same_module, solved
from workshop_lib.check.exercise import wants


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

    @wants(float)
    def check_99a_3(answer):
        return None if abs(answer([4.0, 0.0]) - 0.8) < 1e-9 else "4 becomes 0.8"

    @wants(or_none=True)
    def check_99a_4(first):
        if first([5]) != 5:
            return "the first of [5] is 5"
        return None if first([]) is None else "an empty list has no first"

    @wants(in_place=True)
    def check_99a_5(double):
        numbers = torch.tensor([1.0, torch.nan])
        double(numbers)
        return None if numbers[0] == 2 else "1 becomes 2"

    # A check with a fault, since a list cannot be in a set. It lives in its module, as checks do.
    exec("def check_99a_6(answer):\n    {answer(4), answer(2)}", vars(module))

    module.check_99a_3, module.check_99a_4 = check_99a_3, check_99a_4
    module.check_99a_5 = check_99a_5
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
        (
            "99a-2",
            5,
            "❌ 99a-2: the exercise asks for a function: hand over the function itself, not the int 5",
        ),
        (
            "99a-7",
            1,
            "❌ 99a-7: there is no exercise '99a-7'; "
            "notebook 99a has 99a-1, 99a-2, 99a-3, 99a-4, 99a-5, 99a-6, 99a-10",
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
        solved("99a-7", None, 41)


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
    assert exercises.ids("99a") == [f"99a-{number}" for number in (1, 2, 3, 4, 5, 6, 10)]


# --- What the shared part of every check sees to ------------------------------------------


def said(capsys, exercise, answer):
    check(exercise, answer)
    return capsys.readouterr().out.removesuffix("\n").replace(f" {exercise}: ", " ")


NOTHING = "❌ your function returns nothing: did you forget `return`?"


def test_a_forgotten_return_is_named(notebook_99a, capsys):
    def forgot(x):
        2 * x

    assert said(capsys, "99a-2", forgot) == NOTHING
    assert said(capsys, "99a-6", forgot) == NOTHING
    assert said(capsys, "99a-10", lambda x: print(end="")) == NOTHING


def test_a_path_without_return_is_named(notebook_99a, capsys):
    def at_times(x):
        if x > 3:
            return x

    assert said(capsys, "99a-6", at_times) == (
        "❌ your function returns nothing for (the int 2): a path lacks its `return`"
    )


def test_none_may_be_the_right_result(notebook_99a, capsys):
    assert said(capsys, "99a-4", lambda numbers: numbers[0] if numbers else None) == "✅ right"
    assert said(capsys, "99a-4", lambda numbers: numbers[0] if numbers else 0) == (
        "❌ an empty list has no first"
    )
    assert said(capsys, "99a-4", lambda numbers: None) == NOTHING


def test_a_changed_argument_is_named(notebook_99a, capsys):
    def pops(numbers):
        return numbers.pop(0) / 5

    wanted = "❌ your function changed its argument `numbers`: make a new value"
    assert said(capsys, "99a-3", pops).startswith(wanted)
    assert said(capsys, "99a-3", lambda numbers: numbers[0] / 5) == "✅ right"


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (torch.ones(2), lambda x: x.add_(1)),
        (torch.tensor([torch.nan, 1]), lambda x: x.zero_()),
        (torch.ones(2, 3), lambda x: x.t_()),
        (np.ones(2), lambda x: x.fill(2)),
        ([1, 2], lambda x: x.reverse()),
        ([[1], [2]], lambda x: x[1].append(3)),
        ({"a": 1}, lambda x: x.update(a=2)),
        ({"a": [1]}, lambda x: x["a"].clear()),
        ({1, 2}, lambda x: x.discard(1)),
        (([1], 2), lambda x: x[0].append(2)),
    ],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_each_kind_of_change_is_found(notebook_99a, monkeypatch, capsys, given, change, by_name):
    def answer(x):
        return 42

    def spoils(x):
        change(x)
        return 42

    def find_mistake(function):
        own = copy.deepcopy(given)
        function(x=own) if by_name else function(own)

    monkeypatch.setattr(exercises, "find", lambda _: find_mistake)
    assert said(capsys, "99a-1", answer) == "✅ right"
    assert "❌ your function changed its argument `x`" in said(capsys, "99a-1", spoils)


def test_an_exercise_may_ask_for_a_change(notebook_99a, capsys):
    assert said(capsys, "99a-5", lambda numbers: numbers.mul_(2)) == "✅ right"

    def without_return(numbers):
        numbers *= 2

    assert said(capsys, "99a-5", without_return) == "✅ right"
    assert said(capsys, "99a-5", lambda numbers: None) == "❌ 1 becomes 2"


@pytest.mark.parametrize(
    "number",
    [
        torch.tensor(0.8),
        np.float32(0.8),
        np.float64(0.8),
        np.array(0.8),
        torch.tensor(0.8, dtype=torch.float64),
    ],
)
def test_numbers_of_torch_and_numpy_are_numbers(notebook_99a, capsys, number):
    assert said(capsys, "99a-3", lambda _: number) == "✅ right"


def test_values_of_torch_and_numpy_are_plain_too(notebook_99a, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(exercises, "find", lambda _: seen.append)
    for value in (torch.tensor(3), np.int64(3), [torch.tensor(3)], (np.int32(3), [np.bool_(True)])):
        assert said(capsys, "99a-1", value) == "✅ right"
    assert seen == [3, 3, [3], (3, [True])]
    assert [type(value) for value in (*seen[:2], *seen[3], *seen[3][1])] == [
        int,
        int,
        int,
        list,
        bool,
    ]


@pytest.mark.parametrize(
    ("kind", "result", "line"),
    [
        (float, "3", "❌ your function should return a number, not the str '3'"),
        (float, True, "❌ your function should return a number, not the bool True"),
        (
            float,
            torch.ones(2),
            "❌ your function should return a number, not a tensor of shape (2,)",
        ),
        (int, 2.5, "❌ your function should return a whole number, not the float 2.5"),
        (int, 3.0, "✅ right"),
        (
            bool,
            torch.ones(2),
            "❌ your function should return True or False, not a tensor of shape (2,)",
        ),
        (bool, np.bool_(True), "✅ right"),
        (str, 3, "❌ your function should return a string, not the int 3"),
        (list, (1, 2), "✅ right"),
        (tuple, [1, 2], "✅ right"),
        (tuple, 3, "❌ your function should return a tuple, not the int 3"),
        (torch.Tensor, np.ones(2), "✅ right"),
        (torch.Tensor, [1], "❌ your function should return a tensor, not the list [1]"),
    ],
)
def test_a_wrong_type_gets_its_hint_before_the_check_sees_it(
    monkeypatch, capsys, kind, result, line
):
    @wants(kind)
    def find_mistake(function):
        return None if isinstance(function(), kind) else "the check got another type"

    monkeypatch.setattr(exercises, "find", lambda _: find_mistake)
    assert said(capsys, "99a-1", lambda: result) == line


def test_the_check_says_so_when_it_fails_itself(notebook_99a, capsys):
    assert said(capsys, "99a-6", lambda x: [x, 1]) == (
        "❌ the check itself failed on your answer the list [2, 1], which need not be wrong: please "
        "report it (TypeError: unhashable type: 'list')"
    )


def test_the_check_is_not_to_blame_for_the_answer(notebook_99a, monkeypatch, capsys):
    def generates(x):
        yield x / 0

    class Wild:
        def __init__(self, x):
            raise KeyError(x)

    monkeypatch.setattr(exercises, "find", lambda _: lambda answer: list(answer(4)))
    assert said(capsys, "99a-1", generates) == (
        "❌ your answer stops with ZeroDivisionError: division by zero"
    )
    assert said(capsys, "99a-1", Wild) == "❌ your answer stops with KeyError: 4"
    assert said(capsys, "99a-1", lambda: 1).startswith("❌ your answer stops with TypeError")


def test_a_check_may_look_at_the_errors_of_an_answer(monkeypatch, capsys):
    def find_mistake(function):
        try:
            function(0)
        except ZeroDivisionError:
            return "0 divides by zero"

    monkeypatch.setattr(exercises, "find", lambda _: find_mistake)
    assert said(capsys, "99a-1", lambda x: 1 / x) == "❌ 0 divides by zero"


def test_no_check_takes_a_shared_hint_for_an_error(monkeypatch, capsys):
    def find_mistake(function):
        try:
            function(0)
        except Exception:
            return "swallowed"

    monkeypatch.setattr(exercises, "find", lambda _: find_mistake)
    assert said(capsys, "99a-1", lambda x: None) == NOTHING

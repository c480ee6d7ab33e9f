"""The speed comparisons: that they can be found and started, and that their helper sees faults."""

import sys
import time

import pytest

from workshop_lib.__main__ import main
from workshop_lib.commands import bench

sys.path.insert(0, str(bench.FOLDER))

from side_by_side import check, compare


def quick():
    return lambda: 1.0


def slow():
    def task():
        time.sleep(0.05)
        return 1.00001

    return task


def greedy():
    def task():
        return float(len(bytearray(200_000_000)) / 200_000_000)

    return task


def wrong():
    return lambda: 1.001


def test_sides_take_turns_and_are_compared(capsys):
    table = compare("a task", {"quick": quick, "slow": slow, "greedy": greedy}, rounds=3)
    assert table["quick"].ratio == 1
    assert table["slow"].seconds > 0.05 and table["slow"].ratio > 5
    assert table["greedy"].peak_mb > 150 > table["quick"].peak_mb
    assert "a task: medians of 3 turns" in capsys.readouterr().out


def test_sides_with_different_results_are_not_compared():
    with pytest.raises(AssertionError, match="wrong gives 1.001, but quick 1.0"):
        compare("a task", {"quick": quick, "wrong": wrong}, rounds=1)


def test_results_are_numbers_to_four_digits_or_equal():
    check([("a", 2.0), ("b", 2.0001), ("no result", None)])
    check([("a", [1, 2]), ("b", [1, 2])])
    for result in ([1, 3], 5.0):
        with pytest.raises(AssertionError, match="b gives"):
            check([("a", [1, 2] if result == [1, 3] else 5.1), ("b", result)])


def test_names_are_those_of_the_scripts(capsys):
    assert "training_step" in bench.benchmarks()
    assert "side_by_side" not in bench.benchmarks()
    assert main(["bench", "nothing"]) == 1
    assert "benchmark 'nothing' is not one of" in capsys.readouterr().err


def test_a_script_that_fails_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    (tmp_path / "broken.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "works.py").write_text("import workshop_lib\nprint('table')\n")
    assert main(["bench", "works"]) == 0
    assert main(["bench"]) == 1
    assert "the benchmark broken failed" in capsys.readouterr().err

"""mypy finds no fault in the package, and every parameter of a public function has a type."""

import ast
import subprocess
import sys
import tomllib

import pytest
from package_source import PACKAGE, modules, tree
from test_habits import words

from workshop_lib.paths import ROOT

# A check takes whatever a participant hands in.
UNTYPED = "check.exercises."


def untyped_parameters(module: str, body: list[ast.stmt], prefix: str = "") -> list[str]:
    """Name the parameters of public functions and methods that say no type."""
    found = []
    for node in body:
        name = getattr(node, "name", "_")
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(node, ast.ClassDef):
            found += untyped_parameters(module, node.body, f"{name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            a = node.args
            listed = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
            found += [
                f"{module}.{prefix}{name}: {argument.arg}"
                for argument in listed
                if argument.annotation is None and argument.arg not in ("self", "cls")
            ]
    return found


def test_every_parameter_of_a_public_function_has_a_type():
    found = [
        line
        for module in modules()
        if not f"{module}.".startswith(UNTYPED)
        for line in untyped_parameters(module, tree(module).body)
    ]
    assert not found, "\n".join(["", *found])


def test_parameters_without_a_type_are_found():
    text = "def f(a: int, b, *c, d, **e): ...\ndef _g(x): ...\nclass A:\n def m(self, y): ..."
    assert untyped_parameters("m", ast.parse(text).body) == [
        "m.f: b", "m.f: d", "m.f: c", "m.f: e", "m.A.m: y"
    ]  # fmt: skip


def test_mypy_looks_at_the_whole_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert settings["files"] == [PACKAGE.name]
    assert settings["check_untyped_defs"] and settings["disallow_incomplete_defs"]
    [exercises] = settings["overrides"]
    assert exercises == {"module": f"workshop_lib.{UNTYPED}*", "disallow_incomplete_defs": False}


def test_mypy_finds_nothing():
    pytest.importorskip("mypy", reason="mypy is not installed: it is in requirements.txt")
    done = subprocess.run(words("mypy"), capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"
    assert "no issues found in" in done.stdout, done.stdout


def test_mypy_finds_a_wrong_type_and_a_missing_one(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed: it is in requirements.txt")
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from workshop_lib.tokenizer.protocol import Tokenizer\n"
        "from workshop_lib.tokenizer.word_level import WordTokenizer\n"
        "def f(x: int, y) -> str: return x\n"
        "words: Tokenizer = WordTokenizer('a b')\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), bad]
    found = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT).stdout
    for kind in ("no-untyped-def", "return-value", "assignment"):
        assert f"[{kind}]" in found, found

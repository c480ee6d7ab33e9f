"""A built wheel holds the whole package, the chat page too, and says what it needs."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions

import pytest
from package_source import PACKAGE

from workshop_lib.paths import ROOT

NOT_CODE = {"workshop_lib/chat/chat.html"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build it from a copy: setuptools leaves a folder beside what it builds."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(
        PACKAGE, folder / "workshop_lib", ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    out = folder / "wheels"
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--no-index", "--disable-pip-version-check", "-w", out, folder],
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(out.glob("workshop_lib-*.whl"))) as file:
        yield file


def needs(wheel) -> set[str]:
    path = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(wheel.read(path).decode())
    return {normal(line) for line in metadata.get_all("Requires-Dist") or []}


def normal(requirement: str) -> str:
    """Return a package's name as indexes write it: pyyaml for PyYAML>=6."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def imported_packages() -> set[str]:
    """Name the packages whose modules workshop_lib imports, in functions too."""
    modules = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.partition(".")[0])
    modules -= sys.stdlib_module_names | {"workshop_lib"}
    owners = packages_distributions()
    return {normal(owners.get(module, [module])[0]) for module in modules}


def test_the_wheel_holds_every_file_of_the_package(wheel):
    files = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py")} | NOT_CODE
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == files
    assert b"<html" in wheel.read("workshop_lib/chat/chat.html")


def test_no_file_of_the_package_is_forgotten():
    other = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert other == NOT_CODE, "list it in pyproject.toml's package-data, and here"


def test_the_wheel_declares_what_the_package_imports(wheel):
    assert needs(wheel) == imported_packages()


def test_what_the_wheel_declares_is_pinned():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pinned = {normal(line) for line in lines if "==" in line}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {normal(name) for name in declared["dependencies"]} <= pinned


def test_names_of_packages_are_compared_as_indexes_write_them():
    assert {normal(name) for name in ("PyYAML>=6", "lm_eval==0.4.9", "a.b ; x")} == {
        "pyyaml",
        "lm-eval",
        "a-b",
    }

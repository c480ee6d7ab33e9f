"""setup/start.py: it picks the right environment, runs the right commands, says what to do."""

import argparse
import ast
import importlib.util
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from workshop_lib.paths import ROOT

PATH = ROOT / "setup" / "start.py"


@pytest.fixture
def start(monkeypatch):
    """The script as a module, whose commands are recorded and not run."""
    spec = importlib.util.spec_from_file_location("start", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Commands(list):
    """Takes the place of `succeeds` and `run`: records commands, fails those it is told to."""

    def __init__(self, start, monkeypatch, fails=lambda words: False):
        self.stop, self.fails = start.Stop, fails
        monkeypatch.setattr(start, "succeeds", self.succeeds)
        monkeypatch.setattr(start, "run", self.run)

    def succeeds(self, command):
        self.append([str(word) for word in command])
        return not self.fails(self[-1])

    def run(self, command, failed=None):
        code = int(not self.succeeds(command))
        if code and failed:
            raise self.stop(failed)
        return code


# --- Which Python ------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13), (3, 14, 0)])
def test_other_pythons_get_one_sentence(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(PATH), run_name="__main__")
    assert "needs Python 3.11, 3.12 or 3.13" in stop.value.code
    assert f"this is Python {version[0]}.{version[1]} " in stop.value.code


def test_old_pythons_can_parse_it():
    tree = ast.parse(PATH.read_text(encoding="utf-8"), feature_version=(3, 6))
    # Python 2 has no f-strings, no annotations and no print(..., file=...) either.
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None and not node.args.kwonlyargs, node.name
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            assert not node.keywords


def test_it_needs_nothing_but_the_standard_library():
    tree = ast.parse(PATH.read_text(encoding="utf-8"))
    imports = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    imports |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imports and {name.split(".")[0] for name in imports} <= sys.stdlib_module_names


# --- Which environment -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "in_venv", "active"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"COLAB_RELEASE_TAG": "release-1"}, False, True),
        ({"LIGHTNING_CLOUD_SPACE_ID": "01"}, False, True),
        ({"CONDA_PREFIX": "/conda/envs/llm", "CONDA_DEFAULT_ENV": "llm"}, False, True),
        ({"CONDA_PREFIX": "/conda/envs/llm", "CONDA_DEFAULT_ENV": "base"}, False, False),
        # Another Python than the active conda environment's was asked for.
        ({"CONDA_PREFIX": "/elsewhere", "CONDA_DEFAULT_ENV": "llm"}, False, False),
    ],
)
def test_an_active_environment_is_used(start, monkeypatch, variables, in_venv, active):
    monkeypatch.setattr(sys, "prefix", "/conda/envs/llm")
    monkeypatch.setattr(sys, "base_prefix", "/usr" if in_venv else "/conda/envs/llm")
    assert start.is_active_environment(variables) is active


def test_without_ensurepip_the_hosts_pip_is_used(start, monkeypatch, tmp_path):
    def fails(words):
        return "import pip" in words or ("venv" in words and "--without-pip" not in words)

    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    commands = Commands(start, monkeypatch, fails)
    start.make_venv()
    assert commands[-2][1:3] == ["-m", "venv"] and "--without-pip" in commands[-2]
    assert commands[-1][1:] == ["-m", "pip", "--python", str(start.venv_python()), "install", "pip"]


def test_without_any_pip_it_says_what_to_install(start, monkeypatch, tmp_path):
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv").mkdir()
    Commands(start, monkeypatch, fails=lambda words: True)
    with pytest.raises(start.Stop, match="sudo apt install python3-venv"):
        start.make_venv()
    assert not (tmp_path / ".venv").exists()


def test_a_working_venv_is_kept(start, monkeypatch):
    commands = Commands(start, monkeypatch)
    start.make_venv()
    assert [words[1:] for words in commands] == [["-c", "import pip"]]


def test_packages_are_installed_once_for_each_state(start, monkeypatch, tmp_path):
    python, installs = tmp_path / "python", []
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("torch==2.13.0\n", encoding="utf-8")
    monkeypatch.setattr(start, "REQUIREMENTS", requirements)
    monkeypatch.setattr(start, "VENV", tmp_path)
    monkeypatch.setattr(start, "chosen_python", lambda: python)
    monkeypatch.setattr(start, "install", installs.append)
    for _ in range(2):
        assert start.environment() == python
    assert installs == [python]
    requirements.write_text("torch==2.14.0\n", encoding="utf-8")
    start.environment()
    assert installs == [python, python]


def test_a_failed_install_is_tried_again(start, monkeypatch, tmp_path):
    def fail(python):
        raise start.Stop("no network")

    monkeypatch.setattr(start, "VENV", tmp_path)
    monkeypatch.setattr(start, "chosen_python", lambda: tmp_path / "python")
    monkeypatch.setattr(start, "install", fail)
    for _ in range(2):
        with pytest.raises(start.Stop):
            start.environment()


# --- Which packages ----------------------------------------------------------------------


def install(start, monkeypatch, *, system="linux", driver=False, fails=lambda words: False):
    """Install into an imagined environment; return the commands and the pinned lines."""
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(start, "has_nvidia_driver", lambda: driver)
    commands, lines = Commands(start, monkeypatch, fails), []

    def pip_install(command, total):
        if "-r" in command:
            lines.extend(Path(command[-1]).read_text(encoding="utf-8").splitlines())
        commands.run(command)

    monkeypatch.setattr(start, "pip_install", pip_install)
    start.install(start.chosen_python())
    return commands, lines


def of_torch(commands):
    return [words for words in commands if any(word.startswith("torch==") for word in words)]


def test_linux_without_a_driver_asks_for_the_cpu_build_first(start, monkeypatch):
    monkeypatch.setattr(start, "keeps_torch", lambda python: False)
    commands, lines = install(start, monkeypatch)
    [first] = of_torch(commands)
    assert first == commands[0] and "--index-url" not in first
    assert first[-1].endswith("+cpu") and first[-1].removesuffix("+cpu") in {
        line.split()[0] for line in lines if line
    }


def test_the_cpu_index_is_asked_once_and_may_be_out_of_reach(start, monkeypatch):
    monkeypatch.setattr(start, "keeps_torch", lambda python: False)
    commands, lines = install(start, monkeypatch, fails=lambda words: "+cpu" in " ".join(words))
    local, index = of_torch(commands)
    assert "--index-url" not in local
    assert index[index.index("--index-url") + 1] == start.CPU_TORCH_INDEX
    assert int(index[index.index("--timeout") + 1]) <= 15
    # The index belongs to that one call: all other packages would be looked up there, too.
    assert [words for words in commands if start.CPU_TORCH_INDEX in words] == [index]
    assert [line for line in lines if line.startswith("torch==")]


@pytest.mark.parametrize(
    ("system", "driver"), [("linux", True), ("darwin", False), ("win32", False)]
)
def test_elsewhere_torch_comes_with_the_rest(start, monkeypatch, system, driver):
    monkeypatch.setattr(start, "keeps_torch", lambda python: False)
    commands, lines = install(start, monkeypatch, system=system, driver=driver)
    assert of_torch(commands) == []
    assert [line for line in lines if line.startswith("torch==")]


@pytest.mark.parametrize(
    ("version", "kept"), [("2.8.0+cu128", True), ("2.7.0", True), ("2.6.0", False)]
)
def test_a_studios_own_torch_stays(start, monkeypatch, version, kept):
    monkeypatch.setattr(start, "chosen_python", lambda: Path("/studio/bin/python"))
    monkeypatch.setattr(start.importlib.metadata, "version", lambda name: version)
    commands, lines = install(start, monkeypatch, driver=True)
    assert of_torch(commands) == []
    assert any(line.startswith("torch==") for line in lines) is not kept
    assert any(line.startswith("litgpt==") for line in lines)


def test_what_pip_says_is_counted_and_its_errors_are_shown(start, capsys):
    says = "print('Collecting torch==1\\nERROR: No matching distribution', flush=True)"
    start.pip_install([sys.executable, "-c", says], 1)
    assert capsys.readouterr().out == ""
    with pytest.raises(start.Stop, match="check the internet connection"):
        start.pip_install([sys.executable, "-c", says + "; exit(1)"], 1)
    assert capsys.readouterr().out == "ERROR: No matching distribution\n"


def test_a_driver_is_found_by_its_tool(start, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    without = start.has_nvidia_driver()
    tool = tmp_path / ("nvidia-smi.exe" if os.name == "nt" else "nvidia-smi")
    tool.touch(mode=0o755)
    assert start.has_nvidia_driver()
    assert without is Path("/proc/driver/nvidia/version").exists()


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (("linux", "x86_64", ""), None),
        (("win32", "AMD64", ""), None),
        (("darwin", "arm64", "14.0"), None),
        (("darwin", "arm64", "13.6.1"), "macOS 14"),
        (("darwin", "x86_64", "14.0"), "Intel"),
    ],
)
def test_computers_without_a_torch_build_are_told_so(start, machine, expected):
    problem = start.platform_problem(*machine)
    assert problem is None if expected is None else expected in problem


# --- What it runs ------------------------------------------------------------------------


@pytest.fixture
def commands(start, monkeypatch):
    """What main runs once the environment is there."""
    monkeypatch.setattr(start, "environment", lambda: Path("python"))
    commands = Commands(start, monkeypatch)
    monkeypatch.setattr(start, "open_lab", lambda *args: commands.run(["python", "-m", "lab"]))
    return commands


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["fetch", "check --quick", "copies", "lab"]),
        (["--no-browser"], ["fetch", "check --quick", "copies", "lab"]),
        (["--check"], ["fetch", "check"]),
        (["--source", "hub", "--check"], ["fetch --source hub", "check"]),
        (["--execute"], ["fetch", "execute"]),
        (["test"], ["fetch", "pytest -n 2"]),
        (["test", "-k", "lora", "-x"], ["fetch", "pytest -k lora -x"]),
    ],
)
def test_each_command_does_its_steps(start, commands, arguments, expected):
    assert start.main(arguments) == 0
    unsaid = {"python", "-m", "workshop_lib"}
    assert [" ".join(w for w in words if w not in unsaid) for words in commands] == expected


def test_a_failure_ends_in_one_sentence(start, monkeypatch, capsys):
    def fail():
        raise start.Stop("do this.")

    monkeypatch.setattr(start, "environment", fail)
    assert start.main([]) == 1
    assert capsys.readouterr().err.splitlines()[1:] == ["Stopped: do this."]


def test_a_failed_step_stops_the_rest(start, commands, capsys):
    commands.fails = lambda words: "fetch" in words
    assert start.main([]) == 1
    assert "Stopped: the data is not complete" in capsys.readouterr().err
    assert len(commands) == 1


@pytest.mark.parametrize("arguments", [["--check"], ["--execute"], ["test"]])
def test_what_fails_in_the_end_is_the_exit_status(start, commands, arguments):
    commands.fails = lambda words: words[2] in {"pytest"} or words[-1] in {"check", "execute"}
    assert start.main(arguments) == 1


def test_a_missing_program_is_no_traceback(start):
    with pytest.raises(start.Stop, match="delete the folder .venv"):
        start.run(["/nowhere/python"])
    assert not start.succeeds(["/nowhere/python"])


def test_ctrl_c_is_no_traceback(start, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "environment", interrupt)
    assert start.main([]) == 130


@pytest.mark.parametrize("first_time", [True, False])
def test_jupyterlab_stays_on_this_computer_and_keeps_its_token(start, tmp_path, first_time):
    (tmp_path / "01_intro").mkdir()
    (tmp_path / "01_intro" / "01a_talk.ipynb").touch()
    options = argparse.Namespace(port=9000, no_browser=True)
    command = start.lab_command("python", tmp_path, options, first_time)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert f"--ServerApp.root_dir={tmp_path}" in command
    assert "--ServerApp.port=9000" in command and "--no-browser" in command
    assert not [word for word in command if "token" in word.lower() or "password" in word.lower()]
    opens_first = "--LabApp.default_url=/lab/tree/01_intro/01a_talk.ipynb" in command
    assert opens_first is first_time


def test_a_second_start_installs_nothing():
    stamp = Path(sys.prefix) / "workshop-stamp"
    if not stamp.exists():
        pytest.skip("this environment was not made by setup/start.py")
    before = stamp.stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, str(PATH), "--check"],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        cwd=ROOT.parent,
    )
    assert "Installing" not in done.stdout and "Fetching" not in done.stdout
    assert "6 Finetuning" in done.stdout, done.stderr
    assert stamp.stat().st_mtime_ns == before

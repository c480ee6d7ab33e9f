"""What the READMEs say can be done, and what they point at is there."""

import importlib.util
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from workshop_lib import __main__ as command_line
from workshop_lib.paths import ROOT

PAGES = [ROOT / "README.md", ROOT / "setup" / "README.md"]
STAMP = Path(sys.prefix) / "workshop-stamp"


def text_of(page):
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def start():
    spec = importlib.util.spec_from_file_location("start", ROOT / "setup" / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start_commands():
    found = [
        words
        for page in PAGES
        for words in re.findall(r"python3? \S*setup/start\.py[^`\n]*", text_of(page))
    ]
    return sorted(set(found))


def test_the_two_commands_are_in_the_readme():
    blocks = re.findall(r"```bash\n(.*?)```", text_of(PAGES[0]), re.DOTALL)
    assert blocks == ["python3 setup/start.py\n", "python3 setup/start.py test\n"]


def test_ci_runs_the_readmes_test_command_after_fetching_a_browser():
    lines = [line for line in text_of(ROOT / ".ci" / "run").splitlines() if line and line[0] != "#"]
    assert lines[:2] == ["set -euo pipefail", 'cd "$(dirname "$0")/.."']
    assert lines[-1] == "python3 setup/start.py test"
    browser = lines[2:-1]
    assert browser[0].startswith("if ! command -v chromium") and browser[-1] == "fi"
    assert len(browser) == 3
    assert os.name == "nt" or os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("command", start_commands())
def test_start_understands_each_command(start, command):
    program, script, *arguments = shlex.split(command)
    assert script.endswith("setup/start.py")
    if arguments[:1] != ["test"]:
        start.parse(arguments)


def test_start_understands_each_option_of_the_table(start):
    options = re.findall(r"^\| `(--[^`]+)`", text_of(PAGES[1]), re.MULTILINE)
    known = {word for line in start_help(start) for word in re.findall(r"--[a-z-]+", line)}
    assert {option.split()[0] for option in options} == known - {"--help"}
    for option in options:
        start.parse(option.split())


def start_help(start):
    done = subprocess.run(
        [sys.executable, ROOT / "setup" / "start.py", "--help"],
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0
    return done.stdout.splitlines()


def test_the_package_understands_each_verb():
    pages = [*PAGES, ROOT / "setup" / "assets.txt", ROOT / "workshop_lib" / "course" / "report.py"]
    commands = {
        c for page in pages for c in re.findall(r"-m workshop_lib (\w[\w .-]*)", text_of(page))
    }
    assert len(commands) >= 6
    for command in commands:
        assert command_line.parse(command.split()).verb


def test_the_environment_variables_are_read_somewhere():
    names = set(re.findall(r"`(WORKSHOP_\w+)`", text_of(PAGES[1])))
    code = "".join(text_of(path) for path in (ROOT / "workshop_lib").rglob("*.py"))
    assert names and all(name in code for name in names)


def test_the_chapters_of_the_table_are_the_chapters():
    rows = re.findall(r"^\| \[(\d) [^\]]+\]\((\w+)\)", text_of(PAGES[0]), re.MULTILINE)
    folders = sorted(path.name for path in ROOT.glob("0[1-6]_*") if path.is_dir())
    assert [folder for _, folder in rows] == folders
    assert [int(number) for number, _ in rows] == [1, 2, 3, 4, 5, 6]


def get(address, token=None):
    request = urllib.request.Request(address)
    if token:
        request.add_header("Authorization", f"token {token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.skipif(not STAMP.exists(), reason="this environment was not made by setup/start.py")
@pytest.mark.skipif(os.name == "nt", reason="ends JupyterLab with a signal")
def test_start_opens_jupyterlab_with_a_token(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log.txt"
    command = [sys.executable, "setup/start.py", "--no-browser", "--port", str(port)]
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        token = None
        for _ in range(240):
            assert server.poll() is None, log.read_text("utf-8")
            if found := re.search(rf"127\.0\.0\.1:{port}/\S*\?token=(\w+)", log.read_text("utf-8")):
                token = found[1]
                break
            time.sleep(0.5)
        assert token, log.read_text("utf-8")
        address = f"http://127.0.0.1:{port}/api/contents"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            get(address)
        shown = {entry["name"] for entry in get(address, token)["content"]}
        assert {path.name for path in ROOT.glob("0[1-6]_*") if list(path.glob("*.ipynb"))} <= shown
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)

"""A participant's copy, opened and run in JupyterLab in a real browser."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from workshop_lib.course import copies
from workshop_lib.course.editions import read, source, tags

# Short, and needs no downloaded model.
NOTEBOOK = "02a"
MINUTES = 60_000  # milliseconds

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The participant's copy of a notebook, in a work folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "WORK", tmp_path_factory.mktemp("work"))
        made = copies.make_copies()
    [path] = [path for path in made if path.name.startswith(NOTEBOOK)]
    assert not any(cell.get("outputs") for cell in read(path)["cells"])
    return path


@pytest.fixture(scope="module")
def lab(copy, tmp_path_factory):
    """The address of a JupyterLab that serves the copy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={copy.parents[1]}", "--expose-app-in-browser"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    log = tmp_path_factory.mktemp("lab") / "log.txt"
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(120):
                assert server.poll() is None, log.read_text("utf-8")
                try:
                    urllib.request.urlopen(f"{address}/api", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def test_lab_opens_and_runs_a_copy_without_errors(browser, lab, copy):
    page = browser.new_page(viewport={"width": 1400, "height": 1800})
    page.goto(f"{lab}/lab/tree/{copy.parent.name}/{copy.name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=2 * MINUTES)
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'",
        timeout=2 * MINUTES,
    )
    # The title, not its source, is what a participant sees first.
    title = source(read(copy)["cells"][0]).splitlines()[0].removeprefix("# ")
    assert page.locator(".jp-Notebook h1").first.inner_text().startswith(title)
    assert page.locator(".jp-Notebook img").evaluate_all("all => all.every(i => i.naturalWidth)")

    page.set_default_timeout(10 * MINUTES)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.close()

    cells = [cell for cell in read(copy)["cells"] if cell["cell_type"] == "code"]
    errors = [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
    assert not errors, json.dumps(errors, indent=1)
    ran = [
        cell["execution_count"]
        for cell in cells
        if not {"gpu", "slow", "network"} & set(tags(cell))
    ]
    assert ran and None not in ran
    assert sum(bool(cell["outputs"]) for cell in cells) > len(cells) / 4, "hardly any outputs"

"""The root conftest.py at work: on a project of its own, with notebooks that break each rule."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
from test_notebooks import code, notebook

from workshop_lib.course.editions import write
from workshop_lib.paths import ROOT

# 192.0.2.0/24 is set aside for documentation: nothing ever answers there.
FAR = "192.0.2.1"


def cells(*texts, tags=()):
    return notebook(*[code(text, *tags, count=None) for text in texts])


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Run pytest once over notebooks and tests made for this; return its words on each."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "conftest.py", project)
    shutil.copytree(ROOT / "tests" / "no_network", project / "tests" / "no_network")
    far = f"import socket\nsocket.create_connection(('{FAR}', 80), timeout=2)"
    write(
        cells(
            "here = __import__('socket').create_server(('127.0.0.1', 0))\n"
            "__import__('socket').create_connection(here.getsockname())",
            "import os, torch\n"
            "assert os.environ['WORKSHOP_STATIC'] == os.environ['HF_HUB_OFFLINE'] == '1'\n"
            "assert torch.get_num_threads() == int(os.environ['OMP_NUM_THREADS']) >= 1",
            "import matplotlib.pyplot as plt\nassert 'inline' in plt.get_backend()",
            "import subprocess, sys\n"
            f"child = subprocess.run([sys.executable, '-c', {far!r}], capture_output=True, text=True)\n"
            "assert 'blocked in tests' in child.stderr",
            "1 / 0",
            "print('never run')",
        ),
        project / "failing.ipynb",
    )
    write(cells(far), project / "far.ipynb")
    for tag in ("gpu", "slow", "network"):
        write(cells("1 / 0", tags=[tag]), project / f"{tag}.ipynb")
    (project / "test_marks.py").write_text(
        "import pytest\n"
        + "".join(f"@pytest.mark.{m}\ndef test_{m}(): 1 / 0\n" for m in ("gpu", "slow", "network")),
        "utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-rA", "--nbval-lax", "--nbval-current-env"]
    result = subprocess.run(
        [*command, "--nbval-cell-timeout=60", "--color=no", "-W", "ignore", str(project)],
        cwd=project,
        env=_plain_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return result.stdout


def _plain_environment():
    ours = ("PYTEST_", "WORKSHOP_", "HF_", "OMP_", "PYTHONPATH")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {
        "WORKSHOP_PROFILE": "cpu"
    }


def test_cells_run_offline_reach_this_machine_and_bind_their_children(outcomes):
    for cell in range(4):
        assert f"PASSED failing.ipynb::Cell {cell}" in outcomes, outcomes


def test_a_failed_cell_ends_its_notebook(outcomes):
    assert "FAILED failing.ipynb::Cell 4" in outcomes
    assert "Cell 4 of this notebook failed" in outcomes
    assert "PASSED failing.ipynb::Cell 5" not in outcomes


def test_a_cell_cannot_leave_this_machine(outcomes):
    assert "FAILED far.ipynb::Cell 0" in outcomes
    assert f"the network is blocked in tests: '{FAR}'" in outcomes


def test_cells_and_tests_that_cannot_run_are_skipped_with_the_reason(outcomes):
    assert outcomes.count("needs a GPU; the profile here is cpu") == 2
    assert outcomes.count("WORKSHOP_SLOW=1 runs it") == 2
    assert outcomes.count("WORKSHOP_NETWORK=1 runs it") == 2


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((FAR, 80), timeout=2),
        lambda: socket.create_connection(("example.org", 80), timeout=2),
        lambda: socket.socket().connect_ex((FAR, 80)),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hi", (FAR, 53)),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hi", 0, (FAR, 53)),
        lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
    ],
)
def test_tests_cannot_leave_this_machine(reach):
    with pytest.raises(OSError, match="blocked in tests"):
        reach()


def test_tests_reach_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    if hasattr(socket, "AF_UNIX"):
        ours, theirs = socket.socketpair()
        ours.sendall(b"hi")
        assert theirs.recv(2) == b"hi"
    assert socket.getaddrinfo(None, 0)

"""What holds for every test and every notebook cell that pytest runs.

Kernels inherit the environment of this process, so it is set here, before any of them starts.
"""

import os
import runpy
from pathlib import Path

import pytest

from workshop_lib.course.running import UNATTENDED, skip_reason

NO_NETWORK = Path(__file__).parent / "tests" / "no_network"
MARKS = ("gpu", "slow", "network")


def pytest_configure(config):
    os.environ |= UNATTENDED
    os.environ.pop("MPLBACKEND", None)  # kernels choose theirs, or figures would not be stored
    os.environ.setdefault("OMP_NUM_THREADS", str(_threads(config)))
    if os.environ.get("WORKSHOP_NETWORK") != "1":
        os.environ["HF_HUB_OFFLINE"] = "1"
        _block_network()


def _threads(config) -> int:
    """Share the cores among the processes of `pytest -n N`, which inherit this environment.

    Two processes with a thread for every core each are several times slower than one.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, cores // (config.getoption("numprocesses", None) or 1))


def _block_network() -> None:
    """Keep this process and all that it starts on this machine."""
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(NO_NETWORK) not in folders:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(NO_NETWORK), *filter(None, folders)])
    runpy.run_path(str(NO_NETWORK / "sitecustomize.py"))


def pytest_collection_modifyitems(items):
    """Skip, with the reason, what cannot run here: tests by their marks, cells by their tags."""
    for item in items:
        if _is_cell(item):
            tags = item.cell.metadata.get("tags", [])
        else:
            tags = [mark.name for mark in item.iter_markers()]
        reason = skip_reason([tag for tag in tags if tag in MARKS])
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


FAILED_CELLS = pytest.StashKey[dict]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember the first cell of a notebook that fails …"""
    report = yield
    if _is_cell(item) and report.failed:
        item.session.stash.setdefault(FAILED_CELLS, {}).setdefault(item.path, item.name)
    return report


def pytest_runtest_setup(item):
    """… and let it end its notebook: what follows would only fail because of it."""
    failed = item.session.stash.get(FAILED_CELLS, {})
    if _is_cell(item) and item.path in failed:
        pytest.skip(f"{failed[item.path]} of this notebook failed")


def _is_cell(item) -> bool:
    return hasattr(item, "cell")

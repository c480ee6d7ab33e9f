"""Run the speed comparisons: scripts that measure us beside others on this machine."""

import os
import subprocess
import sys

from workshop_lib.paths import ROOT
from workshop_lib.require import require_choice

FOLDER = ROOT / "tests" / "benchmarks"
HELPER = "side_by_side"  # what the scripts share


def benchmarks() -> list[str]:
    """List the names of the comparisons."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != HELPER)


def run_benchmark(name: str) -> None:
    """Run one comparison, which prints its table.

    Args:
        name: one of `benchmarks()`.

    Raises:
        RuntimeError: the comparison failed.
        ValueError: there is none of this name.
    """
    require_choice("benchmark", name, benchmarks())
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    finished = subprocess.run([sys.executable, FOLDER / f"{name}.py"], env=env)
    if finished.returncode:
        raise RuntimeError(f"the benchmark {name} failed, as shown above")

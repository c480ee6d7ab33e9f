"""Running notebooks without anyone watching."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_lib.config.profiles import profile
from workshop_lib.course.copies import WORK, _copy_chapters, chapter_notebooks
from workshop_lib.course.editions import read, tags
from workshop_lib.progress import progress

if TYPE_CHECKING:
    from nbformat import NotebookNode

HEADLINE = "Headline:"


# What a run without anyone watching sets, so that stored outputs are the same each time.
UNATTENDED = {"WORKSHOP_STATIC": "1", "TOKENIZERS_PARALLELISM": "false"}


def skip_reason(marks: list[str]) -> str | None:
    """Say why a cell or test with these tags cannot run here.

    Args:
        marks: its tags. `gpu` needs the gpu profile; `slow` and `network` wait to be asked for,
            with the environment variables WORKSHOP_SLOW=1 and WORKSHOP_NETWORK=1.

    Returns:
        A sentence, or None where it can run.
    """
    if "gpu" in marks and profile() != "gpu":
        return f"needs a GPU; the profile here is {profile()}"
    if "slow" in marks and os.environ.get("WORKSHOP_SLOW") != "1":
        return "takes minutes; WORKSHOP_SLOW=1 runs it"
    if "network" in marks and os.environ.get("WORKSHOP_NETWORK") != "1":
        return "needs the internet; WORKSHOP_NETWORK=1 runs it"
    return None


def run(notebook: NotebookNode, folder: Path, on_cell: Callable[[], object] = lambda: None) -> None:
    """Run a notebook's cells from top to bottom and store their outputs in it.

    The kernel is this very interpreter, whatever kernels are installed. A cell that has a
    `skip_reason` prints it instead of running.

    Args:
        notebook: an `nbformat` notebook; filled up to the cell that fails.
        folder: where the kernel works.
        on_cell: called after each code cell.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.
        nbclient.exceptions.DeadKernelError: the kernel died, most often for want of memory.
    """
    # These take seconds to import, and a notebook's own kernel has no use for them.
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from nbclient import NotebookClient

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisPython())
    client = NotebookClient(notebook, km=kernel, record_timing=False, coalesce_streams=True)
    client.extra_arguments = ["--log-level=ERROR"]  # else its warnings run into the bar
    cells = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for _, cell in cells:
        cell.outputs, cell.execution_count = [], None
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | UNATTENDED
    with client.setup_kernel(cwd=str(folder), env=environment, cleanup_kc=True):
        for index, cell in cells:
            source, reason = cell.source, skip_reason(tags(cell))
            if reason is not None:  # readers should see why there is no result
                cell.source = f"print({f'Not run here: {reason}.'!r})"
            client.execute_cell(cell, index)
            cell.source = source
            on_cell()


def headline(notebook: dict) -> str:
    """Return what a notebook gives as its result: the last printed line that starts `Headline:`.

    The notebook computes and prints it, as in `print(f"Headline: {loss:.2f} nats per token")`,
    so that readers see it where it arises; here it is only collected.
    """
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    text = "".join("".join(output.get("text", "")) + "\n" for output in outputs)
    found = [line for line in text.splitlines() if line.startswith(HEADLINE)]
    return found[-1].removeprefix(HEADLINE).strip() if found else ""


def execute(path: Path, on_cell: Callable[[], object] = lambda: None) -> dict:
    """Run one notebook in place and tell how it went; a failing cell does not raise.

    Args:
        path: the notebook. Its outputs are stored as far as it came.
        on_cell: called after each code cell.

    Returns:
        notebook, status ("passed" or "failed"), seconds, skipped_cells, headline, error.
    """
    import nbformat
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    notebook, error = nbformat.read(path, as_version=4), ""
    start = time.perf_counter()
    try:
        run(notebook, path.parent, on_cell)
    except CellExecutionError as problem:
        error = f"{problem.ename}: {problem.evalue}"
    except DeadKernelError:
        error = "the kernel died, most often for want of memory"
    seconds = time.perf_counter() - start
    nbformat.write(notebook, path)
    return {
        "notebook": f"{path.parent.name}/{path.name}",
        "status": "failed" if error else "passed",
        "seconds": round(seconds, 1),
        "skipped_cells": sum(skip_reason(tags(cell)) is not None for cell in notebook.cells),
        "headline": headline(notebook),
        "error": error,
    }


def execute_all() -> int:
    """Run all chapters without anyone watching and print a table of how each went.

    The runs happen on copies in `work/execute/`, where the outputs can be read afterwards; the
    table goes to `work/results/execute.json` too. A failing notebook does not stop the others.

    Returns:
        0, or 1 where a notebook failed: the exit status of the command.
    """
    folder = WORK / "execute"
    shutil.rmtree(folder, ignore_errors=True)
    _copy_chapters(folder, "participant")
    paths = chapter_notebooks(folder)
    counts = [sum(cell["cell_type"] == "code" for cell in read(path)["cells"]) for path in paths]
    results, done = [], 0
    with progress(range(sum(counts))) as bar:
        for path, count in zip(paths, counts, strict=True):
            bar.set_description(path.stem)
            results.append(execute(path, bar.update))
            done += count
            bar.update(done - bar.n)  # the cells behind one that failed
    record = {"profile": profile(), "date": f"{datetime.now():%Y-%m-%d}", "notebooks": results}
    results_file = WORK / "results" / "execute.json"
    results_file.parent.mkdir(parents=True, exist_ok=True)
    results_file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(table(results))
    return int(any(result["error"] for result in results) or not results)


def table(results: list[dict]) -> str:
    """Lay out what `execute` returned, a line a notebook and a line an error."""
    rows = [("notebook", "status", "seconds", "headline result")]
    for result in results:
        skipped = result["skipped_cells"]
        status = result["status"] + (f", {skipped} cells skipped" if skipped else "")
        seconds = f"{result['seconds']:.1f}"
        outcome = " ".join((result["error"] or result["headline"]).split())[:100]
        rows.append((result["notebook"], status, seconds, outcome))
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{n:<{wide[0]}}  {s:<{wide[1]}}  {t:>{wide[2]}}  {h}" for n, s, t, h in rows]
    total = sum(result["seconds"] for result in results)
    return "\n".join([*lines, f"{len(results)} notebooks, {total / 60:.1f} minutes"])

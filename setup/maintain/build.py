"""Run chapter notebooks and store their outputs, byte for byte the same each time.

    python setup/maintain/build.py               all notebooks, at the cpu profile
    python setup/maintain/build.py 02a 03        those whose names start so
    python setup/maintain/build.py --check       run nothing; fail when a notebook is not in normal form

A notebook whose cell fails keeps its old content. For maintainers: participants work on copies.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.running import run

KEPT_CELL_METADATA = ("jupyter", "slideshow", "tags", "workshop")
WIDGET = "application/vnd.jupyter.widget-view+json"


def normal(notebook: nbformat.NotebookNode) -> str:
    """Return the one text that stands for a notebook, whatever tool wrote it last."""
    cells = []
    count = 0
    for index, cell in enumerate(notebook.cells):
        metadata = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        metadata.pop("jupyter", None)
        if any(tag.startswith("solution:") for tag in metadata.get("tags", [])):
            metadata["jupyter"] = {"source_hidden": True}
        plain = {
            "cell_type": cell.cell_type,
            "id": f"cell-{index:03d}",
            "metadata": metadata,
            "source": "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n")),
        }
        if cell.cell_type == "code":
            has_run = cell.execution_count is not None
            count += has_run
            number = count if has_run else None
            plain |= {"execution_count": number, "outputs": _outputs(cell.outputs, number)}
        cells.append(plain)
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return nbformat.writes(nbformat.from_dict(document)) + "\n"


def _outputs(outputs: list, count: int | None) -> list[dict]:
    """Drop widgets, which nobody else could open, and what only one run knows."""
    kept = []
    for output in map(dict, outputs):
        output.pop("transient", None)
        if output.get("name") == "stderr":  # a tracer's log beside torch.profiler, with times in it
            lines = output["text"].splitlines(keepends=True)
            output["text"] = "".join(line for line in lines if not line.startswith("USDT:"))
            if not output["text"]:
                continue
        if "data" in output:
            output["data"] = {k: v for k, v in output["data"].items() if k != WIDGET}
            if not output["data"]:
                continue
        if output["output_type"] == "execute_result":
            output["execution_count"] = count
        kept.append(output)
    return kept


def is_normal(path: Path) -> bool:
    """Say whether a notebook's file is in normal form."""
    notebook = nbformat.read(path, as_version=4)
    return path.read_bytes() == normal(notebook).encode()


def build(path: Path) -> str:
    """Run one notebook and store it; return how it went in a line."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    try:
        run(notebook, path.parent)
    except (CellExecutionError, DeadKernelError) as error:
        return f"FAILED {path.name}: {error}"
    before, after = path.read_bytes(), normal(notebook).encode()
    path.write_bytes(after)
    change = "unchanged" if before == after else "changed"
    return f"{path.name}: {time.perf_counter() - start:.1f} s, {len(after) / 1000:.0f} kB, {change}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="how the notebooks' names start, such as 02a 03")
    parser.add_argument("--check", action="store_true", help="run nothing, compare the form only")
    args = parser.parse_args()
    paths = [
        p for p in chapter_notebooks() if not args.names or p.name.startswith(tuple(args.names))
    ]
    if not paths:
        parser.error(f"no notebook's name starts with {' or '.join(args.names) or 'anything'}")
    if args.check:
        odd = [path for path in paths if not is_normal(path)]
        for path in odd:
            print(
                f"{path.parent.name}/{path.name} is not in normal form: python setup/maintain/build.py"
            )
        return int(bool(odd))
    # What is stored comes from a machine like most participants': no GPU, no network.
    os.environ |= {"WORKSHOP_PROFILE": "cpu", "WORKSHOP_DEVICE": "cpu", "HF_HUB_OFFLINE": "1"}
    failed = False
    for path in paths:
        line = build(path)
        failed |= line.startswith("FAILED")
        print(line, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

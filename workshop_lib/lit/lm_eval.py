"""LitGPT's `evaluate`, which scores a checkpoint with lm-eval, on tasks of our own."""

import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from functools import partial
from pathlib import Path

from workshop_lib.lit.checkpoint_dir import check_directory
from workshop_lib.paths import ROOT


def evaluate(
    directory: Path | str, tasks: Path | str, name: str, *, limit: int | None = None
) -> dict:
    """Score a LitGPT checkpoint as `litgpt evaluate DIRECTORY --tasks NAME` does.

    The command finds only lm-eval's own tasks, nearly all of which download their questions. So
    the function behind it is called, in a process of its own, with one more folder of tasks.

    Args:
        directory: LitGPT's, with lit_model.pth.
        tasks: folder of lm-eval's YAML files; paths in them are relative to the workshop's folder.
        name: the task, or several with commas between them.
        limit: use the first so many questions only.

    Returns:
        lm-eval's results: "results" by task, "samples" by task with all log-likelihoods.

    Raises:
        FileNotFoundError: the directory lacks a file.
        RuntimeError: the evaluation failed; the message holds the last lines it printed.

    Used in: 06d
    """
    directory = check_directory(directory)
    # A folder of its own each time: LitGPT would take up weights converted by an earlier call.
    with tempfile.TemporaryDirectory(dir=directory, prefix=".evaluating-") as out_dir:
        words = [directory, Path(tasks).resolve(), name, out_dir, limit or ""]
        process = subprocess.run(
            [sys.executable, "-m", "workshop_lib.lit.lm_eval", *map(str, words)],
            cwd=ROOT,
            env=os.environ | {"TQDM_DISABLE": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        if process.returncode:
            last = "\n".join(deque(process.stdout.splitlines(), maxlen=15))
            raise RuntimeError(f"litgpt's evaluation failed:\n{last}")
        return json.loads((Path(out_dir) / "results.json").read_text(encoding="utf-8"))


def main(directory: str, tasks: str, name: str, out_dir: str, limit: str) -> None:
    """Call LitGPT's evaluation, where lm-eval looks for tasks in one more folder."""
    from litgpt.eval.evaluate import convert_and_evaluate
    from lm_eval import evaluator

    evaluator.TaskManager = partial(
        evaluator.TaskManager, include_path=tasks, include_defaults=False
    )
    convert_and_evaluate(
        Path(directory),
        tasks=name,
        out_dir=Path(out_dir),
        batch_size=4,
        limit=int(limit) if limit else None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

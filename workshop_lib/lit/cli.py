"""LitGPT: convert checkpoints for it, run its commands, load its models.

Only this module and lit_check, lit_serve and lit_families know LitGPT's names.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, cast

import torch

from workshop_lib.paths import ROOT


def litgpt(*args: object, show: bool = True, typed: str = "") -> str:
    """Run LitGPT's command line, such as litgpt("generate", directory, "--top_k", 1).

    In a notebook `!litgpt …` would go on after a failure as if nothing had happened; this
    stops. Paths are best given relative to the workshop's folder, where the command runs.

    Args:
        *args: the words of the command, each turned into a string.
        show: print the command, and its output as it comes.
        typed: what somebody would type into the running command, such as questions to its chat.

    Returns:
        All that the command printed.

    Raises:
        RuntimeError: the command failed; the message holds the last lines it printed.

    Used in: 05c
    """
    settings = command(*args)
    words = settings["args"][3:]
    if show:
        print("$ litgpt", shlex.join(words))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as keyboard:
        keyboard.write(typed)
        keyboard.seek(0)
        process = subprocess.Popen(
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **settings,
        )
    lines = []
    with process:
        try:
            for line in cast("IO[str]", process.stdout):
                lines.append(line)
                if show:
                    print(line, end="")
        except BaseException:  # interrupted: the command must not go on unseen
            process.kill()
            raise
    if process.returncode:
        last = "".join(deque(lines, maxlen=15)).strip()
        raise RuntimeError(f"litgpt {words[0] if words else ''} failed:\n{last}")
    return "".join(lines)


def command(*args: object) -> dict:
    """Lay out how to start LitGPT's command line: arguments of subprocess.Popen."""
    quiet = {
        "TQDM_DISABLE": "1",  # bars that redraw themselves do not belong into stored output
        "JSONARGPARSE_DEPRECATION_WARNINGS": "off",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    if not torch.cuda.is_available():  # `litgpt pretrain` would compile for a minute, with g++
        quiet["TORCHDYNAMO_DISABLE"] = "1"
    words = [short(word) for word in args]
    return {
        "args": [sys.executable, "-m", "litgpt", *words],
        "cwd": ROOT,
        "env": os.environ | quiet,
    }


def short(word: object) -> str:
    """Write a path inside the workshop's folder relative to it, and all else as a string."""
    if isinstance(word, Path) and word.is_relative_to(ROOT):
        return word.relative_to(ROOT).as_posix()
    return str(word)

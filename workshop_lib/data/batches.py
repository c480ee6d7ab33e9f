"""From token ids to batches: windows, their targets, and a DataLoader.

Shapes: N windows, B batch, T tokens.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from workshop_lib.config.training import TrainConfig
from workshop_lib.require import require_count

# A list, an array or a tensor.
TokenIds: TypeAlias = Sequence[int] | np.ndarray | Tensor

# A target that the loss ignores: cross_entropy skips it by default.
IGNORE_INDEX = -100

# Two blank lines separate the scenes of the plays.
SCENE_BREAK = "\n\n\n"


def train_val_split(
    text: str, *, val_fraction: float = 0.1, seed: int = 0, separator: str = SCENE_BREAK
) -> tuple[str, str]:
    """Set whole scenes aside for validation, chosen at random.

    Args:
        text: scenes (or other documents) with the separator between them.
        val_fraction: the share of scenes to set aside, at least one scene.
        seed: which scenes; the same seed always sets the same ones aside.
        separator: what stands between two scenes.

    Returns:
        Training text and validation text, both in the scenes' old order.

    Raises:
        ValueError: there are fewer than two scenes, or val_fraction is not between 0 and 1.

    Built in: 02c
    """
    if not 0 < val_fraction < 1:
        raise ValueError(f"val_fraction {val_fraction} is outside 0 < val_fraction < 1")
    scenes = text.split(separator)
    if len(scenes) < 2:
        raise ValueError(f"the text has {len(scenes)} scene, and a split needs 2 or more")
    n_val = min(max(1, round(val_fraction * len(scenes))), len(scenes) - 1)
    order = torch.randperm(len(scenes), generator=torch.Generator().manual_seed(seed))
    held_out = set(order[:n_val].tolist())
    train = [scene for i, scene in enumerate(scenes) if i not in held_out]
    val = [scene for i, scene in enumerate(scenes) if i in held_out]
    return separator.join(train), separator.join(val)


def windows(token_ids: TokenIds, context_length: int, stride: int) -> tuple[Tensor, Tensor]:
    """Cut token ids into windows, each with its targets: the same tokens, shifted by one position.

    With stride = context_length every token but the very first is a target exactly once.
    The last window may reach past the end; its targets there are IGNORE_INDEX, which no loss
    counts. Windows are views of one tensor, so a small stride costs no extra memory.

    Args:
        token_ids: token ids of the text, a list or a tensor.
        context_length: T, tokens in a window.
        stride: tokens from one window's start to the next one's.

    Returns:
        Inputs (N, T) and targets (N, T), int64.

    Raises:
        TypeError: token_ids are not whole numbers.
        ValueError: the text is shorter than one window, or stride is above context_length,
            which would skip tokens.

    Built in: 02c
    """
    require_count("context_length", context_length)
    require_count("stride", stride)
    if stride > context_length:
        raise ValueError(f"stride {stride} is above context_length {context_length}: skips tokens")
    ids = one_row(token_ids)
    if len(ids) < context_length + 1:
        raise ValueError(
            f"{len(ids)} tokens are too few for one window: context_length {context_length} "
            f"needs {context_length + 1}; take a longer text or a shorter context"
        )
    n_windows = 1 + -(-(len(ids) - 1 - context_length) // stride)  # the last one rounded up
    n_missing = context_length + (n_windows - 1) * stride - (len(ids) - 1)
    inputs = torch.cat([ids[:-1], ids.new_zeros(n_missing)])
    targets = torch.cat([ids[1:], ids.new_full((n_missing,), IGNORE_INDEX)])
    return inputs.unfold(0, context_length, stride), targets.unfold(0, context_length, stride)


def one_row(token_ids: TokenIds) -> Tensor:
    """Make one int64 tensor (N,) of token ids, or raise a clear error."""
    if isinstance(token_ids, str):
        raise TypeError("token_ids must be whole numbers, got a str: encode the text first")
    ids = torch.as_tensor(token_ids)
    if ids.is_floating_point() and len(ids) > 0:  # torch makes an empty list a float tensor
        raise TypeError(f"token_ids must be whole numbers, got {ids.dtype}")
    if ids.dim() != 1:
        raise ValueError(f"token_ids must be one row of ids, got the shape {tuple(ids.shape)}")
    return ids.long()


class TokenDataset(Dataset):
    """Windows of a text as a PyTorch dataset: item i is (inputs, targets), both (T,) int64.

    Args:
        token_ids: see `windows`.
        context_length: see `windows`.
        stride: see `windows`; None means context_length.

    Raises:
        ValueError: see `windows`.

    Built in: 02c
    """

    def __init__(self, token_ids: TokenIds, context_length: int, stride: int | None = None):
        stride = context_length if stride is None else stride
        self.inputs, self.targets = windows(token_ids, context_length, stride)

    def __len__(self) -> int:
        """N, the number of windows."""
        return len(self.inputs)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        """Give window i and its targets."""
        return self.inputs[i], self.targets[i]


def make_loader(
    token_ids: TokenIds,
    config: TrainConfig,
    *,
    generator: torch.Generator,
    shuffle: bool = True,
    stride: int | None = None,
) -> DataLoader:
    """Make a DataLoader that yields batches of windows.

    Args:
        token_ids: see `windows`.
        config: gives batch_size and context_length.
        generator: the loader's own source of randomness. With one of its own, nothing else
            that draws random numbers can change the order of the batches, or the reverse.
        shuffle: whether windows come in random order, as in training. Without, they come in
            order and the last batch may be smaller, as in evaluation.
        stride: see `windows`; None means context_length.

    Returns:
        A DataLoader of (inputs (B, T), targets (B, T)).

    Raises:
        TypeError: generator is not a torch.Generator.
        ValueError: the text has too few windows for one batch.

    Built in: 02c
    """
    if not isinstance(generator, torch.Generator):
        raise TypeError(f"generator must be a torch.Generator, got {type(generator).__name__}")
    dataset = TokenDataset(token_ids, config.context_length, stride)
    if shuffle and len(dataset) < config.batch_size:
        raise ValueError(
            f"{len(dataset)} windows are too few for one batch of {config.batch_size}; "
            "take a longer text or a smaller batch_size"
        )
    return DataLoader(
        dataset, config.batch_size, shuffle=shuffle, drop_last=shuffle, generator=generator
    )

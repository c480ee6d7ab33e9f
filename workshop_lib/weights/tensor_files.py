"""Tensors in a directory's safetensors files: which there are, and their numbers one by one."""

from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError, safe_open
from torch import Tensor

from workshop_lib.files import read_json


class StoredTensor(NamedTuple):
    """What a file's header says of one tensor.

    Args:
        path: the file.
        name: its name there.
        dtype: its number format, in safetensors' words: "F16", "BF16", "F32", …
        shape: its shape.
    """

    path: Path
    name: str
    dtype: str
    shape: tuple[int, ...]


def list_tensors(directory: Path | str) -> dict[str, StoredTensor]:
    """List the tensors of a directory, reading nothing but the headers of its files.

    Args:
        directory: holds model.safetensors, or its shards and model.safetensors.index.json.

    Returns:
        {name: where it lies and what it is}.

    Raises:
        FileNotFoundError: there is no such file, or a shard is missing.
        ValueError: a file is not whole.

    Built in: 05a
    """
    stored = {}
    for path in weight_files(Path(directory)):
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():
                    header = file.get_slice(name)
                    shape = tuple(header.get_shape())
                    stored[name] = StoredTensor(path, name, header.get_dtype(), shape)
        except (SafetensorError, OSError) as error:
            why = other_content(path) or error
            raise ValueError(f"{path} is no whole safetensors file: {why}") from error
    return stored


def read_tensor(stored: StoredTensor) -> Tensor:
    """Read the numbers of one tensor.

    The file is opened anew for each: it is mapped into memory, and what is mapped counts as used
    until the file and its tensors are let go.

    Args:
        stored: what `list_tensors` says of it.

    Returns:
        The tensor, in the shape and number format of the file.

    Built in: 05a
    """
    with safe_open(stored.path, framework="pt") as file:
        return file.get_tensor(stored.name)


def weight_files(directory: Path) -> list[Path]:
    """Find model.safetensors, or the pieces that a large model comes in."""
    whole, index = directory / "model.safetensors", directory / "model.safetensors.index.json"
    if whole.is_file():
        return [whole]
    if index.is_file():
        pieces = sorted(set(read_json(index)["weight_map"].values()))
        missing = [piece for piece in pieces if not (directory / piece).is_file()]
        if missing:
            raise FileNotFoundError(
                f"{directory}: {len(missing)} of the {len(pieces)} files that "
                f"{index.name} names are missing, {missing[0]} among them"
            )
        return [directory / piece for piece in pieces]
    pickles = sorted(path.name for path in directory.glob("*.bin"))
    why = f"; {pickles[0]} is a pickle, which can run code when it is read" if pickles else ""
    raise FileNotFoundError(f"{directory} holds no model.safetensors{why}")


def other_content(path: Path) -> str | None:
    """Recognize two things that often lie under the name of a safetensors file."""
    with open(path, "rb") as file:
        start = file.read(24)
    if start.startswith((b"PK", b"\x80")):
        return "it is a pickle, which can run code when it is read"
    if start.startswith(b"version https://git-lfs"):
        return "it is a pointer of Git LFS; git lfs pull fetches the file itself"
    return None

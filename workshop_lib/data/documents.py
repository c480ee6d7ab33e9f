"""Text to train on: from files into documents, from documents into token ids."""

import codecs
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from workshop_lib.assets import sources
from workshop_lib.config.presets import PRESETS
from workshop_lib.data.batches import SCENE_BREAK
from workshop_lib.tokenizer.byte_level_bpe import BPETokenizer, train_bpe
from workshop_lib.tokenizer.protocol import Tokenizer

_SUFFIXES = (".md", ".txt")


def read_documents(path: Path | str | None = None) -> list[str]:
    """Read a text file, or all .txt and .md files of a folder and the folders in it.

    Args:
        path: the file or folder; None means the workshop's plays.

    Returns:
        One text a file, sorted by path; the plays give one text a scene.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: a file is empty, is not text or not UTF-8, or a folder holds no text file.
    """
    if path is None:
        return sources.scenes()
    path = Path(path).expanduser()
    if path.is_dir():
        files = _text_files(path)
        if not files:
            raise ValueError(f"the folder {path} holds no .txt or .md file")
        return [read_text(file) for file in files]
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}")
    return [read_text(path)]


def _text_files(folder: Path) -> list[Path]:
    """List the .txt and .md files of a folder and of the folders in it, links followed once.

    Hidden files and folders are left out: Jupyter keeps old copies in .ipynb_checkpoints, and macOS
    puts a ._name beside each name on other disks.
    """
    found, seen = [], set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        folders[:] = [] if real in seen else [n for n in folders if not n.startswith(".")]
        if real not in seen:
            found += [Path(place, name) for name in names if not name.startswith(".")]
        seen.add(real)
    return sorted(path for path in found if path.suffix.lower() in _SUFFIXES and path.is_file())


def read_text(path: Path) -> str:
    """Read one file as text with plain line ends, or say why it cannot be trained on."""
    text = decode_text(path.read_bytes(), path)
    if not text.strip():
        raise ValueError(f"{path} is empty: there is nothing to learn from")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode_text(content: bytes, path: Path) -> str:
    """Decode UTF-8, with or without a byte order mark, or name the encoding that it is in.

    Args:
        content: a file's bytes.
        path: the file, for messages.

    Raises:
        ValueError: it is in another encoding, or not text at all.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError(
            f"{path} is UTF-16 text, as some Windows programs write it; save it as UTF-8"
        )
    if b"\0" in content:
        raise ValueError(f"{path} is not a text file: it holds zero bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = content[error.start]
        raise ValueError(
            f"{path} is not UTF-8 text: byte {error.start} is 0x{bad:02X}; save it as UTF-8"
        ) from None


def fingerprint(documents: Sequence[str]) -> str:
    """Give the SHA-256 of the documents; it differs as soon as a character or a border does."""
    parts = (hashlib.sha256(text.encode()).digest() for text in documents)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def make_tokenizer(documents: Sequence[str], vocab_size: int) -> BPETokenizer:
    """Take GPT-2's tokenizer where the vocabulary is GPT-2's size, and else train one.

    GPT-2's merges were learned from far more text than fits in here, so they are not learned anew.

    Args:
        documents: what to train on.
        vocab_size: V; 50,257 means GPT-2's own.

    Returns:
        A tokenizer. It has fewer tokens than asked for where the text has too few pairs.

    Raises:
        ValueError: vocab_size is below 257.
    """
    if vocab_size == PRESETS["gpt2"].vocab_size:
        return BPETokenizer.from_gpt2_files(sources.gpt2_merges())
    return train_bpe(SCENE_BREAK.join(documents), vocab_size)


def encode_documents(documents: Sequence[str], tokenizer: Tokenizer) -> list[int]:
    """Turn documents into one row of token ids, with the end token behind each document."""
    token_ids = []
    for text in documents:
        token_ids += tokenizer.encode(text)
        token_ids.append(tokenizer.eos_token_id)
    return token_ids

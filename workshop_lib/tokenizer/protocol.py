"""What the package asks of a tokenizer, whoever made it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from workshop_lib.tokenizer.settings import TokenizerSettings


class Tokenizer(Protocol):
    """Text into token ids and back: a `BPETokenizer`, a `LibraryTokenizer`, or one of your own.

    A class need not inherit from this one: it is enough to have these attributes and methods.

    Attributes:
        vocab_size: V, one more than the greatest id.
        special_ids: {text: id} of the special tokens.
        end_token: the special token that ends a text.
        eos_token_id: its id.
        stop_ids: the ids that end an answer.
        settings: what a directory says about the tokenizer besides its vocabulary.
    """

    vocab_size: int
    special_ids: dict[str, int]
    end_token: str
    eos_token_id: int
    stop_ids: list[int]
    settings: TokenizerSettings

    def encode(self, text: str, *, special: str = "text") -> list[int]:
        """Turn text into token ids; see `BPETokenizer.encode` for special tokens."""
        ...

    def decode(self, token_ids: Iterable[int]) -> str:
        """Turn token ids back into text."""
        ...

    def decode_stream(self, token_ids: Iterable[int]) -> Iterator[str]:
        """Yield text as ids arrive."""
        ...

    def save(self, directory: Path | str) -> None:
        """Write what Hugging Face's classes open."""
        ...

"""Tokenizers: text to token ids and back.

`WordTokenizer` is the toy of 02a. `BPETokenizer` is the real one: it holds any byte-level
BPE vocabulary (one we trained, GPT-2's, SmolLM2's) and encodes with tiktoken's engine.
"""

import codecs
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import regex
import tiktoken

from workshop_lib.require import require_choice, require_count, require_text
from workshop_lib.tokenizer.bpe import GPT2_PATTERN, count_pre_tokens, learn_merges, merges_to_ranks
from workshop_lib.tokenizer.settings import (
    TokenizerSettings,
    default_end_token,
    read_settings,
    tokenizer_file,
)
from workshop_lib.tokenizer.tokenizer_json import (
    NotByteLevelBPE,
    byte_characters,
    covering,
    read_tokenizer_file,
    write_tokenizer_file,
)
from workshop_lib.tokenizer.word_level import END_OF_TEXT

# tiktoken's engine breaks down on a million blanks in a row.
_TOO_MANY_BLANKS = regex.compile(r"\s{500001}")


class BPETokenizer:
    """A byte-level BPE tokenizer: any text becomes ids, and the same text comes back.

    Args:
        ranks: {bytes: id}, one entry a token; of two tokens the lower id was learned first.
        special_ids: {text: id} of the special tokens.
        pattern: the rule for cutting text before merging.
        end_token: the special token that ends a text; None means <|endoftext|>.
        settings: what else a directory says about the tokenizer; `save` writes it out again.

    Attributes:
        vocab_size: V, one more than the greatest id.
        eos_token_id: the id of end_token.
        stop_ids: the ids that end an answer: special tokens, and what a file names an end token.
        engine: the tiktoken.Encoding that does the work.

    Raises:
        ValueError: end_token is not a special token.

    Source: Radford et al. 2019, section 2.2.
    Used in: 02b
    """

    def __init__(
        self,
        ranks: dict[bytes, int],
        special_ids: dict[str, int],
        pattern: str = GPT2_PATTERN,
        end_token: str | None = None,
        settings: TokenizerSettings | None = None,
    ):
        end_token = END_OF_TEXT if end_token is None else end_token
        require_choice("end_token", end_token, list(special_ids))
        self.ranks, self.special_ids, self.pattern = ranks, special_ids, covering(pattern)
        self.settings = settings or TokenizerSettings(end_token, end_token, end_token)
        self.stop_ids = sorted({*special_ids.values(), *self.settings.eos_token_ids})
        self.end_token, self.eos_token_id = end_token, special_ids[end_token]
        # Some vocabularies, SmolLM2's too, have no token for a few bytes that text hardly holds.
        self.missing_bytes = {byte for byte in range(256) if bytes([byte]) not in ranks}
        self.vocab_size = max([*ranks.values(), *special_ids.values()]) + 1
        self.engine = tiktoken.Encoding(
            "workshop", pat_str=self.pattern, mergeable_ranks=ranks, special_tokens=special_ids
        )

    def encode(self, text: str, *, special: str = "text") -> list[int]:
        """Turn text into token ids.

        Args:
            text: any text.
            special: what to do with special tokens written in the text. "text": they are
                ordinary characters, so that nobody's text can slip one in. "allow": they
                become their ids, for templates of our own. "forbid": raise an error.

        Returns:
            Token ids.

        Raises:
            TypeError: text is not a str.
            ValueError: a lone surrogate, a byte that the vocabulary has no token for, more than
                500,000 blanks in a row, or a special token under "forbid".
        """
        require_text("text", text)
        require_choice("special", special, ("text", "allow", "forbid"))
        missing = self.missing_bytes.intersection(text.encode())
        if missing:
            raise ValueError(f"this vocabulary has no token for the byte 0x{min(missing):02X}")
        if _TOO_MANY_BLANKS.search(text):
            raise ValueError("the text holds more than 500,000 blanks in a row")
        if special == "allow":
            return self.engine.encode(text, allowed_special="all")
        if special == "forbid":
            for token in self.special_ids:
                if token in text:
                    raise ValueError(f"the text holds the special token {token}")
        return self.engine.encode_ordinary(text)

    def decode_bytes(self, token_ids: Iterable[int]) -> bytes:
        """Turn token ids back into bytes; ValueError for an id that stands for no token."""
        token_ids = list(token_ids)
        try:
            return self.engine.decode_bytes(token_ids)
        except (KeyError, OverflowError):
            raise ValueError(
                f"{token_ids} holds an id without a token; ids go up to {self.vocab_size - 1}"
            ) from None

    def decode(self, token_ids: Iterable[int]) -> str:
        """Turn token ids back into text; bytes that are no complete character become �."""
        return self.decode_bytes(token_ids).decode("utf-8", errors="replace")

    def decode_stream(self, token_ids: Iterable[int]) -> Iterator[str]:
        """Yield text as ids arrive; a character split over tokens waits until it is complete."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        for token_id in token_ids:
            text = decoder.decode(self.decode_bytes([token_id]))
            if text:
                yield text
        rest = decoder.decode(b"", final=True)
        if rest:
            yield rest

    def save(self, directory: Path | str) -> None:
        """Write tokenizer.json and tokenizer_config.json, which Hugging Face's classes open.

        A tokenizer that was read from files is written as those files were, with its chat template
        and all else that they hold.
        """
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in self.settings.files.items():
            (directory / name).write_bytes(content)
        if not self.settings.files:
            write_tokenizer_file(
                directory / "tokenizer.json", self.ranks, self.pattern, self.special_ids
            )
        if "tokenizer_config.json" not in self.settings.files:
            config = directory / "tokenizer_config.json"
            text = json.dumps(self.settings.as_config(), indent=1)
            config.write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, directory: Path | str) -> "BPETokenizer":
        """Read what `save`, or Hugging Face, wrote into a directory.

        Raises:
            FileNotFoundError: there is no tokenizer.json.
            NotByteLevelBPE: the tokenizer is not plain byte-level BPE.
            ValueError: the file is not whole, or no end token is named anywhere.
        """
        path = tokenizer_file(directory)
        ranks, pattern, special_ids = read_tokenizer_file(path)
        settings = read_settings(path.parent, {i: text for text, i in special_ids.items()})
        end_token = settings.eos_token or default_end_token(list(special_ids))
        if end_token not in special_ids:
            raise NotByteLevelBPE(f"{path}: its end token is {end_token}, not a special token")
        return cls(ranks, special_ids, pattern, end_token, settings)

    @classmethod
    def from_gpt2_files(cls, vocab_bpe: Path | str) -> "BPETokenizer":
        """Build GPT-2's tokenizer from OpenAI's list of merges, vocab.bpe.

        The file's first line is a version; each other line is one merge of two tokens
        written in printable characters. GPT-2 counts the bytes in the order in which
        those characters come.
        """
        characters = byte_characters()
        to_byte = {character: byte for byte, character in characters.items()}
        ranks = {bytes([byte]): rank for rank, byte in enumerate(characters)}
        for line in Path(vocab_bpe).read_text(encoding="utf-8").splitlines()[1:]:
            token = bytes(to_byte[character] for character in line.replace(" ", ""))
            ranks[token] = len(ranks)
        return cls(ranks, {END_OF_TEXT: len(ranks)})


def train_bpe(text: str, vocab_size: int, *, pattern: str = GPT2_PATTERN) -> BPETokenizer:
    """Train a byte-level BPE tokenizer on a text.

    Args:
        text: the text to learn from; anything else can still be encoded afterwards.
        vocab_size: V, the number of tokens: 256 bytes, the merges, and <|endoftext|>.
        pattern: the rule for cutting text, which no merge crosses.

    Returns:
        The tokenizer. It has fewer tokens than asked for where the text has too few pairs.

    Raises:
        TypeError: text is not a str, or vocab_size not a whole number.
        ValueError: vocab_size is below 257, or the text is empty or holds a lone surrogate.

    Source: Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2.
    Built in: 02b
    """
    require_text("text", text)
    require_count("vocab_size", vocab_size)
    if vocab_size < 257:
        raise ValueError(f"vocab_size {vocab_size} is below 257: 256 bytes and <|endoftext|>")
    if not text:
        raise ValueError("train_bpe needs a text to learn from, got an empty one")
    pattern = covering(pattern)
    ranks = merges_to_ranks(learn_merges(count_pre_tokens(text, pattern), vocab_size - 257))
    return BPETokenizer(ranks, {END_OF_TEXT: len(ranks)}, pattern)

"""Tokenizers of other kinds than byte-level BPE, such as Llama 2's, run by the `tokenizers` library."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from workshop_lib.require import require_choice, require_text


class LibraryTokenizer:
    """A tokenizer.json, run by the library that its format comes from.

    It can be used in place of a `tokenizer.BPETokenizer`. Like that one it adds no token of its own:
    who wants Llama 2's <s> in front of a text puts its id there.

    Args:
        directory: holds tokenizer.json, and tokenizer_config.json with the end token.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: the file is not whole, or names no end token.
    """

    def __init__(self, directory: Path | str):
        path, config = (Path(directory) / f"tokenizer{kind}.json" for kind in ("", "_config"))
        for file in (path, config):
            if not file.is_file():
                raise FileNotFoundError(f"{directory} holds no {file.name}")
        try:
            self.engine = Tokenizer.from_file(str(path))
        except Exception as error:  # the library has no class of its own for this
            raise ValueError(f"{path} is no tokenizer that can be read: {error}") from error
        end_token = json.loads(config.read_text(encoding="utf-8")).get("eos_token")
        if isinstance(end_token, dict):  # older files store the token with its flags
            end_token = end_token["content"]
        added = self.engine.get_added_tokens_decoder().items()
        self.special_ids = {token.content: token_id for token_id, token in added if token.special}
        require_choice("the eos_token of tokenizer_config.json", end_token, list(self.special_ids))
        self.end_token, self.eos_token_id = end_token, self.special_ids[end_token]
        self.vocab_size = self.engine.get_vocab_size()

    def encode(self, text: str, *, special: str = "text") -> list[int]:
        """Turn text into token ids; see `tokenizer.BPETokenizer.encode`."""
        require_text("text", text)
        require_choice("special", special, ("text", "allow", "forbid"))
        if special == "forbid":
            for token in self.special_ids:
                if token in text:
                    raise ValueError(f"the text holds the special token {token}")
        self.engine.encode_special_tokens = special == "text"
        return self.engine.encode(text, add_special_tokens=False).ids

    def decode(self, token_ids: Iterable[int]) -> str:
        """Turn token ids back into text."""
        return self.engine.decode(list(token_ids), skip_special_tokens=False)

    def decode_stream(self, token_ids: Iterable[int]) -> Iterator[str]:
        """Yield text as ids arrive; a character split over tokens waits until it is complete."""
        stream = DecodeStream(skip_special_tokens=False)
        for token_id in token_ids:
            text = stream.step(self.engine, token_id)
            if text:
                yield text

    def save(self, directory: Path | str) -> None:
        """Write tokenizer.json and tokenizer_config.json, which Hugging Face's classes open."""
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.engine.save(str(directory / "tokenizer.json"))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": self.end_token}
        config = directory / "tokenizer_config.json"
        config.write_text(json.dumps(settings, indent=1), encoding="utf-8", newline="\n")

"""Tokenizers of other kinds than plain byte-level BPE, run by the `tokenizers` library."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Tokenizer

from workshop_lib.require import require_choice, require_text
from workshop_lib.tokenizer.settings import default_end_token, read_settings, tokenizer_file

# Decoders under which a later token leaves the text of the earlier ones as it is.
_STEADY = {"ByteLevel", "ByteFallback", "Fuse", "Replace", "Metaspace"}


class LibraryTokenizer:
    """A tokenizer.json, run by the library that its format comes from.

    It can be used in place of a `tokenizer.BPETokenizer`. Like that one it adds no token of its own:
    anyone who wants Llama 2's <s> in front of a text puts its id there.

    Args:
        directory: holds tokenizer.json, and a file that names the end token.

    Attributes:
        vocab_size, eos_token_id, stop_ids: see `tokenizer.BPETokenizer`.
        special_ids: {text: id} of the tokens that were added to the vocabulary; those that are not
            special, such as <think> in some files, are found in any text.

    Raises:
        FileNotFoundError: there is no tokenizer.json.
        ValueError: the file is not whole, or no file names an end token.

    Used in: 05a
    """

    def __init__(self, directory: Path | str):
        path = tokenizer_file(directory)
        try:
            self.engine = Tokenizer.from_file(str(path))
        except BaseException as error:  # the library has no class of its own, and may panic
            if isinstance(error, KeyboardInterrupt):
                raise
            raise ValueError(f"{path} is no tokenizer that can be read: {error}") from error
        added = self.engine.get_added_tokens_decoder().items()
        self.special_ids = {token.content: token_id for token_id, token in added}
        self._control = {token.content for _, token in added if token.special}
        texts = {token_id: text for text, token_id in self.special_ids.items()}
        self.settings = read_settings(path.parent, texts)
        end_token = self.settings.eos_token or default_end_token(list(self._control))
        token_id = None if end_token is None else self.engine.token_to_id(end_token)
        if end_token is None or token_id is None:
            raise ValueError(f"{path.parent}: no file names an end token that the vocabulary has")
        self.end_token, self.eos_token_id = end_token, token_id
        control = [self.special_ids[text] for text in self._control]
        self.stop_ids = sorted({token_id, *self.settings.eos_token_ids, *control})
        self.vocab_size = max(self.engine.get_vocab().values()) + 1
        decoder = json.loads(self.engine.to_str()).get("decoder") or {}
        kinds = [step["type"] for step in decoder.get("decoders", [decoder]) if step]
        # A Strip at the start of the text changes nothing later on.
        self._is_steady = bool(kinds) and set(kinds) - {"Strip"} <= _STEADY

    def encode(self, text: str, *, special: str = "text") -> list[int]:
        """Turn text into token ids; see `tokenizer.BPETokenizer.encode`."""
        require_text("text", text)
        require_choice("special", special, ("text", "allow", "forbid"))
        text.encode()  # a lone surrogate is a ValueError, not the library's TypeError
        if special == "forbid":
            for token in self._control:
                if token in text:
                    raise ValueError(f"the text holds the special token {token}")
        self.engine.encode_special_tokens = special == "text"
        return self.engine.encode(text, add_special_tokens=False).ids

    def decode(self, token_ids: Iterable[int]) -> str:
        """Turn token ids back into text; ids without a token, as in a padded vocabulary, give none."""
        token_ids = list(token_ids)
        if any(not 0 <= token_id < 2**32 for token_id in token_ids):
            raise ValueError(f"{token_ids} holds an id that is negative or above 2**32 - 1")
        return self.engine.decode(token_ids, skip_special_tokens=False)

    def decode_stream(self, token_ids: Iterable[int]) -> Iterator[str]:
        """Yield text as ids arrive; what later ids may still change waits for them."""
        seen: list[int] = []
        shown = ""
        for token_id in token_ids:
            seen.append(token_id)
            text = self.decode(seen)
            if self._is_steady and not self._may_change(token_id, text) and text.startswith(shown):
                if len(text) > len(shown):
                    yield text[len(shown) :]
                shown = text
        rest = self.decode(seen)[len(shown) :] if seen else ""
        if rest:
            yield rest

    def _may_change(self, token_id: int, text: str) -> bool:
        """Say whether the end of a text is an incomplete character."""
        is_byte = (self.engine.id_to_token(token_id) or "").startswith("<0x")
        return is_byte or text.endswith("\ufffd")

    def save(self, directory: Path | str) -> None:
        """Write the tokenizer's files as they were read, which Hugging Face's classes open."""
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in self.settings.files.items():
            (directory / name).write_bytes(content)
        if "tokenizer_config.json" not in self.settings.files:
            config = directory / "tokenizer_config.json"
            text = json.dumps(self.settings.as_config() | {"eos_token": self.end_token}, indent=1)
            config.write_text(text, encoding="utf-8", newline="\n")

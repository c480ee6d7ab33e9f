"""The word-level tokenizer of 02a: one token per word."""

from collections.abc import Iterable

import regex

from workshop_lib.require import require_text

END_OF_TEXT = "<|endoftext|>"
UNKNOWN = "<|unk|>"

# A word or a punctuation mark, each with its leading space if there is one; or white space.
# Every character matches one of the three, so joining the matches gives the text back.
WORD_PATTERN = r" ?\w+| ?[^\w\s]|\s"


class WordTokenizer:
    """A word-level tokenizer: one token per distinct word of a text.

    Args:
        text: the text whose words become the vocabulary.

    Raises:
        TypeError: the text is not a str.
        ValueError: the text is empty, or holds a lone surrogate.

    Built in: 02a
    """

    def __init__(self, text: str):
        require_text("text", text)
        words = sorted(set(regex.findall(WORD_PATTERN, text)))
        if not words:
            raise ValueError("WordTokenizer needs a text with one word or more, got an empty one")
        self.words = [*words, END_OF_TEXT, UNKNOWN]
        self.ids = {word: token_id for token_id, word in enumerate(self.words)}

    def encode(self, text: str) -> list[int]:
        """Turn text into token ids; a word that is not in the vocabulary becomes <|unk|>."""
        require_text("text", text)
        unknown_id = self.ids[UNKNOWN]
        return [self.ids.get(word, unknown_id) for word in regex.findall(WORD_PATTERN, text)]

    def decode(self, token_ids: Iterable[int]) -> str:
        """Turn token ids back into text; ValueError for an id that stands for no word."""
        words = []
        for token_id in token_ids:
            if not 0 <= token_id < len(self.words):
                raise ValueError(f"token id {token_id} is outside 0 to {len(self.words) - 1}")
            words.append(self.words[token_id])
        return "".join(words)

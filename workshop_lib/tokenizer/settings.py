"""What belongs to a tokenizer besides its vocabulary: end token, chat template, files to keep.

Repositories spread it over several files, and older ones over others than newer ones.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workshop_lib.files import read_json

# The files of a Hugging Face directory that make up a tokenizer.
_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "added_tokens.json",
)


@dataclass(frozen=True)
class TokenizerSettings:
    """What a directory says about its tokenizer.

    Args:
        eos_token: the token that ends a text; None where no file names one.
        bos_token: the token that begins a text, if any.
        pad_token: the token that fills up shorter rows, if any.
        chat_template: a Jinja template that lays out a conversation, if any.
        eos_token_ids: every id that generation_config.json or config.json names an end token.
        files: {name: content} of the files as they are, to be written out again unchanged.
    """

    eos_token: str | None = None
    bos_token: str | None = None
    pad_token: str | None = None
    chat_template: str | None = None
    eos_token_ids: tuple[int, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)

    def as_config(self) -> dict[str, Any]:
        """Give the content of a tokenizer_config.json that says the same."""
        named = {
            "bos_token": self.bos_token,
            "eos_token": self.eos_token,
            "pad_token": self.pad_token,
            "chat_template": self.chat_template,
        }
        return {
            "tokenizer_class": "PreTrainedTokenizerFast",
            **{name: value for name, value in named.items() if value is not None},
            "clean_up_tokenization_spaces": False,
        }


def tokenizer_file(directory: Path | str) -> Path:
    """Find tokenizer.json, or say what to do without one.

    Raises:
        FileNotFoundError: there is none.
    """
    path = Path(directory) / "tokenizer.json"
    if path.is_file():
        return path
    older = [name for name in ("vocab.json", "merges.txt", "tokenizer.model", "spiece.model")
             if (path.parent / name).is_file()]  # fmt: skip
    if older:
        raise FileNotFoundError(
            f"{directory} holds {' and '.join(older)}, but no tokenizer.json; transformers makes one: "
            f"AutoTokenizer.from_pretrained({str(directory)!r}).save_pretrained({str(directory)!r})"
        )
    raise FileNotFoundError(f"{directory} holds no tokenizer.json")


def read_settings(directory: Path, token_of_id: dict[int, str]) -> TokenizerSettings:
    """Read the settings of a tokenizer from whichever files name them.

    tokenizer_config.json is asked first, then special_tokens_map.json, then generation_config.json
    and config.json, which give ids.

    Args:
        directory: of Hugging Face's form.
        token_of_id: {id: text} of the tokens added to the vocabulary.

    Raises:
        ValueError: a file is not whole JSON.
    """
    sources = [_read(directory / name) for name in ("tokenizer_config.json", _FILES[2])]
    by_id = [_read(directory / name) for name in ("generation_config.json", "config.json")]

    def token(name: str) -> str | None:
        for source in sources:
            value = source.get(name)
            value = value.get("content") if isinstance(value, dict) else value  # with its flags
            if isinstance(value, str):
                return value
        return next((token_of_id[i] for i in ids(name) if i in token_of_id), None)

    def ids(name: str) -> list[int]:
        values = [source.get(f"{name}_id") for source in by_id]
        several = [value if isinstance(value, list) else [value] for value in values]
        return [value for row in several for value in row if type(value) is int]

    template = sources[0].get("chat_template")
    if isinstance(template, list):  # several, each with a name
        named = {entry.get("name"): entry.get("template") for entry in template}
        template = named.get("default")
    if (directory / "chat_template.jinja").is_file():
        template = (directory / "chat_template.jinja").read_text(encoding="utf-8")
    elif template is None:
        template = _read(directory / "chat_template.json").get("chat_template")
    return TokenizerSettings(
        eos_token=token("eos_token"),
        bos_token=token("bos_token"),
        pad_token=token("pad_token"),
        eos_token_ids=tuple(dict.fromkeys(ids("eos_token"))),
        chat_template=template if isinstance(template, str) else None,
        files={
            name: (directory / name).read_bytes() for name in _FILES if (directory / name).is_file()
        },
    )


def default_end_token(special: list[str]) -> str | None:
    """Name the end token where no file does: <|endoftext|>, as in GPT-2's first repositories."""
    return next((token for token in ("<|endoftext|>", "</s>") if token in special), None)


def _read(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}

"""The tokenizer that belongs to a model."""

from pathlib import Path

import tiktoken

from workshop_lib.assets.sources import gpt2_merges
from workshop_lib.tokenizer.byte_level_bpe import BPETokenizer
from workshop_lib.tokenizer.hf_library import LibraryTokenizer
from workshop_lib.tokenizer.tokenizer_json import NotByteLevelBPE
from workshop_lib.tokenizer.word_level import END_OF_TEXT


def gpt2_tokenizer() -> tiktoken.Encoding:
    """Give OpenAI's own GPT-2 tokenizer, read from the workshop's assets: no network needed.

    Returns:
        What tiktoken.get_encoding("gpt2") returns where the internet is at hand.

    Built in: 02b
    """
    from tiktoken.load import data_gym_to_mergeable_bpe_ranks
    from tiktoken_ext.openai_public import r50k_pat_str

    merges = gpt2_merges()
    ranks = data_gym_to_mergeable_bpe_ranks(str(merges), str(merges.with_name("encoder.json")))
    return tiktoken.Encoding(
        "gpt2",
        explicit_n_vocab=50257,
        pat_str=r50k_pat_str,
        mergeable_ranks=ranks,
        special_tokens={END_OF_TEXT: 50256},
    )


def load_tokenizer(directory: Path | str) -> BPETokenizer | LibraryTokenizer:
    """Load the tokenizer of a Hugging Face directory or of one of our checkpoints.

    Args:
        directory: holds tokenizer.json.

    Returns:
        Our own class for byte-level BPE (GPT-2, Llama 3, SmolLM2); for other kinds (Llama 2, the
        first Mistral) the library that wrote the file, behind the same methods.

    Raises:
        FileNotFoundError: there is no tokenizer.json.
        ValueError: the file cannot be read.

    Built in: 05a
    """
    try:
        return BPETokenizer.load(directory)
    except NotByteLevelBPE:
        return LibraryTokenizer(directory)

"""Text into token ids and back (chapter 2)."""

from workshop_lib.tokenizer.bpe import (
    GPT2_PATTERN,
    count_pairs,
    count_pre_tokens,
    encode_from_scratch,
    encode_pre_token,
    learn_merges,
    merge_everywhere,
    merge_pair,
    merges_to_ranks,
)
from workshop_lib.tokenizer.byte_level_bpe import BPETokenizer, train_bpe
from workshop_lib.tokenizer.hf_library import LibraryTokenizer
from workshop_lib.tokenizer.load import gpt2_tokenizer, load_tokenizer
from workshop_lib.tokenizer.protocol import Tokenizer
from workshop_lib.tokenizer.tokenizer_json import NotByteLevelBPE
from workshop_lib.tokenizer.word_level import END_OF_TEXT, UNKNOWN, WORD_PATTERN, WordTokenizer

__all__ = [
    "BPETokenizer",
    "END_OF_TEXT",
    "GPT2_PATTERN",
    "LibraryTokenizer",
    "NotByteLevelBPE",
    "Tokenizer",
    "UNKNOWN",
    "WORD_PATTERN",
    "WordTokenizer",
    "count_pairs",
    "count_pre_tokens",
    "encode_from_scratch",
    "encode_pre_token",
    "gpt2_tokenizer",
    "learn_merges",
    "load_tokenizer",
    "merge_everywhere",
    "merge_pair",
    "merges_to_ranks",
    "train_bpe",
]

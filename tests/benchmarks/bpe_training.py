"""Training a BPE tokenizer of 4,096 tokens on the plays: ours, `tokenizers`, and the textbook loop.

The textbook loop (Sennrich et al. 2016, algorithm 1) counts all pairs anew for every merge. It
would take minutes, so a few merges are timed, at the start and at the end, and the mean is taken
for all.
"""

import os
import time
from collections import Counter

import tokenizers
from side_by_side import compare

from workshop_lib import assets
from workshop_lib.tokenizer import (
    count_pre_tokens,
    encode_pre_token,
    learn_merges,
    merge_pair,
    merges_to_ranks,
    train_bpe,
)

N_MERGES = 4096 - 257


def ours():
    text = assets.plays()
    return lambda: len(train_bpe(text, 4096).encode(text[:100_000]))


def hugging_face(threads: str):
    os.environ |= {"RAYON_NUM_THREADS": threads, "TOKENIZERS_PARALLELISM": "true"}
    text = assets.plays()
    bytes_as_letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()

    def task():
        tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=4095, initial_alphabet=bytes_as_letters, show_progress=False
        )
        tokenizer.train_from_iterator([text], trainer)
        return len(tokenizer.encode(text[:100_000]).ids)

    return task


def one_thread():
    return hugging_face("1")


def as_it_is():
    return hugging_face(str(os.cpu_count()))


def textbook_merge(pieces: list, counts: list, new_id: int) -> None:
    """Count every pair of every piece, and join the most frequent one everywhere."""
    pair_counts = Counter()
    for piece, count in zip(pieces, counts, strict=True):
        for pair in zip(piece, piece[1:], strict=False):
            pair_counts[pair] += count
    best = max(pair_counts, key=pair_counts.get)
    pieces[:] = [merge_pair(piece, best, new_id) for piece in pieces]


def seconds_a_textbook_merge(pieces: list, counts: list, new_id: int) -> float:
    began = time.perf_counter()
    for i in range(3):
        textbook_merge(pieces, counts, new_id + i)
    return (time.perf_counter() - began) / 3


def textbook_seconds() -> float:
    """Extrapolate from merges at the start and, on shorter pieces, at the end."""
    pre_token_counts = count_pre_tokens(assets.plays())
    counts = list(pre_token_counts.values())
    start = seconds_a_textbook_merge([list(piece) for piece in pre_token_counts], counts, 256)
    ranks = merges_to_ranks(learn_merges(pre_token_counts, N_MERGES))
    joined = [encode_pre_token(piece, ranks) for piece in pre_token_counts]
    end = seconds_a_textbook_merge(joined, counts, 256 + N_MERGES)
    return N_MERGES * (start + end) / 2


if __name__ == "__main__":
    sides = {"ours": ours, "tokenizers, one thread": one_thread, "tokenizers": as_it_is}
    table = compare("BPE, 4,096 tokens, 4.8 MB", sides, rounds=3)
    textbook = textbook_seconds()
    print(f"{'textbook (extrapolated)':26}{textbook:10.1f}{textbook / table['ours'].seconds:8.1f}")

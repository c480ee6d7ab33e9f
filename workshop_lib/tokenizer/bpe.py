"""Byte pair encoding from scratch: learn merges from a text, apply them to another.

`tokenizer.BPETokenizer` encodes with tiktoken's engine, which does the same in compiled code.
"""

import heapq
from collections import Counter, defaultdict
from typing import TypeAlias

import regex

Pair: TypeAlias = tuple[int, int]

# GPT-2's pre-tokenization pattern: contractions, words, numbers, other symbols, each with one
# leading space; then white space. No merge crosses the boundary between two pre-tokens.
GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def count_pre_tokens(text: str, pattern: str = GPT2_PATTERN) -> Counter:
    """Pre-tokenize a text and count how often each pre-token occurs.

    Args:
        text: any text.
        pattern: regular expression whose matches are the pre-tokens.

    Returns:
        Counter of pre-tokens as bytes (UTF-8).

    Built in: 02b
    """
    pre_tokens = Counter(regex.findall(pattern, text))
    return Counter({pre_token.encode(): count for pre_token, count in pre_tokens.items()})


def merge_pair(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Replace each occurrence of a pair of neighbours, from left to right, by one new id.

    Args:
        ids: token ids of one pre-token.
        pair: the two neighbours.
        new_id: the id that replaces both.

    Returns:
        A new list.

    Source: Sennrich et al. 2016, section 3.2.
    Built in: 02b
    """
    merged, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def learn_merges(pre_token_counts: Counter, n_merges: int) -> list[tuple[int, int]]:
    """Learn merges: again and again, merge the most frequent pair of neighbours.

    Ids 0 to 255 are the bytes; merge i makes the token 256 + i. Of equally frequent pairs
    the one with the smaller ids is merged first. Only pre-tokens that hold the merged pair are
    visited again, which is what makes this fast.

    Args:
        pre_token_counts: how often each pre-token (bytes) occurs.
        n_merges: the most merges to learn.

    Returns:
        The merged pairs in order; fewer than n_merges where no pair is left.

    Source: Sennrich et al. 2016, algorithm 1; Radford et al. 2019, section 2.2, for bytes.
    Built in: 02b
    """
    pre_tokens, counts = (
        [list(pre_token) for pre_token in pre_token_counts],
        list(pre_token_counts.values()),
    )
    pair_counts, where = count_pairs(pre_tokens, counts)
    # A heap gives the most frequent pair at once. Its entries grow stale when counts change:
    # each change adds a new entry, and a stale one is thrown away when it comes up.
    heap = [(-count, pair) for pair, count in pair_counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while len(merges) < n_merges and heap:
        count, pair = heapq.heappop(heap)
        if -count != pair_counts[pair]:
            continue
        changed = merge_everywhere(pair, 256 + len(merges), pre_tokens, counts, pair_counts, where)
        merges.append(pair)
        for neighbours in changed:
            if pair_counts[neighbours] > 0:
                heapq.heappush(heap, (-pair_counts[neighbours], neighbours))
    return merges


def count_pairs(
    pre_tokens: list[list[int]], counts: list[int]
) -> tuple[Counter[Pair], dict[Pair, set[int]]]:
    """Count each pair of neighbours, and note which pre-tokens hold it.

    Args:
        pre_tokens: token ids of each pre-token.
        counts: how often each pre-token occurs.

    Returns:
        Counter of pairs, and {pair: indices of the pre-tokens that hold it}.

    Built in: 02b
    """
    pair_counts, where = Counter(), defaultdict(set)  # type: ignore[var-annotated]
    for index, pre_token in enumerate(pre_tokens):
        for pair in zip(pre_token, pre_token[1:], strict=False):
            pair_counts[pair] += counts[index]
            where[pair].add(index)
    return pair_counts, where


def merge_everywhere(
    pair: Pair,
    new_id: int,
    pre_tokens: list[list[int]],
    counts: list[int],
    pair_counts: Counter[Pair],
    where: dict[Pair, set[int]],
) -> set[Pair]:
    """Merge a pair in all pre-tokens that hold it, and correct the counts in place.

    Returns:
        The pairs whose count changed.

    Built in: 02b
    """
    changed = set()
    for index in where.pop(pair):
        old = pre_tokens[index]
        new = pre_tokens[index] = merge_pair(old, pair, new_id)
        for neighbours in zip(old, old[1:], strict=False):
            pair_counts[neighbours] -= counts[index]
            changed.add(neighbours)
        for neighbours in zip(new, new[1:], strict=False):
            pair_counts[neighbours] += counts[index]
            where[neighbours].add(index)
            changed.add(neighbours)
    del pair_counts[pair]
    return changed


def merges_to_ranks(merges: list[tuple[int, int]]) -> dict[bytes, int]:
    """Turn merges into the table that encoders use: each token's bytes and its id.

    Args:
        merges: pairs of ids, as `learn_merges` returns them.

    Returns:
        {bytes: id}, the 256 single bytes first, then one token per merge.

    Raises:
        ValueError: a merge names an id that does not exist yet.

    Built in: 02b
    """
    token_bytes = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        if not (0 <= left < len(token_bytes) and 0 <= right < len(token_bytes)):
            raise ValueError(f"merge {(left, right)} comes before one of its parts exists")
        token_bytes.append(token_bytes[left] + token_bytes[right])
    return {token: rank for rank, token in enumerate(token_bytes)}


def encode_pre_token(pre_token: bytes, ranks: dict[bytes, int]) -> list[int]:
    """Encode one pre-token: start from bytes, apply the lowest-ranked merge until none is left.

    Args:
        pre_token: the bytes of one pre-token.
        ranks: {bytes: id}; a lower id was learned earlier.

    Returns:
        Token ids.

    Built in: 02b
    """
    tokens = [pre_token[i : i + 1] for i in range(len(pre_token))]
    while len(tokens) > 1:
        pairs = [left + right for left, right in zip(tokens, tokens[1:], strict=False)]
        best = min(pairs, key=lambda pair: ranks.get(pair, float("inf")))
        if best not in ranks:
            break
        merged, i = [], 0
        while i < len(tokens):
            if i + 1 < len(tokens) and tokens[i] + tokens[i + 1] == best:
                merged.append(best)
                i += 2
            else:
                merged.append(tokens[i])
                i += 1
        tokens = merged
    return [ranks[token] for token in tokens]


def encode_from_scratch(
    text: str, ranks: dict[bytes, int], pattern: str = GPT2_PATTERN
) -> list[int]:
    """Encode a text with nothing but the functions above; slow, and equal to tiktoken.

    Characters of the newest Unicode versions may be split differently: the two know them by their
    own tables of letters and numbers.

    Args:
        text: any text; special tokens in it are ordinary characters here.
        ranks: {bytes: id}.
        pattern: the pre-tokenization pattern, the same as in training.

    Returns:
        Token ids.

    Built in: 02b
    """
    pre_tokens = regex.findall(pattern, text)
    return [
        token for pre_token in pre_tokens for token in encode_pre_token(pre_token.encode(), ranks)
    ]

"""Answers to the exercises of 02b: usual mistakes with the hint each must get, and right ones."""

import itertools
from collections import Counter

import numpy as np

from workshop_lib.tokenizer import END_OF_TEXT


def count(ids):
    return Counter(zip(ids, ids[1:], strict=False))


def best_of(counts):
    return min(counts, key=lambda pair: (-counts[pair], pair))


def best(ids):
    return best_of(count(ids)) if len(ids) > 1 else None


def parts(ids, ranks):
    token_bytes = {token_id: token for token, token_id in ranks.items()}
    return [token_bytes[token_id] for token_id in ids]


def greatest(ids):
    counts = count(ids)
    return max(counts, key=lambda pair: (counts[pair], pair))


def stepping(ids):
    return best_of(Counter(zip(ids[::2], ids[1::2], strict=False)))


def without_order(ids):
    counts = Counter(tuple(sorted(pair)) for pair in zip(ids, ids[1:], strict=False))
    return best_of(counts)


def marked(tokenizer, documents, special="text"):
    return tokenizer.encode("".join(d + END_OF_TEXT for d in documents), special=special)


def each(tokenizer, documents, special="text"):
    return [
        i
        for d in documents
        for i in [*tokenizer.encode(d, special=special), tokenizer.eos_token_id]
    ]


def by_loop(ids):
    counts = {}
    for i in range(len(ids) - 1):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
    found = None
    for pair, count in counts.items():
        if found is None or count > counts[found] or (count == counts[found] and pair < found):
            found = pair
    return found


def by_numpy(ids):
    if len(ids) < 2:
        return None
    pairs, counts = np.unique(np.column_stack([ids[:-1], ids[1:]]), axis=0, return_counts=True)
    return tuple(pairs[counts.argmax()])  # unique sorts, argmax takes the first


def by_sorting(ids):
    counts = Counter(itertools.pairwise(ids))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0][0] if counts else None


def by_first_id(ids):
    counts = count(ids)
    return min(counts, key=lambda pair: (-counts[pair], pair[0])) if counts else None


def by_last_id(ids):
    counts = count(ids)
    return min(counts, key=lambda pair: (-counts[pair], pair[1], pair[0])) if counts else None


def one_too_few(ids):
    return best(ids[:-1])


def popping(ids):
    counts = Counter()
    while len(ids) > 1:
        counts[ids[0], ids[1]] += 1
        ids.pop(0)
    return best_of(counts) if counts else None


def best_without_return(ids):
    best(ids)


def decoded_in_a_bytearray(ids, ranks):
    inverse = dict(zip(ranks.values(), ranks.keys(), strict=True))
    joined = bytearray()
    for token_id in ids:
        joined += inverse[token_id]
    return joined.decode(errors="replace")


def decoded_by_position(ids, ranks):
    tokens = sorted(ranks, key=ranks.get)
    return str(b"".join(map(tokens.__getitem__, ids)), "utf-8", "replace")


def decoded_without_return(ids, ranks):
    b"".join(parts(ids, ranks)).decode(errors="replace")


def joined_with_chain(tokenizer, documents):
    end = [tokenizer.eos_token_id]
    return list(itertools.chain.from_iterable(tokenizer.encode(d) + end for d in documents))


def joined_with_append(tokenizer, documents):
    ids = []
    for document in documents:
        ids.extend(tokenizer.encode(document))
        ids.append(tokenizer.eos_token_id)
    return ids


def joined_with_numpy(tokenizer, documents):
    arrays = [np.array(tokenizer.encode(d) + [tokenizer.eos_token_id]) for d in documents]
    return np.concatenate(arrays).tolist() if arrays else []


def joined_too_early(tokenizer, documents):
    ids = []
    for document in documents:
        ids += [*tokenizer.encode(document), tokenizer.eos_token_id]
        return ids
    return ids


def joined_last_only(tokenizer, documents):
    ids = []
    for document in documents:
        ids = [*tokenizer.encode(document), tokenizer.eos_token_id]
    return ids


def joined_popping(tokenizer, documents):
    ids = []
    while documents:
        ids += [*tokenizer.encode(documents.pop(0)), tokenizer.eos_token_id]
    return ids


def joined_without_return(tokenizer, documents):
    each(tokenizer, documents)


def joined_full_only(tokenizer, documents):
    return each(tokenizer, [document for document in documents if document])


WRONG = {
    "02b-1": [
        (lambda ids: count(ids).most_common(1)[0][0], "of these take the smallest"),
        (greatest, "the greatest"),
        (lambda ids: max(count(ids).values()), "how often"),
        (lambda ids: count(ids).most_common(1)[0], "without its count"),
        (stepping, "neighbours overlap"),
        (lambda ids: list(best(ids)), "not a list"),
        (lambda ids: best_of(count(ids)), "fewer than two"),
        (without_order, "do not sort inside a pair"),
        (lambda ids: best(ids) or (0, 0), "the answer is None"),
        (lambda ids: min(count(ids)), "among the most frequent"),
        (lambda ids: max(count(ids)), "occurs most often"),
        (by_first_id, "the smaller second id decides"),
        (by_last_id, "the first id decides"),
        (one_too_few, "the last id belongs"),
        (popping, "changed its argument"),
        (best_without_return, "returns nothing"),
    ],
    "02b-2": [
        (lambda ids, r: "".join(p.decode(errors="replace") for p in parts(ids, r)), "é became ��"),
        (lambda ids, r: "".join(p.decode(errors="ignore") for p in parts(ids, r)), "é got lost"),
        (lambda ids, r: "".join(p.decode() for p in parts(ids, r)), "join all bytes first"),
        (lambda ids, r: b"".join(parts(ids, r)), "that is bytes"),
        (lambda ids, r: "".join(chr(b) for p in parts(ids, r) for b in p), "do not use chr"),
        (lambda ids, r: b"".join(parts(ids, r)).decode(), "raises an error"),
        (lambda ids, r: b"".join(parts(ids, r)).decode(errors="ignore"), "not ''"),
        (lambda ids, r: [p.decode(errors="replace") for p in parts(ids, r)], "not a list"),
        (lambda ids, r: str(b"".join(parts(ids, r))), "how Python prints bytes"),
        (decoded_without_return, "returns nothing"),
    ],
    "02b-3": [
        (lambda t, docs: t.encode("".join(docs)), "the ends are missing"),
        (lambda t, docs: [*t.encode("".join(docs)), t.eos_token_id], "not all together"),
        (lambda t, docs: each(t, docs)[:-1], "the last document"),
        (
            lambda t, docs: [i for d in docs for i in [t.eos_token_id, *t.encode(d)]],
            "not before it",
        ),
        (marked, "ordinary characters"),
        (lambda t, docs: marked(t, docs, "allow"), "slipped an end in"),
        (lambda t, docs: each(t, docs, "allow"), "slipped an end in"),
        (lambda t, docs: each(t, docs, "forbid"), "is refused"),
        (lambda t, docs: [[*t.encode(d), t.eos_token_id] for d in docs], "one flat list"),
        (lambda t, docs: "".join(d + END_OF_TEXT for d in docs), "one flat list"),
        (lambda t, docs: [p for d in docs for p in (d, t.eos_token_id)], "return ids, not text"),
        (joined_too_early, "inside it"),
        (joined_last_only, "only the last document"),
        (joined_full_only, "an empty document"),
        (joined_popping, "changed its argument"),
        (joined_without_return, "returns nothing"),
    ],
}
RIGHT = {
    "02b-1": [best, by_loop, by_numpy, by_sorting],
    "02b-2": [
        lambda ids, r: b"".join(parts(ids, r)).decode(errors="replace"),
        decoded_in_a_bytearray,
        decoded_by_position,
    ],
    "02b-3": [each, joined_with_chain, joined_with_append, joined_with_numpy],
}

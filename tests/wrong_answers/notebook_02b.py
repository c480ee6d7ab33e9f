"""Answers to the exercises of 02b: usual mistakes with the hint each must get, and a right one."""

from collections import Counter

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
    ],
}
RIGHT = {
    "02b-1": best,
    "02b-2": lambda ids, r: b"".join(parts(ids, r)).decode(errors="replace"),
    "02b-3": each,
}

"""Self-checks of 02b_byte_pair_encoding."""

from workshop_lib.check.exercise import wants
from workshop_lib.tokenizer.byte_level_bpe import BPETokenizer
from workshop_lib.tokenizer.word_level import END_OF_TEXT


@wants(or_none=True)
def check_02b_1(most_frequent_pair) -> str | None:
    """The most frequent pair of neighbours, the smallest of equals."""
    found = most_frequent_pair([8, 4, 5, 4, 5, 1, 2])
    hints = {
        2: "that is how often the pair occurs; return the pair",
        ((4, 5), 2): "return the pair alone, without its count",
        (5, 1): "neighbours overlap: in [8, 4, 5] both (8, 4) and (4, 5) are pairs",
        (1, 2): "the smallest pair is wanted among the most frequent ones only",
    }
    if isinstance(found, list):
        return "return one tuple such as (4, 5), not a list"
    if not isinstance(found, tuple | int):
        return f"return one tuple such as (4, 5), not {found!r}"
    if found in hints:
        return hints[found]
    if found != (4, 5):
        return f"in [8, 4, 5, 4, 5, 1, 2] the pair (4, 5) occurs most often, not {found}"
    if most_frequent_pair([3, 8]) != (3, 8):
        return "[3, 8] has one pair: the last id belongs to a pair as well"
    if most_frequent_pair([9, 1, 9, 1]) != (9, 1):
        return "(9, 1) and (1, 9) are different pairs: do not sort inside a pair"
    if most_frequent_pair([7, 3, 4, 2, 7, 3, 4, 2]) == (4, 2):
        return "of equally frequent pairs the first id decides, then the second: (3, 4), not (4, 2)"
    found = most_frequent_pair([5, 6, 1, 2, 5, 6, 1, 2])
    if found == (5, 6):
        return "(5, 6), (6, 1) and (1, 2) occur equally often: of these take the smallest"
    if found == (6, 1):
        return "of equally frequent pairs you take the greatest: take the smallest"
    if found == (2, 5):
        return "that is the rarest pair"
    if found != (1, 2):
        return f"for [5, 6, 1, 2, 5, 6, 1, 2] the answer is (1, 2), not {found}"
    found = most_frequent_pair([1, 9, 1, 2, 1, 9, 1, 2])
    if found == (1, 9):
        return (
            "(1, 9) and (1, 2) occur equally often and begin with the same id: then the smaller "
            "second id decides"
        )
    if found != (1, 2):
        return f"for [1, 9, 1, 2, 1, 9, 1, 2] the answer is (1, 2), not {found}"
    try:
        alone = [most_frequent_pair([]), most_frequent_pair([7])]
    except (ValueError, IndexError, TypeError):
        return "a list with fewer than two ids has no pair: return None for it"
    return None if alone == [None, None] else "for [] and [7] the answer is None"


def check_02b_2(decode_ids) -> str | None:
    """Ids to text, with characters that are spread over tokens."""
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"th": 256, b"\xa9 th": 257}
    ids = [256, 101, 32, 99, 97, 102, 195, 257, 101]
    try:
        found = decode_ids(ids, ranks)
    except UnicodeDecodeError:
        return "one token may hold half a character: join all bytes first, then decode once"
    if isinstance(found, bytes | bytearray):
        return "that is bytes; bytes.decode makes text of them"
    if isinstance(found, list):
        return "return one text, not a list"
    if not isinstance(found, str):
        return f"return one text, not {found!r}"
    if "Ã" in found:
        return "a byte is not a character: do not use chr, decode the joined bytes as UTF-8"
    if found == "the caf�� the":
        return "é became ��: join all bytes first, then decode once"
    if found == "the caf the":
        return "é got lost: join all bytes first, then decode once"
    if found.startswith("b'"):
        return "that is how Python prints bytes; bytes.decode makes text of them"
    if found != "the café the":
        return f"{ids} stand for 'the café the', not {found!r}"
    try:
        broken = decode_ids([195], ranks)
    except UnicodeDecodeError:
        return "a broken character raises an error: decode has an argument errors"
    if broken != "�":
        return (
            f"a broken character should appear as '�', not {broken!r}: errors='replace' does that"
        )
    return None if decode_ids([], ranks) == "" else "no ids are an empty text"


def check_02b_3(join_documents) -> str | None:
    """Documents with an end after each, and none inside."""
    tokenizer = BPETokenizer({bytes([byte]): byte for byte in range(256)}, {END_OF_TEXT: 256})
    found = join_documents(tokenizer, ["a", "b"])
    if not isinstance(found, list) or any(isinstance(part, list) for part in found):
        return "return one flat list of ids"
    if any(isinstance(part, str) for part in found):
        return "return ids, not text: tokenizer.encode makes ids of a document"
    hints = {
        (97, 98): "the ends are missing: each document is followed by tokenizer.eos_token_id",
        (97, 98, 256): "each document has its own end, not all together",
        (97, 256, 98): "the last document needs its end too",
        (256, 97, 256, 98): "the end comes after a document, not before it",
        (97, 256): "the loop ends after the first document: is the return inside it?",
        (98, 256): "only the last document is left: add to the list, do not replace it",
        (*tokenizer.encode(f"a{END_OF_TEXT}b{END_OF_TEXT}"),): (
            "encode takes <|endoftext|> as ordinary characters, and rightly so: append "
            "tokenizer.eos_token_id"
        ),
    }
    if tuple(found) in hints:
        return hints[tuple(found)]
    if found != [97, 256, 98, 256]:
        return f"['a', 'b'] gives [97, 256, 98, 256], not {found}"
    about = f"the mark {END_OF_TEXT} ends a text"
    try:
        found = join_documents(tokenizer, [about])
    except ValueError:
        return "a document about <|endoftext|> is refused: it should be encoded as plain text"
    if found.count(256) > 1:
        return "a document slipped an end in: encode documents without special='allow'"
    if tokenizer.decode(found) != about + END_OF_TEXT:
        return f"the document {about!r} does not come back"
    if join_documents(tokenizer, ["", "a"]) != [256, 97, 256]:
        return "an empty document has an end too"
    return None if join_documents(tokenizer, []) == [] else "no documents are an empty list"

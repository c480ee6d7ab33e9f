"""Tokenizers against independent ones: tiktoken, Hugging Face's tokenizers, published ids."""

import json
import random
import unicodedata
from collections import Counter
from types import SimpleNamespace

import pytest
import regex
import tiktoken
import tokenizers

from workshop_lib import assets
from workshop_lib.tokenizer import (
    END_OF_TEXT,
    UNKNOWN,
    BPETokenizer,
    WordTokenizer,
    bpe,
    gpt2_tokenizer,
    load_tokenizer,
    train_bpe,
)
from workshop_lib.tokenizer.tokenizer_json import DIGITS_PATTERN, byte_characters

HOSTILE = {
    "empty": "",
    "spaces": "a  b   c" + " " * 1000 + "d ",
    "line breaks": "\r\n\n\n a\n \n\tb\v\f\x85\u2028\u2029c\n",
    "other spaces": "\xa0a\u2003\u2003b\u3000c\u200bd\ufeff e",
    "contractions": "I'm we'll you've they're don't I'D 'tis ''s 's'd o'er th'",
    "digits": "3.14159 1234567890 007 x2 2x 10,000 ½ Ⅷ ٣٤ 1 2  3",
    "signs": '!?...--- #hash @me $5 a+b=c <tag> {x: [1]} ~~~ \\ " `',
    "control characters": "".join(map(chr, range(32))) + "\x7f\x80\x9f a\x00\x00b",
    "accents": "naïve café Ångström ÀÉÎÕÜ ß ĳ ŉ",
    "combining marks": "e\u0301 a\u0308\u0323 Z\u0335\u0321\u0353\u0347 \u0301 n\u0303o",
    "emoji": "🙂 👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷 👍🏽 a🙂b  🙂",
    "CJK": "人人生而自由，在尊严和权利上一律平等。 すべての人間は 모든 인간은",
    "right to left": "يولد جميع الناس أحرارًا שלום",
    "Indic": "सभी मनुष्यों को गौरव நன்றி ขอบคุณ",
    "beyond the basic plane": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 𓀀 \U0010ffff \U000e0001",
    "noncharacters": "\ufffe\uffff\ufdd0 \ufffd",
    "code": "def f(x):\n    return {\n\t'a': x**2,  # comment\n    }\n",
    "special token": f"a{END_OF_TEXT}b <|endoftext <|im_start|>",
    "long word": "a" * 3000 + "ab" * 1000,
}


def random_text(seed, length=300):
    """Draw characters from all of Unicode, with plain ones and spaces in between."""
    rng = random.Random(seed)
    ranges = [(0x20, 0x7F), (0, 0x300), (0x300, 0x370), (0, 0xD800), (0xE000, 0x110000)]
    text = "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(length))
    return "".join(c + rng.choice(["", "", " ", "  ", "'s", "7", "\n"]) for c in text)


RANDOM = [random_text(seed) for seed in range(40)]


def assigned(text):
    """Leave out characters that Unicode has added lately, or may add: regex and tiktoken, whose
    tables are of different years, take them for letters or not."""
    return "".join(c for c in text if unicodedata.category(c) != "Cn")


@pytest.fixture(scope="module")
def plays():
    return assets.plays()


@pytest.fixture(scope="module")
def gpt2():
    return BPETokenizer.from_gpt2_files(assets.gpt2_merges())


@pytest.fixture(scope="module")
def smollm2():
    return load_tokenizer(assets.smollm2())


@pytest.fixture(scope="module")
def trained(plays):
    return train_bpe(plays[:200_000], 512)


# --- GPT-2's tokenizer -------------------------------------------------------------------

PUBLISHED = {
    # OpenAI's cookbook, "How to count tokens with tiktoken", the rows of r50k_base
    "antidisestablishmentarianism": [415, 29207, 44390, 3699, 1042],
    "2 + 2 = 4": [17, 1343, 362, 796, 604],
    "お誕生日おめでとう": [
        *(2515, 232, 45739, 243, 37955, 33768, 98, 2515, 232, 1792, 223, 30640, 30201, 29557)
    ],
    # Hugging Face's documentation of GPT2Tokenizer
    "Hello world": [15496, 995],
    " Hello world": [18435, 995],
    # Rumbelow and Watkins 2023
    " SolidGoldMagikarp": [43453],
}


@pytest.mark.parametrize("text", PUBLISHED)
def test_gpt2_gives_the_published_ids(text, gpt2):
    assert gpt2.encode(text) == PUBLISHED[text]
    assert gpt2_tokenizer().encode(text) == PUBLISHED[text]


def test_gpt2_tokenizer_asks_no_network(monkeypatch):
    def refuse(path):
        if "://" in path:
            raise AssertionError(f"asked for {path}")
        with open(path, "rb") as file:
            return file.read()

    monkeypatch.setattr("tiktoken.load.read_file", refuse)
    engine = gpt2_tokenizer()
    assert isinstance(engine, tiktoken.Encoding)
    assert engine.n_vocab == 50257 and engine.eot_token == 50256


def test_our_gpt2_has_the_ranks_and_ids_of_tiktoken(gpt2):
    theirs = gpt2_tokenizer()
    assert gpt2.ranks == theirs._mergeable_ranks
    assert gpt2.special_ids == theirs._special_tokens == {END_OF_TEXT: 50256}
    assert gpt2.vocab_size == theirs.n_vocab == 50257
    assert gpt2.eos_token_id == theirs.eot_token


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_encoded_as_tiktoken_does_and_comes_back(name, gpt2):
    text = HOSTILE[name]
    ids = gpt2.encode(text)
    assert ids == gpt2_tokenizer().encode(text, disallowed_special=())
    assert gpt2.decode(ids) == text
    assert bpe.encode_from_scratch(text, gpt2.ranks) == ids


def test_random_text_is_encoded_as_tiktoken_does_and_comes_back(gpt2):
    theirs = gpt2_tokenizer()
    for text in RANDOM:
        ids = gpt2.encode(text)
        assert ids == theirs.encode_ordinary(text)
        assert gpt2.decode(ids) == text
        text = assigned(text)
        assert len(text) > 400
        assert bpe.encode_from_scratch(text, gpt2.ranks) == gpt2.encode(text)


def test_the_plays_are_encoded_as_tiktoken_does(gpt2, plays):
    ids = gpt2.encode(plays)
    assert ids == gpt2_tokenizer().encode_ordinary(plays)
    assert gpt2.decode(ids) == plays
    assert bpe.encode_from_scratch(plays[:100_000], gpt2.ranks) == gpt2.encode(plays[:100_000])


def test_gpt2_equals_hugging_face_given_openai_files(gpt2):
    merges = assets.gpt2_merges()
    model = tokenizers.models.BPE.from_file(str(merges.with_name("encoder.json")), str(merges))
    theirs = tokenizers.Tokenizer(model)
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    for text in [*HOSTILE.values(), *RANDOM]:
        assert gpt2.encode(text) == theirs.encode(text).ids


def test_encoding_is_the_work_of_tiktoken(gpt2, monkeypatch):
    assert isinstance(gpt2.engine, tiktoken.Encoding)
    called = []
    engine = SimpleNamespace(
        encode_ordinary=lambda text: called.append(text) or [1],
        encode=lambda text, allowed_special: called.append((text, allowed_special)) or [2],
    )
    monkeypatch.setattr(gpt2, "engine", engine)
    monkeypatch.setattr(bpe, "encode_pre_token", None)
    assert gpt2.encode("any text") == [1]
    assert gpt2.encode("a template", special="allow") == [2]
    assert called == ["any text", ("a template", "all")]


# --- SmolLM2's tokenizer -----------------------------------------------------------------


def test_smollm2_equals_hugging_face(smollm2):
    theirs = tokenizers.Tokenizer.from_file(str(assets.smollm2() / "tokenizer.json"))
    known = [text for text in [*HOSTILE.values(), *RANDOM] if not lacks_bytes(text, smollm2)]
    tricky = ["a  7", "a   42 b", " 7", "7 ", "x=10  ", "\n\n3\t4", "1 234", "٣  ٤", "½ 1½"]
    assert len(known) >= 15
    for text in known + tricky:
        ids = smollm2.encode(text, special="allow")
        assert ids == theirs.encode(text, add_special_tokens=False).ids, repr(text)
        assert smollm2.decode(smollm2.encode(text)) == text
        text = assigned(text)
        assert bpe.encode_from_scratch(text, smollm2.ranks, DIGITS_PATTERN) == smollm2.encode(text)
    assert smollm2.vocab_size == theirs.get_vocab_size() == 49152
    assert smollm2.eos_token_id == theirs.token_to_id(smollm2.end_token)


def lacks_bytes(text, tokenizer):
    return bool(tokenizer.missing_bytes.intersection(text.encode()))


def test_a_byte_that_the_vocabulary_lacks_is_refused(smollm2):
    assert smollm2.missing_bytes
    for text, byte in (("a\x04b", "0x04"), ("a\U00040000", "0xF1")):
        with pytest.raises(ValueError, match=f"no token for the byte {byte}"):
            smollm2.encode(text)


# --- Training ----------------------------------------------------------------------------


def merges_of_hugging_face(counts: Counter, n_merges: int) -> list[tuple[int, int]]:
    """Train `tokenizers` on the same pieces: one character a byte, a sign between pieces."""
    separator = "\u0101"
    pieces = (piece.decode("latin-1") for piece in counts.elements())
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=256 + n_merges,
        min_frequency=0,
        show_progress=False,
        initial_alphabet=[chr(byte) for byte in range(256)],
        special_tokens=[],
    )
    theirs = tokenizers.Tokenizer(tokenizers.models.BPE())
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.Split(separator, "removed")
    theirs.train_from_iterator([separator.join(pieces)], trainer)
    model = json.loads(theirs.to_str())["model"]
    ids = model["vocab"]
    assert all(ids[chr(byte)] == byte for byte in range(256))
    return [(ids[left], ids[right]) for left, right in model["merges"]]


@pytest.mark.parametrize(("start", "n_merges"), [(0, 700), (2_000_000, 300)])
def test_training_gives_the_merges_of_hugging_face(start, n_merges, plays):
    counts = bpe.count_pre_tokens(plays[start : start + 150_000])
    ours = bpe.learn_merges(counts, n_merges)
    assert len(ours) == n_merges
    assert ours == merges_of_hugging_face(counts, n_merges)


def test_training_on_many_scripts_gives_the_merges_of_hugging_face():
    text = "\n".join(text for name, text in HOSTILE.items() if name != "long word")
    counts = bpe.count_pre_tokens(text.replace("\0", ""))
    ours = bpe.learn_merges(counts, 250)
    assert ours == merges_of_hugging_face(counts, 250)


def merges_by_recounting(counts: Counter, n_merges: int) -> list[tuple[int, int]]:
    """The textbook's loop: count all pairs anew for each merge."""
    pieces = {piece: list(piece) for piece in counts}
    merges = []
    while len(merges) < n_merges:
        pairs = Counter()
        for piece, ids in pieces.items():
            for pair in zip(ids, ids[1:], strict=False):
                pairs[pair] += counts[piece]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        new_id = 255 + len(merges)
        pieces = {piece: bpe.merge_pair(ids, best, new_id) for piece, ids in pieces.items()}
    return merges


@pytest.mark.parametrize("seed", range(20))
def test_corrected_counts_equal_recounting(seed):
    """Few letters and long pieces: many ties, overlaps and runs of one letter."""
    rng = random.Random(seed)
    lengths = [rng.randrange(1, 12) for _ in range(20)]
    counts = Counter(
        {bytes(rng.choices(b"abc", k=length)): rng.randrange(1, 5) for length in lengths}
    )
    assert bpe.learn_merges(counts, 10_000) == merges_by_recounting(counts, 10_000)


def test_training_stops_where_no_pair_is_left():
    tokenizer = train_bpe("ab ab ab", 1000)
    assert tokenizer.vocab_size == 256 + 2 + 1
    assert tokenizer.encode("ab ab") == [256, 257]
    assert train_bpe("a", 257).vocab_size == train_bpe("a", 300).vocab_size == 257


def test_a_trained_tokenizer_has_the_size_asked_for(trained):
    assert trained.vocab_size == 512 and trained.eos_token_id == 511
    assert sorted(trained.ranks.values()) == list(range(511))
    assert trained.ranks[b"A"] == 65, "the first 256 ids are the bytes"


def test_more_merges_begin_with_the_fewer(plays):
    counts = bpe.count_pre_tokens(plays[:50_000])
    assert bpe.learn_merges(counts, 200)[:50] == bpe.learn_merges(counts, 50)


def test_no_token_crosses_a_cut(trained):
    for token in trained.ranks:
        text = token.decode("utf-8", errors="ignore")
        assert len(regex.findall(bpe.GPT2_PATTERN, text)) <= 1, token


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_comes_back_from_few_tokens(name, trained):
    text = HOSTILE[name]
    ids = trained.encode(text)
    assert trained.decode(ids) == text
    assert ids == bpe.encode_from_scratch(text, trained.ranks)


def test_bytes_alone_encode_any_text():
    tokenizer = train_bpe("x", 257)
    for text in RANDOM:
        assert tokenizer.encode(text) == list(text.encode())
        assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize(
    ("text", "vocab_size", "error", "message"),
    [
        ("", 300, ValueError, "got an empty one"),
        ("text", 256, ValueError, "vocab_size 256 is below 257"),
        ("text", 0, ValueError, "vocab_size must be 1 or more, got 0"),
        ("text", 300.0, TypeError, "vocab_size must be a whole number, got 300.0"),
        ("text", True, TypeError, "whole number, got True"),
        (b"text", 300, TypeError, "text must be a str, got bytes"),
        (None, 300, TypeError, "text must be a str, got NoneType"),
        ("a\ud800", 300, ValueError, r"lone surrogate \(U\+D800\) at 1"),
    ],
)
def test_training_refuses_what_it_cannot_learn_from(text, vocab_size, error, message):
    with pytest.raises(error, match=message):
        train_bpe(text, vocab_size)


def test_a_merge_of_tokens_to_come_is_refused():
    for wrong in ((256, 97), (97, 256), (-1, 97)):
        with pytest.raises(ValueError, match="before one of its parts exists"):
            bpe.merges_to_ranks([wrong])
    assert bpe.merges_to_ranks([(97, 98), (256, 99)])[b"abc"] == 257


@pytest.mark.parametrize(
    ("ids", "pair", "expected"),
    [
        ([], (1, 2), []),
        ([1], (1, 2), [1]),
        ([1, 2], (1, 2), [9]),
        ([1, 2, 1, 2, 1], (1, 2), [9, 9, 1]),
        ([1, 1, 1], (1, 1), [9, 1]),
        ([1, 1, 1, 1], (1, 1), [9, 9]),
        ([2, 1], (1, 2), [2, 1]),
    ],
)
def test_a_pair_is_joined_from_left_to_right(ids, pair, expected):
    before = list(ids)
    assert bpe.merge_pair(ids, pair, 9) == expected
    assert ids == before


# --- Text that is none, ids that are none ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("ab\ud83d", ValueError, r"lone surrogate \(U\+D83D\) at 2"),
        ("\udc00", ValueError, r"lone surrogate \(U\+DC00\) at 0"),
        (b"bytes", TypeError, "text must be a str, got bytes"),
        (7, TypeError, "text must be a str, got int"),
        (None, TypeError, "text must be a str, got NoneType"),
        (["a"], TypeError, "text must be a str, got list"),
    ],
)
def test_encode_refuses_what_is_not_text(text, error, message, trained, gpt2):
    for tokenizer in (trained, gpt2):
        for special in ("text", "allow", "forbid"):
            with pytest.raises(error, match=message):
                tokenizer.encode(text, special=special)


@pytest.mark.parametrize("blank", [" ", "\n", "\t\u2003"])
def test_blanks_that_would_break_the_engine_are_refused(blank, trained, smollm2):
    for tokenizer in (trained, smollm2):
        with pytest.raises(ValueError, match="more than 500,000 blanks in a row"):
            tokenizer.encode("a" + blank * 1_000_000 + "b")
        many = "a" + (blank * 500_000)[:500_000] + "b"
        assert tokenizer.decode(tokenizer.encode(many)) == many


def test_decode_refuses_what_is_no_id(trained):
    for ids in ([512], [-1], [65, 2**40]):
        with pytest.raises(ValueError, match="without a token; ids go up to 511"):
            trained.decode(ids)
    for ids in (["65"], [6.5], [None]):
        with pytest.raises(TypeError):
            trained.decode(ids)


def test_decode_takes_any_iterable_and_mends_broken_bytes(trained):
    assert trained.decode(id for id in [72, 105]) == "Hi"
    assert trained.decode([]) == ""
    assert trained.decode([0xE2, 0x82]) == "�"
    assert trained.decode_bytes([0xE2, 0x82]) == b"\xe2\x82"


def test_a_stream_waits_until_a_character_is_complete(gpt2):
    for text in [*HOSTILE.values(), *RANDOM[:5]]:
        parts = list(gpt2.decode_stream(gpt2.encode(text)))
        assert "".join(parts) == text
        assert all("�" not in part for part in parts) or "�" in text
    ids = gpt2.encode("🙂!")
    assert len(ids) > 2 and list(gpt2.decode_stream(ids)) == ["🙂", "!"]
    assert list(gpt2.decode_stream(ids[:1])) == ["�"], "what never completes is not lost"


# --- Special tokens ----------------------------------------------------------------------


def test_text_cannot_slip_a_special_token_in(trained, gpt2, smollm2):
    for tokenizer in (trained, gpt2, smollm2):
        for token in tokenizer.special_ids:
            ids = tokenizer.encode(f"a{token}b")
            assert not set(ids) & set(tokenizer.special_ids.values())
            assert tokenizer.decode(ids) == f"a{token}b"
            assert ids == tokenizer.encode(f"a{token}b", special="text"), "the default is safe"


def test_templates_may_hold_special_tokens(trained, gpt2, smollm2):
    for tokenizer in (trained, gpt2, smollm2):
        for token, token_id in tokenizer.special_ids.items():
            ids = tokenizer.encode(f"a{token}b", special="allow")
            assert ids == [*tokenizer.encode("a"), token_id, *tokenizer.encode("b")]
            assert tokenizer.decode(ids) == f"a{token}b"


def test_special_tokens_can_be_forbidden(trained, smollm2):
    with pytest.raises(ValueError, match=r"the text holds the special token <\|endoftext\|>"):
        trained.encode(f"a{END_OF_TEXT}", special="forbid")
    with pytest.raises(ValueError, match=r"<\|im_start\|>"):
        smollm2.encode("<|im_start|>system", special="forbid")
    assert trained.encode("<|im_start|>", special="forbid") == trained.encode("<|im_start|>")
    with pytest.raises(ValueError, match="special 'skip' is not one of text, allow, forbid"):
        trained.encode("a", special="skip")


def test_the_end_token_must_be_a_special_token():
    ranks = {bytes([byte]): byte for byte in range(256)}
    with pytest.raises(ValueError, match=r"end_token '<\|end\|>' is not one of <\|endoftext\|>"):
        BPETokenizer(ranks, {END_OF_TEXT: 256}, end_token="<|end|>")


# --- Files -------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["trained", "gpt2", "smollm2"])
def test_what_is_saved_is_loaded_and_is_what_hugging_face_reads(which, tmp_path, request):
    tokenizer = request.getfixturevalue(which)
    tokenizer.save(tmp_path / "new" / "folder")
    again = load_tokenizer(tmp_path / "new" / "folder")
    for name in ("ranks", "special_ids", "pattern", "end_token", "eos_token_id", "vocab_size"):
        assert getattr(again, name) == getattr(tokenizer, name), name
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "new" / "folder" / "tokenizer.json"))
    assert theirs.get_vocab_size() == tokenizer.vocab_size
    texts = [text for text in [*HOSTILE.values(), *RANDOM] if not lacks_bytes(text, tokenizer)]
    assert len(texts) >= 15
    for text in texts:
        ids = tokenizer.encode(text, special="allow")
        assert theirs.encode(text).ids == again.encode(text, special="allow") == ids
        assert theirs.decode(ids, skip_special_tokens=False) == text


def test_a_pattern_of_ones_own_is_kept(tmp_path, plays):
    pattern = r"\p{L}+|[^\p{L}]"
    tokenizer = train_bpe(plays[:20_000], 300, pattern=pattern)
    tokenizer.save(tmp_path)
    again = BPETokenizer.load(tmp_path)
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert again.pattern == tokenizer.pattern and again.pattern.startswith(pattern)
    for text in HOSTILE.values():
        assert again.encode(text) == tokenizer.encode(text)
        assert bpe.encode_from_scratch(text, tokenizer.ranks, pattern) == again.encode(text)
    assert theirs.encode("It's 42 o'clock").ids == again.encode("It's 42 o'clock")


def test_files_that_are_not_byte_level_bpe_are_refused(tmp_path, trained):
    with pytest.raises(FileNotFoundError, match="holds no tokenizer.json"):
        load_tokenizer(tmp_path)
    trained.save(tmp_path)
    file = tmp_path / "tokenizer.json"
    good = json.loads(file.read_text("utf-8"))
    changes = {
        "not plain byte-level BPE": {"model": {**good["model"], "type": "Unigram"}},
        "that is not plain byte-level": {"normalizer": {"type": "Lowercase"}},
        "add_prefix_space": {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True}},
        "cutting text by Whitespace": {"pre_tokenizer": {"type": "Whitespace"}},
    }
    for message, change in changes.items():
        file.write_text(json.dumps(good | change), "utf-8")
        with pytest.raises(ValueError, match=message):
            BPETokenizer.load(tmp_path)


def test_byte_characters_are_those_of_hugging_face():
    characters = byte_characters()
    assert sorted(characters) == list(range(256))
    assert set(characters.values()) == set(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    for byte in range(128):
        [(piece, _)] = tokenizers.pre_tokenizers.ByteLevel(
            add_prefix_space=False, use_regex=False
        ).pre_tokenize_str(chr(byte))
        assert piece == characters[byte]


# --- The toy -----------------------------------------------------------------------------


def test_the_pattern_of_words_loses_no_character(plays):
    tokenizer = WordTokenizer(plays)
    assert tokenizer.decode(tokenizer.encode(plays)) == plays
    for text in [*HOSTILE.values(), *RANDOM]:
        if text:
            tokenizer = WordTokenizer(text)
            assert tokenizer.decode(tokenizer.encode(text)) == text


def test_words_have_ids_in_order_and_unknown_ones_share_one():
    tokenizer = WordTokenizer("to be, or not to be")
    assert tokenizer.words == [" be", " not", " or", " to", ",", "to", END_OF_TEXT, UNKNOWN]
    assert tokenizer.encode("to be, or to do") == [5, 0, 4, 2, 3, 7]
    assert tokenizer.decode([5, 0, 7]) == f"to be{UNKNOWN}"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: WordTokenizer(""), ValueError, "got an empty one"),
        (lambda: WordTokenizer(7), TypeError, "text must be a str, got int"),
        (lambda: WordTokenizer("a b").encode(b"a"), TypeError, "must be a str, got bytes"),
        (lambda: WordTokenizer("a b").decode([4]), ValueError, "token id 4 is outside 0 to 3"),
        (lambda: WordTokenizer("a b").decode([-1]), ValueError, "token id -1 is outside 0 to 3"),
        (lambda: WordTokenizer("a b").decode(["a"]), TypeError, "str"),
    ],
)
def test_the_toy_refuses_what_it_cannot_take(call, error, message):
    with pytest.raises(error, match=message):
        call()

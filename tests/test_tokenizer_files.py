"""Tokenizer files as they are on the hub: read exactly as `tokenizers` reads them, kept on the way out."""

import json

import pytest
import tokenizers
import torch
import transformers

from workshop_lib.config import PRESETS
from workshop_lib.config.model import resized
from workshop_lib.model import GPT
from workshop_lib.tokenizer import BPETokenizer, LibraryTokenizer, load_tokenizer, train_bpe
from workshop_lib.tokenizer.tokenizer_json import merges_follow_ids
from workshop_lib.weights import save_pretrained

TEXT = "the cat sat on the mat. the cat ate the rat! " * 20
HOSTILE = [
    "",
    " ",
    "the cat",
    "  the   cat\n\n",
    "<think> the<|endoftext|>cat",
    "naïve 你好 😀",
    "1234 ½",
]


@pytest.fixture
def folder(tmp_path):
    train_bpe(TEXT, 300).save(tmp_path)
    return tmp_path


def change(folder, **changes) -> tokenizers.Tokenizer:
    """Change entries of tokenizer.json and open it with its own library."""
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text("utf-8"))
    for name, value in changes.items():
        if callable(value):
            value(content)
        else:
            content[name] = value
    path.write_text(json.dumps(content), "utf-8")
    return tokenizers.Tokenizer.from_file(str(path))


def added(text, token_id, special=False, **flags):
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": token_id, "content": text, "special": special, **plain, **flags}


def old_form(content):
    del content["model"]["type"]
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]


def other_order(content):
    content["model"]["merges"].reverse()


def fewer_merges(content):
    del content["model"]["merges"][5]


LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


def split_by(pattern, **flags):
    step = {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False} | flags
    return {"type": "Sequence", "pretokenizers": [step, LEVEL]}


CHANGES = {
    "as written": {},
    "before tokenizers 0.9": {"changed": old_form},
    "merges in another order": {"changed": other_order},
    "a token without a merge": {"changed": fewer_merges},
    "an added token": {"added_tokens": [added("<|endoftext|>", 272, True), added("<think>", 273)]},
    "spaces swallowed": {"added_tokens": [added("<|endoftext|>", 272, True, lstrip=True)]},
    "lower case": {"normalizer": {"type": "Lowercase"}},
    "unicode forms": {"normalizer": {"type": "NFC"}},
    "a space before": {"pre_tokenizer": LEVEL | {"use_regex": True, "add_prefix_space": True}},
    "no splitting": {"pre_tokenizer": LEVEL},
    "a pattern with holes": {"pre_tokenizer": split_by({"Regex": r" ?\p{L}+"})},
    "a string": {"pre_tokenizer": split_by({"String": " "})},
    "inverted": {"pre_tokenizer": split_by({"Regex": r"\s+"}, invert=True)},
    "words": {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Whitespace"}, LEVEL]}},
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_ids_and_text_are_the_librarys(folder, name):
    theirs = change(folder, **CHANGES[name])
    ours = load_tokenizer(folder)
    for text in HOSTILE:
        expected = theirs.encode(text, add_special_tokens=False).ids
        ids = ours.encode(text, special="allow")
        assert ids == expected, text
        assert ours.decode(ids) == theirs.decode(ids, skip_special_tokens=False), text
        assert "".join(ours.decode_stream(ids)) == ours.decode(ids), text


def test_plain_files_stay_in_our_own_class_and_others_do_not(folder):
    assert isinstance(load_tokenizer(folder), BPETokenizer)
    change(folder, changed=old_form)
    assert isinstance(load_tokenizer(folder), BPETokenizer)
    change(folder, changed=other_order)
    assert isinstance(load_tokenizer(folder), LibraryTokenizer)


def test_merges_are_held_against_ids():
    ranks = {b"a": 0, b"b": 1, b"c": 2, b"ab": 3, b"abc": 4}
    assert merges_follow_ids(ranks, [(b"a", b"b"), (b"ab", b"c")])
    assert not merges_follow_ids(ranks, [(b"ab", b"c"), (b"a", b"b")])
    assert not merges_follow_ids(ranks, [(b"a", b"b")])
    # bc comes first, so that abc can only be made of a and bc.
    ranks = {b"a": 0, b"b": 1, b"c": 2, b"bc": 3, b"ab": 4, b"abc": 5}
    assert merges_follow_ids(ranks, [(b"b", b"c"), (b"a", b"b"), (b"a", b"bc")])
    assert not merges_follow_ids(ranks, [(b"b", b"c"), (b"a", b"b"), (b"ab", b"c")])


def test_a_token_that_no_merge_makes_is_saved_as_one(tmp_path):
    ranks = {bytes([byte]): byte for byte in range(256)} | {b":.:": 256}
    ours = BPETokenizer(ranks, {"<|endoftext|>": 257})
    ours.save(tmp_path)
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in (":.:", "::.:", "a :.: b"):
        assert theirs.encode(text).ids == ours.encode(text)
        assert load_tokenizer(tmp_path).encode(text) == ours.encode(text)


@pytest.mark.parametrize("place", ["special_tokens_map", "generation_config", "config", "nowhere"])
def test_the_end_token_is_found_in_whichever_file_names_it(folder, place):
    (folder / "tokenizer_config.json").write_text('{"eos_token": null}')
    if place == "special_tokens_map":
        (folder / "special_tokens_map.json").write_text(
            '{"eos_token": {"content": "<|endoftext|>"}}'
        )
    elif place != "nowhere":
        (folder / f"{place}.json").write_text('{"eos_token_id": [272]}')
    tokenizer = load_tokenizer(folder)
    assert tokenizer.end_token == "<|endoftext|>" and tokenizer.eos_token_id == 272
    assert tokenizer.stop_ids == [272]


def test_files_are_written_out_as_they_were_read(folder, tmp_path):
    (folder / "tokenizer_config.json").write_text('{"eos_token": "<|endoftext|>", "own": 1}')
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    tokenizer = load_tokenizer(folder)
    assert tokenizer.settings.chat_template == "{{ messages }}"
    tokenizer.save(tmp_path / "again")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_saved_gpt2_trains_elsewhere_as_here(tmp_path):
    tokenizer = train_bpe(TEXT, 300)
    model = GPT(resized(PRESETS["tiny"], vocab_size=tokenizer.vocab_size))
    save_pretrained(model, tokenizer, tmp_path / "gpt2")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "gpt2")
    dropouts = [m.p for m in theirs.modules() if isinstance(m, torch.nn.Dropout)]
    assert dropouts and not any(dropouts)
    assert theirs.generation_config.eos_token_id == tokenizer.eos_token_id
    opened = transformers.AutoTokenizer.from_pretrained(tmp_path / "gpt2")
    assert opened.bos_token == opened.eos_token == opened.pad_token == "<|endoftext|>"
    assert opened(["the cat", "the"], padding=True).input_ids[1][-1] == tokenizer.eos_token_id


def test_vocab_and_merges_alone_name_the_remedy(tmp_path):
    (tmp_path / "vocab.json").write_text("{}")
    (tmp_path / "merges.txt").write_text("")
    with pytest.raises(FileNotFoundError, match="vocab.json and merges.txt.*save_pretrained"):
        load_tokenizer(tmp_path)


def test_a_pattern_that_skips_text_loses_none():
    tokenizer = train_bpe(TEXT, 270, pattern=r"\w+|[^\w\s]+")
    for text in HOSTILE:
        assert tokenizer.decode(tokenizer.encode(text)) == text

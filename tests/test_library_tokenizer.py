"""Tokenizers that are not byte-level BPE, against transformers, in the form of Llama 2's file."""

import json
import shutil

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, trainers
from transformers import PreTrainedTokenizerFast

from workshop_lib.generate import generate
from workshop_lib.tokenizer import BPETokenizer, LibraryTokenizer, load_tokenizer, train_bpe
from workshop_lib.weights import from_pretrained, save_pretrained

TEXTS = ["Hello world", "  two  spaces\n\nand lines", "naïve 你好 😀", "", "</s> and <s>", "1024"]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A small BPE on characters with bytes to fall back on, as SentencePiece's files become."""
    directory = tmp_path_factory.mktemp("llama2")
    engine = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    steps = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    engine.normalizer = normalizers.Sequence(steps)
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    engine.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)])
    special = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    engine.train_from_iterator(["hello world, two spaces and lines " * 20], trainer)
    content = json.loads(engine.to_str())  # the bytes are ordinary tokens there
    content["added_tokens"] = content["added_tokens"][:3]
    (directory / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    (directory / "tokenizer_config.json").write_text('{"eos_token": "</s>"}')
    return directory


@pytest.fixture(scope="module")
def theirs(directory):
    return PreTrainedTokenizerFast(tokenizer_file=str(directory / "tokenizer.json"))


@pytest.fixture(scope="module")
def ours(directory):
    tokenizer = load_tokenizer(directory)
    assert isinstance(tokenizer, LibraryTokenizer)
    return tokenizer


def test_it_encodes_and_decodes_as_transformers_does(ours, theirs):
    for text in TEXTS:
        expected = theirs.encode(text, add_special_tokens=False)
        assert ours.encode(text, special="allow") == expected
        assert ours.decode(expected) == theirs.decode(expected, clean_up_tokenization_spaces=False)
    assert max(ours.encode("你好")) < ours.vocab_size == len(theirs)


def test_special_tokens_in_a_text_are_text(ours):
    assert ours.eos_token_id == 2
    assert ours.encode("</s>", special="allow") == [2]
    assert 2 not in ours.encode("</s>")
    with pytest.raises(ValueError, match="holds the special token </s>"):
        ours.encode("so </s>", special="forbid")


def test_streaming_gives_the_same_text(ours):
    for text in TEXTS:
        ids = ours.encode(text)
        assert "".join(ours.decode_stream(ids)) == ours.decode(ids)
    assert "\ufffd" not in "".join(ours.decode_stream(ours.encode("你好 😀")))


def test_saving_and_loading(ours, tmp_path):
    ours.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert [again.encode(text) for text in TEXTS] == [ours.encode(text) for text in TEXTS]
    assert again.eos_token_id == ours.eos_token_id


def test_a_mistral_with_such_a_tokenizer_loads(directory, tmp_path):
    from test_weights import hf_mistral

    hf_mistral(tmp_path, vocab_size=400)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(directory / name, tmp_path)
    model, tokenizer = from_pretrained(tmp_path)
    ids = generate(model, torch.tensor([tokenizer.encode("hello world")]), 3)
    assert tokenizer.decode(ids[0].tolist()).startswith("hello world")
    save_pretrained(model, tokenizer, tmp_path / "saved")
    again, tokenizer_again = from_pretrained(tmp_path / "saved")
    assert torch.equal(generate(again, ids[:, :4], 3), generate(model, ids[:, :4], 3))
    assert isinstance(tokenizer_again, LibraryTokenizer)


def test_byte_level_bpe_stays_in_our_own_class(tmp_path):
    train_bpe("the quick brown fox " * 10, 262).save(tmp_path)
    assert isinstance(load_tokenizer(tmp_path), BPETokenizer)


def test_faults_are_named(directory, tmp_path):
    spoiled = shutil.copytree(directory, tmp_path / "spoiled")
    for text in ("{}", '{"eos_token": null}', None):  # </s> is the end token where no file says so
        (spoiled / "tokenizer_config.json").unlink()
        if text is not None:
            (spoiled / "tokenizer_config.json").write_text(text)
        assert load_tokenizer(spoiled).end_token == "</s>"
    unnamed = (spoiled / "tokenizer.json").read_text("utf-8").replace("</s>", "<end>")
    (spoiled / "tokenizer.json").write_text(unnamed, "utf-8")
    with pytest.raises(ValueError, match="no file names an end token"):
        load_tokenizer(spoiled)
    shutil.copy(directory / "tokenizer_config.json", spoiled)
    (spoiled / "tokenizer.json").write_text('{"model": {"type": "WordPiece"}}')
    with pytest.raises(ValueError, match="is no tokenizer that can be read"):
        load_tokenizer(spoiled)
    with pytest.raises(TypeError):
        LibraryTokenizer(directory).encode(3)

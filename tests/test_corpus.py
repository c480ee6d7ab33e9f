"""Texts to train on: what is read, what is refused, and how documents become token ids."""

import pytest

from workshop_lib import assets
from workshop_lib.data.documents import (
    encode_documents,
    fingerprint,
    make_tokenizer,
    read_documents,
)
from workshop_lib.tokenizer import gpt2_tokenizer


def test_no_path_means_the_plays():
    assert read_documents() == assets.scenes()


def test_a_folder_is_read_with_the_folders_in_it_in_a_fixed_order(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.TXT", "b/a.md", "a.txt", "picture.png"):
        (tmp_path / name).write_text(f"text of {name}")
    assert read_documents(tmp_path) == ["text of a.txt", "text of b/a.md", "text of c.TXT"]


@pytest.mark.parametrize(
    "content", [b"one\r\ntwo\rthree", b"\xef\xbb\xbfone\ntwo\nthree"], ids=["line ends", "mark"]
)
def test_text_of_windows_reads_like_any_other(tmp_path, content):
    file = tmp_path / "text.txt"
    file.write_bytes(content)
    assert read_documents(file) == ["one\ntwo\nthree"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: there is nothing to learn from"),
        (b" \n\t\n", "is empty: there is nothing to learn from"),
        (b"PK\x03\x04\x00\x00", "is not a text file: it holds zero bytes"),
        (
            "The cat".encode("utf-16"),
            "is UTF-16 text, as some Windows programs write it; save it as UTF-8",
        ),
        ("Café".encode("latin-1"), "is not UTF-8 text: byte 3 is 0xE9; save it as UTF-8"),
    ],
)
def test_files_that_nothing_can_be_learned_from_are_named(tmp_path, content, message):
    file = tmp_path / "text.txt"
    file.write_bytes(content)
    for path in (file, tmp_path):
        with pytest.raises(ValueError) as error:
            read_documents(path)
        assert str(error.value) == f"{file} {message}"


def test_hidden_copies_are_left_out_and_links_are_followed_once(tmp_path):
    folder, elsewhere = tmp_path / "texts", tmp_path / "elsewhere"
    for path in (folder / ".ipynb_checkpoints", elsewhere):
        path.mkdir(parents=True)
    (folder / ".ipynb_checkpoints" / "a-checkpoint.txt").write_text("an old copy")
    (folder / "._a.txt").write_bytes(b"\0\5\x16\7")
    (folder / "a.txt").write_text("a")
    (elsewhere / "b.txt").write_text("b")
    (folder / "link").symlink_to(elsewhere)
    (folder / "round").symlink_to(folder)
    assert read_documents(folder) == ["a", "b"]


def test_a_folder_without_texts_and_a_missing_path_are_named(tmp_path):
    with pytest.raises(ValueError, match="holds no .txt or .md file"):
        read_documents(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no file or folder .*nowhere"):
        read_documents(tmp_path / "nowhere")


def test_fingerprint_tells_texts_and_borders_apart():
    texts = (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["abd"])
    assert len({fingerprint(text) for text in texts}) == 5
    assert fingerprint(["ab", "c"]) == fingerprint(("ab", "c"))


def test_gpt2s_size_means_gpt2s_tokenizer():
    tokenizer = make_tokenizer(["any text"], 50257)
    text = "To be, or not to be: that is the question.\n"
    assert tokenizer.encode(text) == gpt2_tokenizer().encode(text)


def test_each_document_ends_with_the_end_token():
    tokenizer = make_tokenizer(["aaaa", "bb"], 258)
    assert tokenizer.vocab_size == 258
    ids = encode_documents(["aaaa", "bb"], tokenizer)
    assert ids.count(tokenizer.eos_token_id) == 2 and ids[-1] == tokenizer.eos_token_id
    first = ids.index(tokenizer.eos_token_id)
    assert tokenizer.decode(ids[:first]) == "aaaa" and tokenizer.decode(ids[first + 1 : -1]) == "bb"

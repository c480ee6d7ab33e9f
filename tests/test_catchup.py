"""Catching up: what earlier chapters would have made, and nothing of one's own touched."""

import pytest

from workshop_lib.__main__ import main
from workshop_lib.course import copies
from workshop_lib.weights import from_pretrained


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "WORK", tmp_path)
    return tmp_path


def places(work):
    """Folders with things that a chapter made; the chapters' own copies are left out."""
    files = [path for path in work.rglob("*") if path.is_file()]
    inside = {path.relative_to(work).parent.as_posix() for path in files}
    return {place for place in inside if not place.startswith("0")}


@pytest.mark.parametrize(
    ("chapter", "expected"),
    [
        ("1", set()),
        ("02", set()),
        ("03", {"results/02b_tokenizer"}),
        (
            "5",
            {"results/02b_tokenizer", "checkpoints/my-plays-gpt2", "checkpoints/my-plays-llama"},
        ),
    ],
)
def test_each_chapter_gets_what_the_earlier_ones_make(work, capsys, chapter, expected):
    assert main(["catchup", chapter]) == 0
    assert places(work) == expected
    assert (work / "05_weightloading" / "05a_gpt2_weights.ipynb").is_file()
    printed = capsys.readouterr().out
    assert all(f"work/{place}" in printed for place in expected)
    assert main(["catchup", chapter]) == 0
    assert capsys.readouterr().out == f"Chapter {chapter} can begin.\n"


def test_the_model_opens_and_is_not_written_over(work):
    mine = work / "checkpoints" / "my-plays-gpt2"
    mine.mkdir(parents=True)
    (mine / "config.json").write_text("mine")
    assert main(["catchup", "6"]) == 0
    assert [file.read_text() for file in mine.iterdir()] == ["mine"]
    model, tokenizer = from_pretrained(work / "checkpoints" / "my-plays-llama")
    assert model.config.vocab_size == tokenizer.vocab_size == 1024


def test_an_unknown_chapter_is_named(work, capsys):
    assert main(["catchup", "7"]) == 1
    assert "there is no chapter '7'" in capsys.readouterr().err
    assert not list(work.iterdir())

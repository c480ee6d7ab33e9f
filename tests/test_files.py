"""Files that are written whole or not at all."""

import os

import pytest

from workshop_lib.files import atomic_files, atomic_path, read_json, write_json


class Crash(Exception):
    """What goes wrong half-way."""


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a" / "file.txt"
    for text in ("old", "new"):
        with atomic_path(path) as unfinished:
            unfinished.write_text(text)
            assert unfinished.parent == path.parent  # one folder, so one file system
            assert not path.exists() or path.read_text() == "old"
        assert path.read_text() == text
    assert [file.name for file in path.parent.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("is_folder", [False, True])
@pytest.mark.parametrize("fails_in", ["writing", "renaming"])
def test_a_failure_leaves_nothing_unfinished_and_the_old_file_whole(
    tmp_path, monkeypatch, is_folder, fails_in
):
    path = tmp_path / "thing"
    if not is_folder:
        path.write_text("old")

    def no_rename(source, target):
        raise Crash

    if fails_in == "renaming":
        monkeypatch.setattr(os, "replace", no_rename)
    with pytest.raises(Crash), atomic_path(path) as unfinished:
        if is_folder:
            unfinished.mkdir()
            (unfinished / "file").write_text("half")
        else:
            unfinished.write_text("half")
        if fails_in == "writing":
            raise Crash
    assert list(tmp_path.iterdir()) == ([] if is_folder else [path])
    assert is_folder or path.read_text() == "old"


def test_a_folder_comes_into_being_with_all_its_files(tmp_path):
    folder = tmp_path / "new"
    with atomic_path(folder) as unfinished:
        unfinished.mkdir()
        (unfinished / "file").write_text("content")
        assert not folder.exists()
    assert (folder / "file").read_text() == "content"
    assert list(tmp_path.iterdir()) == [folder]


def test_files_that_belong_together_are_replaced_together_or_not_at_all(tmp_path):
    folder = tmp_path / "model"
    with atomic_files(folder) as temporary:
        (temporary / "a").write_text("old a")
        (temporary / "b").write_text("old b")
    (folder / "log").write_text("stays")
    with pytest.raises(Crash), atomic_files(folder) as temporary:
        (temporary / "a").write_text("new a")
        raise Crash
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "a": "old a",
        "b": "old b",
        "log": "stays",
    }
    assert list(tmp_path.iterdir()) == [folder]


def test_json_is_read_as_it_was_written_and_refused_when_cut_off(tmp_path):
    path = tmp_path / "file.json"
    content = {"name": "é", "sizes": [1, 2.5, None]}
    write_json(path, content, indent=2)
    assert read_json(path) == content
    path.write_text(path.read_text(encoding="utf-8")[:-4], encoding="utf-8")
    with pytest.raises(ValueError, match="file.json is no whole JSON file"):
        read_json(path)
    path.write_text("[1]")
    with pytest.raises(ValueError, match="holds a list, not a dict"):
        read_json(path)

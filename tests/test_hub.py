"""Downloads from a hub, one that runs on this machine: what arrives, and what a failure says."""

import os
import subprocess
import sys

import pytest
from fake_hub import TOKEN, serve

from workshop_lib import paths

FETCH = """
import sys
from workshop_lib.weights import hub
try:
    print(hub.download(sys.argv[1]))
except RuntimeError as error:
    print("RuntimeError:", error)
"""
LOAD = """
import sys
from workshop_lib.weights import from_pretrained
model, tokenizer = from_pretrained(sys.argv[1])
print(sum(weight.numel() for weight in model.parameters()), tokenizer.eos_token_id)
"""
PLAYS = paths.ROOT / "04_pretraining" / "plays-gpt2"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    small = tmp_path_factory.mktemp("small")
    (small / "config.json").write_text('{"model_type": "gpt2"}')
    (small / "model.safetensors").write_bytes(bytes(range(256)) * 400)
    (small / "pytorch_model.bin").write_bytes(b"a pickle")
    (small / "consolidated.safetensors").write_bytes(b"the same weights again")
    names = ("someone/model", "gated/model", "cut/model", "full/model")
    with serve(dict.fromkeys(names, small) | {"someone/plays": PLAYS}) as server:
        yield server


def run(code, name, cache, **variables):
    """Run code in a process of its own: huggingface_hub reads its settings when it is imported."""
    settings = {"HF_HUB_OFFLINE": "0", "HF_HOME": str(cache), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    settings |= {"HF_HUB_DOWNLOAD_TIMEOUT": "5", "HF_HUB_ETAG_TIMEOUT": "5"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING"))}
    done = subprocess.run(
        [sys.executable, "-c", code, name],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=kept | settings | variables,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_files_arrive_and_no_pickle(hub, tmp_path):
    folder = run(FETCH, "someone/model", tmp_path, HF_ENDPOINT=hub.url)
    assert sorted(os.listdir(folder)) == ["config.json", "model.safetensors"]
    with open(os.path.join(folder, "model.safetensors"), "rb") as file:
        assert file.read() == bytes(range(256)) * 400


def test_what_is_in_the_cache_needs_no_network(hub, tmp_path):
    folder = run(FETCH, "someone/model", tmp_path, HF_ENDPOINT=hub.url)
    assert run(FETCH, "someone/model", tmp_path, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="1") == folder
    assert run(FETCH, "someone/model", tmp_path, HF_ENDPOINT="http://127.0.0.1:9") == folder


def test_a_model_from_the_hub_loads(hub, tmp_path):
    assert run(LOAD, "someone/plays", tmp_path, HF_ENDPOINT=hub.url) == "5066752 1023"


def test_one_command_downloads_the_originals(tmp_path):
    """`fetch --source hub`, as start.py passes it on; what the hub lacks is named."""
    code = "import sys; from workshop_lib.__main__ import main; sys.exit(main(['fetch', *sys.argv[1:]]))"
    names = ("HuggingFaceTB/SmolLM2-135M-Instruct", "openai-community/gpt2")
    with serve(dict.fromkeys(names, PLAYS)) as server:
        said = run(code, "--source=hub", tmp_path, HF_ENDPOINT=server.url)
        assert all(f"{name} is in the cache" in said for name in names)
        assert run(LOAD, "gpt2", tmp_path, HF_ENDPOINT=server.url) == "5066752 1023"
        del server.models[names[1]]
        with pytest.raises(AssertionError, match="the hub knows no model openai-community/gpt2"):
            run(code, "--source=hub", tmp_path / "elsewhere", HF_ENDPOINT=server.url)


FAILURES = {
    "unknown name": (
        "someone/modle",
        {},
        "the hub knows no model someone/modle: look for spelling",
    ),
    "unknown with token": (
        "someone/modle",
        {"HF_TOKEN": TOKEN},
        "the hub knows no model someone/modle: look for spelling mistakes",
    ),
    "gated, no token": ("gated/model", {}, "gated/model is gated: accept its licence on"),
    "gated, token": (
        "gated/model",
        {"HF_TOKEN": TOKEN},
        "with the account of your token",
    ),
    "wrong token": ("someone/model", {"HF_TOKEN": "hf_wrong"}, "does not accept your token"),
    "busy": ("busy/model", {}, "the hub answered with error 503; try again"),
    "no network": (
        "someone/model",
        {"HF_ENDPOINT": "http://127.0.0.1:9"},
        "was not reached to the end: check the internet connection",
    ),
    "unknown host": (
        "someone/model",
        {"HF_ENDPOINT": "http://hub.invalid"},
        "was not reached to the end: check the internet connection",
    ),
    "offline": ("someone/model", {"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE=1 forbids downloads"),
    "no name": ("some one/model", {}, "some one/model cannot be a name on the hub"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_is_one_sentence(hub, tmp_path, failure):
    name, variables, sentence = FAILURES[failure]
    said = run(FETCH, name, tmp_path, **({"HF_ENDPOINT": hub.url} | variables))
    assert said.startswith("RuntimeError: ") and sentence in said
    if failure in ("gated, no token", "unknown name"):
        assert "the variable HF_TOKEN" in said
    if failure == "unknown with token":
        assert "HF_TOKEN" not in said


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_a_full_disk(hub, tmp_path):
    """What is being downloaded goes to a device on which nothing has room."""
    first = run(FETCH, "full/model", tmp_path, HF_ENDPOINT=hub.url)
    blobs = tmp_path / "hub" / "models--full--model" / "blobs"
    blob = max(blobs.iterdir(), key=lambda path: path.stat().st_size)
    os.unlink(os.path.join(first, "model.safetensors"))
    blob.rename(blobs / "gone")
    (blobs / f"{blob.name}.incomplete").symlink_to("/dev/full")
    said = run(FETCH, "full/model", tmp_path, HF_ENDPOINT=hub.url)
    assert said.startswith("RuntimeError: the disk is full, so full/model could not be stored in")
    assert "set HF_HOME" in said


def test_a_download_that_breaks_off(hub, tmp_path):
    """huggingface_hub asks for the rest; a server that always stops half-way ends in a sentence."""
    said = run(FETCH, "cut/model", tmp_path, HF_ENDPOINT=hub.url)
    assert "RuntimeError: cut/model could not be downloaded" in said

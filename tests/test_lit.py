"""LitGPT: commands that fail loudly, conversion in one piece, equal logits."""

import json
import re
import shutil

import fake_hub
import psutil
import pytest
import torch
import yaml
from safetensors.torch import save_file

from workshop_lib import assets, lit, paths
from workshop_lib.config import PRESETS
from workshop_lib.config.model import resized
from workshop_lib.lit import cli, models, serve
from workshop_lib.lit.checkpoint_dir import TOKENIZER, check_directory, check_hugging_face
from workshop_lib.lit.server import ask
from workshop_lib.model import GPT
from workshop_lib.tokenizer import load_tokenizer
from workshop_lib.weights import from_pretrained, save_pretrained

PLAYS = paths.ROOT / "04_pretraining" / "plays-llama"
FRANCE = "What is the capital of France?"
TINY = resized(PRESETS["plays-llama"], emb_dim=32, n_layers=2, n_heads=4, mlp_dim=48)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lit") / "SmolLM2-135M-Instruct"
    return lit.convert(assets.smollm2(), into=folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small Hugging Face directory, converted in place; LitGPT goes by the directory's name."""
    folder = tmp_path_factory.mktemp("small") / "SmolLM2-135M-Instruct"
    save_pretrained(GPT(TINY), load_tokenizer(PLAYS), folder)
    before = {path.name for path in folder.iterdir()}
    assert lit.convert(folder) == folder.resolve()
    assert {path.name for path in folder.iterdir()} - before == {
        "lit_model.pth",
        "model_config.yaml",
    }
    return folder


@pytest.fixture(scope="module")
def llm(converted):
    return lit.load_llm(converted)


def test_paths_in_the_workshop_are_shown_short():
    assert cli.short(paths.ROOT / "work" / "x") == "work/x"
    assert cli.short(5) == "5"


def test_the_epsilon_is_the_checkpoints_own(small, tmp_path):
    copy = shutil.copytree(small, tmp_path / "SmolLM2-135M-Instruct")
    settings = json.loads((copy / "config.json").read_text("utf-8")) | {"rms_norm_eps": 3e-6}
    (copy / "config.json").write_text(json.dumps(settings), "utf-8")
    lit.convert(copy)
    converted = yaml.safe_load((copy / "model_config.yaml").read_text("utf-8"))
    assert converted["norm_eps"] == 3e-6


def test_conversion_leaves_the_original_alone(converted):
    assert not (assets.smollm2() / "lit_model.pth").exists()
    assert (converted / "lit_model.pth").is_file()
    assert not list(converted.parent.glob(".converting-*"))


def test_an_unknown_architecture_leaves_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "config.json").write_text("{}")
    save_file({}, tmp_path / "in" / "model.safetensors")
    with pytest.raises(
        RuntimeError, match="convert_to_litgpt failed:\n(.*\n)*.*'in' is not a supp"
    ):
        lit.convert(tmp_path / "in", into=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


def test_an_unknown_precision(converted):
    with pytest.raises(ValueError, match="precision 'float32' is not one of 32-true"):
        lit.load_llm(converted, precision="float32")


def test_the_prompt_is_encoded_whole(llm):
    """With LitGPT's own reading of the tokenizer, the chat's opening token must survive."""
    _, tokenizer = from_pretrained("smollm2")
    text = llm.prompt_style.apply("Hello")
    assert text.startswith("<|im_start|>system")
    expected = tokenizer.encode(text, special="allow")
    assert llm.preprocessor.encode(text).tolist() == expected


def test_litgpt_computes_our_logits_in_float32(llm):
    model, tokenizer = from_pretrained("smollm2")
    token_ids = torch.tensor([tokenizer.encode("To be, or not to be: that is the question")])
    with torch.no_grad():
        theirs = llm.model(token_ids)
        torch.testing.assert_close(model(token_ids), theirs, atol=1e-3, rtol=0)
    assert theirs.dtype == torch.float32


def test_litgpt_answers(llm):
    answer = llm.generate("What is the capital of France?", max_new_tokens=12, top_k=1)
    assert answer == "The capital of France is Paris."


def test_the_way_back_gives_the_same_model(converted, tmp_path):
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "old.txt").write_text("from an earlier conversion")
    back = lit.convert_back(converted, assets.smollm2(), tmp_path / "back")
    assert [path.name for path in tmp_path.iterdir()] == ["back"]
    assert not (back / "old.txt").exists()
    ours, tokenizer = from_pretrained(back)
    original, _ = from_pretrained("smollm2")
    assert ours.config == original.config
    for name, tensor in original.state_dict().items():
        assert torch.equal(tensor, ours.state_dict()[name]), name
    assert tokenizer.end_token == "<|im_end|>"


def test_a_head_that_training_changed_stays_untied(tmp_path):
    """A tied model whose head LitGPT has trained apart from the embedding."""
    from litgpt.config import Config
    from litgpt.model import GPT as LitGPT
    from litgpt.utils import save_config

    original = save_pretrained(GPT(TINY), load_tokenizer(PLAYS), tmp_path / "original")
    config = Config.from_name(
        "SmolLM2-135M-Instruct",
        padded_vocab_size=TINY.vocab_size,
        n_layer=TINY.n_layers,
        n_embd=TINY.emb_dim,
        n_head=TINY.n_heads,
        n_query_groups=TINY.n_kv_heads,
        head_size=TINY.head_dim,
        intermediate_size=TINY.mlp_dim,
    )
    trained, folder = LitGPT(config), tmp_path / "trained"
    folder.mkdir()
    save_config(config, folder)
    torch.save(trained.state_dict(), folder / "lit_model.pth")
    for name in TOKENIZER:
        models.link(original / name, folder / name)
    model, _ = from_pretrained(lit.convert_back(folder, original, tmp_path / "back"))
    assert not model.config.tie_weights
    assert torch.equal(model.head.weight, trained.lm_head.weight)
    assert torch.equal(model.tok_emb.weight, trained.transformer.wte.weight)


# --- A directory that cannot be used, and what mends it -----------------------------------


@pytest.fixture
def copy(small, tmp_path):
    return shutil.copytree(small, tmp_path / small.name)


def half(path):
    """Cut a file in two, as a full disk or a lost connection does."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_whole_directory_is_let_pass(copy):
    assert check_directory(copy) == copy.resolve()
    assert check_hugging_face(copy) == copy.resolve()


def test_no_directory(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no directory .*litgpt download ORG/NAME"):
        lit.load_llm(tmp_path / "gone")
    with pytest.raises(FileNotFoundError, match="there is no directory .*hf download ORG/NAME"):
        lit.convert(tmp_path / "gone")


CONVERT, COPY = "convert it with", "copy tokenizer.json and"


@pytest.mark.parametrize(
    "name, cure",
    [
        ("lit_model.pth", CONVERT),
        ("model_config.yaml", CONVERT),
        ("tokenizer.json", COPY),
        ("tokenizer_config.json", COPY),
    ],
)
def test_what_is_missing_or_half_written_is_named_with_the_cure(copy, name, cure):
    half(copy / name)
    with pytest.raises(ValueError, match=f"{name} is not whole; {cure}"):
        lit.load_llm(copy)
    (copy / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"lacks {name}; {cure}"):
        lit.load_llm(copy)


def test_the_command_in_the_message_mends(copy):
    half(copy / "lit_model.pth")
    (copy / "model_config.yaml").unlink()
    with pytest.raises(FileNotFoundError) as raised:
        lit.load_llm(copy)
    [words] = re.findall(r"workshop_lib\.(lit\.convert\(.*\))", str(raised.value))
    eval(words, {"lit": lit})
    assert check_directory(copy) == copy.resolve()


def test_a_directory_whose_name_says_nothing(copy, tmp_path):
    copy.rename(tmp_path / "mine")
    (tmp_path / "mine" / "model_config.yaml").unlink()
    with pytest.raises(FileNotFoundError, match=r"lit.convert\('.*mine', model_name=NAME\)"):
        check_directory(tmp_path / "mine")


def test_a_finetuned_directory_that_was_not_merged(copy):
    (copy / "lit_model.pth").rename(copy / "lit_model.pth.lora")
    with pytest.raises(FileNotFoundError, match="lacks lit_model.pth; .*litgpt merge_lora"):
        check_directory(copy)


def test_a_litgpt_directory_without_the_original_is_fetched_again(copy):
    half(copy / "lit_model.pth")
    (copy / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="lit_model.pth is not whole; .*litgpt download ORG/NAME"):
        check_directory(copy)


def test_a_half_downloaded_hugging_face_directory(copy):
    (copy / "config.json").rename(copy / "aside")
    with pytest.raises(FileNotFoundError, match="lacks config.json; .*hf download"):
        lit.convert(copy)
    (copy / "aside").rename(copy / "config.json")
    half(copy / "model.safetensors")
    with pytest.raises(ValueError, match="model.safetensors is not whole; .*hf download"):
        lit.convert(copy)
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model.safetensors"}}
    (copy / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")
    with pytest.raises(FileNotFoundError, match="lacks model-1.safetensors; .*hf download"):
        lit.convert(copy)


# --- litgpt download, from a hub on this machine ------------------------------------------


@pytest.fixture
def download(small, tmp_path, monkeypatch):
    """Run litgpt download for a name; the hub has the small model for it."""

    def run(name):
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        with fake_hub.serve({name: small}) as hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
            words = ("--model_name", small.name, "--checkpoint_dir", tmp_path)
            lit.litgpt("download", name, *words, show=False)
        return tmp_path / name

    return run


def test_litgpt_downloads_and_converts(download, small):
    folder = download("someone/model")
    found, expected = (
        torch.load(where / "lit_model.pth", weights_only=True) for where in (folder, small)
    )
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert check_directory(folder) == folder.resolve()


def test_a_gated_model_asks_for_a_token(download):
    with pytest.raises(RuntimeError, match="set the `HF_TOKEN=your_token`"):
        download("gated/model")


# --- Chat and serve -----------------------------------------------------------------------


def test_litgpt_chats_and_all_that_it_prints_is_shown(converted, capsys):
    words = ["--precision", "32-true", "--top_k", 1, "--max_new_tokens", 12]
    text = lit.litgpt("chat", converted, *words, typed="What is the capital of France?\n\n")
    assert ">> Reply: The capital of France is Paris." in text
    shown = capsys.readouterr().out
    assert shown.startswith("$ litgpt chat ") and shown.endswith(text)
    assert "Warning" not in shown


def words(process):
    """Return a process's command line; one that has just ended has none."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a ZombieProcess is one too
        return []


def test_litgpt_serves_and_leaves_nothing_behind(converted):
    before = psutil.Process().children(recursive=True)
    with serve(converted, "--top_k", 1, "--max_new_tokens", 12) as address:
        assert ask(address, "What is the capital of France?") == "The capital of France is Paris."
        family = [one for one in psutil.Process().children(recursive=True) if one not in before]
        assert any("serve" in words(member) for member in family)
    assert not any(words(member) for member in family)
    with pytest.raises(OSError):
        ask(address, "Are you still there?")


def test_a_server_that_does_not_start_says_why(converted):
    with pytest.raises(RuntimeError, match="litgpt serve failed(.*\n)*.*no_such_option"):
        with serve(converted, "--no_such_option", 1):
            pass
    with pytest.raises(ValueError, match="precision 'half' is not one of"):
        with serve(converted, precision="half"):
            pass

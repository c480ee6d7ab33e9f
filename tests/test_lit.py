"""LitGPT: commands that fail loudly, conversion in one piece, equal logits."""

import pytest
import torch

from workshop_lib import assets, lit
from workshop_lib.weights import from_pretrained


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lit") / "SmolLM2-135M-Instruct"
    return lit.convert(assets.smollm2(), into=folder)


@pytest.fixture(scope="module")
def llm(converted):
    return lit.load_llm(converted)


def test_a_failing_command_raises_with_its_last_lines(tmp_path, capfd):
    with pytest.raises(RuntimeError, match="litgpt generate failed:\n(.*\n)*.*not a checkpoint"):
        lit.litgpt("generate", tmp_path / "nowhere", show=False)
    assert capfd.readouterr().out == ""


def test_a_command_returns_and_shows_what_it_prints(capsys):
    text = lit.litgpt("convert_to_litgpt", "--help")
    assert "--model_name" in text
    shown = capsys.readouterr().out
    assert shown.startswith("$ litgpt convert_to_litgpt --help\n")
    assert shown.endswith(text)
    assert "Warning" not in shown


def test_paths_in_the_workshop_are_shown_short():
    assert lit.short(assets.ROOT / "work" / "x") == "work/x"
    assert lit.short(5) == "5"


def test_conversion_leaves_the_original_alone(converted):
    assert not (assets.smollm2() / "lit_model.pth").exists()
    assert (converted / "lit_model.pth").is_file()
    assert not list(converted.parent.glob(".converting-*"))


def test_conversion_in_place_adds_two_files(tmp_path):
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(  # the shape of LitGPT's smallest Llama-like test model
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        tie_word_embeddings=True,
    )
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    model = model.to_empty(device="cpu").half()
    model.save_pretrained(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    assert lit.convert(tmp_path, model_name="SmolLM2-135M-Instruct") == tmp_path.resolve()
    added = {path.name for path in tmp_path.iterdir()} - before
    assert added == {"lit_model.pth", "model_config.yaml"}


def test_an_unknown_architecture_leaves_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "config.json").write_text("{}")
    (tmp_path / "in" / "model.safetensors").write_bytes(b"")
    with pytest.raises(RuntimeError, match="convert_to_litgpt failed"):
        lit.convert(tmp_path / "in", into=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


def test_a_directory_that_cannot_be_converted(tmp_path):
    with pytest.raises(FileNotFoundError, match="needs config.json and .safetensors"):
        lit.convert(tmp_path)


def test_an_incomplete_directory_is_named_with_the_cure(tmp_path):
    (tmp_path / "lit_model.pth").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="lacks model_config.yaml, .*lit.convert"):
        lit.load_llm(tmp_path)


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


def test_a_head_that_training_changed_stays_untied(converted, tmp_path):
    changed = tmp_path / "changed"
    changed.mkdir()
    for name in lit.LITGPT_FILES[1:]:
        lit.link(converted / name, changed / name)
    weights = torch.load(converted / "lit_model.pth", weights_only=True)
    weights["lm_head.weight"] = weights["lm_head.weight"] * 2
    torch.save(weights, changed / "lit_model.pth")
    back = lit.convert_back(changed, assets.smollm2(), tmp_path / "back")
    model, _ = from_pretrained(back)
    assert not model.config.tie_weights
    assert torch.equal(model.head.weight, model.tok_emb.weight * 2)

"""`litgpt pretrain` on our tokens: the real command, and its result read back by our own code."""

import json
import re
from dataclasses import replace

import pytest
import torch

from workshop_lib import lit
from workshop_lib.config import PRESETS
from workshop_lib.data import SCENE_BREAK, train_val_split, windows
from workshop_lib.lit import model_settings
from workshop_lib.lit.data import TextTokens
from workshop_lib.model import GPT
from workshop_lib.tokenizer import train_bpe
from workshop_lib.train import next_token_loss
from workshop_lib.weights import from_pretrained, save_pretrained

CONFIG = replace(
    PRESETS["plays-llama"], vocab_size=300, context_length=16, emb_dim=32, n_layers=2, mlp_dim=48
)
T = CONFIG.context_length
ADAMW = json.dumps({"class_path": "torch.optim.AdamW", "init_args": {"lr": 1e-2}})
TEXTS = [f"{n} kings and {n * n % 97} queens went up to town by night.\n" * 3 for n in range(60)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder of texts, and an untrained model's directory with a tokenizer."""
    folder = tmp_path_factory.mktemp("texts")
    for n, text in enumerate(TEXTS):
        (folder / f"{n:03}.txt").write_text(text, encoding="utf-8")
    start = tmp_path_factory.mktemp("lit") / "tiny-llama"
    torch.manual_seed(0)
    save_pretrained(GPT(CONFIG), train_bpe("".join(TEXTS), CONFIG.vocab_size), start)
    return folder, start


@pytest.fixture(scope="module")
def val_windows(files):
    """The validation windows, cut by the function of 02c from the split of 02c."""
    _, tokenizer = from_pretrained(files[1])
    _, val_text = train_val_split(SCENE_BREAK.join(TEXTS))
    return windows(tokenizer.encode(val_text), T, T)


def test_the_batches_are_the_windows_of_02c(files, val_windows):
    data = TextTokens(str(files[0]), str(files[1]))
    data.connect(batch_size=4, max_seq_length=T)
    data.setup()
    rows = torch.cat(list(data.val_dataloader()))
    inputs, targets = val_windows
    assert rows.shape == (len(rows), T + 1) and len(rows) in (len(inputs), len(inputs) - 1)
    assert torch.equal(rows[:, :-1], inputs[: len(rows)])
    assert torch.equal(rows[:, 1:], targets[: len(rows)])
    assert next(iter(data.train_dataloader())).shape == (4, T + 1)


def test_litgpt_pretrains_on_our_tokens_and_we_measure_the_loss_it_reports(
    files, val_windows, tmp_path
):
    texts, start = files
    printed = lit.litgpt(
        *("pretrain", "tiny-llama", "--model_config", model_settings(CONFIG, "tiny-llama")),
        *("--data", "workshop_lib.lit.data.TextTokens", "--data.text", texts),
        *("--data.tokenizer", start, "--tokenizer_dir", start, "--out_dir", tmp_path / "out"),
        *("--devices", 1, "--precision", "32-true", "--logger_name", "csv"),
        *("--train.max_tokens", 30 * 8 * T, "--train.global_batch_size", 8),
        *("--train.micro_batch_size", 4, "--train.lr_warmup_steps", 2),
        *("--train.tie_embeddings", "true", "--eval.max_iters", 2),
        *("--optimizer", ADAMW),
        show=False,
    )
    losses = [float(loss) for loss in re.findall(r"loss train: ([\d.]+)", printed)]
    assert len(losses) == 30 and losses[-1] < losses[0] - 1
    reported = float(re.search(r"Final evaluation \| val loss: ([\d.]+)", printed)[1])
    lit.litgpt(
        "convert_pretrained_checkpoint", tmp_path / "out/final", tmp_path / "lit", show=False
    )
    model, _ = from_pretrained(lit.convert_back(tmp_path / "lit", start, tmp_path / "hf"))
    inputs, targets = (part[:8] for part in val_windows)  # two batches of four
    with torch.no_grad():
        assert next_token_loss(model(inputs), targets).item() == pytest.approx(reported, abs=1e-3)


def test_a_model_like_gpt2_is_refused():
    with pytest.raises(ValueError, match="rotary positions"):
        model_settings(PRESETS["plays-gpt2"], "plays-gpt2")

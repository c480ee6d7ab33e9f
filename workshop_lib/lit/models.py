"""Checkpoints to LitGPT and back."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import yaml
from safetensors.torch import save_file

from workshop_lib.files import read_json
from workshop_lib.lit.checkpoint_dir import CONFIG, WEIGHTS, check_directory, check_hugging_face
from workshop_lib.lit.cli import litgpt
from workshop_lib.require import require_choice

if TYPE_CHECKING:
    from litgpt import LLM

_PRECISIONS = ("32-true", "bf16-true", "bf16-mixed", "16-true", "16-mixed")


def convert(
    directory: Path | str, *, into: Path | str | None = None, model_name: str | None = None
) -> Path:
    """Give a Hugging Face directory the two files that LitGPT needs besides.

    Args:
        directory: holds config.json, safetensors files and a tokenizer.
        into: a directory to make instead of adding to the first one, which then stays as it is.
        model_name: LitGPT's name of the architecture; None means the directory's own name.

    Returns:
        The directory for LitGPT, with lit_model.pth (float32) and model_config.yaml.

    Raises:
        FileNotFoundError: the directory or a file in it is missing.
        ValueError: a file in it is half-written.
        RuntimeError: LitGPT does not know the architecture, or cannot convert it.

    Used in: 05c
    """
    directory = check_hugging_face(directory)
    target = directory if into is None else Path(into).resolve()
    target.mkdir(parents=True, exist_ok=True)
    # LitGPT works in a folder beside the target: if it stops half-way, nothing half is left.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as temporary:
        for path in directory.iterdir():
            if path.is_file() and path.name not in (WEIGHTS, CONFIG):
                link(path, Path(temporary) / path.name)
        name = ("--model_name", model_name or directory.name)
        litgpt("convert_to_litgpt", temporary, "--dtype", "float32", *name, show=False)
        _carry_epsilon(Path(temporary))
        for path in Path(temporary).iterdir():
            if path.name in (WEIGHTS, CONFIG) or target != directory:
                os.replace(path, target / path.name)
    return target


def _carry_epsilon(directory: Path) -> None:
    """Take the epsilon of the norms from config.json: LitGPT's table has another one for Gemma."""
    theirs = read_json(directory / "config.json")
    names = ("rms_norm_eps", "layer_norm_epsilon", "layer_norm_eps")
    found = [theirs[name] for name in names if theirs.get(name) is not None]
    if found:
        path = directory / CONFIG
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.dump(settings | {"norm_eps": float(found[0])}), encoding="utf-8")


def convert_back(directory: Path | str, original: Path | str, into: Path | str) -> Path:
    """Turn a LitGPT directory into a Hugging Face directory, such as after finetuning.

    Args:
        directory: LitGPT's, with lit_model.pth.
        original: the Hugging Face directory that it came from: its config and tokenizer still hold.
        into: the directory to make; a former one is replaced.

    Returns:
        The new directory, which `weights.from_pretrained` and transformers open.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is half-written.
        RuntimeError: LitGPT cannot convert it.

    Used in: 06c
    """
    directory, into = check_directory(directory), Path(into).resolve()
    settings = json.loads((Path(original) / "config.json").read_text(encoding="utf-8"))
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".converting-") as temporary:
        litgpt("convert_from_litgpt", directory, temporary, show=False)
        pickle = Path(temporary) / "model.pth"
        tensors = torch.load(pickle, mmap=True, weights_only=True)
        # LitGPT writes the head in any case. Where training left it equal to the embedding, as
        # LoRA on other layers does, it is stored once, as in the original.
        embedding, head = tensors["model.embed_tokens.weight"], tensors.get("lm_head.weight")
        tied = head is None or torch.equal(head, embedding)
        if tied:
            tensors.pop("lm_head.weight", None)
        settings |= {"tie_word_embeddings": tied, "torch_dtype": str(embedding.dtype)[6:]}
        finished = Path(temporary) / "finished"
        finished.mkdir()
        save_file(
            {name: tensor.contiguous() for name, tensor in tensors.items()},
            finished / "model.safetensors",
            metadata={"format": "pt"},
        )
        (finished / "config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
        for path in Path(original).iterdir():
            if path.name.endswith(".json") and not (finished / path.name).exists():
                if not path.name.endswith(".index.json"):
                    shutil.copy2(path, finished / path.name)
        if into.exists():
            into.rename(Path(temporary) / "replaced")
        finished.rename(into)
    return into


def link(source: Path, place: Path) -> None:
    """Make a file appear in a second place without storing it twice, where the disk can do that."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copy2(source, place)


def precision_words(precision: str) -> list[str]:
    """Say the precision in the words of the command line; ValueError where there is no such one."""
    require_choice("precision", precision, _PRECISIONS)
    return ["--precision", precision]


def load_llm(directory: Path | str, *, precision: str = "32-true") -> LLM:
    """Load a LitGPT directory as a litgpt.LLM, for its generate and chat methods.

    Args:
        directory: made by `convert`, or by a LitGPT finetuning run.
        precision: number format. LitGPT would choose bfloat16 where PyTorch can imitate it,
            which is slow on most CPUs; "bf16-true" is for GPUs that have it built in.

    Returns:
        The litgpt.LLM. Its model computes logits (B, T, V) like ours, but padded to V's next
        multiple of 512 or so.

    Raises:
        FileNotFoundError: the directory lacks a file; the message says what mends it.
        ValueError: a file is half-written, or there is no such precision.

    Used in: 05c
    """
    require_choice("precision", precision, _PRECISIONS)
    directory = check_directory(directory)
    from litgpt import LLM

    llm = LLM.load(str(directory), distribute=None)
    with redirect_stderr(StringIO()):  # what it says there on the way is no warning
        llm.distribute(precision=precision)
    return llm

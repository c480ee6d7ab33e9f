"""What a checkpoint's directory lacks, and the command that mends it."""

import json
import zipfile
from pathlib import Path

import yaml
from safetensors import SafetensorError, safe_open

WEIGHTS, CONFIG = "lit_model.pth", "model_config.yaml"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
# What makes a directory one that LitGPT can load.
_LITGPT_FILES = (WEIGHTS, CONFIG, *TOKENIZER)


def check_directory(directory: Path | str) -> Path:
    """Look whether LitGPT can load a directory.

    Args:
        directory: made by `lit.convert`, `litgpt download` or a LitGPT finetuning run.

    Returns:
        The directory, as an absolute path.

    Raises:
        FileNotFoundError: it lacks files.
        ValueError: a file in it is half-written. Both say which command mends it.
    """
    directory = Path(directory).resolve()
    if not directory.is_dir():
        raise FileNotFoundError(
            f"there is no directory {directory}; fetch a model with: litgpt download ORG/NAME"
        )
    missing = [name for name in _LITGPT_FILES if not (directory / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{directory} lacks {', '.join(missing)}; {cure(directory)}")
    broken = [name for name in _LITGPT_FILES if not _is_whole(directory / name)]
    if broken:
        raise ValueError(f"{directory}: {', '.join(broken)} is not whole; {cure(directory)}")
    return directory


def _is_whole(path: Path) -> bool:
    """Say whether a file of a LitGPT directory was written to its end."""
    if path.name == WEIGHTS:
        return zipfile.is_zipfile(path)  # a zip file's table of contents stands at its end
    text = path.read_text(encoding="utf-8")
    try:
        # LitGPT sorts its settings by name: vocab_size is the last one.
        return (
            "vocab_size" in yaml.safe_load(text) if path.name == CONFIG else bool(json.loads(text))
        )
    except (ValueError, TypeError, yaml.YAMLError):
        return False


def cure(directory: Path) -> str:
    """Name the command that makes what a LitGPT directory lacks."""
    if not all((directory / name).is_file() and _is_whole(directory / name) for name in TOKENIZER):
        return f"copy {' and '.join(TOKENIZER)} from the directory that the model came from"
    if (directory / f"{WEIGHTS}.lora").is_file() and not (directory / WEIGHTS).is_file():
        return f"merge its LoRA weights with: litgpt merge_lora {directory}"
    if (directory / "config.json").is_file() and list(directory.glob("*.safetensors")):
        from litgpt.config import name_to_config

        # LitGPT takes the architecture from the directory's name, where it knows that.
        name = "" if directory.name in name_to_config else ", model_name=NAME"
        return f"convert it with: workshop_lib.lit.convert({str(directory)!r}{name})"
    return "fetch the model again with: litgpt download ORG/NAME"


def check_hugging_face(directory: Path | str) -> Path:
    """Look whether a Hugging Face directory can be converted.

    Args:
        directory: should hold config.json and all the .safetensors files that belong to it.

    Returns:
        The directory, as an absolute path.

    Raises:
        FileNotFoundError: it lacks files.
        ValueError: a .safetensors file is half-written. Both say which command mends it.
    """
    directory = Path(directory).resolve()
    mend = f"fetch it with: hf download ORG/NAME --local-dir {directory}"
    if not directory.is_dir():
        raise FileNotFoundError(f"there is no directory {directory}; {mend}")
    index = directory / "model.safetensors.index.json"
    if index.is_file():
        pieces = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        names = sorted(set(pieces))
    else:
        names = [path.name for path in directory.glob("*.safetensors")] or ["model.safetensors"]
    missing = [name for name in ["config.json", *names] if not (directory / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{directory} lacks {', '.join(missing)}; {mend}")
    for name in names:
        try:
            with safe_open(directory / name, framework="pt"):
                pass
        except SafetensorError:
            raise ValueError(f"{directory}: {name} is not whole; {mend}") from None
    return directory

"""Real weights into our own model, and back: Hugging Face directories of GPT-2 and Llama kind."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from workshop_lib import assets
from workshop_lib.config import GPTConfig
from workshop_lib.export import save_pretrained
from workshop_lib.model import GPT
from workshop_lib.tokenizer import BPETokenizer, load_tokenizer
from workshop_lib.weight_names import (
    GPT2_IGNORED,
    GPT2_NAMES,
    GPT2_TRANSPOSED,
    LLAMA_IGNORED,
    LLAMA_NAMES,
    their_names,
)

__all__ = ["from_pretrained", "load_gpt2", "load_llama", "save_pretrained"]

# Checkpoints of chapter 4 that lie in this repository, so that later chapters can start from them.
SHIPPED = ("plays-gpt2", "plays-llama")

# Short names of checkpoints: one of the workshop's assets, and OpenAI's on the hub.
HUB_NAMES = {
    "gpt2": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
}


def from_pretrained(
    name_or_dir: str | Path,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> tuple[GPT, BPETokenizer]:
    """Load a pretrained model and its tokenizer.

    Args:
        name_or_dir: a Hugging Face directory; "smollm2" or "plays-gpt2", which need no
            network; or a name on the hub such as "gpt2" or "HuggingFaceTB/SmolLM2-360M", which is downloaded.
        dtype: number format of the weights.
        device: where they go.

    Returns:
        The model in eval mode, and its tokenizer.

    Raises:
        FileNotFoundError: there is no such directory, or a file in it is missing.
        ValueError: the files hold another architecture, or do not fit it exactly.
        RuntimeError: the hub cannot be reached.

    Built in: 05a, 05b
    """
    directory = find_directory(name_or_dir)
    kind = read_config(directory)["model_type"]
    loaders = {"gpt2": load_gpt2, "llama": load_llama}
    if kind not in loaders:
        raise ValueError(f"{directory} holds a {kind} model; supported are {', '.join(loaders)}")
    return loaders[kind](directory, dtype=dtype, device=device), load_tokenizer(directory)


def find_directory(name_or_dir: str | Path) -> Path:
    """Turn a name into a directory, downloading it where it is a name on the hub."""
    if str(name_or_dir) == "smollm2":
        return assets.smollm2()
    if str(name_or_dir) in SHIPPED:
        return assets.ROOT / "04_pretraining" / str(name_or_dir)
    if Path(name_or_dir).is_dir():
        return Path(name_or_dir)
    name = HUB_NAMES.get(str(name_or_dir), str(name_or_dir))
    if isinstance(name_or_dir, Path) or name.count("/") != 1:
        raise FileNotFoundError(
            f"there is no directory {name_or_dir}, and it is no name on the hub"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors"]))
    except Exception as error:
        raise RuntimeError(f"{name} could not be downloaded from the hub: {error}") from error


def read_config(directory: Path | str) -> dict:
    """Read a Hugging Face config.json."""
    path = Path(directory) / "config.json"
    if not path.is_file():
        raise FileNotFoundError(f"{directory} holds no config.json")
    return json.loads(path.read_text(encoding="utf-8"))


def load_gpt2(directory: Path | str, *, dtype: torch.dtype = torch.float32, device="cpu") -> GPT:
    """Load a directory with a GPT-2 model.

    Args:
        directory: holds config.json and safetensors files.
        dtype: number format of the weights.
        device: where they go.

    Returns:
        The model in eval mode.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: it is another kind of model, or the weights do not fit it exactly.

    Source: Radford et al. 2019; OpenAI's names, as Hugging Face stores them.
    Built in: 05a
    """
    theirs = read_config(directory)
    require(directory, theirs, model_type="gpt2", activation_function="gelu_new")
    config = GPTConfig(
        vocab_size=theirs["vocab_size"],
        context_length=theirs["n_positions"],
        emb_dim=theirs["n_embd"],
        n_layers=theirs["n_layer"],
        n_heads=theirs["n_head"],
        mlp_dim=theirs.get("n_inner"),
        norm_eps=theirs.get("layer_norm_epsilon", 1e-5),
        tie_weights=theirs.get("tie_word_embeddings", True),
    )
    tensors = {
        name.removeprefix("transformer."): tensor
        for name, tensor in read_tensors(directory, dtype, device).items()
        if not name.endswith(GPT2_IGNORED)
    }
    return fill(config, GPT2_NAMES, tensors, directory, transposed=GPT2_TRANSPOSED)


def load_llama(directory: Path | str, *, dtype: torch.dtype = torch.float32, device="cpu") -> GPT:
    """Load a directory with a model of Llama's architecture, such as SmolLM2.

    Args:
        directory: holds config.json and safetensors files.
        dtype: number format of the weights.
        device: where they go.

    Returns:
        The model in eval mode.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: it is another kind of model, or the weights do not fit it exactly.

    Source: Touvron et al. 2023, section 2.2.
    Built in: 05b
    """
    theirs = read_config(directory)
    require(
        directory,
        theirs,
        model_type="llama",
        hidden_act="silu",
        attention_bias=False,
        mlp_bias=False,
        rope_scaling=None,
    )
    config = GPTConfig(
        vocab_size=theirs["vocab_size"],
        context_length=theirs["max_position_embeddings"],
        emb_dim=theirs["hidden_size"],
        n_layers=theirs["num_hidden_layers"],
        n_heads=theirs["num_attention_heads"],
        n_kv_heads=theirs.get("num_key_value_heads"),
        head_dim=theirs.get("head_dim"),
        mlp_dim=theirs["intermediate_size"],
        norm="rmsnorm",
        norm_eps=theirs["rms_norm_eps"],
        positions="rotary",
        rope_theta=theirs.get("rope_theta", 10_000.0),
        mlp="swiglu",
        bias=False,
        tie_weights=theirs.get("tie_word_embeddings", False),
    )
    tensors = read_tensors(directory, dtype, device)
    tensors = {name: t for name, t in tensors.items() if not name.endswith(LLAMA_IGNORED)}
    return fill(config, LLAMA_NAMES, tensors, directory)


def require(directory: Path | str, config: dict, **expected) -> None:
    """Raise unless the config has the expected values; a missing one counts as expected."""
    for name, value in expected.items():
        found = config.get(name, value)
        if found != value:
            raise ValueError(f"{directory}: {name} {found!r} is not supported, only {value!r} is")


def read_tensors(directory: Path | str, dtype: torch.dtype, device) -> dict[str, Tensor]:
    """Read all tensors of a directory's safetensors files, in one file or several."""
    directory = Path(directory)
    files = sorted(directory.glob("*.safetensors"))
    if not files:
        pickles = [path.name for path in directory.glob("*.bin")]
        why = f"; {pickles[0]} is a pickle, which can run code when it is read" if pickles else ""
        raise FileNotFoundError(f"{directory} holds no .safetensors file{why}")
    index = directory / "model.safetensors.index.json"
    if index.is_file():  # a large model, in pieces
        pieces = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        files = [directory / piece for piece in sorted(pieces)]
    tensors = {}
    for path in files:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing")
        try:
            with safe_open(path, framework="pt", device=str(device)) as file:
                for name in file.keys():
                    tensors[name] = file.get_tensor(name).to(dtype)
        except SafetensorError as error:
            raise ValueError(f"{path} is no whole safetensors file: {error}") from error
    return tensors


def fill(
    config: GPTConfig, names: dict, tensors: dict[str, Tensor], directory, *, transposed=()
) -> GPT:
    """Make a GPT from tensors: each parameter filled, each tensor used, or an error.

    Args:
        config: the model's shape.
        names: {our name: their name or names}.
        tensors: {their name: tensor}; emptied on the way.
        directory: where the tensors come from, for error messages.
        transposed: endings of our names whose weights the checkpoint stores transposed.
    """
    with torch.device("meta"):  # shapes only: no memory, no random numbers
        model = GPT(config)
    state = {}
    for ours, parameter in model.state_dict().items():
        if ours == "head.weight" and config.tie_weights:
            tensor = tensors.pop(names[ours], state["tok_emb.weight"])
            if not torch.equal(tensor, state["tok_emb.weight"]):
                raise ValueError(
                    f"{directory}: the head should be tied to the embedding, but differs"
                )
            continue
        theirs = their_names(ours, names)
        missing = [name for name in theirs if name not in tensors]
        if missing:
            raise ValueError(f"{directory}: {missing[0]} is missing, for {ours}")
        parts = [tensors.pop(name) for name in theirs]
        tensor = parts[0] if len(parts) == 1 else torch.cat(parts)
        if ours.endswith(transposed):
            tensor = tensor.t().contiguous()
        if tensor.shape != parameter.shape:
            found, needed = tuple(tensor.shape), tuple(parameter.shape)
            raise ValueError(f"{directory}: {theirs[0]} has the shape {found}, not {needed}")
        if not tensor.isfinite().all():
            raise ValueError(f"{directory}: {theirs[0]} holds numbers that are not finite")
        state[ours] = tensor
    if tensors:
        raise ValueError(
            f"{directory}: {len(tensors)} tensors fit nowhere, {min(tensors)} among them"
        )
    if config.tie_weights:
        state["head.weight"] = state["tok_emb.weight"]
    model.load_state_dict(state, assign=True)
    if config.tie_weights:  # assigning made two parameters of them: make them one again
        model.head.weight = model.tok_emb.weight
    return model.eval()

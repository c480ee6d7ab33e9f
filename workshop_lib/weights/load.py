"""Real weights into our own model: Hugging Face directories of GPT-2, Llama and Mistral."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from workshop_lib.config.model import GPTConfig
from workshop_lib.model.gpt import GPT
from workshop_lib.tokenizer.load import load_tokenizer
from workshop_lib.tokenizer.protocol import Tokenizer
from workshop_lib.weights.hf_config import gpt2_config, llama_config, read_config, why_unsupported
from workshop_lib.weights.hub import find_directory
from workshop_lib.weights.names import (
    GPT2_IGNORED,
    GPT2_NAMES,
    GPT2_TRANSPOSED,
    LLAMA_IGNORED,
    LLAMA_NAMES,
    hf_keys,
    part_rows,
)
from workshop_lib.weights.tensor_files import StoredTensor, list_tensors, read_tensor


def from_pretrained(
    name_or_dir: str | Path,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> tuple[GPT, Tokenizer]:
    """Load a pretrained model and its tokenizer.

    Args:
        name_or_dir: a Hugging Face directory with a GPT-2, Llama or Mistral; "smollm2", "plays-gpt2"
            or "plays-llama", which need no network; or a name on the hub such as "gpt2" or
            "HuggingFaceTB/SmolLM2-360M", which is downloaded.
        dtype: number format of the weights: float32, float16 or bfloat16.
        device: where they go.

    Returns:
        The model in eval mode, and its tokenizer; see `tokenizer.load_tokenizer`.

    Raises:
        FileNotFoundError: there is no such directory, or a file in it is missing.
        ValueError: the files hold another architecture, or do not fit it exactly.
        RuntimeError: the hub could not give the files; the message says why.

    Built in: 05b
    """
    directory = find_directory(name_or_dir)
    settings = read_config(directory)
    loaders = {"gpt2": load_gpt2, "llama": load_llama, "mistral": load_llama}
    if settings.get("model_type") not in loaders:
        raise ValueError(why_unsupported(settings, tuple(loaders)))
    tokenizer = load_tokenizer(directory)
    return loaders[settings["model_type"]](directory, dtype=dtype, device=device), tokenizer


def load_gpt2(
    directory: Path | str, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> GPT:
    """Load the weights of a directory with a GPT-2 model.

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
    config = gpt2_config(read_config(directory))
    stored = {
        name.removeprefix("transformer."): tensor
        for name, tensor in list_tensors(directory).items()
        if not name.endswith(GPT2_IGNORED)
    }
    return load_weights(config, GPT2_NAMES, stored, GPT2_TRANSPOSED, dtype=dtype, device=device)


def load_llama(
    directory: Path | str, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> GPT:
    """Load the weights of a directory with a Llama or Mistral model, such as SmolLM2.

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
    config = llama_config(read_config(directory))
    stored = {
        name: tensor
        for name, tensor in list_tensors(directory).items()
        if not name.endswith(LLAMA_IGNORED)
    }
    return load_weights(config, LLAMA_NAMES, stored, dtype=dtype, device=device)


def match_keys(
    model: GPT, names: Mapping, stored: dict[str, StoredTensor]
) -> dict[str, list[StoredTensor]]:
    """Find the stored tensors of each parameter: each one filled, each tensor used, or an error.

    Args:
        model: a GPT; only the names of its parameters matter.
        names: {our name: their name or names}.
        stored: {their name: tensor}.

    Returns:
        {our name: stored tensors}; where there are several, their rows stand one below the other.

    Raises:
        ValueError: a tensor is missing or fits nowhere.

    Built in: 05a
    """
    ours = {name: hf_keys(name, names) for name, _ in model.named_parameters()}
    if model.config.tie_weights and names["head.weight"] in stored:
        ours["head.weight"] = [names["head.weight"]]  # the embedding once more, as in old files
    wanted = {theirs for parts in ours.values() for theirs in parts}
    missing = sorted(wanted - stored.keys())
    extra = sorted(stored.keys() - wanted)
    refuse([f"{name} is missing" for name in missing] + [f"{name} fits nowhere" for name in extra])
    return {name: [stored[theirs] for theirs in parts] for name, parts in ours.items()}


def check_shapes(
    model: GPT, plan: dict[str, list[StoredTensor]], transposed: tuple[str, ...] = ()
) -> None:
    """Refuse tensors of a wrong shape or number format, before any number is read.

    Args:
        model: a GPT; only the shapes of its parameters matter.
        plan: what `match` returned.
        transposed: endings of our names whose weights the checkpoint stores transposed.

    Raises:
        ValueError: a tensor has another shape than its parameter, or no floating-point numbers.

    Built in: 05a
    """
    faults, parameters = [], model.state_dict()
    for ours, tensors in plan.items():
        n_rows, *rest = parameters[ours].shape
        rows_of_parts = part_rows(model.config, n_rows, len(tensors))
        for tensor, rows in zip(tensors, rows_of_parts, strict=True):
            needed = (*rest, rows) if ours.endswith(transposed) else (rows, *rest)
            if tensor.shape != needed:
                faults.append(f"{tensor.name} has the shape {tensor.shape}, not {needed}")
            if tensor.dtype not in ("F32", "F16", "BF16"):
                faults.append(f"{tensor.name} is stored as {tensor.dtype}, not F32, F16 or BF16")
    refuse(faults)


def refuse(faults: list[str]) -> None:
    """Raise a ValueError that lists the faults, if there are any.

    Built in: 05a
    """
    if faults:
        more = f" and {len(faults) - 4} more" if len(faults) > 4 else ""
        raise ValueError(f"the weights do not fit: {', '.join(faults[:4])}{more}")


def load_weights(
    config: GPTConfig,
    names: Mapping,
    stored: dict[str, StoredTensor],
    transposed: tuple[str, ...] = (),
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> GPT:
    """Make a GPT from stored tensors, reading one after the other.

    Args:
        config: the model's shape.
        names, stored: see `match`.
        transposed: see `check_shapes`.
        dtype: number format of the weights.
        device: where they go.

    Returns:
        The model in eval mode.

    Raises:
        ValueError: the tensors do not fit, or hold numbers that are not finite.

    Built in: 05a
    """
    with torch.device("meta"):  # shapes only: no memory, no random numbers
        model = GPT(config)
    plan = match_keys(model, names, stored)
    check_shapes(model, plan, transposed)
    state = {}
    for ours, parameter in model.named_parameters():
        weight = torch.empty(parameter.shape, dtype=dtype, device=device)
        rows = part_rows(config, len(weight), len(plan[ours]))
        for part, tensor in zip(weight.split(rows), plan[ours], strict=True):
            numbers = read_tensor(tensor)
            part.copy_(numbers.t() if ours.endswith(transposed) else numbers)
            if not is_finite(part):
                where = "in the file" if not is_finite(numbers) else f"as {dtype}"
                raise ValueError(f"{tensor.path}: {tensor.name} is not finite {where}")
        state[ours] = weight
    if config.tie_weights:
        for head in plan.get("head.weight", ()):
            if not torch.equal(read_tensor(head), read_tensor(plan["tok_emb.weight"][0])):
                raise ValueError(
                    f"{head.path}: the head should be the token embedding, but differs"
                )
        state["head.weight"] = state["tok_emb.weight"]
    model.load_state_dict(state, assign=True)
    if config.tie_weights:  # assigning made two parameters of them: make them one again
        model.head.weight = model.tok_emb.weight
    return model.eval()


def is_finite(tensor: Tensor) -> bool:
    """Say whether a tensor holds neither infinity nor NaN, without a copy of its size.

    Built in: 05a
    """
    return bool(torch.stack(tensor.aminmax()).isfinite().all())

"""LoRA: finetune small matrices beside frozen weights.

Shapes: r rank, (out, in) the shape of a linear layer's weight.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from workshop_lib.files import atomic_path
from workshop_lib.model.gpt import GPT
from workshop_lib.require import require_choice, require_count

# What can be adapted. Queries, keys and values are rows of one layer, so they can be chosen apart.
TARGETS = ("q", "k", "v", "out", "gate", "up", "down")


class LoRALinear(nn.Module):
    """A frozen linear layer with a trained product of two thin matrices added to it.

    y = base(x) + alpha / r * B A x.  Parameters: A (r, in), B (rows, r). B starts at zero, so
    that nothing changes before the first step.

    Args:
        base: the layer to adapt; it is not trained any more.
        rank: r, the inner width of the product.
        alpha: the strength of the product, divided by r.
        rows: (start, stop) of the outputs that the product is added to; None means all.

    Source: Hu et al. 2021, section 4.1.
    Built in: 06b
    """

    def __init__(
        self, base: nn.Module, rank: int, alpha: float, rows: tuple[int, int] | None = None
    ):
        super().__init__()
        weight = linear_of(base).requires_grad_(False).weight
        n_out, n_in = weight.shape
        self.base = base
        self.start, self.stop = (0, n_out) if rows is None else rows
        self.after = n_out - self.stop
        self.alpha, self.scaling = alpha, alpha / rank
        self.A = nn.Parameter(weight.new_empty(rank, n_in))
        self.B = nn.Parameter(weight.new_zeros(self.stop - self.start, rank))
        nn.init.normal_(self.A, std=1 / rank)

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., in) -> (..., out)."""
        update = self.scaling * F.linear(F.linear(x, self.A), self.B)
        return self.base(x) + F.pad(update, (self.start, self.after))


def linear_of(layer: nn.Module) -> nn.Linear:
    """Find the linear layer inside one or several LoRALinears.

    Built in: 06b
    """
    return linear_of(layer.base) if isinstance(layer, LoRALinear) else layer  # type: ignore[return-value]


def add_lora(
    model: GPT, *, rank: int = 8, alpha: float = 16.0, targets: Sequence[str] = ("q", "v")
) -> GPT:
    """Freeze a model and replace each target layer by a LoRALinear.

    Args:
        model: a GPT, changed in place.
        rank: r.
        alpha: see `LoRALinear`.
        targets: some of q, k, v, out (attention) and gate, up, down (feed-forward part).

    Returns:
        The same model.

    Raises:
        ValueError: rank is below 1, alpha is not above 0, a target is unknown or not in this
            model, or the model has LoRA already.

    Source: Hu et al. 2021, section 4.2, for the choice of queries and values.
    Built in: 06b
    """
    require_count("rank", rank)
    if not alpha > 0:
        raise ValueError(f"alpha {alpha} must be above 0")
    if not targets:
        raise ValueError(f"targets are empty; choose some of {', '.join(TARGETS)}")
    for target in targets:
        require_choice("target", target, TARGETS)
        if target == "gate" and model.config.mlp != "swiglu":
            raise ValueError("target 'gate' is not in this model: its feed-forward part has none")
    if lora_parameters(model):
        raise ValueError("the model has LoRA already; merge_lora first")
    model.requires_grad_(False)
    rows = qkv_rows(model)
    for block in model.blocks:
        for target in targets:
            part = block.attn if target in ("q", "k", "v", "out") else block.mlp
            name = "qkv" if target in rows else target
            setattr(part, name, LoRALinear(getattr(part, name), rank, alpha, rows.get(target)))
    return model


def qkv_rows(model: GPT) -> dict[str, tuple[int, int]]:
    """Give the rows (start, stop) of the fused layer that make queries, keys and values.

    Built in: 06b
    """
    q, kv = model.blocks[0].attn.q_width, model.blocks[0].attn.kv_width  # type: ignore
    return {"q": (0, q), "k": (q, q + kv), "v": (q + kv, q + 2 * kv)}  # type: ignore


def lora_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """List the matrices A and B of a model by name; empty where it has no LoRA.

    Built in: 06b
    """
    return {
        f"{place}.{name}": parameter
        for place, layer in model.named_modules()
        if isinstance(layer, LoRALinear)
        for name, parameter in (("A", layer.A), ("B", layer.B))
    }


@torch.no_grad()
def merge_lora(model: GPT) -> GPT:
    """Add each product to its weight and put the plain linear layers back in place.

    Args:
        model: a GPT with LoRA, changed in place.

    Returns:
        The same model, as large and as fast as before add_lora, and trainable as a whole.

    Raises:
        ValueError: the model has no LoRA.

    Source: Hu et al. 2021, section 4.1.
    Built in: 06b
    """
    if not lora_parameters(model):
        raise ValueError("the model has no LoRA to merge")
    for block in model.blocks:
        for part in (block.attn, block.mlp):
            for name, layer in list(part.named_children()):  # type: ignore[union-attr]
                while isinstance(layer, LoRALinear):
                    weight = linear_of(layer).weight
                    weight[layer.start : layer.stop] += layer.scaling * layer.B @ layer.A
                    layer = layer.base
                setattr(part, name, layer)
    return model.requires_grad_(True)


def lora_settings(model: GPT) -> dict:
    """Read off the layers what `add_lora` was called with.

    Args:
        model: a GPT with LoRA.

    Returns:
        A dict of rank, alpha and targets.

    Raises:
        ValueError: the model has no LoRA.

    Built in: 06b
    """
    names = {rows: target for target, rows in qkv_rows(model).items()}
    found = [
        (names[layer.start, layer.stop] if "qkv" in place else place.split(".")[1], layer)
        for place, layer in model.blocks[0].named_modules()
        if isinstance(layer, LoRALinear)
    ]
    if not found:
        raise ValueError("the model has no LoRA")
    layer = found[0][1]
    # The outer one of two comes first, but was added last.
    targets = [target for target, _ in reversed(found)]
    return {"rank": len(layer.A), "alpha": layer.alpha, "targets": targets}


def save_lora(model: GPT, path: Path | str) -> None:
    """Write the trained matrices with their settings; the base model is not in the file.

    Args:
        model: a GPT with LoRA.
        path: the safetensors file.

    Raises:
        ValueError: the model has no LoRA.

    Built in: 06b
    """
    settings, matrices = json.dumps(lora_settings(model)), lora_parameters(model)
    tensors = {name: matrix.detach().cpu().contiguous() for name, matrix in matrices.items()}
    with atomic_path(path) as unfinished:
        save_file(tensors, unfinished, metadata={"lora": settings})


def load_lora(model: GPT, path: Path | str) -> GPT:
    """Add what `save_lora` wrote to the base model it was trained on.

    Args:
        model: a GPT without LoRA, changed in place.
        path: the file.

    Returns:
        The same model.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no adapter of ours, or belongs to another model.

    Built in: 06b
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no adapter {path}")
    with safe_open(path, framework="pt") as file:
        settings = (file.metadata() or {}).get("lora")
        if settings is None:
            raise ValueError(f"{path} is a safetensors file, but no LoRA adapter of this workshop")
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    settings = json.loads(settings)
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    add_lora(model, **settings)
    matrices = lora_parameters(model)
    if shapes != {name: tuple(matrix.shape) for name, matrix in matrices.items()}:
        merge_lora(model)  # with B at zero this only takes LoRA away again
        raise ValueError(f"{path} was trained on a model of another shape")
    with torch.no_grad():
        for name, matrix in matrices.items():
            matrix.copy_(tensors[name])
    return model

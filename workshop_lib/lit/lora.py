"""LitGPT's LoRA run from within: its batches, its first matrices and its counts.

With these our own loop can be held against `litgpt finetune_lora`, step by step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import torch

from workshop_lib.finetune.batches import Batch
from workshop_lib.finetune.lora import LoRALinear, lora_settings
from workshop_lib.model.gpt import GPT

# What may be adapted, as LitGPT's flags name it.
_FLAGS = ("lora_query", "lora_key", "lora_value", "lora_projection", "lora_mlp")
# Where our layers are in LitGPT's model.
_PLACES = {"attn.out": "attn.proj", "mlp.gate": "mlp.fc_1", "mlp.up": "mlp.fc_2",
          "mlp.down": "mlp.proj"}  # fmt: skip


def lit_batches(
    data: Path | str, directory: Path | str, *, batch_size: int, max_tokens: int, style: str
) -> Iterator[Batch]:
    """Yield the batches of `litgpt finetune_lora`, for one epoch and in its order.

    Args:
        data: the folder with train.json and val.json.
        directory: the model's LitGPT directory.
        batch_size: its train.micro_batch_size.
        max_tokens: its train.max_seq_length.
        style: its data.prompt_style.

    Yields:
        Batches as `make_batch` makes them: (B, T), and targets moved on by one place.

    Used in: 06c
    """
    from litgpt.data import JSON
    from litgpt.tokenizer import Tokenizer

    module = JSON(Path(data), mask_prompt=True, prompt_style=style, num_workers=0)
    module.connect(Tokenizer(directory), batch_size=batch_size, max_seq_length=max_tokens)
    module.setup()
    for batch in module.train_dataloader():
        yield Batch(batch["input_ids"][:, :-1], batch["labels"][:, 1:])


@torch.no_grad()
def copy_lit_start(model: GPT, directory: Path | str, *, seed: int = 1337) -> None:
    """Give the matrices A the values that `litgpt finetune_lora` draws; B is zero in both.

    Args:
        model: a GPT with LoRA on q, k, v, out, gate, up and down, changed in place.
        directory: the model's LitGPT directory.
        seed: LitGPT's --seed.

    Used in: 06c
    """
    settings = lora_settings(model)
    torch.manual_seed(seed)
    config = Path(directory) / "model_config.yaml"
    drawn = lit_model(config, settings["rank"], settings["alpha"]).state_dict()
    for index, block in enumerate(model.blocks):
        prefix = f"transformer.h.{index}."
        # One matrix holds q's, k's and v's; ours lie one around the other, v's outermost.
        fused = drawn[f"{prefix}attn.qkv.lora_A"].chunk(3)
        layer, target = block.attn.qkv, 2  # type: ignore[union-attr]
        while isinstance(layer, LoRALinear):
            layer.A.copy_(fused[target])
            layer, target = layer.base, target - 1
        for ours, theirs in _PLACES.items():
            adapted = cast(LoRALinear, block.get_submodule(ours))
            adapted.A.copy_(drawn[f"{prefix}{theirs}.lora_A"])


def lit_model(config: Path | str, rank: int, alpha: float = 16.0) -> torch.nn.Module:
    """Make LitGPT's model with LoRA on all linear layers of its blocks, and random weights.

    Args:
        config: a model_config.yaml, or LitGPT's name of a model, such as "phi-2".
        rank, alpha: as for `lora.add_lora`.
    """
    from litgpt.lora import GPT as LitGPT
    from litgpt.lora import Config

    settings = dict.fromkeys(_FLAGS, True) | {"lora_r": rank, "lora_alpha": alpha}
    read = Config.from_name if isinstance(config, str) else Config.from_file
    return LitGPT(read(config, **settings))


def count_parameters(name: str, rank: int) -> tuple[int, int]:
    """Count a model's frozen weights and the numbers that LoRA trains, without any memory.

    Args:
        name: LitGPT's name of the model.
        rank: r, on all linear layers of the blocks.

    Returns:
        Frozen and trained.

    Used in: 06c
    """
    with torch.device("meta"):
        weights = dict(lit_model(name, rank).named_parameters())
    trained = sum(w.numel() for place, w in weights.items() if "lora_" in place)
    return sum(w.numel() for w in weights.values()) - trained, trained

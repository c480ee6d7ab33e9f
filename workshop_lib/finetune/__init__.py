"""Finetuning: instruction data, prompts, packing, LoRA (chapter 6)."""

from workshop_lib.finetune.answer_checks import facts_right, has_form, holds_answer, is_correct
from workshop_lib.finetune.batches import Batch, make_batch
from workshop_lib.finetune.examples import Example, read_examples
from workshop_lib.finetune.lora import (
    TARGETS,
    LoRALinear,
    add_lora,
    linear_of,
    load_lora,
    lora_parameters,
    lora_settings,
    merge_lora,
    qkv_rows,
    save_lora,
)
from workshop_lib.finetune.packing import Packed, pack, packed_loss
from workshop_lib.finetune.prompts import (
    ALPACA,
    ALPACA_WITH_INPUT,
    CHATML,
    STYLES,
    prompt,
    prompt_ids,
    prompt_parts,
    user_text,
)
from workshop_lib.finetune.splitting import choose_groups, split

__all__ = [
    "ALPACA",
    "ALPACA_WITH_INPUT",
    "Batch",
    "CHATML",
    "Example",
    "LoRALinear",
    "Packed",
    "STYLES",
    "TARGETS",
    "add_lora",
    "choose_groups",
    "facts_right",
    "has_form",
    "holds_answer",
    "is_correct",
    "linear_of",
    "load_lora",
    "lora_parameters",
    "lora_settings",
    "make_batch",
    "merge_lora",
    "pack",
    "packed_loss",
    "prompt",
    "prompt_ids",
    "prompt_parts",
    "qkv_rows",
    "read_examples",
    "save_lora",
    "split",
    "user_text",
]

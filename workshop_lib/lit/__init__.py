"""LitGPT: the only package that knows its names (chapters 5 and 6)."""

from workshop_lib.lit.cli import litgpt
from workshop_lib.lit.data import model_settings
from workshop_lib.lit.families import FAMILIES, small_twins
from workshop_lib.lit.lm_eval import evaluate
from workshop_lib.lit.lora import copy_lit_start, count_parameters, lit_batches
from workshop_lib.lit.models import convert, convert_back, load_llm
from workshop_lib.lit.server import serve

__all__ = [
    "FAMILIES",
    "convert",
    "convert_back",
    "copy_lit_start",
    "count_parameters",
    "evaluate",
    "lit_batches",
    "litgpt",
    "load_llm",
    "model_settings",
    "serve",
    "small_twins",
]

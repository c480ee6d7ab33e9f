"""LitGPT: the only package that knows its names (chapters 5 and 6)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workshop_lib.lit.cli import litgpt
from workshop_lib.lit.families import FAMILIES, small_twins
from workshop_lib.lit.lm_eval import evaluate
from workshop_lib.lit.models import convert, convert_back, load_llm
from workshop_lib.lit.server import serve

if TYPE_CHECKING:
    from workshop_lib.lit.data import model_settings
    from workshop_lib.lit.lora import copy_lit_start, count_parameters, lit_batches

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

# LitGPT itself takes seconds to import, so these files are imported when a name of theirs is used.
_LATER = {
    "copy_lit_start": "lora",
    "count_parameters": "lora",
    "lit_batches": "lora",
    "model_settings": "data",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"workshop_lib.lit has no {name!r}")
    return getattr(import_module(f"workshop_lib.lit.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

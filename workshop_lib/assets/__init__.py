"""The real things the workshop works on: the plays, GPT-2's merges, SmolLM2, the instructions."""

from workshop_lib.assets.gguf import undo_interleaving
from workshop_lib.assets.sources import (
    gpt2_merges,
    instructions,
    plays,
    scenes,
    smollm2,
    smollm2_gguf,
)

__all__ = [
    "gpt2_merges",
    "instructions",
    "plays",
    "scenes",
    "smollm2",
    "smollm2_gguf",
    "undo_interleaving",
]

"""Pretrained weights into the model and out of it again (chapter 5)."""

from workshop_lib.weights.hf_config import (
    Settings,
    gpt2_config,
    gpt2_settings,
    llama_config,
    llama_settings,
    read_config,
    require,
    rotary_settings,
    why_unsupported,
)
from workshop_lib.weights.hub import find_directory
from workshop_lib.weights.load import (
    check_shapes,
    from_pretrained,
    is_finite,
    load_gpt2,
    load_llama,
    load_weights,
    match_keys,
    refuse,
)
from workshop_lib.weights.names import (
    GPT2_IGNORED,
    GPT2_NAMES,
    GPT2_TRANSPOSED,
    LLAMA_IGNORED,
    LLAMA_NAMES,
    hf_keys,
    part_rows,
)
from workshop_lib.weights.save import save_pretrained, token_settings, write_directory
from workshop_lib.weights.tensor_files import (
    StoredTensor,
    list_tensors,
    other_content,
    read_tensor,
    weight_files,
)

__all__ = [
    "GPT2_IGNORED",
    "GPT2_NAMES",
    "GPT2_TRANSPOSED",
    "LLAMA_IGNORED",
    "LLAMA_NAMES",
    "Settings",
    "StoredTensor",
    "check_shapes",
    "find_directory",
    "from_pretrained",
    "gpt2_config",
    "gpt2_settings",
    "hf_keys",
    "is_finite",
    "list_tensors",
    "llama_config",
    "llama_settings",
    "load_gpt2",
    "load_llama",
    "load_weights",
    "match_keys",
    "other_content",
    "part_rows",
    "read_config",
    "read_tensor",
    "refuse",
    "require",
    "rotary_settings",
    "save_pretrained",
    "token_settings",
    "weight_files",
    "why_unsupported",
    "write_directory",
]

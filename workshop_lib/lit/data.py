"""The tokens of a text for `litgpt pretrain`: give it --data workshop_lib.lit.data.TextTokens.

LitGPT's own modules for plain text need one more package, litdata; this one needs none.
"""

import json
from typing import Any

import torch
from litgpt.data import DataModule
from litgpt.tokenizer import Tokenizer
from torch import Tensor
from torch.utils.data import DataLoader

from workshop_lib.config.model import GPTConfig
from workshop_lib.data.batches import SCENE_BREAK, train_val_split
from workshop_lib.data.documents import read_documents
from workshop_lib.paths import ROOT
from workshop_lib.tokenizer.load import load_tokenizer

_PLAYS_TOKENIZER = ROOT / "04_pretraining" / "plays-llama"


class _StatelessLoader(DataLoader):
    """A DataLoader that asks LitGPT's checkpoints to keep nothing of it, instead of all of it."""

    def state_dict(self) -> dict:
        """Give nothing: a resumed run draws a new order."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Take nothing."""


class TextTokens(DataModule):
    """Training and validation batches of one row of token ids each, as 04b makes them.

    Args:
        text: see `read_documents`; None means the plays. One document in ten is for validation.
        tokenizer: a directory with our tokenizer.json; None means that of the shipped models.
    """

    def __init__(self, text: str | None = None, tokenizer: str | None = None):
        super().__init__()
        self.text, self.tokenizer = text, tokenizer

    def connect(
        self, tokenizer: Tokenizer | None = None, batch_size: int = 1, max_seq_length: int = 128
    ) -> None:
        """Take LitGPT's batch size and context length; its own tokenizer is not needed."""
        self.batch_size, self.context_length = batch_size, max_seq_length

    def setup(self, stage: str = "") -> None:
        """Encode the text."""
        tokenizer = load_tokenizer(self.tokenizer or _PLAYS_TOKENIZER)
        texts = train_val_split(SCENE_BREAK.join(read_documents(self.text)))
        self.train_ids, self.val_ids = (torch.tensor(tokenizer.encode(text)) for text in texts)

    def train_dataloader(self) -> DataLoader:
        """Give batches (B, T + 1) of the training text, in an order that follows --seed."""
        windows: Any = overlapping(self.train_ids, self.context_length)  # a dataset of rows
        return _StatelessLoader(windows, self.batch_size, shuffle=True, drop_last=True)

    def val_dataloader(self) -> DataLoader:
        """Give batches (B, T + 1) of the validation text, in order."""
        windows: Any = overlapping(self.val_ids, self.context_length)
        return DataLoader(windows, self.batch_size)


def model_settings(config: GPTConfig, name: str) -> str:
    """Say in LitGPT's words what the config of a Llama-like model says, for --model_config.

    Args:
        config: a model like PRESETS["plays-llama"].
        name: what LitGPT calls the model in its files.

    Returns:
        A JSON text.

    Raises:
        ValueError: the model is like GPT-2: LitGPT has no learned positions.
    """
    if (config.norm, config.positions, config.mlp, config.bias) != (
        "rmsnorm",
        "rotary",
        "swiglu",
        False,
    ):
        raise ValueError("LitGPT trains models with rotary positions; take one like plays-llama")
    settings = {
        "name": name,
        "block_size": config.context_length,
        "vocab_size": config.vocab_size,
        "padded_vocab_size": config.vocab_size,
        "n_layer": config.n_layers,
        "n_head": config.n_heads,
        "n_query_groups": config.n_kv_heads,
        "head_size": config.head_dim,
        "n_embd": config.emb_dim,
        "intermediate_size": config.mlp_dim,
        "norm_class_name": "RMSNorm",
        "norm_eps": config.norm_eps,
        "rotary_percentage": 1.0,
        "rope_base": int(config.rope_theta),
        "mlp_class_name": "LLaMAMLP",
        "parallel_residual": False,
        "bias": False,
    }
    return json.dumps(settings)


def overlapping(token_ids: Tensor, context_length: int) -> Tensor:
    """Cut ids into windows (N, T + 1): LitGPT takes the first T as inputs, the last T as targets."""
    if len(token_ids) <= context_length:
        raise ValueError(f"{len(token_ids)} tokens are too few for a context of {context_length}")
    return token_ids.unfold(0, context_length + 1, context_length)

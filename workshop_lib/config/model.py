"""The shape of a model: what `model.GPT` needs to know."""

from dataclasses import dataclass, replace
from typing import Any

from workshop_lib.require import require_choice, require_count


@dataclass(frozen=True)
class RopeScaling:
    """How Llama 3.1 and later lower the frequencies of rotary positions, for longer contexts.

    Args:
        factor: the divisor of the low frequencies.
        original_context: the context length of the training before the change.
        low_freq_factor: a frequency with fewer full rotations than this in that context is divided
            by the whole factor.
        high_freq_factor: a frequency with more full rotations than this stays as it is.

    Raises:
        ValueError: a number is outside its range.

    Source: Grattafiori et al. 2024, section 3.4.2; the numbers are those of Llama's config.json.
    Used in: 05b
    """

    factor: float
    original_context: int
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0

    def __post_init__(self) -> None:
        require_count("original_context", self.original_context)
        if not self.factor >= 1:
            raise ValueError(f"factor {self.factor} is below 1")
        if not 0 < self.low_freq_factor < self.high_freq_factor:
            low, high = self.low_freq_factor, self.high_freq_factor
            raise ValueError(f"need 0 < low_freq_factor < high_freq_factor, got {low} and {high}")


@dataclass(frozen=True)
class GPTConfig:
    """The shape of a GPT-2 or Llama style model; everything `model.GPT` needs to know.

    Args:
        vocab_size: V, the number of different tokens.
        context_length: the maximum number of tokens in one forward pass.
        emb_dim: C, the dimension of the vector of one token.
        n_layers: the number of blocks.
        n_heads: H, attention heads in each block.
        n_kv_heads: G, key/value heads that the query heads share (grouped-query attention);
            None becomes n_heads, one for each query head.
        head_dim: D, the dimension of one head; None becomes emb_dim / n_heads.
        mlp_dim: M, the dimension inside the feed-forward network; None becomes 4 * emb_dim.
        norm: "layernorm" (GPT-2) or "rmsnorm" (Llama).
        norm_eps: the small number added to the variance before the root.
        positions: "learned" (GPT-2: a table) or "rotary" (Llama: a rotation of q and k).
        rope_theta: the base of the rotary frequencies.
        rope_scaling: how the rotary frequencies are lowered (Llama 3.1 and later); None leaves
            them. A dict of its fields, as `asdict` makes of a config, is accepted too.
        mlp: "gelu" (GPT-2) or "swiglu" (Llama).
        bias: whether the linear layers of the blocks have a bias.
        tie_weights: whether the output head shares the weights of the token embedding.
        dropout: the share of activations set to zero during training.

    Raises:
        ValueError: a size is below 1, does not divide another, or a choice is unknown.

    Source: Radford et al. 2019, section 2.3; Touvron et al. 2023, section 2.2.
    Used in: 01a, 03c, 03d, 04a, 05a, 05b, 06b
    """

    vocab_size: int
    context_length: int
    emb_dim: int
    n_layers: int
    n_heads: int
    # None becomes a number in __post_init__, so all readers find an int.
    n_kv_heads: int = None  # type: ignore[assignment]
    head_dim: int = None  # type: ignore[assignment]
    mlp_dim: int = None  # type: ignore[assignment]
    norm: str = "layernorm"
    norm_eps: float = 1e-5
    positions: str = "learned"
    rope_theta: float = 10_000.0
    rope_scaling: RopeScaling | None = None
    mlp: str = "gelu"
    bias: bool = True
    tie_weights: bool = True
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.rope_scaling, dict):
            object.__setattr__(self, "rope_scaling", RopeScaling(**self.rope_scaling))
        for name in ("vocab_size", "context_length", "emb_dim", "n_layers", "n_heads"):
            require_count(name, getattr(self, name))
        require_choice("norm", self.norm, ("layernorm", "rmsnorm"))
        require_choice("positions", self.positions, ("learned", "rotary"))
        require_choice("mlp", self.mlp, ("gelu", "swiglu"))
        if self.head_dim is None and self.emb_dim % self.n_heads:
            raise ValueError(f"emb_dim {self.emb_dim} is not a multiple of n_heads {self.n_heads}")
        self._resolve(n_kv_heads=self.n_heads)
        self._resolve(head_dim=self.emb_dim // self.n_heads)
        self._resolve(mlp_dim=4 * self.emb_dim)
        if self.n_heads % self.n_kv_heads:
            raise ValueError(
                f"n_heads {self.n_heads} is not a multiple of n_kv_heads {self.n_kv_heads}"
            )
        if self.positions == "rotary" and self.head_dim % 2:
            raise ValueError(f"rotary positions need an even head_dim, got {self.head_dim}")
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError(f"dropout {self.dropout} is outside 0 <= dropout < 1")
        if not self.norm_eps > 0:
            raise ValueError(f"norm_eps {self.norm_eps} must be above 0")

    def _resolve(self, **defaults: int) -> None:
        """Replace None by a default, and check the number."""
        for name, default in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)  # the dataclass is frozen
            require_count(name, getattr(self, name))


def resized(config: GPTConfig, **changes: Any) -> GPTConfig:
    """Copy a config with some fields changed; sizes that follow from them are computed again.

    `dataclasses.replace` alone would keep the old head_dim when emb_dim changes.

    Args:
        config: stays as it is.
        **changes: fields and their new values.

    Returns:
        The new config. A head_dim, mlp_dim or n_kv_heads that was not the default stays.

    Raises:
        ValueError: see `GPTConfig`.
    """
    defaults = {
        "n_kv_heads": config.n_heads,
        "head_dim": config.emb_dim // config.n_heads,
        "mlp_dim": 4 * config.emb_dim,
    }
    derived = {name: None for name, size in defaults.items() if getattr(config, name) == size}
    fields: dict[str, Any] = derived | changes
    return replace(config, **fields)

"""The shapes of models: what `model.GPT` needs to know, and the sizes that have names."""

from dataclasses import dataclass, replace

from workshop_lib.require import require_choice, require_count


@dataclass(frozen=True)
class RopeScaling:
    """How Llama 3.1 and later slow rotary positions down, so that they reach over longer texts.

    Args:
        factor: how many times slower the slow pairs of channels turn.
        original_context: the context length of the training before the slowing.
        low_freq_factor: pairs with fewer full turns than this in that context get the whole factor.
        high_freq_factor: pairs with more full turns than this stay as they are.

    Raises:
        ValueError: a number is outside its range.

    Source: Grattafiori et al. 2024, section 3.4.2; the numbers are those of Llama's config.json.
    Used in: 05b
    """

    factor: float
    original_context: int
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0

    def __post_init__(self):
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
        vocab_size: V, how many different tokens there are.
        context_length: the most tokens the model can look at once.
        emb_dim: C, the width of the vector that stands for one token.
        n_layers: how many blocks are stacked.
        n_heads: H, attention heads in each block.
        n_kv_heads: G, key/value heads that the query heads share (grouped-query attention);
            None becomes n_heads, one for each query head.
        head_dim: D, the width of one head; None becomes emb_dim / n_heads.
        mlp_dim: M, the width inside the feed-forward network; None becomes 4 * emb_dim.
        norm: "layernorm" (GPT-2) or "rmsnorm" (Llama).
        norm_eps: the small number added to the variance before the root.
        positions: "learned" (GPT-2: a table) or "rotary" (Llama: a rotation of q and k).
        rope_theta: the base of the rotary angles.
        rope_scaling: how the rotary angles are slowed down (Llama 3.1 and later); None means not at
            all. A dict of its fields, as `asdict` makes one of a config, is taken too.
        mlp: "gelu" (GPT-2) or "swiglu" (Llama).
        bias: whether the linear layers of the blocks have a bias.
        tie_weights: whether the output head shares the token embedding's weights.
        dropout: the share of activations set to zero in training.

    Raises:
        ValueError: a size is below 1, does not divide another, or a choice is unknown.

    Source: Radford et al. 2019, section 2.3; Touvron et al. 2023, section 2.2.
    Used in: 03c
    """

    vocab_size: int
    context_length: int
    emb_dim: int
    n_layers: int
    n_heads: int
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

    def __post_init__(self):
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
        """Put a default in the place of a None, and check the number."""
        for name, default in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)  # the dataclass is frozen
            require_count(name, getattr(self, name))


def resized(config: GPTConfig, **changes: object) -> GPTConfig:
    """Change some fields of a config; sizes that followed from others follow them again.

    `dataclasses.replace` alone would keep the old head_dim where emb_dim changes.

    Args:
        config: stays as it is.
        **changes: fields and their new values.

    Raises:
        ValueError: see `GPTConfig`.
    """
    defaults = {
        "n_kv_heads": config.n_heads,
        "head_dim": config.emb_dim // config.n_heads,
        "mlp_dim": 4 * config.emb_dim,
    }
    derived = {name: None for name, size in defaults.items() if getattr(config, name) == size}
    return replace(config, **(derived | changes))

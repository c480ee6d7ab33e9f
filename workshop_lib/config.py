"""Every size and switch of the workshop, in one place: model, training, profile, device."""

import os
from dataclasses import dataclass

from workshop_lib.device import pick_device, pick_dtype
from workshop_lib.require import require_choice, require_count

__all__ = [
    "FINETUNE",
    "FinetuneConfig",
    "GPTConfig",
    "PRESETS",
    "PRETRAIN",
    "PRETRAIN_MODEL",
    "RopeScaling",
    "TrainConfig",
    "pick_device",
    "pick_dtype",
    "profile",
]

# --- Models ------------------------------------------------------------------------------


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
    Built in: 05b
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
        n_kv_heads: key/value heads that the query heads share (grouped queries);
            None means one for each query head.
        head_dim: D, the width of one head; None means emb_dim / n_heads.
        mlp_dim: width inside the feed-forward part; None means 4 * emb_dim.
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
    Built in: 03c
    """

    vocab_size: int
    context_length: int
    emb_dim: int
    n_layers: int
    n_heads: int
    n_kv_heads: int | None = None
    head_dim: int | None = None
    mlp_dim: int | None = None
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
        for name in ("n_kv_heads", "head_dim", "mlp_dim"):
            if getattr(self, name) is not None:
                require_count(name, getattr(self, name))
        require_choice("norm", self.norm, ("layernorm", "rmsnorm"))
        require_choice("positions", self.positions, ("learned", "rotary"))
        require_choice("mlp", self.mlp, ("gelu", "swiglu"))
        if self.head_dim is None and self.emb_dim % self.n_heads:
            raise ValueError(f"emb_dim {self.emb_dim} is not a multiple of n_heads {self.n_heads}")
        if self.n_heads % self.kv_heads:
            raise ValueError(
                f"n_heads {self.n_heads} is not a multiple of n_kv_heads {self.kv_heads}"
            )
        if self.positions == "rotary" and self.head_width % 2:
            raise ValueError(f"rotary positions need an even head width, got {self.head_width}")
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError(f"dropout {self.dropout} is outside 0 <= dropout < 1")
        if not self.norm_eps > 0:
            raise ValueError(f"norm_eps {self.norm_eps} must be above 0")

    @property
    def kv_heads(self) -> int:
        """Key/value heads, with the default worked out."""
        return self.n_heads if self.n_kv_heads is None else self.n_kv_heads

    @property
    def head_width(self) -> int:
        """D, the width of one head, with the default worked out."""
        return self.emb_dim // self.n_heads if self.head_dim is None else self.head_dim

    @property
    def mlp_width(self) -> int:
        """The width inside the feed-forward part, with the default worked out."""
        return 4 * self.emb_dim if self.mlp_dim is None else self.mlp_dim


def _gpt2(emb_dim: int, n_layers: int, n_heads: int) -> GPTConfig:
    return GPTConfig(
        vocab_size=50257,
        context_length=1024,
        emb_dim=emb_dim,
        n_layers=n_layers,
        n_heads=n_heads,
    )


PRESETS = {
    # Small enough to print, for tests and for examples by hand.
    "tiny": GPTConfig(vocab_size=64, context_length=16, emb_dim=32, n_layers=2, n_heads=4),
    # The model of chapter 4, trained on the plays.
    "plays": GPTConfig(vocab_size=4096, context_length=128, emb_dim=192, n_layers=4, n_heads=3),
    # The two models that the workshop ships, trained on the plays for longer.
    "plays-gpt2": GPTConfig(
        vocab_size=1024, context_length=256, emb_dim=256, n_layers=6, n_heads=4
    ),
    "plays-llama": GPTConfig(
        vocab_size=1024,
        context_length=256,
        emb_dim=256,
        n_layers=6,
        n_heads=4,
        n_kv_heads=2,
        mlp_dim=704,
        norm="rmsnorm",
        positions="rotary",
        mlp="swiglu",
        bias=False,
    ),
    # Radford et al. 2019, table 2 (and OpenAI's released checkpoints).
    "gpt2": _gpt2(768, 12, 12),
    "gpt2-medium": _gpt2(1024, 24, 16),
    "gpt2-large": _gpt2(1280, 36, 20),
    "gpt2-xl": _gpt2(1600, 48, 25),
    # The config.json of SmolLM2-135M-Instruct: a Llama architecture.
    "smollm2-135m": GPTConfig(
        vocab_size=49152,
        context_length=8192,
        emb_dim=576,
        n_layers=30,
        n_heads=9,
        n_kv_heads=3,
        mlp_dim=1536,
        norm="rmsnorm",
        positions="rotary",
        rope_theta=100_000.0,
        mlp="swiglu",
        bias=False,
    ),
}

# --- Training ----------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainConfig:
    """How to train: batches, schedule and optimizer.

    Args:
        steps: optimizer steps in the whole run.
        batch_size: B, windows a step (a micro-batch where accumulate > 1).
        context_length: T, tokens in a window.
        accumulate: micro-batches whose gradients are summed before one step.
        max_lr: the learning rate at the end of the warm-up.
        min_lr: the learning rate that the cosine ends at.
        warmup_steps: steps in which the rate rises linearly to max_lr.
        weight_decay: AdamW's pull of the weight matrices towards zero.
        beta1, beta2: AdamW's memory of the gradient and of its square.
        grad_clip: the greatest norm the gradient may have.
        optimizer: "adamw", or "muon" for the matrices inside the blocks and AdamW for the rest.
        seed: the one seed that everything random in the run starts from.

    Raises:
        ValueError: a number is outside its range.

    Source: Brown et al. 2020, appendix B, for the schedule and AdamW's settings.
    Built in: 04a
    """

    steps: int
    batch_size: int
    context_length: int
    accumulate: int = 1
    max_lr: float = 3e-3
    min_lr: float = 3e-4
    warmup_steps: int = 20
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    grad_clip: float = 1.0
    optimizer: str = "adamw"
    seed: int = 1337

    def __post_init__(self):
        for name in ("steps", "batch_size", "context_length", "accumulate"):
            require_count(name, getattr(self, name))
        if self.warmup_steps < 0:
            raise ValueError(f"warmup_steps {self.warmup_steps} is below 0")
        if not 0 <= self.min_lr <= self.max_lr:
            raise ValueError(f"need 0 <= min_lr <= max_lr, got {self.min_lr} and {self.max_lr}")
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay {self.weight_decay} is below 0")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is outside 0 <= {name} < 1")
        if not self.grad_clip > 0:
            raise ValueError(f"grad_clip {self.grad_clip} must be above 0")
        require_choice("optimizer", self.optimizer, ("adamw", "muon"))


# --- Finetuning --------------------------------------------------------------------------


@dataclass(frozen=True)
class FinetuneConfig:
    """How large chapter 6's finetuning run and its test are.

    Args:
        train_every: train on every n-th training example.
        test_every: test on every n-th held-out example.
        epochs: how often the run goes through its training examples.
        learning_rate: AdamW's greatest rate.

    Built in: 06c
    """

    train_every: int
    test_every: int
    epochs: int = 1
    learning_rate: float = 1e-3

    def __post_init__(self):
        for name in ("train_every", "test_every", "epochs"):
            require_count(name, getattr(self, name))
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate {self.learning_rate} must be above 0")


# --- Profiles: how large the notebooks' runs are -----------------------------------------

PROFILES = ("smoke", "cpu", "gpu")

# Chapter 4's model and run at each profile.
PRETRAIN_MODEL = {
    "smoke": GPTConfig(vocab_size=512, context_length=64, emb_dim=32, n_layers=2, n_heads=2),
    "cpu": PRESETS["plays"],
    "gpu": GPTConfig(vocab_size=4096, context_length=256, emb_dim=512, n_layers=8, n_heads=8),
}
PRETRAIN = {
    "smoke": TrainConfig(
        steps=20, batch_size=16, context_length=64, warmup_steps=5, optimizer="muon"
    ),
    "cpu": TrainConfig(
        steps=480, batch_size=16, context_length=128, max_lr=8e-3, min_lr=0.0, optimizer="muon"
    ),
    "gpu": TrainConfig(steps=400, batch_size=64, context_length=256, min_lr=0.0, optimizer="muon"),
}
# What 04c measures: one step of a model with GPT-2's vocabulary.
SCALING_MODEL = {
    "smoke": GPTConfig(vocab_size=50257, context_length=128, emb_dim=32, n_layers=2, n_heads=2),
    "cpu": GPTConfig(vocab_size=50257, context_length=128, emb_dim=256, n_layers=4, n_heads=4),
    "gpu": PRESETS["gpt2"],
}
SCALING = {
    "smoke": TrainConfig(steps=10, batch_size=4, context_length=128),
    "cpu": TrainConfig(steps=10, batch_size=8, context_length=128),
    "gpu": TrainConfig(steps=10, batch_size=16, context_length=1024),
}
# Chapter 6's run at each profile.
FINETUNE = {
    "smoke": FinetuneConfig(train_every=100, test_every=20),
    "cpu": FinetuneConfig(train_every=1, test_every=1),
    "gpu": FinetuneConfig(train_every=1, test_every=1, epochs=2),
}


def profile() -> str:
    """Name the profile in force: "smoke", "cpu" or "gpu".

    Returns:
        The value of the environment variable WORKSHOP_PROFILE, else "gpu" where a CUDA
        device is found and "cpu" elsewhere.

    Raises:
        ValueError: WORKSHOP_PROFILE holds another word.
    """
    chosen = os.environ.get("WORKSHOP_PROFILE")
    if chosen:
        require_choice("WORKSHOP_PROFILE", chosen, PROFILES)
        return chosen
    return "gpu" if pick_device().type == "cuda" else "cpu"

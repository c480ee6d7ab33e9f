"""Models small enough to build in a moment."""

from workshop_lib.config import GPTConfig

SMALL_LLAMA = GPTConfig(
    vocab_size=64,
    context_length=16,
    emb_dim=32,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    mlp_dim=48,
    norm="rmsnorm",
    positions="rotary",
    mlp="swiglu",
    bias=False,
)

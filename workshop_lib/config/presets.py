"""Models by name."""

from workshop_lib.config.model import GPTConfig


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

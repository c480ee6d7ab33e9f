"""GPT-2 in NumPy, for tests: a second reading of the paper that shares no line with the package.

It knows OpenAI's names (wte, c_attn, ln_f …) and weight layout (in, out), works in float64, on one
sequence at a time, and writes out every formula.
"""

import numpy as np


def logits(weights: dict[str, np.ndarray], token_ids: list[int], n_heads: int, eps: float = 1e-5):
    """Score every token of the vocabulary at every position: (T,) -> (T, V)."""
    weights = {name: np.asarray(w, dtype=np.float64) for name, w in weights.items()}
    x = weights["wte.weight"][token_ids] + weights["wpe.weight"][: len(token_ids)]
    n_layers = len({name.split(".")[1] for name in weights if name.startswith("h.")})
    for layer in range(n_layers):
        w = below(weights, f"h.{layer}.")
        x = x + attention(norm(x, below(w, "ln_1."), eps), below(w, "attn."), n_heads)
        x = x + feed_forward(norm(x, below(w, "ln_2."), eps), below(w, "mlp."))
    head = weights.get("lm_head.weight", weights["wte.weight"])
    return norm(x, below(weights, "ln_f."), eps) @ head.T


def below(weights, prefix):
    return {name[len(prefix) :]: w for name, w in weights.items() if name.startswith(prefix)}


def norm(x, w, eps):
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)
    return centred / spread * w["weight"] + w["bias"]


def linear(x, w, name):
    return x @ w[f"{name}.weight"] + w[f"{name}.bias"]


def attention(x, w, n_heads):
    queries, keys, values = np.split(linear(x, w, "c_attn"), 3, axis=-1)
    width = x.shape[-1] // n_heads
    full_state = np.zeros_like(x)
    for head in range(n_heads):
        part = slice(head * width, (head + 1) * width)
        for t in range(len(x)):  # one query at a time: it is never shown a later token
            scores = keys[: t + 1, part] @ queries[t, part] / np.sqrt(width)
            shares = np.exp(scores - scores.max())
            full_state[t, part] = shares / shares.sum() @ values[: t + 1, part]
    return linear(full_state, w, "c_proj")


def feed_forward(x, w):
    x = linear(x, w, "c_fc")
    bent = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return linear(bent, w, "c_proj")

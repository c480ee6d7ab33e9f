"""Generating with SmolLM2-135M, ours against transformers and LitGPT: same weights, same tokens.

Each new token needs all weights once. So the time that it takes to read them is a bound; it is
measured here as their sum, the least that can be done with a number.
"""

import tempfile
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from side_by_side import compare
from torch.profiler import ProfilerActivity, profile

from workshop_lib import assets, lit
from workshop_lib.generate import generate, generate_batch, new_tokens
from workshop_lib.model.int8 import quantize
from workshop_lib.weights import from_pretrained

N_NEW, N_BATCH_NEW, N_LONG = 200, 32, 2000
ROUNDS = 3


def load(in_8_bits: bool = False):
    model, tokenizer = from_pretrained("smollm2")
    return (quantize(model) if in_8_bits else model), tokenizer


def prompts() -> list[list[int]]:
    """Return 16 pieces of the plays, from 6 to 66 tokens long."""
    token_ids = load()[1].encode(assets.plays()[100_000:110_000])
    return [token_ids[100 * i : 100 * i + 6 + 4 * i] for i in range(16)]


def ours():
    model, prompt = load()[0], torch.tensor(prompts()[:1])
    return lambda: generate(model, prompt, N_NEW)[0].tolist()


def ours_in_8_bits():
    model, prompt = load(in_8_bits=True)[0], torch.tensor(prompts()[:1])

    def task():
        generate(model, prompt, N_NEW)  # other tokens: its scores differ a little

    return task


def ours_in_a_batch():
    model, rows = load()[0], prompts()
    one_by_one = [generate_batch(model, [row], N_BATCH_NEW)[0] for row in rows]

    def task():
        new = generate_batch(model, rows, N_BATCH_NEW)
        assert new == one_by_one, "a row in a batch differs from the same row alone"
        return new

    return task


def theirs():
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(assets.smollm2(), dtype=torch.float32).eval()
    model.generation_config.update(do_sample=False, eos_token_id=None, pad_token_id=0)
    return model


def transformers():
    model, prompt = theirs(), torch.tensor(prompts()[:1])
    ones = torch.ones_like(prompt)
    return lambda: model.generate(prompt, attention_mask=ones, max_new_tokens=N_NEW)[0].tolist()


def transformers_in_a_batch():
    model, rows = theirs(), prompts()
    longest = max(map(len, rows))
    padded = torch.tensor([[0] * (longest - len(row)) + row for row in rows])
    real = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])

    def task():
        out = model.generate(padded, attention_mask=real, max_new_tokens=N_BATCH_NEW)
        return out[:, longest:].tolist()

    return task


def litgpt():
    from litgpt.generate.base import generate as their_generate

    prompt = torch.tensor(prompts()[0])
    with tempfile.TemporaryDirectory() as folder:
        name = Path(assets.smollm2()).name
        model = lit.load_llm(lit.convert(assets.smollm2(), into=Path(folder) / name)).model.eval()
    length = len(prompt) + N_NEW
    model.max_seq_length = length
    model.set_kv_cache(batch_size=1)

    def task():
        return their_generate(model, prompt, length, temperature=0.0, top_p=0.0).tolist()

    return task


@torch.inference_mode()
def linear_layers():
    """Multiply one row with all weight matrices, as nn.Linear does it."""
    weights = [weight for weight in load()[0].parameters() if weight.dim() == 2]
    rows = {weight.shape[1]: torch.randn(1, weight.shape[1]) for weight in weights}

    def task():
        for _ in range(N_NEW):
            for weight in weights:
                F.linear(rows[weight.shape[1]], weight)

    return task


def reading():
    """Read all weights as fast as PyTorch can, once for each token."""
    weights = list(load()[0].parameters())

    def task():
        with torch.inference_mode():
            for _ in range(N_NEW):
                for weight in weights:
                    weight.sum()

    return task


@torch.inference_mode()
def loss_of(model) -> float:
    """Return the loss on the first 1,024 tokens of a play's text."""
    token_ids = torch.tensor(load()[1].encode(assets.plays()[200_000:208_000])[:1025])
    return F.cross_entropy(model(token_ids[None, :-1])[0], token_ids[1:]).item()


def long_text(model) -> None:
    """Print the time a token takes early and late in a long text."""
    times, prompt = [time.perf_counter()], torch.tensor(prompts()[:1])
    for _ in new_tokens(model, prompt, N_LONG):
        times.append(time.perf_counter())
    spans = torch.tensor(times).double().diff()[1:]
    config, n_bytes = model.config, sum(w.numel() * w.element_size() for w in model.parameters())
    a_token = 2 * 4 * config.n_layers * config.n_kv_heads * config.head_dim
    print(f"\n{N_LONG:,} new tokens of one text: medians, and bytes to read beside the first ones")
    first = spans[:200].median().item()
    for start in range(0, N_LONG - 1, 450):
        piece = spans[start : start + 200].median().item()
        more = 1 + a_token * start / n_bytes
        print(
            f"from token {start:5,}: {1e3 * piece:5.1f} ms, {piece / first:.2f}; bytes {more:.2f}"
        )


def target(name: str, found: float, wanted: float) -> bool:
    print(f"{'met   ' if found >= wanted else 'MISSED'}  {name}: {found:.2f}, wanted {wanted}")
    return found >= wanted


def where_time_goes(model) -> None:
    """Print which operations take the time of a token."""
    prompt = torch.tensor(prompts()[:1])
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        generate(model, prompt, 20)
    print(seen.key_averages().table(sort_by="self_cpu_time_total", row_limit=12))


def main() -> None:
    single = {"ours": ours, "ours, 8-bit weights": ours_in_8_bits, "transformers": transformers}
    single |= {"LitGPT": litgpt, "nn.Linear, no attention": linear_layers, "reading alone": reading}
    one = compare(f"one prompt, {N_NEW} tokens", single, rounds=ROUNDS)
    print()
    both = {"ours": ours_in_a_batch, "transformers": transformers_in_a_batch}
    batch = compare(f"16 ragged prompts, {N_BATCH_NEW} tokens", both, rounds=ROUNDS)
    speeds = {name: N_NEW / row.seconds for name, row in one.items()}
    speeds |= {f"batch, {name}": 16 * N_BATCH_NEW / row.seconds for name, row in batch.items()}
    print("\ntokens/s:", ", ".join(f"{name} {speed:.1f}" for name, speed in speeds.items()))

    model, in_8_bits = load()[0], load(in_8_bits=True)[0]
    losses = [loss_of(each) for each in (model, in_8_bits)]
    print(f"loss: float32 {losses[0]:.4f}, 8 bits {losses[1]:.4f}")
    long_text(model)
    print()
    met = [
        target(
            "ours / the better of both", min(one["transformers"].ratio, one["LitGPT"].ratio), 1.5
        ),
        target("ours / nn.Linear's products alone", one["nn.Linear, no attention"].ratio, 0.85),
        target("ours / reading alone", one["reading alone"].ratio, 0.85),
        target("batch / LitGPT one at a time", speeds["batch, ours"] / speeds["LitGPT"], 6),
        target("batch / transformers' batch", batch["transformers"].ratio, 1.5),
        target("8 bits / float32", 1 / one["ours, 8-bit weights"].ratio, 2),
        target("loss in float32 / in 8 bits", losses[0] / losses[1], 0.99),
    ]
    if not all(met):
        for each in (model, in_8_bits):
            where_time_goes(each)


if __name__ == "__main__":
    main()

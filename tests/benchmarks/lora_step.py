"""One LoRA step on SmolLM2, ours against LitGPT's and peft's.

Rank 8 on queries and values, the workshop's own instructions in batches of four. Same weights, same
first matrices A, same optimizer and threads; the losses of all steps are equal. Each side computes
what its own finetuning does: LitGPT and peft all rows with their padding and all logits, ours
packed rows (06b) and the logits that count. `padded` is our model without packing.
"""

import random
from itertools import cycle

import torch
import torch.nn.functional as F
from side_by_side import compare

from workshop_lib import assets, lit, paths
from workshop_lib.data import IGNORE_INDEX
from workshop_lib.finetune import add_lora, make_batch, packed_loss, read_examples, split
from workshop_lib.tokenizer import load_tokenizer
from workshop_lib.train import next_token_loss
from workshop_lib.weights import from_pretrained

RANK, ALPHA, BATCH, STEPS = 8, 16.0, 4, 3  # STEPS in one turn


def batches() -> list:
    training, _ = split(read_examples(assets.instructions()), test_fraction=0.25, seed=0)
    chosen = random.Random(0).sample(training, 10 * BATCH)
    tokenizer = load_tokenizer(assets.smollm2())
    parts = [chosen[start : start + BATCH] for start in range(0, len(chosen), BATCH)]
    return [make_batch(part, tokenizer, max_tokens=256) for part in parts]


def first_matrices(layers: int = 30, n_in: int = 576) -> list[tuple]:
    """Draw A for the queries and for the values of each layer."""
    generator = torch.Generator().manual_seed(0)
    draw = [torch.randn(RANK, n_in, generator=generator) / RANK for _ in range(2 * layers)]
    return list(zip(draw[::2], draw[1::2], strict=True))


def stepper(model, loss_of):
    """Return a function that takes the next steps and returns their mean loss."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    assert sum(weight.numel() for weight in weights) == 460_800
    optimizer = torch.optim.AdamW(weights, lr=1e-4, weight_decay=0.0)
    coming = cycle(batches())

    def steps() -> float:
        total = 0.0
        for _ in range(STEPS):
            loss = loss_of(*next(coming))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / STEPS

    return steps


def our_model():
    model, _ = from_pretrained("smollm2")
    add_lora(model, rank=RANK, alpha=ALPHA, targets=("q", "v"))
    with torch.no_grad():
        for block, (for_q, for_v) in zip(model.blocks, first_matrices(), strict=True):
            block.attn.qkv.A.copy_(for_v)  # added last, so outermost
            block.attn.qkv.base.A.copy_(for_q)
    return model


def ours():
    model = our_model()
    return stepper(model, lambda inputs, targets: packed_loss(model, inputs, targets))


def padded():
    model = our_model()
    return stepper(model, lambda inputs, targets: next_token_loss(model(inputs), targets))


def litgpt():
    from litgpt.lora import GPT, Config, mark_only_lora_as_trainable
    from litgpt.utils import chunked_cross_entropy

    directory = lit.convert(
        assets.smollm2(), into=paths.ROOT / "work" / "checkpoints" / "SmolLM2-135M-Instruct"
    )
    settings = {"lora_r": RANK, "lora_alpha": ALPHA, "lora_dropout": 0.0}
    which = {"lora_query": True, "lora_key": False, "lora_value": True}
    model = GPT(Config.from_file(directory / "model_config.yaml", **settings, **which))
    weights = torch.load(directory / "lit_model.pth", mmap=True, weights_only=True)
    model.load_state_dict(weights, strict=False)
    mark_only_lora_as_trainable(model)
    model.max_seq_length = 256
    with torch.no_grad():
        for block, pair in zip(model.transformer.h, first_matrices(), strict=True):
            block.attn.qkv.lora_A.copy_(torch.cat(pair))

    def loss_of(inputs, targets):
        # As `litgpt finetune_lora` calls them.
        return chunked_cross_entropy(model(inputs, lm_head_chunk_size=128), targets)

    return stepper(model, loss_of)


def peft():
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(assets.smollm2(), dtype=torch.float32)
    which = ["q_proj", "v_proj"]
    settings = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=which)
    model = get_peft_model(base, settings)
    with torch.no_grad():
        for layer, pair in zip(base.model.layers, first_matrices(), strict=True):
            for name, matrix in zip(which, pair, strict=True):
                getattr(layer.self_attn, name).lora_A["default"].weight.copy_(matrix)

    def loss_of(inputs, targets):
        logits = model(input_ids=inputs, use_cache=False).logits
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE_INDEX)

    return stepper(model, loss_of)


if __name__ == "__main__":
    data = batches()
    places = [batch.inputs.numel() for batch in data]
    tokens = [
        int(((t != IGNORE_INDEX) * torch.arange(1, t.shape[1] + 1)).amax(1).sum()) for _, t in data
    ]
    print(f"LoRA on SmolLM2 in float32: rank {RANK} on queries and values, batches of {BATCH}")
    print(
        f"{sum(tokens)} tokens of prompts and answers in {sum(places)} places, {len(data)} batches\n"
    )
    sides = {"ours": ours, "padded": padded, "LitGPT": litgpt, "peft": peft}
    table = compare(f"{STEPS} LoRA steps", sides)
    mean = STEPS * sum(tokens) / len(tokens)
    print(f"\n{'':26}{'tokens/s':>10}")
    for name, row in table.items():
        print(f"{name:26}{mean / row.seconds:10.0f}")
    faster = min(table["LitGPT"].ratio, table["peft"].ratio)
    print(f"\nours is {faster:.2f} times as fast as the better of LitGPT and peft")

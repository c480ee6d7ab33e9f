"""One training step, ours against transformers' GPT-2 and LitGPT.

Same weights, batches, optimizer, clipping and threads; the losses of all steps are equal. LitGPT
has no learned positions, so it runs with rotary ones, once beside ours with the same.
"""

from dataclasses import replace
from functools import partial

import torch
from litgpt import Config as LitConfig
from litgpt.model import GPT as LitGPT
from litgpt.utils import chunked_cross_entropy
from side_by_side import compare
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from workshop_lib.config import GPTConfig, TrainConfig
from workshop_lib.model import GPT
from workshop_lib.train import loss_sum, make_optimizer
from workshop_lib.weights import GPT2_NAMES, GPT2_TRANSPOSED, gpt2_settings, hf_keys

B, T = 8, 256
GPT2 = GPTConfig(vocab_size=50257, context_length=T, emb_dim=384, n_layers=6, n_heads=6)
ROTARY = replace(GPT2, positions="rotary")
RUN = TrainConfig(steps=100, batch_size=B, context_length=T)
LITGPT_NAMES = {
    "tok_emb": "transformer.wte",
    "blocks.": "transformer.h.",
    "norm1": "norm_1",
    "norm2": "norm_2",
    "attn.out": "attn.proj",
    "mlp.up": "mlp.fc",
    "mlp.down": "mlp.proj",
    "norm_out": "transformer.ln_f",
    "head.": "lm_head.",
}


def start_weights(config: GPTConfig) -> GPT:
    torch.manual_seed(0)
    return GPT(config)


def stepper(model: nn.Module, forward_backward):
    """Return a function that takes one step on the next batch and returns its loss."""
    optimizer = make_optimizer(model.train(), RUN)
    generator = torch.Generator().manual_seed(1)

    def step() -> float:
        token_ids = torch.randint(GPT2.vocab_size, (B, T + 1), generator=generator)
        inputs, targets = token_ids[:, :-1].contiguous(), token_ids[:, 1:].contiguous()
        optimizer.zero_grad(set_to_none=True)
        loss = forward_backward(model, [(inputs, targets)])
        nn.utils.clip_grad_norm_(model.parameters(), RUN.grad_clip)
        optimizer.step()
        return loss

    return step


def ours(config: GPTConfig = GPT2):
    def forward_backward(model, micro_batches):
        ((inputs, targets),) = micro_batches
        loss = loss_sum(model, inputs, targets) / targets.numel()  # as `train` calls it
        loss.backward()
        return loss.item()

    return stepper(start_weights(config), forward_backward)


def transformers_gpt2():
    settings = gpt2_settings(GPT2) | {"vocab_size": GPT2.vocab_size}
    no_dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    model = GPT2LMHeadModel(GPT2Config(**settings, **no_dropout, use_cache=False))
    weights = {}
    for name, weight in start_weights(GPT2).state_dict().items():
        (theirs,) = hf_keys(name, GPT2_NAMES)
        prefix = "" if theirs.startswith("lm_head") else "transformer."
        weights[prefix + theirs] = weight.t() if name.endswith(GPT2_TRANSPOSED) else weight
    model.load_state_dict(weights)

    def forward_backward(model, micro_batches):
        ((inputs, targets),) = micro_batches
        loss = model(inputs, labels=targets, shift_labels=targets).loss
        loss.backward()
        return loss.item()

    return stepper(model, forward_backward)


def litgpt():
    sizes = {"n_layer": ROTARY.n_layers, "n_head": ROTARY.n_heads, "n_embd": ROTARY.emb_dim}
    vocabulary = {"vocab_size": ROTARY.vocab_size, "padded_vocab_size": ROTARY.vocab_size}
    config = LitConfig(
        **sizes,
        **vocabulary,
        block_size=T,
        rotary_percentage=1.0,
        parallel_residual=False,
        gelu_approximate="tanh",
        norm_eps=ROTARY.norm_eps,
    )
    model = LitGPT(config)
    weights = {}
    for name, weight in start_weights(ROTARY).state_dict().items():
        for ours, theirs in LITGPT_NAMES.items():
            name = name.replace(ours, theirs)
        weights[name] = weight
    model.load_state_dict(weights)
    model.transformer.wte.weight = model.lm_head.weight

    def forward_backward(model, micro_batches):
        ((inputs, targets),) = micro_batches
        loss = chunked_cross_entropy(model(inputs), targets)  # as `litgpt pretrain` calls it
        loss.backward()
        return loss.item()

    return stepper(model, forward_backward)


def weight_products() -> list[tuple[int, int, int]]:
    """List the matrix products with weights: each once forwards and twice backwards."""
    N, C, V = B * T, GPT2.emb_dim, GPT2.vocab_size
    layer = [(C, 3 * C), (C, C), (C, 4 * C), (4 * C, C)]
    return [
        shape
        for n_in, n_out in [*layer * GPT2.n_layers, (C, V)]
        for shape in ((N, n_in, n_out), (N, n_out, n_in), (n_out, N, n_in))
    ]


if __name__ == "__main__":
    sizes = f"{GPT2.n_layers} layers of {GPT2.emb_dim}, T {T}, B {B}, V {GPT2.vocab_size}"
    print(f"One training step in float32: {sizes}\n")
    with_learned = {"ours": ours, "transformers": transformers_gpt2}
    compare("learned positions", with_learned, bound=weight_products())
    print()
    compare("rotary positions", {"ours": partial(ours, ROTARY), "LitGPT": litgpt})

"""Our LoRA beside LitGPT's: the same matrices give the same logits and gradients."""

import json
from dataclasses import replace

import pytest
import torch
from small_models import SMALL_LLAMA

from workshop_lib import assets
from workshop_lib.data import IGNORE_INDEX
from workshop_lib.finetune import (
    TARGETS,
    LoRALinear,
    add_lora,
    lora_parameters,
    make_batch,
    read_examples,
    user_text,
)
from workshop_lib.lit import copy_lit_start, count_parameters, lit_batches
from workshop_lib.lit.lora import lit_model
from workshop_lib.model import GPT
from workshop_lib.tokenizer import load_tokenizer
from workshop_lib.train import next_token_loss

SMALL = replace(SMALL_LLAMA, context_length=32, tie_weights=False)
NAMES = {
    "tok_emb": "transformer.wte",
    "norm_out": "transformer.ln_f",
    "head": "lm_head",
    "blocks": "transformer.h",
    "norm1": "norm_1",
    "norm2": "norm_2",
    "attn.qkv": "attn.qkv.linear",
    "attn.out": "attn.proj.linear",
    "mlp.gate": "mlp.fc_1.linear",
    "mlp.up": "mlp.fc_2.linear",
    "mlp.down": "mlp.proj.linear",
}


@pytest.fixture
def directory(tmp_path):
    """A LitGPT directory with the settings of a small Llama."""
    from litgpt import Config
    from litgpt.utils import save_config

    save_config(
        Config(
            name="small",
            block_size=32,
            vocab_size=64,
            padded_vocab_size=64,
            n_layer=2,
            n_head=4,
            n_query_groups=2,
            n_embd=32,
            intermediate_size=48,
            rotary_percentage=1.0,
            parallel_residual=False,
            bias=False,
            norm_class_name="RMSNorm",
            mlp_class_name="LLaMAMLP",
            norm_eps=1e-5,
        ),
        tmp_path,
    )
    return tmp_path


def test_equal_matrices_give_equal_logits_and_gradients(directory):
    torch.manual_seed(0)
    ours = GPT(SMALL)
    for weight in ours.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    torch.manual_seed(7)
    theirs = lit_model(directory / "model_config.yaml", rank=4, alpha=12.0)
    weights = {}
    for name, weight in ours.state_dict().items():
        for our_part, their_part in NAMES.items():
            name = name.replace(our_part, their_part)
        weights[name] = weight
    assert not theirs.load_state_dict(weights, strict=False).unexpected_keys
    theirs.requires_grad_(False)
    for name, weight in theirs.named_parameters():
        weight.requires_grad_("lora_" in name)

    add_lora(ours, rank=4, alpha=12.0, targets=TARGETS)
    copy_lit_start(ours, directory, seed=7)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for block, their_block in zip(ours.blocks, theirs.transformer.h, strict=True):
            # LitGPT's B has q's rows, then k's, then v's; ours lie one around the other.
            layer, parts = block.attn.qkv, []
            while isinstance(layer, LoRALinear):
                parts.insert(0, layer.B)
                layer = layer.base
            pairs = [(parts, their_block.attn.qkv)]
            pairs += [([block.attn.out.B], their_block.attn.proj)]
            pairs += [([block.mlp.gate.B], their_block.mlp.fc_1)]
            pairs += [([block.mlp.up.B], their_block.mlp.fc_2)]
            pairs += [([block.mlp.down.B], their_block.mlp.proj)]
            for our_parts, their_layer in pairs:
                for part in our_parts:
                    part.copy_(torch.randn(part.shape, generator=generator))
                their_layer.lora_B.copy_(torch.cat(our_parts))
    ids = torch.randint(64, (2, 9), generator=generator)
    logits, expected = ours(ids), theirs(ids)
    torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)
    for found in (logits, expected):
        next_token_loss(found[:, :-1], ids[:, 1:]).backward()
    ours_sum = sum(float(m.grad.abs().sum()) for m in lora_parameters(ours).values())
    theirs_sum = sum(float(w.grad.abs().sum()) for w in theirs.parameters() if w.requires_grad)
    assert ours_sum == pytest.approx(theirs_sum, rel=1e-3)
    for block, their_block in zip(ours.blocks, theirs.transformer.h, strict=True):
        grad = their_block.mlp.fc_1.lora_A.grad
        torch.testing.assert_close(block.mlp.gate.A.grad, grad, atol=1e-4, rtol=1e-3)


def test_litgpts_batches_are_ours_in_another_order(tmp_path):
    examples = read_examples(assets.instructions())[::150]
    records = [{"instruction": user_text(e), "output": e.output} for e in examples]
    for name in ("train", "val"):
        (tmp_path / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
    tokenizer = load_tokenizer(assets.smollm2())

    def rows(batches):
        found = []
        for inputs, targets in batches:
            for ids, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
                end = max(i for i, target in enumerate(wanted) if target != IGNORE_INDEX) + 1
                found.append((ids[:end], wanted[:end]))
        return found

    settings = {"batch_size": 4, "max_tokens": 128, "style": "smollm2"}
    theirs = rows(lit_batches(tmp_path, assets.smollm2(), **settings))
    ours = rows([make_batch(examples, tokenizer, max_tokens=128)])
    assert sorted(theirs) == sorted(ours) and theirs != ours
    assert theirs == rows(lit_batches(tmp_path, assets.smollm2(), **settings))


def test_parameters_are_counted_without_memory():
    # microsoft/phi-2 has 2,779,683,840 weights, by transformers' count.
    frozen, trained = count_parameters("phi-2", 8)
    assert frozen == 2_779_683_840
    # r (in + out) for q, k, v, the projection, and the two layers of the MLP, in 32 blocks.
    assert trained == 32 * 8 * (4 * (2560 + 2560) + 2 * (2560 + 10240))

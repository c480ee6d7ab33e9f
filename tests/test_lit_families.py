"""Llama, Mistral, Phi and Gemma: LitGPT's conversion against transformers, at small sizes."""

import pytest
import torch

from workshop_lib.lit import FAMILIES, small_twins

# Longer than the sliding window of 16, so that it matters.
TOKEN_IDS = torch.randint(64, (2, 40), generator=torch.Generator().manual_seed(1))


def logits(model):
    with torch.no_grad():
        out = model(TOKEN_IDS)
    return getattr(out, "logits", out)


@pytest.mark.parametrize("name", FAMILIES)
def test_converted_logits_equal_transformers(name):
    theirs, ours = small_twins(name)
    expected = logits(theirs)
    assert expected.std() > 0.5  # else being close would mean nothing
    torch.testing.assert_close(logits(ours), expected, atol=1e-4, rtol=0)


# One setting of each, the one that a sister of the family has: the comparison must see it.
FAULTS = [
    ("Llama-2-7b-hf", {"norm_eps": 1e-2}),
    ("Llama-2-7b-hf", {"rope_interleave": True}),
    ("Llama-3-8B", {"rope_base": 10_000}),
    ("Llama-3.2-1B", {"rope_adjustments": None}),
    ("Mistral-7B-v0.1", {"sliding_window_size": 17}),
    ("Mistral-7B-v0.3", {"rope_base": 10_000}),
    ("phi-2", {"rotary_percentage": 1.0}),
    ("phi-2", {"parallel_residual": False, "shared_attention_norm": False}),
    ("phi-2", {"gelu_approximate": "none"}),
    ("Phi-3-mini-4k-instruct", {"sliding_window_size": 15}),
    ("phi-4", {"rope_base": 10_000}),
    ("Gemma-2-2b", {"attention_logit_softcapping": None}),
    ("Gemma-2-2b", {"final_logit_softcapping": None}),
    ("Gemma-2-2b", {"sliding_window_size": 64}),
    ("Gemma-2-2b", {"scale_embeddings": False}),
    ("Gemma-3-1b-it", {"rope_local_base_freq": None, "rope_indices": None}),
    ("Gemma-3-1b-it", {"norm_eps": 1e-5}),
]


@pytest.mark.parametrize("name, fault", FAULTS)
def test_the_comparison_sees_what_tells_families_apart(name, fault):
    from litgpt.config import Config
    from litgpt.model import GPT

    theirs, ours = small_twins(name)
    wrong = GPT(Config.from_name(f"{name}-small", **fault)).eval()
    wrong.load_state_dict(ours.state_dict(), strict=False)
    assert not torch.allclose(logits(wrong), logits(theirs), atol=1e-4, rtol=0)


def test_each_family_is_broken_once():
    assert {name for name, _ in FAULTS} == set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_rows_in_another_order_are_seen(name):
    """A converter that put query rows in a wrong order would leave every shape right."""
    theirs, ours = small_twins(name)
    weight = ours.transformer.h[1].attn.qkv.weight
    with torch.no_grad():
        weight[:8] = weight[:8].roll(1, dims=0)
    assert not torch.allclose(logits(ours), logits(theirs), atol=1e-4, rtol=0)


def test_an_unknown_family():
    with pytest.raises(ValueError, match="name 'GPT-5' is not one of Llama-2-7b-hf"):
        small_twins("GPT-5")

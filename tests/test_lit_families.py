"""Llama, Mistral, Phi and Gemma: LitGPT's conversion against transformers, at small sizes."""

import pytest
import torch

from workshop_lib.lit_families import FAMILIES, small_twins

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


@pytest.mark.parametrize(
    "name, fault",
    [
        ("Llama-3.2-1B", {"rope_base": 10_000}),
        ("phi-2", {"rotary_percentage": 1.0}),
        ("Gemma-2-2b", {"attention_logit_softcapping": None}),
        ("Gemma-2-2b", {"sliding_window_size": 64}),
        ("Gemma-3-1b-it", {"rope_local_base_freq": None, "rope_indices": None}),
    ],
)
def test_the_comparison_sees_what_tells_families_apart(name, fault):
    from litgpt.config import Config
    from litgpt.model import GPT

    theirs, ours = small_twins(name)
    wrong = GPT(Config.from_name(f"{name}-small", **fault)).eval()
    wrong.load_state_dict(ours.state_dict())
    assert not torch.allclose(logits(wrong), logits(theirs), atol=1e-4, rtol=0)


def test_an_unknown_family():
    with pytest.raises(ValueError, match="name 'GPT-5' is not one of Llama-2-7b-hf"):
        small_twins("GPT-5")

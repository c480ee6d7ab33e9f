"""The model, part by part and whole, against torch's own layers, transformers and NumPy."""

import copy
import math
from dataclasses import replace

import numpy_gpt2
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn
from torch.testing import assert_close

from workshop_lib.config import PRESETS, GPTConfig
from workshop_lib.config.model import resized
from workshop_lib.model import (
    GPT,
    Block,
    CausalSelfAttention,
    FeedForward,
    LayerNorm,
    RMSNorm,
    SwiGLU,
    apply_rope,
    make_norm,
    rope_cos_sin,
)
from workshop_lib.tokenizer import train_bpe
from workshop_lib.weights import from_pretrained, save_pretrained

TINY = PRESETS["tiny"]
LLAMA = replace(
    TINY,
    n_kv_heads=2,
    mlp_dim=56,
    norm="rmsnorm",
    norm_eps=1e-6,
    positions="rotary",
    rope_theta=500.0,
    mlp="swiglu",
    bias=False,
)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def randomize(module: nn.Module, spread: float = 0.3) -> nn.Module:
    """Give every parameter a value of its own: zeros and ones would hide a forgotten one."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(centre + spread * torch.randn_like(parameter))
    return module.eval()


def random_ids(config: GPTConfig, *shape: int) -> torch.Tensor:
    return torch.randint(config.vocab_size, shape)


# --- Norms and feed-forward parts --------------------------------------------------------


@pytest.mark.parametrize("shape", [(32,), (5, 32), (2, 3, 32)])
@pytest.mark.parametrize("eps", [1e-5, 0.1])
@pytest.mark.parametrize(("ours", "theirs"), [(LayerNorm, nn.LayerNorm), (RMSNorm, nn.RMSNorm)])
def test_norms_are_torchs(ours, theirs, eps, shape):
    ours, theirs = ours(32, eps), theirs(32, eps=eps)
    for parameter in ours.parameters():
        nn.init.normal_(parameter)
    theirs.load_state_dict(ours.state_dict())
    x = 3 * torch.randn(shape) + 2
    assert_close(ours(x), theirs(x))


def test_norms_are_their_formulas():
    """Variance by C, not C - 1; eps below the root; RMSNorm does not centre."""
    x = 0.3 * torch.randn(4, 32) + 1
    layer_norm, rms_norm = LayerNorm(32, eps=0.1), RMSNorm(32, eps=0.1)
    centred = x - x.sum(-1, keepdim=True) / 32
    expected = centred / (centred.pow(2).sum(-1, keepdim=True) / 32 + 0.1).sqrt()
    assert_close(layer_norm(x), expected)
    assert_close(rms_norm(x), x / (x.pow(2).sum(-1, keepdim=True) / 32 + 0.1).sqrt())


def test_a_constant_token_does_not_blow_up():
    assert_close(LayerNorm(8)(torch.full((1, 8), 5.0)), torch.zeros(1, 8))
    assert torch.isfinite(RMSNorm(8)(torch.zeros(1, 8))).all()


def test_the_config_chooses_norm_and_eps():
    norms = [make_norm(TINY), make_norm(LLAMA)]
    assert [(type(norm), norm.eps) for norm in norms] == [(LayerNorm, 1e-5), (RMSNorm, 1e-6)]


@pytest.mark.parametrize("config", [TINY, replace(TINY, mlp_dim=40, bias=False)])
def test_feed_forward_is_torchs_layers(config):
    ours = randomize(FeedForward(config), 1.0)
    theirs = nn.Sequential(
        nn.Linear(32, config.mlp_dim, bias=config.bias),
        nn.GELU(approximate="tanh"),
        nn.Linear(config.mlp_dim, 32, bias=config.bias),
    )
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    x = torch.randn(2, 3, 32)
    assert_close(ours(x), theirs(x))
    theirs[1] = nn.GELU()  # the exact form must be told apart
    assert (ours(x) - theirs(x)).abs().max() > 1e-3


@pytest.mark.parametrize("bias", [False, True])
def test_swiglu_is_its_formula(bias):
    ours = randomize(SwiGLU(replace(LLAMA, bias=bias)), 1.0)
    x = torch.randn(2, 3, 32)
    gate, up = ours.gate(x), ours.up(x)
    assert_close(ours(x), ours.down(gate / (1 + torch.exp(-gate)) * up), atol=1e-4, rtol=1e-5)
    n_biases = 56 + 56 + 32 if bias else 0
    assert sum(p.numel() for p in ours.parameters()) == 3 * 32 * 56 + n_biases


# --- Attention ---------------------------------------------------------------------------


def explicit_attention(attn: CausalSelfAttention, config: GPTConfig, x: torch.Tensor):
    """Softmax attention written out, one head and one query at a time, in float64."""
    weight, x = attn.qkv.weight.double(), x.double()
    bias = 0 if attn.qkv.bias is None else attn.qkv.bias.double()
    width, heads, groups = config.head_dim, config.n_heads, config.n_kv_heads
    rows = x @ weight.T + bias
    q, k, v = rows.split([heads * width, groups * width, groups * width], dim=-1)
    # Each key/value head serves as many query heads in a row as there are for one.
    k, v = (
        part.unflatten(-1, (groups, width)).repeat_interleave(heads // groups, dim=2)
        for part in (k, v)
    )
    q = q.unflatten(-1, (heads, width))
    full_state = torch.zeros_like(q)
    for b in range(x.shape[0]):
        for h in range(heads):
            for t in range(x.shape[1]):
                scores = k[b, : t + 1, h] @ q[b, t, h] / math.sqrt(width)
                full_state[b, t, h] = scores.softmax(0) @ v[b, : t + 1, h]
    out_bias = 0 if attn.out.bias is None else attn.out.bias.double()
    return (full_state.flatten(2) @ attn.out.weight.double().T + out_bias).float()


ATTENTION_CONFIGS = {
    "one head": resized(TINY, n_heads=1),
    "four heads": TINY,
    "no biases": replace(TINY, bias=False),
    "two query heads a key head": replace(TINY, n_kv_heads=2),
    "one key head for all": replace(TINY, n_kv_heads=1, bias=False),
    "heads wider than C / H": replace(TINY, head_dim=12),
}


@pytest.mark.parametrize("shape", [(1, 1), (2, 7), (3, 16)])
@pytest.mark.parametrize("name", ATTENTION_CONFIGS)
def test_attention_is_its_formula(name, shape):
    config = ATTENTION_CONFIGS[name]
    attn = randomize(CausalSelfAttention(config))
    x = torch.randn(*shape, 32)
    assert_close(attn(x), explicit_attention(attn, config, x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("n_heads", [1, 4, 8])
@pytest.mark.parametrize("bias", [True, False])
def test_attention_is_torchs_multihead_attention(n_heads, bias):
    ours = randomize(CausalSelfAttention(resized(TINY, n_heads=n_heads, bias=bias)))
    theirs = nn.MultiheadAttention(32, n_heads, bias=bias, batch_first=True).eval()
    names = {"qkv.weight": "in_proj_weight", "qkv.bias": "in_proj_bias"}
    names |= {"out.weight": "out_proj.weight", "out.bias": "out_proj.bias"}
    theirs.load_state_dict({names[name]: w for name, w in ours.state_dict().items()})
    for n_tokens in (1, 5, 16):
        x = torch.randn(2, n_tokens, 32)
        future = torch.ones(n_tokens, n_tokens, dtype=torch.bool).triu(1)  # True: may not look
        expected, _ = theirs(x, x, x, attn_mask=future, need_weights=True)
        assert_close(ours(x), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("n_tokens", [1, 5, 16])
def test_attention_is_torchs_scaled_dot_product_attention(n_tokens):
    """With one head and identity matrices nothing but the kernel itself remains."""
    attn = CausalSelfAttention(resized(TINY, n_heads=1, bias=False))
    with torch.no_grad():
        attn.qkv.weight.copy_(torch.eye(32).repeat(3, 1))
        attn.out.weight.copy_(torch.eye(32))
    x = torch.randn(2, n_tokens, 32)
    expected = F.scaled_dot_product_attention(x, x, x, is_causal=True)
    assert_close(attn(x), expected)


def test_a_given_mask_replaces_the_causal_one():
    attn, x = randomize(CausalSelfAttention(TINY)), torch.randn(1, 4, 32)
    causal = torch.ones(4, 4, dtype=torch.bool).tril()
    assert_close(attn(x, mask=causal), attn(x))
    assert (attn(x, mask=torch.ones(4, 4, dtype=torch.bool)) - attn(x))[:, 0].abs().max() > 1e-3


def test_rotary_positions_depend_on_distance_only_and_keep_lengths():
    config = replace(LLAMA, n_heads=1, n_kv_heads=1, head_dim=None)
    q, k = torch.randn(2, 1, 1, 1, 32).double()
    scores = []
    for shift in (0, 3, 100):
        cos, sin = rope_cos_sin(torch.tensor([5 + shift, 2 + shift]), config, torch.float64)
        turned_q = apply_rope(q, cos[..., :1, :], sin[..., :1, :])
        turned_k = apply_rope(k, cos[..., 1:, :], sin[..., 1:, :])
        assert_close(turned_q.norm(), q.norm())
        scores.append((turned_q * turned_k).sum())
    assert_close(torch.stack(scores), scores[0].expand(3), atol=1e-4, rtol=1e-4)
    assert abs(scores[0] - (q * k).sum()) > 1e-3


# --- The whole model ---------------------------------------------------------------------


@pytest.mark.parametrize("config", [TINY, LLAMA], ids=["gpt2", "llama"])
def test_the_future_does_not_reach_back(config):
    """Another token at t leaves every logit before t as it is, bit for bit, and moves the rest."""
    model = randomize(GPT(config))
    token_ids = random_ids(config, 2, 12)
    before = model(token_ids)
    for t in range(12):
        changed = token_ids.clone()
        changed[:, t] = (changed[:, t] + 1) % config.vocab_size
        after = model(changed)
        assert torch.equal(after[:, :t], before[:, :t])
        moved = (after[:, t:] - before[:, t:]).abs().amax(dim=-1)
        assert (moved > 1e-4).all(), f"token {t} is not seen by all that follow"


@pytest.mark.parametrize("config", [TINY, LLAMA], ids=["gpt2", "llama"])
def test_rows_of_a_batch_do_not_meet(config):
    model, token_ids = randomize(GPT(config)), random_ids(config, 3, 9)
    alone = torch.cat([model(row[None]) for row in token_ids])
    assert_close(model(token_ids), alone, atol=1e-5, rtol=1e-5)


def test_a_block_adds_to_what_came_in():
    """With both writers at zero a block passes its input through unchanged."""
    block, x = randomize(Block(TINY)), torch.randn(2, 5, 32)
    expected = x + block.attn(block.norm1(x))
    expected = expected + block.mlp(block.norm2(expected))
    assert torch.equal(block(x), expected)
    with torch.no_grad():
        for writer in (block.attn.out, block.mlp.down):
            writer.weight.zero_()
            writer.bias.zero_()
    assert torch.equal(block(x), x)


GPT2_LIKE = {
    "tied": TINY,
    "untied": replace(TINY, tie_weights=False),
    "narrow mlp": replace(TINY, mlp_dim=48, norm_eps=1e-3),
    "one head, three layers": resized(TINY, n_heads=1, n_layers=3),
}
LLAMA_LIKE = {
    "grouped queries": LLAMA,
    "untied": replace(LLAMA, tie_weights=False),
    "as many key heads": replace(LLAMA, n_kv_heads=None),
    "wide heads": replace(LLAMA, head_dim=16, n_kv_heads=1),
}


@pytest.fixture(scope="module")
def tokenizer():
    return train_bpe("to be or not to be", 257)


def saved(config, tokenizer, folder):
    """Save a random model; its biases and norms are far from where they start in training."""
    model = randomize(GPT(config), 0.2)
    save_pretrained(model, tokenizer, folder)
    return model


@pytest.mark.parametrize(
    "name", [f"gpt2: {n}" for n in GPT2_LIKE] + [f"llama: {n}" for n in LLAMA_LIKE]
)
def test_logits_are_those_of_transformers(name, tokenizer, tmp_path):
    from transformers import GPT2LMHeadModel, LlamaForCausalLM

    kind, name = name.split(": ")
    config = {"gpt2": GPT2_LIKE, "llama": LLAMA_LIKE}[kind][name]
    model = saved(config, tokenizer, tmp_path)
    theirs, report = {"gpt2": GPT2LMHeadModel, "llama": LlamaForCausalLM}[kind].from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert not any(report.values()), f"not every weight found its place: {report}"
    # transformers' own counts of parameters, tied ones once
    assert model_size(model) == theirs.num_parameters()
    for n_tokens in (1, 7, config.context_length):
        token_ids = random_ids(config, 2, n_tokens)
        with torch.no_grad():
            assert_close(model(token_ids), theirs(token_ids).logits, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", GPT2_LIKE)
def test_logits_are_those_of_gpt2_in_numpy(name, tokenizer, tmp_path):
    config = GPT2_LIKE[name]
    model = saved(config, tokenizer, tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    weights = {key.removeprefix("transformer."): w.numpy() for key, w in tensors.items()}
    for n_tokens in (1, config.context_length):
        token_ids = random_ids(config, n_tokens).tolist()
        expected = numpy_gpt2.logits(weights, token_ids, config.n_heads, config.norm_eps)
        ours = model(torch.tensor([token_ids]))[0].double()
        assert_close(ours, torch.from_numpy(expected), atol=1e-5, rtol=1e-5)
    # The oracle reads its weights and can disagree.
    other = numpy_gpt2.logits(weights, token_ids, 2 * config.n_heads, config.norm_eps)
    assert (ours - torch.from_numpy(other)).abs().max() > 1e-2


# --- Sizes, tying, initialisation, dropout -----------------------------------------------


def model_size(model: nn.Module) -> int:
    """Count parameters; torch lists a shared one once."""
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("preset", "count"),
    [
        ("gpt2", 124_439_808),
        ("gpt2-medium", 354_823_168),
        ("gpt2-large", 774_030_080),
        ("gpt2-xl", 1_557_611_200),
        ("smollm2-135m", 134_515_008),
    ],
)
def test_parameter_counts_are_the_published_ones(preset, count):
    with torch.device("meta"):  # shapes without memory
        assert model_size(GPT(PRESETS[preset])) == count


@pytest.mark.parametrize(
    ("changes", "count"),
    [({"tie_weights": False}, 163_037_184), ({"context_length": 256}, 123_849_984)],
)
def test_parameter_counts_follow_the_config(changes, count):
    with torch.device("meta"):
        assert model_size(GPT(replace(PRESETS["gpt2"], **changes))) == count


@pytest.mark.parametrize("preset", ["tiny", "plays"])
def test_parameter_counts_of_our_own_presets_add_up(preset):
    c = PRESETS[preset]
    C = c.emb_dim
    attention, mlp, norms = 4 * C * C + 4 * C, 8 * C * C + 5 * C, 4 * C
    expected = (
        (c.vocab_size + c.context_length) * C + c.n_layers * (attention + mlp + norms) + 2 * C
    )
    with torch.device("meta"):
        assert model_size(GPT(c)) == expected


def is_tied(model: GPT) -> bool:
    return (
        model.head.weight is model.tok_emb.weight
        and model.head.weight.data_ptr() == model.tok_emb.weight.data_ptr()
    )


def test_tied_weights_stay_tied(tokenizer, tmp_path):
    model = GPT(TINY)
    assert is_tied(model)
    assert is_tied(model.to(torch.float64))
    model = model.to(torch.float32)
    assert is_tied(copy.deepcopy(model))
    other = GPT(TINY)
    other.load_state_dict(model.state_dict())
    assert is_tied(other)
    save_pretrained(model, tokenizer, tmp_path)
    loaded, _ = from_pretrained(tmp_path)
    assert is_tied(loaded)
    assert "lm_head.weight" not in load_file(tmp_path / "model.safetensors")
    with torch.no_grad():
        loaded.tok_emb.weight[3] += 1
    assert torch.equal(loaded.head.weight[3], loaded.tok_emb.weight[3])


def test_untied_weights_are_two():
    model = GPT(replace(TINY, tie_weights=False))
    assert not is_tied(model)
    assert not torch.equal(model.head.weight, model.tok_emb.weight)


def test_masks_are_not_saved():
    """A checkpoint holds weights and nothing else, so that another context length can read it."""
    model = GPT(TINY)
    assert set(model.state_dict()) == set(dict(model.named_parameters(remove_duplicate=False)))


@pytest.mark.parametrize(
    "config", [replace(TINY, n_layers=8, tie_weights=False), replace(LLAMA, n_layers=8)]
)
def test_weights_start_as_gpt2s(config):
    """Spread 0.02; 0.02 / sqrt(2 layers) where a layer writes into the residual path."""
    config = resized(config, emb_dim=64)
    for name, weight in GPT(config).named_parameters():
        if "norm" in name:
            assert torch.equal(weight, torch.full_like(weight, float(name.endswith("weight"))))
        elif name.endswith("bias"):
            assert not weight.any(), name
        else:
            writes = name.endswith(("attn.out.weight", "mlp.down.weight"))
            std = 0.02 / math.sqrt(16) if writes else 0.02
            error = 5 / math.sqrt(2 * weight.numel())  # five standard errors of a spread
            assert abs(weight.std().item() / std - 1) < error, name
            assert abs(weight.mean().item()) < 5 * std / math.sqrt(weight.numel()), name


def test_dropout_acts_only_in_training():
    model, token_ids = GPT(replace(TINY, dropout=0.5)), random_ids(TINY, 2, 8)
    assert model.training and not torch.equal(model(token_ids), model(token_ids))
    model.eval()
    assert torch.equal(model(token_ids), model(token_ids))
    plain = GPT(TINY)
    plain.load_state_dict(model.state_dict())
    assert torch.equal(model(token_ids), plain(token_ids))
    assert torch.equal(plain.train()(token_ids), plain.eval()(token_ids))


def test_dropout_sets_its_share_to_zero_in_each_place():
    """After the embeddings and behind each of a block's two parts, nowhere else."""
    model = GPT(replace(TINY, dropout=0.25))
    drops = {name: m for name, m in model.named_modules() if isinstance(m, nn.Dropout)}
    assert sorted(drops) == ["blocks.0.drop", "blocks.1.drop", "drop"]
    seen = []
    for drop in drops.values():
        drop.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    model(random_ids(TINY, 16, 16))
    assert len(seen) == 1 + 2 * TINY.n_layers
    for before, after in seen:
        assert 0.2 < (after == 0).float().mean() < 0.3
        assert_close(after[after != 0], before[after != 0] / 0.75)


def test_gradients_reach_every_parameter():
    for config in (TINY, LLAMA):
        model = GPT(config)
        model(random_ids(config, 4, 16)).square().mean().backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None and parameter.grad.any(), name


def test_the_batch_may_be_a_half_precision_one():
    model = GPT(LLAMA).to(torch.bfloat16)
    assert model(random_ids(LLAMA, 2, 8)).dtype == torch.bfloat16


# --- Token ids ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token_ids", "error", "message"),
    [
        ([[1, 2]], TypeError, "tensor of whole numbers, got list"),
        (torch.ones(1, 3), TypeError, "tensor of whole numbers, got torch.float32"),
        (torch.tensor([1, 2]), ValueError, r"\(B, T\) without zeros, got \(2,\)"),
        (torch.zeros(1, 0, dtype=torch.long), ValueError, r"without zeros, got \(1, 0\)"),
        (torch.zeros(0, 4, dtype=torch.long), ValueError, r"without zeros, got \(0, 4\)"),
        (torch.zeros(1, 17, dtype=torch.long), ValueError, "17 .* context_length 16"),
        (torch.tensor([[0, 64]]), ValueError, "token id 64 is outside 0 to 63"),
        (torch.tensor([[0, -1]]), ValueError, "token id -1 is outside 0 to 63"),
    ],
)
def test_token_ids_that_do_not_fit_are_named(token_ids, error, message):
    with pytest.raises(error, match=message):
        GPT(TINY)(token_ids)


def test_token_ids_up_to_the_limits_fit():
    edge = torch.full((1, TINY.context_length), TINY.vocab_size - 1)
    assert GPT(TINY)(edge).shape == (1, 16, 64)
    assert GPT(TINY)(edge.to(torch.int32)).shape == (1, 16, 64)

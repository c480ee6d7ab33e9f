"""Sampling against NumPy and by frequency; the cache against no cache; greedy against transformers.

Weights are drawn larger than a model's start values, or all texts would be one token repeated.
"""

from functools import cache
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from workshop_lib import generate as generating
from workshop_lib.config import GPTConfig
from workshop_lib.generate import generate, generate_batch, new_tokens, sample_next_token, stream
from workshop_lib.model import GPT, KVCache
from workshop_lib.tokenizer import train_bpe
from workshop_lib.weights import save_pretrained

CONTEXT = 12
V = 50
SHAPE = dict(vocab_size=V, context_length=CONTEXT, emb_dim=32, n_layers=2, n_heads=4)
LLAMA = dict(norm="rmsnorm", positions="rotary", mlp="swiglu", bias=False)
CONFIGS = {
    "learned": GPTConfig(**SHAPE),
    "learned, grouped queries": GPTConfig(**SHAPE, n_kv_heads=2, tie_weights=False),
    "rotary": GPTConfig(**SHAPE, **LLAMA),
    "rotary, grouped queries": GPTConfig(**SHAPE, **LLAMA, n_kv_heads=2),
    "rotary, one key head, dropout": GPTConfig(**SHAPE, **LLAMA, n_kv_heads=1, dropout=0.5),
}
each_kind = pytest.mark.parametrize("kind", CONFIGS)


@cache
def model_of(kind):
    return with_large_weights(CONFIGS[kind])


def with_large_weights(config):
    torch.manual_seed(0)
    model = GPT(config)
    for weight in model.parameters():
        if weight.dim() == 2:
            nn.init.normal_(weight, std=0.2)
    return model.eval()


def prompt_of(n_tokens, rows=1, seed=0):
    return torch.randint(0, V, (rows, n_tokens), generator=torch.Generator().manual_seed(seed))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def greedy_by_hand(model, token_ids, n_new):
    """Generate without a cache, without the package: the whole window again for each token."""
    for _ in range(n_new):
        logits = model(token_ids[:, -CONTEXT:])[:, -1]
        token_ids = torch.cat([token_ids, logits.argmax(-1, keepdim=True)], dim=1)
    return token_ids


# --- One token: the distribution it is drawn from ----------------------------------------


def distribution(logits, temperature, top_k, top_p):
    """The distribution one row should be drawn from, in NumPy and double precision."""
    probs = np.exp(np.asarray(logits, dtype=np.float64) / temperature)
    probs /= probs.sum()
    if top_k is not None and top_k < len(probs):
        probs[probs < np.sort(probs)[-top_k]] = 0
        probs /= probs.sum()
    if top_p is not None and top_p < 1:
        reached, kept = 0.0, np.zeros_like(probs)
        for token in np.argsort(-probs, kind="stable"):
            if reached >= top_p:
                break
            kept[token] = probs[token]
            reached += probs[token]
        probs = kept / kept.sum()
    return probs


@pytest.fixture
def drawn_from(monkeypatch):
    """Return a function that gives the distribution which sample_next_token hands to torch."""
    seen = []
    draw = torch.multinomial

    def spy(probs, *args, **kwargs):
        seen.append(probs.clone())
        return draw(probs, *args, **kwargs)

    monkeypatch.setattr(torch, "multinomial", spy)

    def run(logits, **settings):
        sample_next_token(torch.as_tensor(logits), **settings)
        return seen.pop().numpy()

    return run


@pytest.mark.parametrize("temperature", [0.3, 0.7, 1.0, 1.5, 100.0])
@pytest.mark.parametrize("top_k", [None, 1, 3, 19, 20, 21, 1000])
@pytest.mark.parametrize("top_p", [None, 1e-6, 0.3, 0.9, 0.999, 1.0])
def test_distribution_is_the_one_worked_out_in_numpy(drawn_from, temperature, top_k, top_p):
    logits = torch.randn(4, 20, generator=generator(3)) * 3
    found = drawn_from(logits, temperature=temperature, top_k=top_k, top_p=top_p)
    for row in range(4):
        expected = distribution(logits[row].numpy(), temperature, top_k, top_p)
        np.testing.assert_allclose(found[row], expected, atol=1e-6)
        assert ((found[row] == 0) == (expected == 0)).all()


def test_distribution_by_hand(drawn_from):
    logits = torch.tensor([[0.5, 0.25, 0.15, 0.1]]).log()
    halves = dict(temperature=0.5)  # squares the probabilities: 0.25, 0.0625, 0.0225, 0.01
    np.testing.assert_allclose(
        drawn_from(logits, **halves)[0], [0.7246, 0.1812, 0.0652, 0.0290], atol=1e-4
    )
    ones = dict(temperature=1.0)
    for settings, expected in [
        (dict(top_k=2), [2 / 3, 1 / 3, 0, 0]),
        (dict(top_p=0.49), [1, 0, 0, 0]),
        (dict(top_p=0.51), [2 / 3, 1 / 3, 0, 0]),
        (dict(top_p=0.76), [5 / 9, 2.5 / 9, 1.5 / 9, 0]),
        (dict(top_p=0.91), [0.5, 0.25, 0.15, 0.1]),
        # top-k first: of 0.625 and 0.375 the first alone reaches 0.6
        (dict(top_k=2, top_p=0.6), [1, 0, 0, 0]),
        (dict(top_k=4, top_p=1.0), [0.5, 0.25, 0.15, 0.1]),
    ]:
        np.testing.assert_allclose(drawn_from(logits, **ones, **settings)[0], expected, atol=1e-6)


def test_top_p_of_1_keeps_every_token_of_a_large_vocabulary(drawn_from):
    logits = torch.randn(1, 50_000, generator=generator()) * 3
    found = drawn_from(logits, temperature=1.0, top_p=1.0)
    np.testing.assert_array_equal(found, drawn_from(logits, temperature=1.0))
    assert (found > 0).all()


def test_ties(drawn_from):
    tied = torch.tensor([[1.0, 3.0, 3.0, 3.0, 0.0]])
    # top-k keeps all that tie with the k-th: there is no reason to prefer one of them
    found = drawn_from(tied, temperature=1.0, top_k=2)
    np.testing.assert_allclose(found, [[0, 1 / 3, 1 / 3, 1 / 3, 0]], atol=1e-6)
    # top-p keeps as many as it needs, whichever: each of the five has 0.2
    found = drawn_from(torch.zeros(1, 5), temperature=1.0, top_p=0.5)
    np.testing.assert_allclose(np.sort(found[0]), [0, 0, 1 / 3, 1 / 3, 1 / 3], atol=1e-6)


def test_rows_are_filtered_on_their_own(drawn_from):
    logits = torch.tensor([[0.9, 0.05, 0.05], [0.34, 0.33, 0.33]]).log()
    found = drawn_from(logits, temperature=1.0, top_p=0.8)
    np.testing.assert_allclose(found, [[1, 0, 0], [0.34, 0.33, 0.33]], atol=1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        dict(temperature=1.0),
        dict(temperature=0.5),
        dict(temperature=2.0, top_k=3),
        dict(temperature=1.0, top_p=0.8),
        dict(temperature=1.3, top_k=4, top_p=0.7),
    ],
)
def test_frequencies_are_the_distribution(settings):
    logits = torch.tensor([1.2, -0.3, 2.0, 0.1, 0.9, -2.0])
    n_draws = 40_000
    tokens = sample_next_token(logits.repeat(n_draws, 1), **settings, generator=generator(5))
    found = np.bincount(tokens.numpy(), minlength=6) / n_draws
    settings = dict(top_k=None, top_p=None) | settings
    expected = distribution(logits.numpy(), **settings)
    # five standard deviations of a proportion; 0 where a token is cut
    tolerance = 5 * np.sqrt(expected * (1 - expected) / n_draws)
    assert (np.abs(found - expected) <= tolerance).all(), (found, expected)


def test_temperature_0_takes_the_most_likely_token_and_draws_nothing():
    logits = torch.randn(8, V, generator=generator())
    state = torch.get_rng_state()
    expected = [max(range(V), key=row.__getitem__) for row in logits.tolist()]
    assert sample_next_token(logits).tolist() == expected
    assert sample_next_token(logits, temperature=0, top_k=5, top_p=0.5).tolist() == expected
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("settings", [dict(top_k=1), dict(top_p=1e-9), dict(temperature=1e-6)])
def test_the_narrowest_settings_are_greedy(settings):
    logits = torch.randn(200, V, generator=generator()) * 5
    settings = dict(temperature=1.0) | settings
    assert torch.equal(
        sample_next_token(logits, **settings, generator=generator()), logits.argmax(-1)
    )


def test_next_token_takes_half_precision_and_leaves_the_logits_as_they_are():
    logits = torch.randn(2, V, generator=generator()).bfloat16()
    before = logits.clone()
    tokens = sample_next_token(logits, temperature=0.8, top_k=5, top_p=0.9, generator=generator())
    assert tokens.dtype == torch.long and tokens.shape == (2,)
    assert torch.equal(logits, before)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (dict(temperature=-1), ValueError, "temperature -1 must be 0 or a number above it"),
        (dict(temperature=float("nan")), ValueError, "temperature nan must be 0 or"),
        (dict(temperature=float("inf")), ValueError, "temperature inf must be 0 or"),
        (dict(top_k=0), ValueError, "top_k must be 1 or more, got 0"),
        (dict(top_k=2.5), TypeError, r"top_k must be a whole number, got 2\.5"),
        (dict(top_p=0), ValueError, "top_p 0 is outside 0 < top_p <= 1"),
        (dict(top_p=1.1), ValueError, r"top_p 1\.1 is outside 0 < top_p <= 1"),
        (dict(topk=5), TypeError, "topk"),
    ],
)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_settings_are_checked_also_where_greedy_needs_none(settings, error, message, temperature):
    settings = dict(temperature=temperature) | settings
    with pytest.raises(error, match=message):
        sample_next_token(torch.zeros(1, V), **settings)
    with pytest.raises(error, match=message):
        generate(model_of("learned"), prompt_of(3), 2, **settings)
    with pytest.raises(error, match=message):
        list(stream(model_of("learned"), prompt_of(3), 2, **settings))


# --- Greedy text -------------------------------------------------------------------------


@each_kind
def test_greedy_is_argmax_by_hand(kind):
    model = model_of(kind)
    expected = greedy_by_hand(model, prompt_of(3, rows=2), CONTEXT + 5)
    assert torch.equal(generate(model, prompt_of(3, rows=2), CONTEXT + 5), expected)
    assert len(set(expected.flatten().tolist())) > 8, "a text of few tokens would prove little"


@pytest.mark.parametrize("llama", [False, True])
def test_greedy_equals_transformers(llama, tmp_path):
    import transformers

    tokenizer = train_bpe("the cat sat on the mat and the hat. " * 9, 280)
    shape = SHAPE | dict(vocab_size=tokenizer.vocab_size, context_length=40)
    shape |= dict(**LLAMA, n_kv_heads=2) if llama else {}
    model = with_large_weights(GPTConfig(**shape))
    save_pretrained(model, tokenizer, tmp_path)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    prompt = torch.tensor([tokenizer.encode("the cat sat"), tokenizer.encode("the hat and")])
    stop_ids = [tokenizer.eos_token_id]
    found = generate(model, prompt, 30, stop_ids=stop_ids)
    expected = theirs.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=30,
        do_sample=False,
        pad_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    assert found.tolist() == expected.tolist()
    assert len(set(found.flatten().tolist())) > 8, "a text of few tokens would prove little"


# --- The cache ---------------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("n_prompt", range(1, CONTEXT + 4))
def test_cached_and_uncached_give_the_same_tokens(kind, n_prompt):
    model, prompt = model_of(kind), prompt_of(n_prompt, rows=3, seed=n_prompt)
    expected = greedy_by_hand(model, prompt, CONTEXT + 3)
    assert torch.equal(generate(model, prompt, CONTEXT + 3), expected)
    assert torch.equal(generate(model, prompt, CONTEXT + 3, use_cache=False), expected)


@each_kind
@pytest.mark.parametrize("n_prompt", range(1, CONTEXT + 2))
def test_cached_and_uncached_give_the_same_draws(kind, n_prompt):
    settings = dict(temperature=1.2, top_k=20, top_p=0.95)
    model, prompt = model_of(kind), prompt_of(n_prompt, rows=3, seed=n_prompt)
    cached, uncached = (
        generate(model, prompt, CONTEXT, **settings, use_cache=use_cache, generator=generator(1))
        for use_cache in (True, False)
    )
    assert torch.equal(cached, uncached)


@each_kind
@pytest.mark.parametrize("n_prompt", range(1, CONTEXT + 1))
@torch.no_grad()
def test_cached_logits_are_the_logits_of_one_pass(kind, n_prompt):
    model, text = model_of(kind), prompt_of(CONTEXT, rows=3)
    expected = model(text)
    cache = KVCache(model.config, 3)
    found = [model(text[:, :n_prompt], cache)]
    found += [model(text[:, i : i + 1], cache) for i in range(n_prompt, CONTEXT)]
    torch.testing.assert_close(torch.cat(found, dim=1), expected, atol=1e-5, rtol=1e-5)
    assert cache.length == CONTEXT


@each_kind
@pytest.mark.parametrize("chunks", [[12], [1, 11], [5, 7], [4, 4, 4], [3, 1, 6, 2], [1] * 12])
@torch.no_grad()
def test_a_prompt_read_in_chunks_is_one_pass(kind, chunks):
    model, text = model_of(kind), prompt_of(CONTEXT, rows=2)
    cache = KVCache(model.config, 2)
    found = [model(chunk, cache) for chunk in text.split(chunks, dim=1)]
    torch.testing.assert_close(torch.cat(found, dim=1), model(text), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_later_chunk_does_not_see_its_own_future():
    model, text = model_of("learned"), prompt_of(8)
    changed = text.clone()
    changed[0, 7] = (text[0, 7] + 1) % V
    logits = []
    for ids in (text, changed):
        cache = KVCache(model.config)
        model(ids[:, :4], cache)
        logits.append(model(ids[:, 4:], cache))
    assert torch.equal(logits[0][:, :3], logits[1][:, :3])
    assert not torch.equal(logits[0][:, 3], logits[1][:, 3])


@each_kind
def test_two_calls_in_a_row_are_independent(kind):
    model = model_of(kind)
    first = generate(model, prompt_of(4, seed=1), 9)
    generate(model, prompt_of(7, seed=2), 9)
    assert torch.equal(generate(model, prompt_of(4, seed=1), 9), first)


def test_two_streams_at_once_are_independent():
    model, prompts = model_of("learned"), [prompt_of(4, seed=1), prompt_of(6, seed=2)]
    expected = [list(stream(model, prompt, 6)) for prompt in prompts]
    pairs = zip(*(stream(model, prompt, 6) for prompt in prompts), strict=True)
    assert [list(tokens) for tokens in zip(*pairs, strict=True)] == expected


def test_the_cache_spares_the_model_the_tokens_it_knows(monkeypatch):
    model, read = model_of("learned"), []
    hidden = model.hidden
    monkeypatch.setattr(
        model, "hidden", lambda ids, cache: read.append(ids.shape[1]) or hidden(ids, cache)
    )
    generate(model, prompt_of(5), 9)
    # Five tokens, then one each, until the window of 12 is full and slides.
    assert read == [5] + 7 * [1] + [12]
    read.clear()
    generate(model, prompt_of(5), 4, use_cache=False)
    assert read == [5, 6, 7, 8]


class NumbersMade(TorchDispatchMode):
    """Counts all numbers that operations write: what a step copies or computes, but not reads."""

    n = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.n += sum(x.numel() for x in tree_leaves(out) if isinstance(x, torch.Tensor))
        return out


def numbers_made(model, n_new):
    """Count the numbers made for each of the new tokens of a prompt of 5."""
    tokens, made = new_tokens(model, prompt_of(5), n_new), []
    for _ in range(n_new):
        with NumbersMade() as counter:
            next(tokens)
        made.append(counter.n)
    return made


@pytest.mark.parametrize("llama", [False, True])
def test_a_later_token_is_no_more_work_than_an_early_one(llama):
    shape = SHAPE | dict(context_length=400) | (dict(**LLAMA, n_kv_heads=2) if llama else {})
    model = with_large_weights(GPTConfig(**shape))
    made = numbers_made(model, 300)
    # One id and one position more in each step; a copied cache would be 64 numbers or more.
    assert 0 <= made[-1] - made[1] <= 2 * 298, (made[1], made[-1])
    assert made[1] > 1000
    assert made[1] == numbers_made(model, 3)[1], "room for more tokens is no work"


def test_a_prompt_beyond_the_context_counts_by_its_end():
    model, prompt = model_of("rotary"), prompt_of(CONTEXT + 20)
    out = generate(model, prompt, 5)
    assert torch.equal(out[:, : CONTEXT + 20], prompt), "the prompt is returned whole"
    assert torch.equal(out[:, -5:], generate(model, prompt[:, -CONTEXT:], 5)[:, -5:])


def test_a_full_cache_says_so():
    model, cache = model_of("learned"), KVCache(CONFIGS["learned"], capacity=4)
    with torch.no_grad():
        model(prompt_of(3), cache)
        with pytest.raises(ValueError, match=r"holds \(rows, tokens\) \(1, 4\), but \(1, 5\)"):
            model(prompt_of(2), cache)
        with pytest.raises(ValueError, match=r"\(1, 4\), but \(2, 4\) are needed"):
            model(prompt_of(1, rows=2), cache)
        with pytest.raises(ValueError, match="13 tokens are more than the context_length 12"):
            model(prompt_of(10), cache)


# --- Prompts of different lengths --------------------------------------------------------


@each_kind
@pytest.mark.parametrize("lengths", [[1, 12], [5], [3, 3], [1, 7, 4, 2], [12, 13, 20, 1]])
def test_a_batch_of_prompts_is_one_at_a_time(kind, lengths):
    model = model_of(kind)
    prompts = [prompt_of(n, seed=i)[0].tolist() for i, n in enumerate(lengths)]
    alone = [
        generate(model, torch.tensor([prompt]), CONTEXT + 3)[0, len(prompt) :].tolist()
        for prompt in prompts
    ]
    assert generate_batch(model, prompts, CONTEXT + 3) == alone
    assert generate_batch(model, prompts, CONTEXT + 3, use_cache=False) == alone


def test_a_batch_ends_each_row_before_its_stop_id():
    model = model_of("learned")
    prompts = [prompt_of(n, seed=n)[0].tolist() for n in (3, 6, 2)]
    whole = generate_batch(model, prompts, 9)
    stop = whole[1][4]
    expected = [row[: row.index(stop)] if stop in row else row for row in whole]
    assert generate_batch(model, prompts, 9, stop_ids=[stop]) == expected
    assert len(expected[1]) <= 4 and expected != whole


@pytest.mark.parametrize("prompts", [[], [[]], [[1, 2], []]])
def test_a_batch_needs_prompts(prompts):
    with pytest.raises(ValueError, match="one prompt or more, each of one token or more"):
        generate_batch(model_of("learned"), prompts, 3)


# --- Stop ids and streams ----------------------------------------------------------------


def test_generation_ends_with_the_stop_id():
    model, prompt = model_of("learned"), prompt_of(3)
    whole = generate(model, prompt, 10)[0].tolist()
    stop = whole[3 + 4]
    first = whole.index(stop, 3)
    assert generate(model, prompt, 10, stop_ids=[stop])[0].tolist() == whole[: first + 1]
    unused = next(token for token in range(V) if token not in whole)
    assert generate(model, prompt, 10, stop_ids=[unused])[0].tolist() == whole


def test_a_row_that_has_ended_repeats_its_stop_id_while_others_go_on():
    model, prompt = model_of("learned"), prompt_of(3, rows=2)
    whole = generate(model, prompt, 10)
    alone, other = whole[0, 3:].tolist(), whole[1, 3:].tolist()
    stop = next(token for token in alone if token not in other)
    n_before = alone.index(stop)
    found = generate(model, prompt, 10, stop_ids=(stop,))
    assert found[0, 3:].tolist() == alone[:n_before] + [stop] * (10 - n_before)
    assert found[1, 3:].tolist() == other


def test_a_stop_id_in_the_prompt_stops_nothing():
    model, prompt = model_of("learned"), prompt_of(3)
    whole = generate(model, prompt, 5)
    once = next(token for token in prompt[0].tolist() if token not in whole[0, 3:])
    assert torch.equal(generate(model, prompt, 5, stop_ids=[once]), whole)


@each_kind
def test_stream_is_generate(kind):
    model, settings = model_of(kind), dict(temperature=1.1, top_k=9)
    for n_new in (1, 6, CONTEXT + 4):
        expected = generate(model, prompt_of(4), n_new, **settings, generator=generator(2))
        found = list(stream(model, prompt_of(4), n_new, **settings, generator=generator(2)))
        assert found == expected[0, 4:].tolist() and isinstance(found[0], int)


def test_stream_ends_before_the_stop_id():
    model = model_of("learned")
    whole = list(stream(model, prompt_of(3), 10))
    stop = whole[4]
    assert list(stream(model, prompt_of(3), 10, stop_ids=[stop])) == whole[: whole.index(stop)]


def test_stream_gives_a_token_before_the_next_is_computed(monkeypatch):
    model, passes = model_of("learned"), []
    hidden = model.hidden
    monkeypatch.setattr(model, "hidden", lambda *args: passes.append(1) or hidden(*args))
    tokens = stream(model, prompt_of(3), 10)
    assert len(passes) == 0
    list(islice(tokens, 2))
    assert len(passes) == 2


# --- Randomness, modes, bad input --------------------------------------------------------


def test_a_generator_makes_draws_repeatable():
    model, hot = model_of("learned"), dict(temperature=1.5)
    first, again, other = (
        generate(model, prompt_of(3, rows=2), 9, **hot, generator=generator(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_with_a_generator_the_global_random_numbers_stay_as_they_are():
    model, hot = model_of("learned"), dict(temperature=1.5)
    state = torch.get_rng_state()
    first = generate(model, prompt_of(3), 9, **hot, generator=generator(1))
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(3)
    assert torch.equal(generate(model, prompt_of(3), 9, **hot, generator=generator(1)), first)


def test_without_a_generator_the_global_seed_counts():
    model, hot = model_of("learned"), dict(temperature=1.5)
    out = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        out.append(generate(model, prompt_of(3), 9, **hot))
    assert torch.equal(out[0], out[1]) and not torch.equal(out[0], out[2])


@pytest.mark.parametrize("training", [True, False])
def test_the_models_mode_is_restored_and_dropout_is_off(training):
    model = with_large_weights(CONFIGS["rotary, one key head, dropout"])
    expected = generate(model.eval(), prompt_of(3), 9)
    model.train(training)
    assert torch.equal(generate(model, prompt_of(3), 9), expected)
    assert model.training is training and model.blocks[0].drop.training is training


def test_the_mode_is_restored_when_generation_breaks_off():
    model = with_large_weights(CONFIGS["learned"]).train()
    tokens = stream(model, prompt_of(3), 9)
    next(tokens)
    tokens.close()
    assert model.training
    with pytest.raises(ValueError, match="token id 50 is outside 0 to 49"):
        generate(model, torch.tensor([[V]]), 9)
    assert model.training


def test_generated_tokens_can_be_trained_on():
    model = with_large_weights(CONFIGS["learned"])
    text = generate(model, prompt_of(3, rows=2), 5)
    model(text).logsumexp(-1).sum().backward()
    assert model.tok_emb.weight.grad.abs().sum() > 0


def test_generation_keeps_no_gradients(monkeypatch):
    model, seen = with_large_weights(CONFIGS["learned"]), []
    hidden = model.hidden
    monkeypatch.setattr(model, "hidden", lambda *args: seen.append(hidden(*args)) or seen[-1])
    generate(model, prompt_of(3), 5)
    assert len(seen) == 5 and not any(x.requires_grad for x in seen)


@pytest.mark.parametrize(
    ("prompt", "error", "message"),
    [
        ([1, 2, 3], TypeError, r"token_ids must be a tensor \(B, T\), got a list"),
        (torch.tensor([1, 2, 3]), ValueError, r"must have the shape \(B, T\), got \(3,\)"),
        (torch.zeros(1, 3), TypeError, r"whole numbers, got torch\.float32"),
        (torch.zeros(1, 0, dtype=torch.long), ValueError, r"without zeros, got \(1, 0\)"),
        (torch.tensor([[1, V]]), ValueError, "token id 50 is outside 0 to 49"),
        (torch.tensor([[-1, 3]]), ValueError, "token id -1 is outside 0 to 49"),
    ],
)
def test_prompts_are_checked(prompt, error, message):
    with pytest.raises(error, match=message):
        generate(model_of("learned"), prompt, 3)


@pytest.mark.parametrize(
    ("n_new", "error", "message"),
    [
        (0, ValueError, "max_new_tokens must be 1 or more, got 0"),
        (-3, ValueError, "max_new_tokens must be 1 or more, got -3"),
        (2.5, TypeError, r"max_new_tokens must be a whole number, got 2\.5"),
    ],
)
def test_the_number_of_tokens_is_checked(n_new, error, message):
    model = model_of("learned")
    for run in (
        lambda: generate(model, prompt_of(3), n_new),
        lambda: generate_batch(model, [[1, 2], [3]], n_new),
        lambda: list(stream(model, prompt_of(3), n_new)),
        lambda: list(new_tokens(model, prompt_of(3), n_new)),
    ):
        with pytest.raises(error, match=message):
            run()


def test_stream_takes_one_prompt():
    with pytest.raises(ValueError, match="stream takes one prompt, got 2 rows"):
        next(stream(model_of("learned"), prompt_of(3, rows=2), 4))


def test_until_stop_cuts_before_the_first_of_several():
    assert generating.until_stop([5, 1, 2, 1], [2, 1]) == [5]
    assert generating.until_stop([5, 6], []) == [5, 6]
    assert generating.until_stop([1], (1,)) == []

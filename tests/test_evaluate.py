"""Multiple choice, judging and ratings, compared with hand-worked examples and with lm-eval."""

import itertools
import json
import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
import torch

from workshop_lib import assets, evaluate, lit, paths
from workshop_lib.config import PRESETS
from workshop_lib.evaluate import (
    Match,
    Question,
    Vote,
    choice_prompt,
    choice_scores,
    cluster_bootstrap,
    count_right,
    effective_size,
    intraclass_correlation,
    judge,
    judge_prompt,
    llm_judge,
    log_likelihoods,
    most_frequent_answers,
    multiple_choice,
    panel,
    preference_ratings,
    wilson_interval,
)
from workshop_lib.evaluate.scores import Score
from workshop_lib.finetune import (
    Example,
    load_lora,
    lora_parameters,
    merge_lora,
    prompt,
    read_examples,
    split,
    user_text,
)
from workshop_lib.lit import lm_eval
from workshop_lib.model import GPT
from workshop_lib.weights import from_pretrained

CHAPTER = paths.ROOT / "06_finetuning"
ADAPTER = CHAPTER / "lora-smollm2" / "adapter.safetensors"
TASKS = CHAPTER / "lm_eval_tasks"
ICE = Question("What is ice made of?", ["sand", "water"], 1)


def read(name: str) -> list[dict]:
    return json.loads((CHAPTER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def questions():
    return [Question(**record) for record in read("choices.json")]


@pytest.fixture(scope="module")
def smollm2():
    return from_pretrained("smollm2")


@pytest.fixture
def tiny():
    torch.manual_seed(0)
    return GPT(PRESETS["tiny"])


# --- Counting ----------------------------------------------------------------------------


def test_right_answers_are_counted_with_their_interval():
    assert count_right([True, False, True, True]) == Score(3, 4, 0.75, *wilson_interval(3, 4))
    with pytest.raises(ValueError, match="0 right of 0"):
        count_right([])


def test_answers_that_share_groups_get_the_interval_of_the_groups():
    passed, groups = 3 * [True, True, False] + 7 * [False, False, False], np.repeat(range(10), 3)
    found = count_right(passed, groups.tolist())
    assert found[:3] == (6, 30, 0.2)
    assert found[2:] == cluster_bootstrap(passed, groups.tolist())
    assert found.low < wilson_interval(6, 30)[0] and found.high > wilson_interval(6, 30)[1]
    assert count_right(passed, range(30)) == count_right(passed)  # each answer alone


def test_where_resampling_says_too_little_each_group_counts_as_one_answer():
    few = count_right([True, False] * 9, np.repeat(range(9), 2).tolist())
    assert few[3:] == wilson_interval(4.5, 9)
    none = count_right([False] * 40, np.repeat(range(20), 2).tolist())
    assert none[3:] == wilson_interval(0, 20)
    assert count_right([True, True, False], "aaa")[3:] == wilson_interval(2 / 3, 1)
    with pytest.raises(ValueError, match="1 groups for 2 answers"):
        count_right([True, False], ["a"])


# --- Groups ------------------------------------------------------------------------------


def grouped_answers(rng, share, icc, n_groups=120, size=3):
    """Right and wrong answers of groups whose chances differ: beta-binomial, of known ICC."""
    strength = 1 / icc - 1
    chances = rng.beta(share * strength, (1 - share) * strength, size=n_groups)
    return (rng.random((n_groups, size)) < chances[:, None]).ravel(), np.repeat(
        range(n_groups), size
    )


def test_the_cluster_bootstrap_equals_all_27_resamples_of_three_groups():
    values, groups = [1, 1, 0, 0, 0, 1], ["a", "a", "b", "b", "b", "c"]
    sums, sizes = {"a": 2, "b": 0, "c": 1}, {"a": 2, "b": 3, "c": 1}
    means = [
        sum(sums[name] for name in drawn) / sum(sizes[name] for name in drawn)
        for drawn in itertools.product("abc", repeat=3)
    ]
    found = cluster_bootstrap(values, groups, n_resamples=50_000)
    assert found.mean == pytest.approx(0.5)
    assert found[1:] == pytest.approx(np.quantile(means, [0.025, 0.975], method="inverted_cdf"))


def test_the_cluster_bootstrap_equals_scipys_on_sums_and_sizes():
    rng = np.random.default_rng(1)
    groups = rng.integers(40, size=150)
    after, before = rng.random(150) < rng.choice([0.1, 0.9], size=40)[groups], rng.random(150) < 0.3
    groups = groups.tolist()
    for values in (after.astype(float), after.astype(float) - before):
        names = sorted(set(groups))
        sums = [sum(v for v, g in zip(values, groups, strict=True) if g == n) for n in names]
        sizes = [groups.count(name) for name in names]
        reference = scipy.stats.bootstrap(
            (sums, sizes), lambda s, n, axis: s.sum(axis=axis) / n.sum(axis=axis),
            paired=True, method="percentile", n_resamples=20_000, vectorized=True,
        ).confidence_interval  # fmt: skip
        found = cluster_bootstrap(values, groups, n_resamples=20_000, seed=5)
        assert found.mean == pytest.approx(values.mean())
        assert found[1:] == pytest.approx(tuple(reference), abs=0.008)


def test_the_cluster_bootstrap_depends_on_its_seed_alone_and_on_no_names():
    values, groups = grouped_answers(np.random.default_rng(0), 0.4, 0.4, n_groups=30)
    first = cluster_bootstrap(values, groups, seed=3)
    assert first == cluster_bootstrap(values, [f"group {g}" for g in groups], seed=3)
    assert first != cluster_bootstrap(values, groups, seed=4)


def test_the_cluster_bootstrap_covers_the_truth_and_wilsons_interval_does_not():
    rng, trials, covered = np.random.default_rng(0), 400, Counter()
    for trial in range(trials):
        values, groups = grouped_answers(rng, 0.4, 0.45)
        _, low, high = cluster_bootstrap(values, groups, n_resamples=400, seed=trial)
        covered["bootstrap"] += low <= 0.4 <= high
        low, high = wilson_interval(int(values.sum()), len(values))
        covered["wilson"] += low <= 0.4 <= high
        size = effective_size(values, groups)
        low, high = wilson_interval(values.mean() * size, size)
        covered["effective size"] += low <= 0.4 <= high
    assert 0.92 <= covered["bootstrap"] / trials <= 0.975
    assert 0.92 <= covered["effective size"] / trials <= 0.975
    assert covered["wilson"] / trials <= 0.88


def test_few_groups_get_an_interval_that_is_wide_enough():
    rng, trials, covered = np.random.default_rng(0), 600, 0
    for _ in range(trials):
        values, groups = grouped_answers(rng, 0.4, 0.45, n_groups=5)
        found = count_right(values.tolist(), groups.tolist())
        covered += found.low <= 0.4 <= found.high
    assert covered / trials >= 0.94


def test_intraclass_correlation_by_hand():
    # Means 2 and 6, between 2·(4 + 4) / 1 = 16, within (2 + 2) / 2 = 2, so (16 - 2) / (16 + 2).
    assert intraclass_correlation([1, 3, 5, 7], "aabb") == pytest.approx(14 / 18)
    # Between 8/15, within 2/9, typical size (5 - 13/5) / 1 = 2.4: (8/15 - 2/9) / (8/15 + 1.4·2/9).
    assert intraclass_correlation([0, 0, 1, 1, 1], "aaabb") == pytest.approx(7 / 19)
    assert intraclass_correlation([0, 0, 1, 1], "aabb") == pytest.approx(1)
    assert intraclass_correlation([0, 1, 0, 1], "aabb") == pytest.approx(-1)


def test_intraclass_correlation_finds_the_one_that_the_data_was_made_with():
    rng = np.random.default_rng(0)
    for icc in (0.05, 0.45):
        values, groups = grouped_answers(rng, 0.4, icc, n_groups=4000)
        assert intraclass_correlation(values, groups) == pytest.approx(icc, abs=0.03)


def test_effective_size_by_hand():
    assert effective_size([0, 0, 1, 1], "aabb") == pytest.approx(2)  # as many as groups
    assert effective_size([0, 1, 0, 1], "aabb") == 4  # a negative ICC counts as 0
    assert effective_size([0, 1, 1], "abc") == 3
    # Mean group (9 + 4) / 5 = 2.6, design effect 1 + 1.6 · 7/19.
    assert effective_size([0, 0, 1, 1, 1], "aaabb") == pytest.approx(5 / (1 + 1.6 * 7 / 19))


@pytest.mark.parametrize("estimate", [cluster_bootstrap, intraclass_correlation, effective_size])
def test_values_without_a_mean_are_refused(estimate):
    with pytest.raises(ValueError, match="no values to take a mean of"):
        estimate([], [])
    with pytest.raises(ValueError, match="1 groups for 2 values"):
        estimate([1, 0], ["a"])
    with pytest.raises(ValueError, match="value 1 is nan: leave out what was not measured"):
        estimate([1, float("nan"), 0], "aab")


def test_groups_that_tell_nothing_are_refused():
    with pytest.raises(ValueError, match="one group cannot be resampled"):
        cluster_bootstrap([1, 0], "aa")
    with pytest.raises(ValueError, match="n_resamples must be 1 or more, got 0"):
        cluster_bootstrap([1, 0], "ab", n_resamples=0)
    for values, groups in [([1, 0], "aa"), ([1, 0], "ab"), ([1, 1, 1], "aab")]:
        with pytest.raises(ValueError, match="the ICC needs 2 groups"):
            intraclass_correlation(values, groups)


# --- The baseline ------------------------------------------------------------------------


def test_the_most_frequent_answer_of_each_kind_by_hand():
    def example(kind, output, check=None):
        return Example("q", "", output, kind=kind, check=check)

    def exact(*answers):
        return {"checker": "exact", "answers": list(answers)}

    refusal = {"checker": "regex", "pattern": "No: .+"}
    training = [
        example("mood", "sad", exact("sad")),
        example("mood", "glad", exact("glad")),
        example("mood", "glad", exact("glad", "happy")),
        example("odd", "3", exact("3")),
        example("odd", "No: never.", refusal),  # right on both refusals, though each text is rare
        example("odd", "No: ever.", refusal),
        example("summary", "long", None),
    ]
    assert most_frequent_answers(training) == {"mood": "glad", "odd": "No: never."}
    with pytest.raises(ValueError, match="none of 1 examples has a check"):
        most_frequent_answers(training[-1:])


# --- Multiple choice ---------------------------------------------------------------------


def test_choice_prompts_in_full():
    assert choice_prompt(ICE) == "What is ice made of?\nA. sand\nB. water\nAnswer:"
    assert choice_prompt(ICE, "texts") == "Question: What is ice made of?\nAnswer:"
    with pytest.raises(ValueError, match="style 'digits' is not one of letters, texts"):
        choice_prompt(ICE, "digits")


@pytest.mark.parametrize("style", evaluate.STYLES)
def test_no_choice_prompt_depends_on_the_answer(questions, style):
    for question in questions:
        others = [replace(question, answer=answer) for answer in range(len(question.choices))]
        assert len({choice_prompt(other, style) for other in others}) == 1
        if style == "texts":
            right = rf"\b{re.escape(question.choices[question.answer])}\b"
            assert not re.search(right, choice_prompt(question, style), re.IGNORECASE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"choices": ["sand"]}, "has 1 choices"),
        ({"choices": ["sand", "sand"]}, "two equal choices"),
        ({"answer": 2}, "answer 2 of"),
        ({"answer": -1}, "answer -1 of"),
        ({"choices": ["sand", 5]}, "must be a str"),
    ],
)
def test_bad_questions_are_refused(change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        replace(ICE, **change)


def test_log_likelihoods_are_sums_of_log_probabilities_one_by_one(tiny):
    context, continuations = [3, 1, 4], [[1], [5, 9], [2, 6, 5]]
    expected = []
    for continuation in continuations:
        read, total = list(context), 0.0
        for token in continuation:
            logits = tiny(torch.tensor([read]))[0, -1]
            total += (logits[token] - logits.logsumexp(dim=0)).item()
            read.append(token)
        expected.append(total)
    found = log_likelihoods(tiny.train(), context, continuations)
    assert found.tolist() == pytest.approx(expected, abs=1e-5)
    assert tiny.training


def test_equal_inputs_are_computed_once(tiny, monkeypatch):
    rows = []
    hidden = tiny.hidden
    monkeypatch.setattr(tiny, "hidden", lambda ids: rows.append(len(ids)) or hidden(ids))
    log_likelihoods(tiny, [3, 1, 4], [[1], [5], [2]])
    log_likelihoods(tiny, [3, 1, 4], [[1, 1], [5, 1]])
    assert rows == [1, 2]


class FixedScores:
    """Stands in for `log_likelihoods`: gives these, whatever is asked."""

    def __init__(self, scores):
        self.scores = scores

    def __call__(self, model, context, continuations):
        return torch.tensor(self.scores)


class CharacterTokenizer:
    def encode(self, text):
        return [ord(character) for character in text]


def test_texts_are_compared_per_character_and_letters_as_they_are(monkeypatch):
    monkeypatch.setattr(choice_scores, "log_likelihoods", FixedScores([-4.0, -3.0]))
    question = Question("?", ["a long text", "short"], 0)  # -4 / 11 is above -3 / 5
    by_text = multiple_choice(None, CharacterTokenizer(), [question], style="texts")
    by_letter = multiple_choice(None, CharacterTokenizer(), [question])
    assert by_text == [(0, True, [-4.0, -3.0])]
    assert by_letter == [(1, False, [-4.0, -3.0])]


@pytest.fixture(scope="module")
def lm_eval_results(tmp_path_factory):
    """What LitGPT's evaluation says of SmolLM2, for the first questions of both tasks."""
    folder = tmp_path_factory.mktemp("lit") / "SmolLM2-135M-Instruct"
    converted = lit.convert(assets.smollm2(), into=folder)
    names = ",".join(f"workshop_{style}" for style in evaluate.STYLES)
    return lm_eval.evaluate(converted, TASKS, names, limit=12)


@pytest.mark.parametrize("style", evaluate.STYLES)
def test_scores_equal_lm_evals_through_litgpt(lm_eval_results, questions, smollm2, style):
    picks = multiple_choice(*smollm2, questions[:12], style=style)
    name = f"workshop_{style}"
    metric = {"letters": "acc,none", "texts": "acc_norm,none"}[style]
    assert (
        lm_eval_results["results"][name][metric] == count_right([pick.right for pick in picks]).rate
    )
    samples = sorted(lm_eval_results["samples"][name], key=lambda sample: sample["doc_id"])
    assert len(samples) == len(picks)
    for sample, pick, question in zip(samples, picks, questions, strict=False):
        assert sample["doc"]["question"] == question.question
        theirs = [float(response[0]) for response in sample["filtered_resps"]]
        assert pick.log_likelihoods == pytest.approx(theirs, abs=1e-3)


def test_a_directory_that_litgpt_cannot_load_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="lacks lit_model.pth"):
        lm_eval.evaluate(tmp_path, TASKS, "workshop_letters")


# --- The questions and pairs that ship ---------------------------------------------------


def test_the_questions_are_80_and_their_answers_evenly_placed(questions):
    assert len(questions) == 80 and len({question.question for question in questions}) == 80
    assert {len(question.choices) for question in questions} == {4}
    places = [question.answer for question in questions]
    assert [places.count(place) for place in range(4)] == [20] * 4


def test_the_pairs_are_32_and_longer_is_not_better():
    pairs = read("judge_pairs.json")
    assert len(pairs) == 32 and len({pair["task"] for pair in pairs}) == 32
    longer = [len(pair["better"]) > len(pair["worse"]) for pair in pairs]
    assert sum(longer) == 16


def test_no_question_or_pair_is_an_instruction_to_train_on(questions):
    def words(text):
        return frozenset("".join(c if c.isalnum() else " " for c in text.lower()).split())

    known = [words(user_text(example)) for example in read_examples(assets.instructions())]
    texts = [q.question for q in questions] + [pair["task"] for pair in read("judge_pairs.json")]
    for text in texts:
        asked = words(text)
        twins = [k for k in known if len(asked & k) > 0.75 * len(asked | k)]
        assert not twins, (text, twins)


# --- A model as judge --------------------------------------------------------------------

TASK = Example("Name the capital of Japan.", "", "Tokyo is right")


def test_the_judge_sees_both_answers_in_their_order_and_no_reference():
    text = prompt(judge_prompt(TASK, "Kyoto", "Tokyo"))
    assert text.index("Name the capital") < text.index("A: Kyoto") < text.index("B: Tokyo")
    assert TASK.output not in text
    with pytest.raises(TypeError, match="example must be an Example, got dict"):
        judge_prompt({"instruction": "x", "output": "y"}, "a", "b")


class PromptTokenizer(CharacterTokenizer):
    def encode(self, text, special="text"):
        return super().encode(text)


@pytest.mark.parametrize(
    ("prefers", "expected"),
    [
        (lambda text: "A", (0.9, 0.1)),  # the first place, whatever stands there
        (lambda text: "A" if "A: Tokyo" in text else "B", (0.9, 0.9)),
        (lambda text: "A" if "A: Kyoto" in text else "B", (0.1, 0.1)),
    ],
)
def test_a_verdict_is_the_share_of_one_answer_in_both_places(monkeypatch, prefers, expected):
    def fake(model, context, continuations):
        assert continuations == [[ord("A")], [ord("B")]]
        likely = prefers("".join(map(chr, context)))
        return torch.tensor([0.9, 0.1] if likely == "A" else [0.1, 0.9]).log()

    monkeypatch.setattr(llm_judge, "log_likelihoods", fake)
    verdict = judge(None, PromptTokenizer(), TASK, "Tokyo", "Kyoto")
    assert verdict == pytest.approx(expected)
    assert verdict.share == pytest.approx(sum(expected) / 2)


# --- Ratings -----------------------------------------------------------------------------


def test_ratings_of_two_by_hand():
    votes = 3 * [Vote("a", "b")] + [Vote("b", "a")]
    ratings = preference_ratings(votes, prior=0)  # odds of 3 to 1
    assert list(ratings) == ["a", "b"]
    assert ratings["a"] - ratings["b"] == pytest.approx(400 * math.log10(3))
    ratings = preference_ratings(votes, prior=2)  # two ties more: 4 to 2
    assert ratings["a"] - ratings["b"] == pytest.approx(400 * math.log10(2))
    assert sum(ratings.values()) == pytest.approx(0)


def test_a_tie_is_half_a_win_for_both():
    votes = [Vote("a", "b"), Vote("a", "b"), Vote("a", "b", tie=True), Vote("b", "a", tie=True)]
    ratings = preference_ratings(votes, prior=0)
    assert ratings["a"] - ratings["b"] == pytest.approx(400 * math.log10(3))


def some_votes() -> list[Vote]:
    generator = torch.Generator().manual_seed(0)
    strength = {"a": 0.5, "b": 1.0, "c": 2.0, "d": 4.0}
    votes = []
    for _ in range(200):
        one, two = (list(strength)[i] for i in torch.randperm(4, generator=generator)[:2])
        p = strength[one] / (strength[one] + strength[two])
        draw = torch.rand(2, generator=generator)
        winner, loser = (one, two) if draw[0] < p else (two, one)
        votes.append(Vote(winner, loser, tie=bool(draw[1] < 0.2)))
    return votes


@pytest.mark.parametrize("prior", [0.0, 1.0])
def test_ratings_equal_a_logistic_regression(prior):
    votes = some_votes()
    ratings = preference_ratings(votes, prior=prior)
    names = sorted(ratings)
    outcomes = [(v.winner, v.loser, 0.5 if v.tie else 1.0, 1.0) for v in votes]
    outcomes += [(a, b, 0.5, prior) for a in names for b in names if a < b]
    sign = torch.tensor([[(n == a) - (n == b) for n in names] for a, b, *_ in outcomes]).double()
    target, weight = torch.tensor([o[2:] for o in outcomes]).double().unbind(dim=1)
    skill = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([skill], max_iter=500, tolerance_grad=1e-12)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            sign @ skill, target, weight=weight
        )
        loss.backward()
        return loss

    optimizer.step(closure)
    expected = (skill - skill.mean()).detach() * 400 / math.log(10)
    assert [ratings[name] for name in names] == pytest.approx(expected.tolist(), abs=0.01)
    assert list(ratings) == ["d", "c", "b", "a"]


def test_votes_that_rate_nobody_are_refused():
    with pytest.raises(ValueError, match="no votes"):
        preference_ratings([])
    with pytest.raises(ValueError, match="'a' with itself"):
        preference_ratings([Vote("a", "a")])
    with pytest.raises(ValueError, match="prior above 0"):
        preference_ratings([Vote("a", "b"), Vote("b", "c"), Vote("c", "b")], prior=0)
    assert preference_ratings([Vote("a", "b")])["a"] == pytest.approx(200 * math.log10(3))


# --- The panel ---------------------------------------------------------------------------

MATCHES = [
    Match("Say hello.", "hello", "goodbye", "tuned", "base"),
    Match("Say no.", "yes", "no", "base", "tuned"),
    Match("Say yes.", "yes", "yes", "base", "tuned"),
]


def test_the_panel_collects_votes_and_names_nobody(monkeypatch):
    import ipywidgets

    shown = []
    monkeypatch.setattr(panel, "page_widgets", lambda: ipywidgets)
    monkeypatch.setattr("IPython.display.display", shown.append)
    votes = []
    panel.blind_panel(MATCHES, votes)
    text, row = shown[0].children
    a_is_better, b_is_better, equal = row.children
    assert text.value == "Say hello.\n\nA: hello\n\nB: goodbye"
    a_is_better.click()
    assert text.value.startswith("Say no.")
    b_is_better.click()
    assert not any(name in text.value for name in ("tuned", "base"))
    equal.click()
    assert votes == [("tuned", "base", False), ("tuned", "base", False), ("base", "tuned", True)]
    assert text.value.startswith("3 votes") and equal.disabled


def test_without_a_page_the_first_match_is_printed(monkeypatch, capsys):
    monkeypatch.setenv("WORKSHOP_STATIC", "1")
    votes = []
    panel.blind_panel(MATCHES, votes)
    assert capsys.readouterr().out == "Say hello.\n\nA: hello\n\nB: goodbye\n"
    assert votes == []


# --- The adapter that ships --------------------------------------------------------------


def test_the_shipped_adapter_is_small_and_changes_the_logits(smollm2):
    base, tokenizer = smollm2
    assert ADAPTER.stat().st_size < 2_000_000
    tuned = load_lora(from_pretrained("smollm2")[0], ADAPTER)
    assert len(lora_parameters(tuned)) == 30 * 7 * 2
    token_ids = torch.tensor([tokenizer.encode("What is ice made of?")])
    with torch.no_grad():
        change = (merge_lora(tuned)(token_ids) - base(token_ids)).abs().max().item()
    assert change > 1


def test_no_held_out_prompt_depends_on_its_answer():
    _, held_out = split(read_examples(assets.instructions()), test_fraction=0.25, seed=0)
    for example in held_out:
        assert prompt(replace(example, output="???")) == prompt(example)

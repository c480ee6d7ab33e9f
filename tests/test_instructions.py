"""The workshop's instruction data: size, checks, right answers, and no leaks.

Answers that can be computed are computed here a second time, by other means than the program
that wrote the data.
"""

import importlib.util
import json
import re
import statistics
import string
import unicodedata
from collections import Counter, defaultdict
from datetime import datetime

import pytest

from workshop_lib import assets, paths
from workshop_lib.evaluate import most_frequent_answers, score
from workshop_lib.finetune import (
    facts_right,
    has_form,
    holds_answer,
    is_correct,
    make_batch,
    prompt,
    read_examples,
    split,
    user_text,
)

FOLDER = paths.ROOT / "06_finetuning"
HELD_OUT = 0.25  # the share of each kind that chapter 6 sets aside for testing
LABELS = {"sentiment": 2, "yes_no": 2, "topic": 4, "part_of_speech": 4}
KEYS = ["id", "kind", "group", "instruction", "input", "output", "check"]

# Kinds whose answers are labels or small numbers, so that many examples share one answer.
SHARED_ANSWERS = {
    *("sentiment", "topic", "part_of_speech", "yes_no", "preposition", "count", "conversion"),
    *("arithmetic", "date", "geography", "workshop", "nonsense"),
}


@pytest.fixture(scope="module")
def records():
    """The entries as they stand in the file."""
    return assets.instructions()


@pytest.fixture(scope="module")
def data(records):
    """The entries as examples."""
    return read_examples(records)


def of_kind(data, kind):
    """The examples of one kind; an error where there are none."""
    found = [example for example in data if example.kind == kind]
    assert found, f"no examples of kind {kind}"
    return found


def plain(text):
    """A text without letter case, white space and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


# ------------------------------------------------------------------ size and form


def test_enough_entries_kinds_and_checks(records):
    kinds = Counter(record["kind"] for record in records)
    assert len(records) >= 1000
    assert len(kinds) >= 15 and min(kinds.values()) >= 20
    assert sum(record["check"] is not None for record in records) >= 600


def test_every_entry_has_the_same_keys_and_its_own_id(records):
    assert all(list(record) == KEYS for record in records)
    assert len({record["id"] for record in records}) == len(records)
    assert all(record["id"].startswith(record["kind"] + "-") for record in records)


def test_texts_are_clean(records):
    for record in records:
        for key in ("instruction", "input", "output"):
            text = record[key]
            assert text == text.strip() == unicodedata.normalize("NFC", text), record["id"]
            assert "  " not in text and "\t" not in text, record["id"]
            assert "{" not in text or record["kind"] in ("json", "record"), record["id"]
            assert "<|" not in text and "|" not in text, record["id"]


@pytest.fixture(scope="module")
def program():
    """The program that wrote the file, run once more."""
    path = FOLDER / "make_instructions.py"
    spec = importlib.util.spec_from_file_location("make_instructions", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wordings(examples, program):
    """The wordings of some examples; {x} alone is none: there each question has its own."""
    return {
        example.instruction
        if example.kind in ("nonsense", "workshop")
        else program.wording_of[example.group]
        for example in examples
    }


def test_the_program_writes_this_very_file(program):
    stored = (FOLDER / "instructions.json").read_bytes()
    assert program.as_json() == stored.replace(b"\r\n", b"\n")


def test_the_data_card_tells_the_numbers(data, program):
    card = (FOLDER / "instructions_card.md").read_text(encoding="utf-8")
    checkable = Counter(example.kind for example in data if example.check is not None)
    rows = dict(re.findall(r"^\| `(\w+)` \| ((?:\d+ \| ){6}\d+) \|", card, re.MULTILINE))
    train, test = split(data, test_fraction=HELD_OUT, seed=0)
    constants = most_frequent_answers(train)
    expected = {}
    for kind in dict.fromkeys(example.kind for example in data):
        mine = of_kind(data, kind)
        tasks = [e for e in of_kind(test, kind) if e.check is not None]
        right = sum(is_correct(e.check, constants[kind]) for e in tasks)
        counts = [len(mine), checkable[kind], len({e.group for e in mine})]
        counts += [len(wordings(mine, program)), len(tasks), len({e.group for e in tasks}), right]
        expected[kind] = " | ".join(map(str, counts))
    assert rows == expected
    assert f"{len(data):,} entries" in card
    tasks = [task for task in test if task.check is not None]
    constant = score(tasks, [constants[task.kind] for task in tasks])["all"]
    echo = score(tasks, [user_text(task) for task in tasks], passes=holds_answer)["all"]
    assert f"{len(tasks)} in {len({task.group for task in tasks})}\ngroups" in card
    assert f"The other part, {len(train):,} entries, is for training" in card
    assert f"on {echo.right} of all {len(tasks)}, so" in card
    assert f"is right on {constant.right} of the {len(tasks)}." in card
    entry = json.loads(re.search(r"```json\n(.+?)\n```", card, re.DOTALL)[1])
    assert entry in assets.instructions()
    assert f"{sum(checkable.values()):,} of them" in card
    assert "CC0 1.0" in card


def test_entries_are_short(data):
    from workshop_lib.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(assets.smollm2())
    lengths = [make_batch([e], tokenizer, max_tokens=128).inputs.shape[1] + 1 for e in data]
    assert statistics.median(lengths) <= 60
    card = (FOLDER / "instructions_card.md").read_text(encoding="utf-8")
    assert f"half of them have at most {statistics.median(lengths):.0f} tokens" in card
    assert sum(lengths) <= 90_000


# ------------------------------------------------------------------ checks


def other_value(check):
    """An answer of the same form with another content."""
    if check["checker"] == "number":
        return " ".join([str(check["value"] + 1), *check["units"][:1]])
    if check["checker"] == "json":
        return json.dumps({**check["value"], next(iter(check["value"])): "someone else"})
    if check["checker"] == "exact":
        first = check["answers"][0]
        return ("b" if first[0] in "aA" else "a") + first[1:]
    return "I do not know."


def test_every_reference_answer_passes_its_check(data):
    checked = [example for example in data if example.check is not None]
    assert len(checked) >= 600
    assert [e.id for e in checked if not is_correct(e.check, e.output)] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda example: "",
        lambda example: "The answer is: " + example.output,
        lambda example: example.output + " I hope this helps!",
        lambda example: example.output[:-1] + "~",
        lambda example: other_value(example.check),
        lambda example: user_text(example),
    ],
    ids=["empty", "chatter before", "chatter after", "last character", "other value", "echo"],
)
def test_no_changed_answer_passes_a_check(data, change):
    checked = [example for example in data if example.check is not None]
    assert [e.id for e in checked if is_correct(e.check, change(e))] == []


def test_answers_of_other_examples_do_not_pass(data):
    by_kind = defaultdict(list)
    for example in data:
        if example.check is not None and example.kind != "nonsense":
            by_kind[example.kind].append(example)
    for examples in by_kind.values():
        for example, other in zip(examples, examples[1:], strict=False):
            right = is_correct(example.check, other.output)
            assert right == (plain(other.output) in accepted(example)), (example.id, other.id)


def accepted(example):
    """The plain forms of all answers that a check names."""
    check = example.check
    texts = check.get("answers", [example.output])
    return {plain(text) for text in texts}


# ------------------------------------------------------------------ no leaks


def test_no_two_prompts_are_equal(data):
    counts = Counter(plain(user_text(example)) for example in data)
    assert [text for text, count in counts.items() if count > 1] == []


def test_one_answer_one_group(data):
    groups = defaultdict(set)
    for example in data:
        if example.kind not in SHARED_ANSWERS:
            groups[example.kind, plain(example.output)].add(example.group)
    assert {key: names for key, names in groups.items() if len(names) > 1} == {}


def as_bits(features, numbers):
    """A set as the bits of one number, so that two sets are compared quickly."""
    bits = 0
    for feature in features:
        bits |= 1 << numbers.setdefault(feature, len(numbers))
    return bits


def words(text):
    """The set of words of a text."""
    return set(plain(text).split())


def runs(text):
    """The set of all runs of five characters in a text."""
    text = plain(text)
    return {text[place : place + 5] for place in range(max(1, len(text) - 4))}


def nearest_twins(data, features):
    """The greatest Jaccard similarity between examples of different groups, and which they are."""
    numbers = {}
    rows = [(as_bits(features(user_text(example)), numbers), example) for example in data]
    best = (0.0, "", "")
    for place, (bits, example) in enumerate(rows):
        for other_bits, other in rows[:place]:
            if example.group != other.group:
                shared = (bits & other_bits).bit_count() / (bits | other_bits).bit_count()
                best = max(best, (shared, example.id, other.id))
    return best


@pytest.mark.parametrize("features", [words, runs])
def test_near_twins_share_a_group(data, features):
    similarity, first, second = nearest_twins(data, features)
    assert similarity <= 0.5, (first, second)


def test_no_input_stands_in_two_groups(data):
    groups = defaultdict(set)
    for example in data:
        if example.input:
            groups[plain(example.input)].add(example.group)
    assert {text: names for text, names in groups.items() if len(names) > 1} == {}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_split_tests_every_kind_and_leaks_nothing(data, seed):
    train, test = split(data, test_fraction=HELD_OUT, seed=seed)
    assert not {e.group for e in train} & {e.group for e in test}
    assert not {plain(prompt(e)) for e in train} & {plain(prompt(e)) for e in test}
    assert {e.kind for e in test} == {e.kind for e in train} == {e.kind for e in data}
    assert 0.2 <= len(test) / len(data) <= 0.25


# ------------------------------------------------------------------ enough to draw conclusions


@pytest.fixture(scope="module", params=[0, 1, 2])
def parts(request, data):
    """Training examples, and the checkable held-out ones, of a split with another seed each."""
    train, test = split(data, test_fraction=HELD_OUT, seed=request.param)
    return train, [example for example in test if example.check is not None]


def test_300_held_out_tasks_in_120_groups_and_little_to_train_on(parts):
    train, tasks = parts
    assert len(tasks) >= 300 and len({task.group for task in tasks}) >= 120
    assert len(train) <= 1300


def test_no_kind_has_a_single_wording(parts, program):
    train, tasks = parts
    for kind in {task.kind for task in tasks}:
        known, new = (wordings(of_kind(part, kind), program) for part in parts)
        assert len(known) >= 4 and len(new) >= 3, kind
        if kind not in ("json", "record"):  # there, other fields are asked for in the same words
            assert not known & new, kind


def test_held_out_labels_are_balanced(parts):
    _, tasks = parts
    for kind, count in LABELS.items():
        labels = Counter(task.output for task in of_kind(tasks, kind))
        assert len(labels) == count and len(set(labels.values())) == 1, (kind, labels)
    refused = [task.check["checker"] == "regex" for task in of_kind(tasks, "nonsense")]
    assert sum(refused) == len(refused) / 2


def test_a_constant_answer_scores_low(parts):
    train, tasks = parts
    constants = most_frequent_answers(train)
    scores = score(tasks, [constants[task.kind] for task in tasks])
    assert scores["all"].rate <= 0.15
    assert max(found.rate for found in scores.values()) <= 0.5
    for kind, count in LABELS.items():
        assert scores[kind].rate == 1 / count


def test_each_question_without_an_answer_has_a_twin_with_one(data):
    pairs = defaultdict(list)
    for example in of_kind(data, "nonsense"):
        pairs[example.group].append(example.check["checker"])
    assert len(pairs) == 44
    assert all(sorted(checkers) == ["exact", "regex"] for checkers in pairs.values())


def test_echoing_the_task_is_never_right_but_lenient_checks_can_be_fooled(parts):
    _, tasks = parts
    echo = [user_text(task) for task in tasks]
    assert score(tasks, echo)["all"].right == 0
    fooled = score(tasks, echo, passes=holds_answer)
    assert fooled["sentiment"].rate == fooled["odd_one_out"].rate == 1.0  # the card says so


def test_reference_answers_pass_leniently_with_chatter_around_them(data):
    for example in data:
        if example.check is not None:
            text = f"Sure! The answer is: {example.output}\n\nI hope this helps."
            assert holds_answer(example.check, text), example.id
            assert not is_correct(example.check, text), example.id


# ------------------------------------------------------------------ nested records


def leaves(record):
    """The values of a nested record, in order."""
    for value in record.values():
        yield from leaves(value) if isinstance(value, dict) else [value]


def named(record):
    """The keys of a nested record, in order."""
    for key, value in record.items():
        yield key
        yield from named(value) if isinstance(value, dict) else []


def test_records_are_nested_and_say_only_what_the_note_says(data):
    missing, schemas = Counter(), Counter()
    for example in of_kind(data, "record"):
        record = json.loads(example.output)
        schemas[tuple(named(record))] += 1
        assert any(isinstance(value, dict) for value in record.values())
        keys = json.dumps(record).translate(str.maketrans("{}", "()", '"'))  # when: (day: Friday)
        described = re.sub(r": (?!\()[^,)]+|:(?= \()", "", keys)[1:-1]
        assert described in example.instruction, (example.id, described)
        assert "null" in example.instruction
        for value in leaves(record):
            assert value is None or re.search(rf"\b{value}\b", example.input), example.id
        missing[sum(value is None for value in leaves(record))] += 1
        assert has_form(example.check, example.output)
        assert facts_right(example.check, example.output) == (4, 4)
    assert sorted(schemas.values()) == [30, 30, 30]
    assert set(missing) == {0, 1, 2, 3}


def test_what_a_note_names_is_not_null(data):
    finders = {  # what a value looks like where it is named
        "phone": r"\d{3} \d{4}", "email": r"\S+@\S+\.example", "time": r"\d+:\d\d",
        "day": r"\w+day\b(?<!Monday from)", "count": r"\d+",
    }  # fmt: skip
    for example in of_kind(data, "record"):
        record = json.loads(example.output)
        found = dict(
            zip(
                [k for k in named(record) if not isinstance(record.get(k), dict)],
                leaves(record),
                strict=True,
            )
        )
        for key in found.keys() & finders.keys():
            stands = re.search(finders[key], example.input) is not None
            assert (found[key] is not None) == stands, (example.id, key)


# ------------------------------------------------------------------ right answers, by other means


# Size of each unit in the base unit of its quantity.
SCALES = {
    "m": ("metre", 1), "metres": ("metre", 1), "km": ("metre", 1e3), "kilometres": ("metre", 1e3),
    "cm": ("metre", 1e-2), "centimetres": ("metre", 1e-2), "mm": ("metre", 1e-3),
    "millimetres": ("metre", 1e-3), "inches": ("metre", 0.0254), "feet": ("metre", 0.3048),
    "yards": ("metre", 0.9144), "g": ("gram", 1), "grams": ("gram", 1), "kg": ("gram", 1e3),
    "kilograms": ("gram", 1e3), "milligrams": ("gram", 1e-3), "t": ("gram", 1e6),
    "tonnes": ("gram", 1e6), "litres": ("litre", 1), "ml": ("litre", 1e-3),
    "millilitres": ("litre", 1e-3), "seconds": ("second", 1), "minutes": ("second", 60),
    "hours": ("second", 3600), "days": ("second", 86400), "weeks": ("second", 7 * 86400),
    "months": ("month", 1), "years": ("month", 12), "decades": ("month", 120),
    "centuries": ("month", 1200), "bits": ("bit", 1), "bytes": ("bit", 8),
    "hectares": ("square metre", 10_000), "square metres": ("square metre", 1),
    "dozen": ("piece", 12), "pieces": ("piece", 1), "pounds sterling": ("penny", 100),
    "pence": ("penny", 1),
}  # fmt: skip
KELVIN = {  # to kelvins and back
    "°C": (lambda c: c + 273.15, lambda k: k - 273.15),
    "°F": (lambda f: (f + 459.67) * 5 / 9, lambda k: k * 9 / 5 - 459.67),
}
TARGET_NAMES = {"degrees Celsius": "°C", "degrees Fahrenheit": "°F"}


def convert(value, unit, target):
    """Convert through the base unit."""
    if unit in KELVIN:
        kelvins = KELVIN[unit][0](value)
        return kelvins if target == "kelvins" else KELVIN[TARGET_NAMES[target]][1](kelvins)
    (quantity, size), (target_quantity, target_size) = SCALES[unit], SCALES[target]
    assert quantity == target_quantity
    return value * size / target_size


def test_conversions(data):
    sources = "|".join(sorted([*SCALES, *KELVIN], key=len, reverse=True))
    targets = "|".join(sorted([*SCALES, *TARGET_NAMES, "kelvins"], key=len, reverse=True))
    for example in of_kind(data, "conversion"):
        given = re.search(rf"(-?[\d,.]+) ({sources})\b", user_text(example))
        target = re.search(rf"\b({targets})\b", user_text(example).replace(given[0], ""))
        expected = convert(float(given[1].replace(",", "")), given[2], target[1])
        assert example.check["value"] == pytest.approx(expected), example.id


NUMBER_NAMES = {
    name: value
    for value, name in [
        *enumerate("zero one two three four five six seven eight nine ten eleven twelve".split()),
        *enumerate("thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 13),
        *zip(
            range(20, 100, 10),
            "twenty thirty forty fifty sixty seventy eighty ninety".split(),
            strict=True,
        ),
    ]
}


def from_words(text):
    """Read a number in words below one thousand."""
    total = 0
    for word in re.findall(r"[a-z]+", text):
        if word == "hundred":
            total *= 100
        elif word != "and":
            total += NUMBER_NAMES[word]
    return total


def test_number_words(data):
    longest_first = sorted([*NUMBER_NAMES, "hundred", "and"], key=len, reverse=True)
    known = rf"(?:(?:{'|'.join(longest_first)})[ -]?)+"
    for example in of_kind(data, "number_words"):
        digits = re.search(r"\d+", user_text(example))
        if digits:
            assert from_words(example.output) == int(digits[0]), example.id
        else:
            spoken = max(re.findall(known, user_text(example)), key=len)
            assert from_words(spoken) == int(example.output), example.id


def test_spoken_sums(data):
    signs = {"plus": "+", "minus": "-", "times": "*", "divided by": "/"}
    pattern = rf"([a-z-]+(?: hundred)?) ({'|'.join(signs)}) ([a-z-]+)"
    spoken = [e for e in of_kind(data, "arithmetic") if e.group.startswith("arithmetic-spoken")]
    assert len(spoken) == 20
    for example in spoken:
        first, sign, second = re.search(pattern, user_text(example)).groups()
        a, b = from_words(first), from_words(second)
        result = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}[signs[sign]]
        assert float(example.output) == result, example.id


def test_counts(data):
    for example in of_kind(data, "count"):
        text = example.input
        if example.group.startswith("count-letters"):
            size = len(text or re.search(r"'(\w+)'", example.instruction)[1])
        elif example.group.startswith("count-words"):
            size = len(re.findall(r"\w+", text))
        else:
            size = len(re.split(", ", text or example.instruction.split(": ")[1]))
        assert int(example.output) == size, example.id


def test_sorted_lists(data):
    for example in of_kind(data, "sort"):
        items = example.output.split(", ")
        key = int if items[0].isdigit() else str.casefold
        assert all(key(a) < key(b) for a, b in zip(items, items[1:], strict=False)), example.id
        assert Counter(re.findall(r"\w+", example.output)) <= Counter(
            re.findall(r"\w+", user_text(example))
        ), example.id


def test_odd_ones_are_in_their_lists(data):
    for example in of_kind(data, "odd_one_out"):
        assert re.search(rf"\b{example.output}\b", user_text(example)), example.id


def test_extracted_values_stand_in_the_text(data):
    for example in of_kind(data, "json"):
        record = json.loads(example.output)
        assert list(record) == re.findall(rf"\b(?:{'|'.join(record)})\b", example.instruction)
        for value in record.values():
            assert str(value) in example.input, example.id


def test_only_letter_case_differs(data):
    for example in of_kind(data, "capital_letters"):
        assert example.input == example.output.lower() != example.output


def test_dates(data):
    weekdays = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    seen = Counter()
    for example in of_kind(data, "date"):
        text, part = user_text(example), example.group.split("-")[1]
        seen[part] += 1
        days = [
            datetime.strptime(day, "%d %B %Y")
            for day in re.findall(r"\d+ [A-Z][a-z]+ \d{4}", text + " " + example.output)
        ]
        if part == "weekday":
            start = weekdays.index(next(day for day in weekdays if day in text))
            steps = int(re.search(r"\d+", text)[0])
            assert example.output == (weekdays * 3)[start + steps], example.id
        elif part == "gap":
            assert example.output == f"{(days[1] - days[0]).days} days", example.id
        elif part == "length":
            month, year = re.search(r"([A-Z][a-z]+) (\d{4})", text).groups()
            first = datetime.strptime(f"1 {month} {year}", "%d %B %Y")
            following = first.replace(
                year=first.year + first.month // 12, month=first.month % 12 + 1
            )
            assert int(example.output) == (following - first).days, example.id
        else:
            iso = re.search(r"\d{4}-\d\d-\d\d", text + " " + example.output)[0]
            assert [datetime.fromisoformat(iso)] == days, example.id
    assert set(seen) == {"weekday", "gap", "length", "iso", "words"}


def test_formats(data):
    for example in of_kind(data, "format"):
        text, part, output = user_text(example), example.group.split("-")[1], example.output
        if part == "clock":
            given = re.search(r"\d+:\d\d [ap]m", text)[0]
            assert output == datetime.strptime(given, "%I:%M %p").strftime("%H:%M"), example.id
        elif part == "surname":
            last, first = output.split(", ")
            assert f"{first} {last}" in text, example.id
        elif part == "snake":
            assert output.replace("_", " ") in text and " " not in output, example.id
        elif part == "upper":
            assert output.isupper() and output.lower() in text, example.id
        elif part == "bullets":
            assert ", ".join(line.removeprefix("- ") for line in output.split("\n")) in text
        else:
            assert part == "initials" and set(output) <= set(string.ascii_uppercase), example.id


def test_active_sentences_hold_the_doer_and_the_thing_done(data):
    for example in of_kind(data, "active_voice"):
        thing, verb, doer = re.fullmatch(
            r"(.+?) (?:was|were) (\w+) by (.+)\.", example.input
        ).groups()
        start, end = doer.lower(), thing.lower()
        assert example.output.lower().startswith(start), example.id
        assert example.output.lower().endswith(f" {end}."), example.id
        assert example.output[0].isupper()


def test_the_workshops_numbers(data):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    def size(model_class, config):
        with torch.device("meta"):
            return model_class(config).num_parameters()

    llama = LlamaConfig.from_pretrained(assets.smollm2())
    small, medium = GPT2Config(), GPT2Config(n_embd=1024, n_layer=24, n_head=16)
    large = GPT2Config(n_embd=1280, n_layer=36, n_head=20)
    xl = GPT2Config(n_embd=1600, n_layer=48, n_head=25)
    facts = {
        "How many parameters does GPT-2 124M have?": size(GPT2LMHeadModel, small),
        "Give the exact parameter count of GPT-2 medium.": size(GPT2LMHeadModel, medium),
        "Exactly how large is GPT-2 large, counted in parameters?": size(GPT2LMHeadModel, large),
        "GPT-2 XL: state its number of parameters.": size(GPT2LMHeadModel, xl),
        "What is the context length of GPT-2?": small.n_positions,
        "How large is GPT-2's vocabulary?": small.vocab_size,
        "How many blocks are stacked in GPT-2 124M?": small.n_layer,
        "GPT-2 medium has how many blocks?": medium.n_layer,
        "State the number of blocks of GPT-2 large.": large.n_layer,
        "How deep is GPT-2 XL, counted in blocks?": xl.n_layer,
        "How wide are the embeddings of GPT-2 124M?": small.n_embd,
        "What is the width of one attention head in GPT-2 124M?": small.n_embd // small.n_head,
        "How many parameters does SmolLM2-135M have?": size(LlamaForCausalLM, llama),
        "How many transformer blocks are in SmolLM2-135M?": llama.num_hidden_layers,
        "What is the vocabulary size of SmolLM2?": llama.vocab_size,
        "How wide is SmolLM2-135M, counted in channels?": llama.hidden_size,
        "How many query heads has SmolLM2-135M in each block?": llama.num_attention_heads,
        "How many key and value heads do the blocks of SmolLM2-135M have?": (
            llama.num_key_value_heads
        ),
        "What context length was SmolLM2 made for?": llama.max_position_embeddings,
    }
    written = {example.instruction: example.output for example in of_kind(data, "workshop")}
    assert {question: f"{value:,}" for question, value in facts.items()} == {
        question: written[question] for question in facts
    }

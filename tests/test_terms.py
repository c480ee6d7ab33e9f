"""The course's terms: each introduced in bold once, in order, with one glossary entry.

`terms.txt` has a line for each term: the term, a tab, the notebook that introduces it. To add chapters,
add lines there and the chapter's terms to EXPECTED.
"""

import re
from pathlib import Path

import pytest

from workshop_lib.course.copies import chapter_notebooks
from workshop_lib.course.editions import read, source
from workshop_lib.paths import ROOT

GLOSSARY = ROOT / "01_intro" / "glossary.md"
TERMS = Path(__file__).with_name("terms.txt")

# Notebooks whose text does not introduce its listed terms yet; the list only shrinks.
PENDING: tuple[str, ...] = ()

# What a reader expects to meet, chapter by chapter. Several names for one thing: any of them.
EXPECTED = {
    "01": """
        neural network · parameter · weight · token · tokenization · language model ·
        autoregressive · decoder-only · encoder · next-token prediction · logit · softmax ·
        sampling · temperature · prompt · system prompt · chat template · context window ·
        inference · pretraining · finetuning · post-training · base model ·
        instruction-tuned model · open weights · in-context learning · few-shot · zero-shot ·
        hallucination · prompt injection · reasoning model · chain of thought ·
        test-time compute · tool use · agent · retrieval-augmented generation · multimodal ·
        scaling law · compute-optimal · emergent ability · benchmark · contamination ·
        alignment · safety · RLHF · FLOP · GPU hour · tensor · shape · broadcasting · autograd ·
        computational graph · backpropagation · gradient descent · optimizer · module ·
        state dict · device · dtype""",
    "02": """
        vocabulary · out-of-vocabulary · subword · byte-level · byte pair encoding · merge ·
        pre-tokenization · special token · end of text · padding · compression ratio · fertility ·
        sliding window · stride · context length · dataset · data loader · collate function ·
        batch size · shuffling · epoch · iteration · training split · validation split ·
        test split · data leakage · embedding · one-hot · positional embedding""",
    "03": """
        Transformer block · self-attention · query · key · value · attention weights ·
        scaled dot product / scaled dot-product attention · causal mask · multi-head attention · layer normalization · pre-norm ·
        activation function · GELU · feed-forward network · residual connection ·
        residual stream · vanishing gradients · exploding gradients · dropout · weight tying ·
        initialization · greedy decoding · top-k / top-k sampling · nucleus sampling / top-p · beam search ·
        repetition penalty · KV cache · prefill · decode · latency · throughput""",
}


def key(term: str) -> str:
    """Return what is the same for a term's spellings: plural, hyphens, links, capitals."""
    term = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", term).replace("`", "")
    term = re.sub(r"\s*\([^)]*\)", "", term).strip(" \n.,:;*")
    term = " ".join(re.split(r"[\s-]+", term.casefold()))
    term = re.sub(r"ies$", "y", term)
    return re.sub(r"(?<=[^s])s$", "", term)


def bold_terms(notebook: dict) -> list[str]:
    """Return what a notebook's text prints in bold, in order."""
    texts = [source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    texts = [re.sub(r"```.*?```", "", text, flags=re.DOTALL) for text in texts]
    return [key(bold) for text in texts for bold in re.findall(r"\*\*(?!\s)(.+?)\*\*", text, re.S)]


def read_terms(text: str) -> list[tuple[str, str]]:
    """Return the terms with their notebooks, from the lines of terms.txt."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(term, notebook) for term, notebook in (line.split("\t") for line in lines)]


def read_glossary(text: str) -> list[tuple[str, list[str], str]]:
    """Return heading, all names and first notebook of each entry."""
    entries = []
    for entry in text.split("\n## ")[1:]:
        heading, _, body = entry.partition("\n")
        body = " ".join(body.split())
        also = re.search(r"Also called: (.*?)\.(?: |$)", body)
        first = re.search(r"First met in (\d\d[a-z])\b", body)
        # A comma inside parentheses belongs to the name.
        others = re.split(r", (?![^(]*\))", also[1]) if also else []
        entries.append((heading, [heading, *others], first[1] if first else ""))
    return entries


def faults(terms, entries, bold: dict[str, list[str]]) -> list[str]:
    """Say where terms, glossary and notebooks disagree.

    Args:
        terms: pairs of term and notebook.
        entries: what `read_glossary` returns.
        bold: for each notebook, in the course's order, what it prints in bold.
    """
    found = []
    for term, notebook in terms:
        here = [name for name, printed in bold.items() if key(term) in printed]
        if not here:
            found.append(f"{term}: in bold nowhere, not in {notebook}")
        elif here[0] != notebook:
            found.append(f"{term}: in bold first in {here[0]}, not in {notebook}")
        homes = [(head, first) for head, names, first in entries if key(term) in map(key, names)]
        if len(homes) != 1:
            found.append(f"{term}: {len(homes)} glossary entries, not one")
        elif homes[0][1] != notebook:
            found.append(f"{term}: the glossary says first met in {homes[0][1]}, not {notebook}")
    return found


def glossary_faults(entries) -> list[str]:
    """Say what is wrong with the glossary itself: order, doubles, entries without a notebook."""
    headings = [heading for heading, _, _ in entries]
    found = [
        f"{right} comes after {left}"
        for left, right in zip(headings, headings[1:], strict=False)
        if left.casefold() > right.casefold()
    ]
    names = [(key(name), heading) for heading, every, _ in entries for name in every]
    for number, (name, heading) in enumerate(names):
        found += [
            f"{name}: under {heading} and {other}" for n, other in names[:number] if n == name
        ]
    return found + [f"{heading}: no 'First met in'" for heading, _, first in entries if not first]


def missing(terms, chapter: str) -> list[str]:
    """Return the chapter's expected terms that no line of the list has."""
    listed = {key(term) for term, _ in terms}
    wanted = [" ".join(term.split()) for term in EXPECTED[chapter].split("·")]
    return [term for term in wanted if not {key(name) for name in term.split(" / ")} & listed]


def notebooks_of_terms() -> list[str]:
    return sorted({notebook for _, notebook in read_terms(TERMS.read_text(encoding="utf-8"))})


@pytest.mark.parametrize("number", notebooks_of_terms())
def test_each_term_is_bold_where_it_is_introduced_and_has_one_glossary_entry(number):
    bold = {path.stem[:3]: bold_terms(read(path)) for path in chapter_notebooks()}
    entries = read_glossary(GLOSSARY.read_text(encoding="utf-8"))
    terms = read_terms(TERMS.read_text(encoding="utf-8"))
    found = faults([term for term in terms if term[1] == number], entries, bold)
    if found and number in PENDING:
        pytest.skip(f"{number} is not written in these terms yet: {found[0]}")
    assert not found, "\n".join(["", *found])


def test_no_term_is_listed_twice():
    keys = [key(term) for term, _ in read_terms(TERMS.read_text(encoding="utf-8"))]
    assert sorted({k for k in keys if keys.count(k) > 1}) == []


def test_the_glossary_is_in_order_and_has_no_doubles():
    found = glossary_faults(read_glossary(GLOSSARY.read_text(encoding="utf-8")))
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("chapter", EXPECTED)
def test_the_expected_terms_are_listed(chapter):
    assert missing(read_terms(TERMS.read_text(encoding="utf-8")), chapter) == []


# --- The test itself ---------------------------------------------------------------------

GOOD_TERMS = [("logit", "01a"), ("weight", "01a"), ("few-shot", "02a")]
GOOD_TEXT = """# Glossary

## Few-shot

With examples. First met in 02a, used in 06a.

## Logit

A score. First met in 01a. Paper: A and B 2020.

## Parameter

A number. Also called: weight, coefficient (a, b). First met in 01a.
"""
GOOD_BOLD = {"01a": ["logit", "weight"], "02a": ["few shot", "logit"]}


def test_good_lists_pass():
    assert faults(GOOD_TERMS, read_glossary(GOOD_TEXT), GOOD_BOLD) == []
    assert glossary_faults(read_glossary(GOOD_TEXT)) == []


@pytest.mark.parametrize(
    ("terms", "text", "bold", "message"),
    [
        ([("nat", "01a")], "", {}, "nat: in bold nowhere"),
        ([("few-shot", "01a")], "", {}, "in bold first in 02a, not in 01a"),
        ([], GOOD_TEXT.replace("## Logit", "## Score"), {}, "logit: 0 glossary entries"),
        ([], GOOD_TEXT + "\n## Weights\n\nFirst met in 01a.\n", {}, "weight: 2 glossary entries"),
        ([], GOOD_TEXT.replace("02a, used", "03a, used"), {}, "first met in 03a, not 02a"),
        ([], "", {"00a": ["logit"]}, "logit: in bold first in 00a"),
    ],
)
def test_a_bad_list_is_found(terms, text, bold, message):
    found = faults(GOOD_TERMS + terms, read_glossary(text or GOOD_TEXT), bold | GOOD_BOLD)
    assert any(message in fault for fault in found), found


def test_faults_of_the_glossary_are_found():
    swapped = GOOD_TEXT.replace("## Few-shot", "## Zero-shot")
    assert glossary_faults(read_glossary(swapped)) == ["Logit comes after Zero-shot"]
    double = GOOD_TEXT + "\n## Weight\n\nFirst met in 01a.\n"
    assert glossary_faults(read_glossary(double)) == ["weight: under Weight and Parameter"]
    lost = GOOD_TEXT.replace("First met in 02a, used in 06a.", "")
    assert glossary_faults(read_glossary(lost)) == ["Few-shot: no 'First met in'"]


def test_spellings_of_a_term_are_one():
    same = ["**emergent abilities**", "[Emergent ability](glossary.md#x)", "emergent-ability (s)"]
    assert {key(term) for term in same} == {"emergent ability"}
    assert key("loss") == "loss" and key("`dtype`:") == "dtype"


def test_a_missing_expected_term_is_found():
    terms = [(term.strip(), "01a") for term in EXPECTED["01"].split("·")]
    assert missing(terms, "01") == [] and missing(terms[1:], "01") == ["neural network"]
    assert "nucleus sampling / top-p" not in missing([("top-p", "03d")], "03")

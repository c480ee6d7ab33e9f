"""Instruction data: examples, and the prompts they become."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from workshop_lib.answers import validate_check
from workshop_lib.require import require_choice

# SmolLM2's own template, with the system turn that the model was trained with.
CHATML = (
    "<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\n",
    "<|im_end|>\n<|im_start|>assistant\n",
)
# Stanford's Alpaca template, for models without chat tokens.
ALPACA = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request.\n\n### Instruction:\n",
    "\n\n### Response:\n",
)
ALPACA_WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request.\n\n### Instruction:\n",
    "\n\n### Input:\n",
    "\n\n### Response:\n",
)
STYLES = ("chatml", "alpaca")


@dataclass(frozen=True)
class Example:
    """One task with its answer.

    Args:
        instruction: what to do.
        input: what to do it with, or "".
        output: the answer to learn; no prompt ever holds it.
        kind: the kind of task, for scores per kind.
        group: near twins share a group, and `split` never parts a group.
        id: a name for messages.
        check: how a program checks an answer, see `answers.passes`; None where none can.

    Raises:
        TypeError: a text is not a str.
        ValueError: instruction or output is empty, a text has white space around it, or the
            check is wrong.

    Built in: 06a
    """

    instruction: str
    input: str = ""
    output: str = ""
    kind: str = ""
    group: str = ""
    id: str = ""
    check: dict | None = field(default=None, hash=False)

    def __post_init__(self):
        for name in ("instruction", "input", "output", "kind", "group", "id"):
            text = getattr(self, name)
            if not isinstance(text, str):
                raise TypeError(f"{name} must be a str, got {type(text).__name__}")
            if text != text.strip():
                raise ValueError(f"{name} has white space around it: {text!r}")
        for name in ("instruction", "output"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty or missing")
        if self.check is not None:
            validate_check(self.check)


def read_examples(records: Sequence[dict]) -> list[Example]:
    """Turn records with Alpaca's keys into examples, all or none.

    Args:
        records: dicts with instruction and output, perhaps input, kind, group, id and check.
            White space around texts is dropped; without an id, a record's number is its id.

    Returns:
        The examples, in the records' order.

    Raises:
        ValueError: some records are bad; the message names each with its number, from 1.

    Built in: 06a
    """
    known = {part.name for part in fields(Example)}
    examples, faults = [], []
    for number, record in enumerate(records, start=1):
        try:
            if not isinstance(record, dict):
                raise TypeError(f"must be an object, got {type(record).__name__}")
            if unknown := [key for key in record if key not in known]:
                raise ValueError(f"unknown key {unknown[0]!r}")
            texts = {k: v.strip() if isinstance(v, str) else v for k, v in record.items()}
            examples.append(Example(**{"instruction": "", "id": str(number), **texts}))
        except (TypeError, ValueError) as error:
            faults.append(f"record {number}: {error}")
    if faults:
        raise ValueError(f"{len(faults)} of {len(records)} records are bad\n" + "\n".join(faults))
    if not examples:
        raise ValueError("there are no records")
    return examples


def user_text(example: Example) -> str:
    """Join instruction and input into what the user says in a chat.

    Raises:
        TypeError: example is not an Example. A dict would be too easy to paste whole, answer
            and all, into a prompt.

    Built in: 06a
    """
    if not isinstance(example, Example):
        raise TypeError(f"example must be an Example, got {type(example).__name__}")
    return f"{example.instruction}\n{example.input}" if example.input else example.instruction


def prompt_parts(example: Example, style: str) -> list[str]:
    """Cut a prompt into parts: the template's and the user's, taking turns.

    Built in: 06a
    """
    require_choice("style", style, STYLES)
    text = user_text(example)
    if style == "chatml":
        return [CHATML[0], text, CHATML[1]]
    if not example.input:
        return [ALPACA[0], text, ALPACA[1]]
    before, between, after = ALPACA_WITH_INPUT
    return [before, example.instruction, between, example.input, after]


def prompt(example: Example, style: str = "chatml") -> str:
    """Write the prompt of an example: the one template for training, generation and evaluation.

    Args:
        example: its instruction and input are used, its output never.
        style: "chatml" for chat models, "alpaca" for models without chat tokens.

    Returns:
        The text up to where the response begins.

    Raises:
        TypeError: example is not an Example.
        ValueError: there is no such style.

    Source: Taori et al. 2023, "Stanford Alpaca", for the style of that name.
    Built in: 06a
    """
    return "".join(prompt_parts(example, style))


def prompt_ids(example: Example, tokenizer, style: str = "chatml") -> list[int]:
    """Encode the prompt of an example.

    Only the template may hold special tokens. The user's text is encoded as plain text, so
    that nobody's data can end a turn or begin another.

    Args:
        example: see `prompt`.
        tokenizer: a `BPETokenizer`, or anything with encode(text, special="allow" or "text").
        style: see `prompt`.

    Returns:
        Token ids.

    Raises:
        TypeError, ValueError: see `prompt`.

    Built in: 06a
    """
    token_ids = []
    for place, text in enumerate(prompt_parts(example, style)):
        token_ids += tokenizer.encode(text, special="text" if place % 2 else "allow")
    return token_ids

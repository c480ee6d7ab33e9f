"""Prompt styles: examples into the text that a model reads."""

from workshop_lib.config.finetuning import STYLES
from workshop_lib.finetune.examples import Example
from workshop_lib.require import require_choice
from workshop_lib.tokenizer.protocol import Tokenizer

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
    """Split a prompt into parts that alternate: the template's, the user's, the template's.

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


def prompt_ids(example: Example, tokenizer: Tokenizer, style: str = "chatml") -> list[int]:
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

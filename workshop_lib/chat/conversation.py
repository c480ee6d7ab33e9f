"""Talk with a model that runs in our own code: `python -m workshop_lib chat`.

`Chat` keeps one conversation, `talk` shows it in the terminal; `chat_web` has the web page.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

import torch

from workshop_lib.finetune.prompts import CHATML
from workshop_lib.generate import stream
from workshop_lib.model.gpt import GPT
from workshop_lib.require import require_count
from workshop_lib.sampling import check_sampling
from workshop_lib.tokenizer.protocol import Tokenizer

_USER = "<|im_start|>user\n"
_SYSTEM = CHATML[0].removesuffix(_USER)
_ASSISTANT = CHATML[1]  # ends the user's turn and begins the answer
END_TOKEN = "<|im_end|>"


class Chat:
    """One conversation with a chat model; any other model continues texts instead.

    A chat model is one whose end token is ChatML's: it has learned to end its turns.

    Args:
        model: a GPT.
        tokenizer: its tokenizer.
        temperature: see `generate.sample_next_token`; None means 0.2 for chat models, as the makers of
            SmolLM2 advise, and 0.8 for others.
        top_p: see `generate.sample_next_token`.
        max_new_tokens: the longest answer; None means 500 for chat models and 200 for others, or
            half the context length where that is less.

    Attributes:
        has_turns: whether it is a chat model.
        turns: token ids of each turn so far: what the user said, and the answer.

    Raises:
        ValueError: a setting is outside its range.

    Source: the model card of SmolLM2-135M-Instruct for the template and the sampling.
    """

    def __init__(
        self,
        model: GPT,
        tokenizer: Tokenizer,
        *,
        temperature: float | None = None,
        top_p: float = 0.9,
        max_new_tokens: int | None = None,
    ):
        self.model, self.tokenizer = model, tokenizer
        self.has_turns = tokenizer.end_token == END_TOKEN
        if temperature is None:
            temperature = 0.2 if self.has_turns else 0.8
        if max_new_tokens is None:
            most = 500 if self.has_turns else 200
            max_new_tokens = max(1, min(most, model.config.context_length // 2))
        check_sampling(temperature, None, top_p)
        require_count("max_new_tokens", max_new_tokens)
        self.sampling = {"temperature": temperature, "top_p": top_p}
        self.max_new_tokens = max_new_tokens
        self.turns: list[list[int]] = []

    def reply(self, text: str) -> Generator[str, None, None]:
        """Yield the answer to what the user says, in pieces, as they are made.

        Whoever stops listening ends the answer: what came so far is what the model will remember.

        Raises:
            ValueError: the text cannot be encoded, or is too long for the model.
        """
        said = self.encode_turn(text)
        prompt = torch.tensor([self.prompt_ids(said)], device=self.model.tok_emb.weight.device)
        answer: list[int] = []

        def remembered(token_ids: Iterable[int]) -> Iterator[int]:
            for token_id in token_ids:
                answer.append(token_id)
                yield token_id

        new_ids = stream(
            self.model,
            prompt,
            self.max_new_tokens,
            stop_ids=self.tokenizer.stop_ids,
            **self.sampling,
        )
        try:
            yield from self.tokenizer.decode_stream(remembered(new_ids))
        finally:
            if self.has_turns:
                self.turns.append(said + answer)

    def encode_turn(self, text: str) -> list[int]:
        """Encode what the user says. Only the template may hold special tokens, the text cannot."""
        token_ids = self.tokenizer.encode(text)
        if not self.has_turns:
            return token_ids or [self.tokenizer.eos_token_id]
        before, after = (
            self.tokenizer.encode(part, special="allow") for part in (_USER, _ASSISTANT)
        )
        return before + token_ids + after

    def prompt_ids(self, said: list[int]) -> list[int]:
        """Put the conversation so far before what was said; the oldest turns go where it is long."""
        room = self.model.config.context_length - self.max_new_tokens
        if not self.has_turns:
            return said
        system, end = (
            self.tokenizer.encode(part, special="allow") for part in (_SYSTEM, END_TOKEN + "\n")
        )
        while True:
            closed = [token_id for turn in self.turns for token_id in turn + end]
            token_ids = system + closed + said
            if len(token_ids) <= room:
                return token_ids
            if not self.turns:
                raise ValueError(
                    f"too long: {len(token_ids)} tokens with the template, and there is room for "
                    f"{room}"
                )
            self.turns.pop(0)

"""The chat in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import closing, suppress

from workshop_lib.chat.conversation import Chat


def introduction(chat: Chat, name: str) -> str:
    """Say what talking with this model is like."""
    if chat.has_turns:
        return f"{name} answers. It is small: expect mistakes."
    return (
        f"{name} is not a chat model, or not one with ChatML's turns. "
        "It continues your text instead."
    )


def talk(chat: Chat, name: str) -> None:
    """Talk in the terminal, until /quit or the end of the input.

    Args:
        chat: the conversation.
        name: what to call the model.
    """
    with suppress(ImportError):  # Windows has none
        import readline  # noqa: F401  arrow keys in input()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a character shows "?"
    print(introduction(chat, name))
    print("Ctrl-C ends an answer, /new starts afresh, /quit leaves.\n")
    while True:
        try:
            text = input("> ").strip()
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print("\n/quit leaves.")
            continue
        if text == "/quit":
            return
        if text == "/new":
            chat.turns.clear()
            print("A new conversation.\n")
        elif text:
            show(chat.reply(text))


def show(pieces: Generator[str, None, None]) -> None:
    """Print an answer as it grows; Ctrl-C ends it."""
    try:
        with closing(pieces):
            for piece in pieces:
                print(piece, end="", flush=True)
    except KeyboardInterrupt:
        print(" [stopped]", end="")
    except (ValueError, RuntimeError) as error:  # too long; out of memory
        print(f"({error})", end="")
    print("\n")

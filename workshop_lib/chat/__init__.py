"""A conversation with a model, in the terminal or a browser."""

from workshop_lib.chat.conversation import Chat

__all__ = ["Chat"]

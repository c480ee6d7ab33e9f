"""The chat as a web page, served to this computer only: `python -m workshop_lib chat --web`.

Each open page is a conversation of its own, over a WebSocket. Page to server: {"say": text} or
{"stop": true}. Server to page: first {"introduction": text}; for an answer {"piece": text} again
and again, then {"done": true}, or {"problem": text}.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import HostMatches
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from workshop_lib.chat.conversation import Chat
from workshop_lib.chat.terminal import introduction

_PAGE = Path(__file__).with_name("chat.html")
# The page needs nothing from anywhere else, and the browser holds it to that.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:"
)


class _Page(RequestHandler):
    """The page itself."""

    def get(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-store")
        self.write(_PAGE.read_text(encoding="utf-8"))


class _Conversation(WebSocketHandler):
    """One open page. tornado refuses pages of other sites, by their Origin header."""

    def initialize(
        self, new_chat: Callable[[], Chat], name: str, worker: ThreadPoolExecutor
    ) -> None:
        self.chat, self.name, self.worker = new_chat(), name, worker
        self.stopping = threading.Event()
        self.answering: asyncio.Task | None = None

    def open(self) -> None:
        self.send(introduction=introduction(self.chat, self.name), name=self.name)

    def on_message(self, message: str | bytes) -> None:
        asked = json.loads(message)
        if "stop" in asked:
            self.stopping.set()
        elif self.answering is None or self.answering.done():
            # A task, because tornado reads no further message, such as "stop", before this returns.
            self.stopping.clear()
            self.answering = asyncio.create_task(self.answer(asked["say"]))

    def on_close(self) -> None:
        self.stopping.set()

    async def answer(self, text: str) -> None:
        """Send an answer in pieces; the model computes in a thread, so that the server stays free."""
        loop = asyncio.get_running_loop()
        pieces = self.chat.reply(text)
        try:
            while not self.stopping.is_set():
                piece = await loop.run_in_executor(self.worker, next, pieces, None)
                if piece is None:
                    break
                self.send(piece=piece)
            await loop.run_in_executor(self.worker, pieces.close)
            self.send(done=True)
        except (ValueError, RuntimeError) as error:  # too long; out of memory
            self.send(problem=str(error))

    def send(self, **message: object) -> None:
        try:
            self.write_message(message)
        except WebSocketClosedError:
            self.stopping.set()


def serve(new_chat: Callable[[], Chat], name: str, port: int) -> None:
    """Serve the page on 127.0.0.1 until Ctrl-C.

    Args:
        new_chat: makes a conversation, for each page that is opened.
        name: what to call the model.
        port: where; 0 takes any free one.

    Raises:
        OSError: the port is taken.
        ValueError: it is no port.
    """
    try:
        asyncio.run(run_server(new_chat, name, port))
    except KeyboardInterrupt:
        print("\nThe page is closed.")


async def run_server(new_chat: Callable[[], Chat], name: str, port: int) -> None:
    """Start the server and wait for ever."""
    if not 0 <= port <= 65535:
        raise ValueError(f"port {port} is outside 0 to 65535")
    try:
        sockets = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        raise OSError(f"port {port} is taken: choose another with --port, or 0 for any") from error
    # One thread computes: pages that ask at the same time take turns, token by token.
    with ThreadPoolExecutor(max_workers=1) as worker:
        shared = {"new_chat": new_chat, "name": name, "worker": worker}
        pages = [("/", _Page), ("/conversation", _Conversation, shared)]
        # Other host names would be other sites that pretend to be this computer.
        application = Application([(HostMatches(r"(127\.0\.0\.1|localhost)"), pages)])
        HTTPServer(application).add_sockets(sockets)
        print(f"{name} is at http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
        print("Ctrl-C ends it.", flush=True)
        await asyncio.Event().wait()

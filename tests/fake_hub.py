"""A hub of models on this machine, with the faults that the real one can show.

It speaks as much of the hub's protocol as `huggingface_hub.snapshot_download` asks for.
"""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_right"


class Handler(BaseHTTPRequestHandler):
    """Answers for `server.models`: {name: folder}, and for names that stand for a fault."""

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body: bool):
        self.server.requests.append(f"{self.command} {self.path}")
        parts = self.path.split("?")[0].strip("/").split("/")
        is_api = parts[:2] == ["api", "models"]
        name = "/".join(parts[2:4] if is_api else parts[:2])
        if self.headers.get("Authorization") not in (None, f"Bearer {TOKEN}"):
            return self.error(401, None, "Invalid credentials in Authorization header")
        if name == "busy/model":
            return self.error(503, None, "overloaded")
        if name not in self.server.models:
            return self.error(404 if self.has_token() else 401, "RepoNotFound", "not found")
        folder = self.server.models[name]
        if is_api:
            files = [{"rfilename": path.name} for path in sorted(folder.iterdir())]
            content = json.dumps({"id": name, "sha": COMMIT, "siblings": files}).encode()
            return self.send(content, "application/json", body)
        if name.startswith("gated/"):
            return self.error(403 if self.has_token() else 401, "GatedRepo", "restricted")
        content = (folder / parts[-1]).read_bytes()
        return self.send(content, "application/octet-stream", body, cut=name == "cut/model")

    def has_token(self) -> bool:
        return "Authorization" in self.headers

    def send(self, content: bytes, kind: str, body: bool, cut: bool = False):
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(
                content[start : start + len(content[start:]) // 2] if cut else content[start:]
            )
        if cut:
            self.close_connection = True

    def error(self, status: int, code: str | None, message: str):
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def serve(models: dict[str, Path]):
    """Serve the folders under the names; yield the server, with its address as `url`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.models, server.requests = models, []
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

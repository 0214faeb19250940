"""A door in front of the real Elasticsearch that can be slow, busy, or shut.

What goes through is answered by the real server; what does not is counted, so that a
test can prove that its fault was met.
"""

import http.client
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Door:
    """The address to give to the site, and what happens behind it."""

    def __init__(self, target: str, tls: ssl.SSLContext | None = None) -> None:
        self.target = urlsplit(target).netloc
        self.met: Counter[str] = Counter()
        self.bulks: list[int] = []
        self.signed_in_as: set[str | None] = set()
        self.delay = 0.0
        self.is_shut = False
        self.way = threading.Event()
        self.way.set()
        self.refusal = 0
        self.refusals_left = 0
        self.refuse_bulks_over = 10**9
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"door": self})
        )
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def open(self) -> Iterator["Door"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def slow(self, seconds: float) -> None:
        """Let every request wait before it reaches the server."""
        self.delay = seconds

    def hold(self) -> None:
        """Keep every request until `heal`."""
        self.way.clear()

    def shut(self) -> None:
        """Drop every connection without a word, as a process that died does."""
        self.is_shut = True

    def refuse(self, status: int, times: int) -> None:
        """Answer the next requests to write with a status of refusal."""
        self.refusal, self.refusals_left = status, times

    def refuse_large(self, documents: int) -> None:
        """Answer 413 to who wants to write more documents at once than this."""
        self.refuse_bulks_over = documents

    def heal(self) -> None:
        self.delay, self.is_shut, self.refusals_left = 0.0, False, 0
        self.refuse_bulks_over = 10**9
        self.way.set()

    def status_for(self, path: str, body: bytes) -> int:
        """Say with what to refuse a request; 0 lets it through."""
        if not path.startswith("/_bulk"):
            return 0
        # An action has one line, and one more unless it deletes.
        documents = body.count(b'"version_type"')
        self.bulks.append(documents)
        if self.refusals_left:
            self.refusals_left -= 1
            return self.refusal
        return 413 if documents > self.refuse_bulks_over else 0


class _Handler(BaseHTTPRequestHandler):
    door: Door
    protocol_version = "HTTP/1.1"

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.door.signed_in_as.add(self.headers.get("Authorization"))
        if self.door.is_shut:
            self.door.met["shut"] += 1
            self.close_connection = True
            return
        if not self.door.way.is_set():
            self.door.met["held"] += 1
            self.door.way.wait(120)
        if self.door.delay:
            self.door.met["slow"] += 1
            time.sleep(self.door.delay)
        if status := self.door.status_for(self.path, body):
            self.door.met[str(status)] += 1
            self._answer(status, "application/json", b"{}")
            return
        self._forward(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_request  # noqa: N815

    def _forward(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.door.target, timeout=120)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            kind = answer.getheader("Content-Type") or "application/json"
            self._answer(answer.status, kind, data)
        except OSError:
            self.close_connection = True
        finally:
            connection.close()

    def _answer(self, status: int, kind: str, data: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)
        except OSError:
            # Whoever asked did not wait.
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        pass

"""A real HTTP server with a will of its own: it records what it is sent, and can refuse, hang, or die between storing
and answering. The protocol itself is tested against the real server in ``tests/server``."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """Answers 200 and deduplicates by (instance, path, seq), unless ``behave`` says otherwise.

    ``behave(number, path)`` is asked for each request: an int is a status to refuse with, a pair a status and a body to
    answer with, ``"lose"`` stores and cuts the connection before the answer, ``"cut"`` cuts it before storing,
    ``"hang"`` never answers. With ``tls`` it speaks HTTPS.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.behave: Callable[[int, str], int | str | tuple[int, bytes] | None] = lambda number, path: None
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.stored: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.connections: set[tuple[str, int]] = set()
        self.arrived = threading.Condition()
        self.release = threading.Event()
        self._last: dict[tuple[str, str], int] = defaultdict(int)
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                double.handle(self)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        content = json.loads(body)
        with self.arrived:
            number = len(self.requests)
            self.requests.append((request.path, content))
            self.headers.append(dict(request.headers))
            self.connections.add(request.client_address)
            wish = self.behave(number, request.path)
            duplicate = content["seq"] <= self._last[content["instance"], request.path]
            if wish in {None, "lose"} and not duplicate:
                self._last[content["instance"], request.path] = content["seq"]
                self.stored.append((request.path, content))
            self.arrived.notify_all()
        if wish == "hang":
            self.release.wait(30)
        if wish in {"lose", "cut", "hang"}:
            request.close_connection = True
            request.connection.close()
            return
        status = wish if isinstance(wish, int) else 200
        problem = {"error": {"code": "x", "message": "as the test wished", "where": "$"}}
        answer = json.dumps(
            problem if status != 200 else {"accepted": 1, "duplicate": duplicate, "rejected": []}
        ).encode()
        if isinstance(wish, tuple):
            status, answer = wish
        request.send_response(status)
        request.send_header("Content-Length", str(len(answer)))
        if status in {429, 503}:
            request.send_header("Retry-After", "0")
        request.end_headers()
        request.wfile.write(answer)

    def wait_for(self, ready: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until ``ready`` holds after a request; fail when it does not."""
        with self.arrived:
            assert self.arrived.wait_for(ready, seconds), f"not within {seconds} s; stored {len(self.stored)}"

    def counter(self, name: str) -> float:
        """The stored sum of a counter over all instances and tags."""
        total = 0.0
        for path, content in self.stored:
            if path.endswith("metrics"):
                columns = content.get("counters", {"keys": [], "sum": []})
                for key, value in zip(columns["keys"], columns["sum"], strict=True):
                    total += value if key.partition("{")[0] == name else 0.0
        return total

    def timings(self, name: str) -> dict[str, int]:
        """The stored number of records of each series of a timing, over all instances."""
        counts: dict[str, int] = defaultdict(int)
        for path, content in self.stored:
            if path.endswith("metrics"):
                columns = content.get("timings", {"keys": [], "count": []})
                for key, count in zip(columns["keys"], columns["count"], strict=True):
                    counts[key] += count if key.partition("{")[0] == name else 0
        return {key: count for key, count in counts.items() if count}

    def instances(self, name: str) -> set[str]:
        """The instances that sent a counter."""
        return {
            content["instance"]
            for path, content in self.stored
            if path.endswith("metrics")
            and name in [k.partition("{")[0] for k in content.get("counters", {"keys": []})["keys"]]
        }

    def lines(self) -> list[dict[str, Any]]:
        return [line for path, content in self.stored if path.endswith("logs") for line in content["logs"]]

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

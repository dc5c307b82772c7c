"""A proxy in front of an engine that changes paths and headers: it stands for an edition that cannot be had here."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Rewrite = Callable[[str, dict[str, str]], str]
"""Returns the path to ask for; may change the headers in place."""


class RewritingProxy:
    def __init__(self, port: int, rewrite: Rewrite, adds: Mapping[str, str] | None = None) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece: a second packet would wait for the first one's receipt

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in {"host", "accept-encoding"}}
                path = rewrite(self.path, headers)
                engine = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                engine.request(self.command, path, body, headers)
                found = engine.getresponse()
                data = found.read()
                engine.close()
                self.send_response(found.status)
                for name in ("Content-Type", "X-Influxdb-Error"):
                    if name in found.headers:
                        self.send_header(name, found.headers[name])
                for name, value in (adds or {}).items():
                    self.send_header(name, value)
                if found.status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer  # noqa: N815  # the names are the library's

            def log_message(self, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

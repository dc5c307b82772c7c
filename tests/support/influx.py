"""Debian's ``influxd`` (1.6), and in front of it the v2 write path of 1.8, which Debian does not have."""

from __future__ import annotations

import base64
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from engine_process import EngineProcess, free_port

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
  auth-enabled = {auth}
[monitor]
  store-enabled = false
"""


class Influx(EngineProcess):
    program, package, health = "influxd", "influxdb", "/ping"

    def __init__(self, folder: Path, *, auth: bool = False) -> None:
        super().__init__(folder)
        self._auth = auth
        self._rpc = free_port()

    def arguments(self) -> list[str]:
        config = self.folder / "influxdb.conf"
        auth = str(self._auth).lower()
        config.write_text(CONFIG.format(folder=self.folder, port=self.port, rpc=self._rpc, auth=auth))
        return ["-config", str(config)]

    def query(self, statement: str, user: str = "", database: str = "") -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()} if user else {}
        connection.request("POST", "/query?" + urlencode({"q": statement, "db": database}), headers=headers)
        body = connection.getresponse().read()
        connection.close()
        return body


class FrontOf18:
    """A fake at an edge that cannot be had: what 1.8 adds to 1.6. It maps ``/api/v2/write`` as 1.8 does.

    ``bucket=db/rp`` becomes ``db`` and ``rp``, ``org`` is ignored, ``Token user:password`` becomes basic
    authorization. Everything else passes through. ``writes`` counts what came by the v2 path.
    """

    def __init__(self, port: int) -> None:
        front = self
        self.writes = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece: a second packet would wait for the first one's receipt

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in {"host", "accept-encoding"}}
                path, asked = self.path, parse_qs(urlsplit(self.path).query)
                if path.startswith("/api/v2/write?"):
                    database, _, policy = asked["bucket"][0].partition("/")
                    path = "/write?" + urlencode({"db": database, "rp": policy, "precision": asked["precision"][0]})
                    token = headers.pop("Authorization", "").removeprefix("Token ")
                    if token:
                        headers["Authorization"] = "Basic " + base64.b64encode(token.encode()).decode()
                    front.writes += 1
                engine = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                engine.request(self.command, path, body, headers)
                found = engine.getresponse()
                data = found.read()
                engine.close()
                self.send_response(found.status)
                for name in ("Content-Type", "X-Influxdb-Error"):
                    if name in found.headers:
                        self.send_header(name, found.headers[name])
                self.send_header("X-Influxdb-Version", "1.8.10")
                if found.status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer  # noqa: N815  # the names are the library's

            def log_message(self, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

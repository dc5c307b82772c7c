"""Debian's ``influxd`` (1.6), and in front of it the v2 write path of 1.8, which Debian does not have."""

from __future__ import annotations

import base64
import http.client
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from engine_process import EngineProcess, free_port
from rewriting_proxy import RewritingProxy

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[retention]
  check-interval = "1s"
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

    def write(self, lines: str, database: str) -> None:
        """Write to the default policy, with times in seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/write?" + urlencode({"db": database, "precision": "s"}), lines.encode())
        answer = connection.getresponse()
        assert answer.status == 204, answer.read()
        connection.close()


class FrontOf18(RewritingProxy):
    """A fake at an edge that cannot be had: what 1.8 adds to 1.6. It maps ``/api/v2/write`` as 1.8 does.

    ``bucket=db/rp`` becomes ``db`` and ``rp``, ``org`` is ignored, ``Token user:password`` becomes basic
    authorization. Everything else passes through. ``writes`` counts what came by the v2 path.
    """

    def __init__(self, port: int) -> None:
        self.writes = 0
        super().__init__(port, self._rewrite, {"X-Influxdb-Version": "1.8.10"})

    def _rewrite(self, path: str, headers: dict[str, str]) -> str:
        if not path.startswith("/api/v2/write?"):
            return path
        self.writes += 1
        asked = parse_qs(urlsplit(path).query)
        database, _, policy = asked["bucket"][0].partition("/")
        token = headers.pop("Authorization", "").removeprefix("Token ")
        if token:
            headers["Authorization"] = "Basic " + base64.b64encode(token.encode()).decode()
        return "/write?" + urlencode({"db": database, "rp": policy, "precision": asked["precision"][0]})

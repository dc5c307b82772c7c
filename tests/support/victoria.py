"""Debian's ``victoria-metrics``: the single node."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from engine_process import EngineProcess
from rewriting_proxy import RewritingProxy


class Victoria(EngineProcess):
    program, package, health = "victoria-metrics", "victoria-metrics", "/health"

    def __init__(self, folder: Path, *more: str) -> None:
        super().__init__(folder)
        self._more = more

    def arguments(self) -> list[str]:
        return [
            f"-storageDataPath={self.folder}/data",
            f"-httpListenAddr=127.0.0.1:{self.port}",
            "-retentionPeriod=10y",
            "-maxLabelsPerTimeseries=64",
            *self._more,
        ]

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            body: bytes = answer.read()
        return body


class FrontOfCluster(RewritingProxy):
    """A fake at an edge that cannot be had: a cluster's paths before a single node. ``paths`` are those asked for."""

    def __init__(self, port: int) -> None:
        self.paths: list[str] = []
        super().__init__(port, self._rewrite)

    def _rewrite(self, path: str, headers: dict[str, str]) -> str:
        del headers
        self.paths.append(path.partition("?")[0])
        for prefix in ("/insert/7/influx", "/select/7/prometheus", "/delete/7/prometheus"):
            if path.startswith(f"{prefix}/"):
                return path.removeprefix(prefix)
        return "/no/such/path"

"""Debian's ``victoria-metrics``: the single node."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from engine_process import EngineProcess


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

"""The backends that the contract of metric stores runs over, each with a way to open it again on the same data."""

from __future__ import annotations

import itertools
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from argus.server.stores.base import MetricStore
from argus.server.stores.influx.engine import InfluxEngine
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.remote.engine import Engine, Tier
from argus.server.stores.remote.store import RemoteMetricStore
from argus.server.stores.victoria.engine import VictoriaEngine

DAY = 86_400.0
_NUMBERS = itertools.count(1)

Clock = Callable[[], float]


class Backend(ABC):
    """Empty when it is made. What a store has written is there for the next one that is opened."""

    def open(
        self, *, raw_retention: float = 7 * DAY, rollup_retention: float = 30 * DAY, clock: Clock = time.time
    ) -> MetricStore:
        engine = self.engine(raw_retention, rollup_retention)
        return RemoteMetricStore(engine, raw_retention=raw_retention, rollup_retention=rollup_retention, clock=clock)

    def away(self) -> MetricStore:
        """Return a store of the kind whose engine does not answer; its password is ``peacock``."""
        raise NotImplementedError("the embedded store is always there")

    @abstractmethod
    def engine(self, raw_retention: float, rollup_retention: float) -> Engine: ...


class Sqlite(Backend):
    def __init__(self, folder: Path) -> None:
        self._path = folder / f"metrics-{next(_NUMBERS)}.db"

    def open(
        self, *, raw_retention: float = 7 * DAY, rollup_retention: float = 30 * DAY, clock: Clock = time.time
    ) -> MetricStore:
        return SqliteMetricStore(
            self._path, raw_retention=raw_retention, rollup_retention=rollup_retention, clock=clock
        )

    def engine(self, raw_retention: float, rollup_retention: float) -> Engine:
        raise NotImplementedError("the embedded store has no engine")


class InfluxBackend(Backend):
    """A database of its own. ``port`` is the engine's, or that of what stands in front of it."""

    def __init__(self, port: int) -> None:
        self.database = f"argus{next(_NUMBERS)}"
        self.url = f"influxdb://127.0.0.1:{port}/{self.database}"

    def engine(self, raw_retention: float, rollup_retention: float) -> Engine:
        return InfluxEngine(self.url, {Tier.RAW: raw_retention, Tier.ROLLUP: rollup_retention})

    def away(self) -> MetricStore:
        away = InfluxBackend(1)
        away.url = away.url.replace("//", "//argus:peacock@")
        return away.open()


class VictoriaBackend(Backend):
    """The whole engine, emptied."""

    def __init__(self, port: int) -> None:
        self.url = f"victoriametrics://127.0.0.1:{port}"
        for path in ("/internal/force_flush", "/api/v1/admin/tsdb/delete_series?match[]={__name__!=%22%22}"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30):
                pass

    def engine(self, raw_retention: float, rollup_retention: float) -> Engine:
        del raw_retention, rollup_retention  # an engine has one retention, given when it is started
        return VictoriaEngine(self.url)

    def away(self) -> MetricStore:
        engine = VictoriaEngine("victoriametrics://argus:peacock@127.0.0.1:1")
        return RemoteMetricStore(engine, raw_retention=7 * DAY, rollup_retention=30 * DAY)

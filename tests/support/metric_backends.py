"""The backends that the contract of metric stores runs over, each with a way to open it again on the same data."""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3
import time
import urllib.request
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from argus.server.stores.base import MetricStore
from argus.server.stores.influx.engine import InfluxEngine
from argus.server.stores.metrics.rows import unpack
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
        return RemoteMetricStore(
            engine, raw_retention=raw_retention, rollup_retention=rollup_retention, clock=clock, fresh=0.0
        )

    def away(self) -> MetricStore:
        """Return a store of the kind whose engine does not answer; its password is ``peacock``."""
        raise NotImplementedError("the embedded store is always there")

    @abstractmethod
    def kept(self, app: str) -> dict[str, int]:
        """Return how much is kept of an application, by what it is, asked behind the store's back; zeros left out."""

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

    def kept(self, app: str) -> dict[str, int]:
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            found = dict(
                connection.execute(
                    "SELECT CASE tier WHEN 0 THEN 'raw' ELSE '5m' END, count(*) FROM chunk "
                    "JOIN series ON series.id = chunk.series WHERE app = ? GROUP BY tier",
                    (app,),
                ).fetchall()
            )
            for table in ("series", "marks"):
                (found[table],) = connection.execute(f"SELECT count(*) FROM {table} WHERE app = ?", (app,)).fetchone()
            ids = {number for (number,) in connection.execute("SELECT id FROM series WHERE app = ?", (app,))}
            rows = [unpack(data) for (data,) in connection.execute("SELECT rows FROM head")]
        found["head"] = sum(number in ids for part in rows for number in part.series.tolist())
        return {name: number for name, number in found.items() if number}


class InfluxBackend(Backend):
    """A database of its own. ``port`` is the engine's, or that of what stands in front of it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.database = f"argus{next(_NUMBERS)}"
        self.url = f"influxdb://127.0.0.1:{port}/{self.database}"

    def engine(self, raw_retention: float, rollup_retention: float) -> Engine:
        return InfluxEngine(self.url, {Tier.RAW: raw_retention, Tier.ROLLUP: rollup_retention})

    def kept(self, app: str) -> dict[str, int]:
        found = {}
        for name, source in (("raw", "raw.metrics"), ("5m", '"5m".metrics'), ("facts", '"5m".argus_facts')):
            field = "number" if name == "facts" else "value"
            statement = f"SELECT count({field}) FROM {source} WHERE app_id = '{app}'"
            question = urlencode({"q": statement.replace("raw.", '"raw".'), "db": self.database})
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/query?{question}", timeout=30) as answer:
                (result,) = json.load(answer)["results"]
            if result.get("series"):
                found[name] = int(result["series"][0]["values"][0][1])
        return found

    def away(self) -> MetricStore:
        away = InfluxBackend(1)
        away.url = away.url.replace("//", "//argus:peacock@")
        return away.open()


class VictoriaBackend(Backend):
    """The whole engine, emptied."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.url = f"victoriametrics://127.0.0.1:{port}"
        for path in ("/internal/force_flush", "/api/v1/admin/tsdb/delete_series?match[]={__name__!=%22%22}"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30):
                pass

    def engine(self, raw_retention: float, rollup_retention: float) -> Engine:
        del raw_retention, rollup_retention  # an engine has one retention, given when it is started
        return VictoriaEngine(self.url)

    def kept(self, app: str) -> dict[str, int]:
        root = f"http://127.0.0.1:{self._port}"
        with urllib.request.urlopen(f"{root}/internal/force_flush", timeout=30):
            pass
        end = f"{time.time() + DAY:.0f}"  # without it, what was written this second is left out
        question = urlencode({"match[]": f'{{app_id="{app}"}}', "end": end})
        found: Counter[str] = Counter()
        with urllib.request.urlopen(f"{root}/api/v1/export?{question}", timeout=30) as answer:
            for line in answer:
                one = json.loads(line)
                name = one["metric"]["__name__"]
                kind = "5m" if name.startswith("metrics_5m_") else "raw" if name.startswith("metrics_") else "facts"
                found[kind] += len(one["values"])
        return dict(found)

    def away(self) -> MetricStore:
        engine = VictoriaEngine("victoriametrics://argus:peacock@127.0.0.1:1")
        return RemoteMetricStore(engine, raw_retention=7 * DAY, rollup_retention=30 * DAY)

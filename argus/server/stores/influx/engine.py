"""InfluxDB as an engine: measurement ``metrics`` in two places, and the facts beside the rollups.

Reading: InfluxDB merges the rows of a bucket itself, for counts, sums and extremes may be merged anywhere. Sketches it
cannot merge; where they are wanted the rows are read as they are.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

import numpy as np

from argus.errors import ConfigError, StoreError
from argus.server.stores.influx import dump, influxql, places
from argus.server.stores.influx.connection import Connection, Place
from argus.server.stores.influx.slots import SLOTS, Slots
from argus.server.stores.metrics.rows import EMPTY
from argus.server.stores.remote import lines, names, packing
from argus.server.stores.remote.address import parse
from argus.server.stores.remote.engine import Engine, Fact, Found, Reading, Tier, Wanted
from argus.server.stores.remote.http import Refused
from argus.server.stores.remote.lines import Block
from argus.server.stores.remote.pipeline import Pipeline

EXAMPLE = "influxdb://user:password@host:8086/DATABASE or influxdb://host:8086/BUCKET?org=ORG&token=TOKEN"
PORT = 8086

PAIRS_PER_QUESTION = 200

_HOUR = 3_600 * 10**9

MEASUREMENT = influxql.SUMMARIES.encode()

PARTS = {
    "facts.lp": (Tier.ROLLUP, influxql.FACTS),
    "raw.lp": (Tier.RAW, influxql.SUMMARIES),
    "5m.lp": (Tier.ROLLUP, influxql.SUMMARIES),
}
"""Parts of a backup, and where they lie."""

_TOO_OLD = re.compile(r"points beyond retention policy.*dropped=(\d+)")


class InfluxEngine(Engine):
    """One InfluxDB server. ``retention`` is in seconds."""

    kind = "influxdb"
    parts = tuple(PARTS)

    def __init__(self, url: str, retention: Mapping[Tier, float]) -> None:
        address = parse(url, "influxdb", example=EXAMPLE, port=PORT, options=frozenset({"org", "token"}))
        self._database = unquote(address.path.strip("/"))
        if not self._database or "/" in self._database:
            raise ConfigError(f"influxdb:// names one database or bucket after the host; an address is {EXAMPLE}")
        self._connection = Connection(address)
        self._retention = retention
        self._lock = threading.Lock()
        self._ready: tuple[tuple[int, int], dict[Tier, Place]] | None = None
        self._slots = Slots(self)
        self._pipeline = Pipeline()
        self._expired = 0.0

    def _prepared(self) -> tuple[tuple[int, int], dict[Tier, Place]]:
        """Return the server's version and the places, made if they are missing: at the first use that succeeds."""
        with self._lock:
            if self._ready is None:
                version = self._connection.version()
                made = places.prepare(self._connection, version, self._database, self._retention)
                self._ready = version, made
            return self._ready

    def version(self) -> tuple[int, int]:
        """Return the server's version. Raises ``StoreUnavailable``."""
        return self._prepared()[0]

    @property
    def root(self) -> str:
        """The beginning of every request's address, without secrets."""
        return self._connection.address.root

    def write(self, tier: Tier, blocks: Sequence[tuple[str, Block]]) -> None:
        slots = self._slots.claim([_sent(sender, block) for sender, block in blocks])
        self._send(
            tier,
            (
                lines.encode(MEASUREMENT, block, block.time * SLOTS + slots[_sent(sender, block)], _sketches)
                for sender, block in blocks
            ),
        )

    def rewrite(self, blocks: Sequence[Block]) -> None:
        # A point is overwritten by the next one of its series and time.
        self._send(Tier.ROLLUP, (lines.encode(MEASUREMENT, block, block.time * SLOTS, _sketches) for block in blocks))

    def _send(self, tier: Tier, made: Iterable[Iterable[bytes]]) -> None:
        version, where = self._prepared()

        def send(body: bytes) -> None:
            try:
                self._connection.write(where[tier], body, version)
            except Refused as refused:
                expired = _TOO_OLD.search(refused.text)  # the other points of the body are stored
                if expired is None:
                    self._look_again(refused)
                    raise
                with self._lock:
                    self._expired += int(expired[1])

        self._pipeline.run(lines.bodies(made), send)

    def _look_again(self, refused: Refused) -> None:
        """Where a database is gone, make it again at the next use."""
        if "not found" in refused.text:
            with self._lock:
                self._ready = None

    def _ask(self, statement: str) -> list[influxql.Table]:
        with self._refusals():
            return self._connection.query(statement, self._database)

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            self._look_again(refused)
            raise

    def ask(self, tier: Tier, reading: Reading) -> Callable[[], list[Found]]:
        _, where = self._prepared()
        with self._refusals():
            body = self._connection.ask(influxql.rows(where[tier].source(influxql.SUMMARIES), reading), self._database)

        def found() -> list[Found]:
            with self._refusals():
                tables = list(self._connection.tables(body))
            return [_found(table, reading) for table in tables if table.tags["kind"]]  # others' points have none

        return found

    def write_facts(self, facts: Sequence[Fact]) -> None:
        now = time.time_ns()
        made = []
        for topic, app, key, number in facts:
            tags = {"topic": topic, "app_id": names.stored(app), "key": names.stored(key)}
            made.append(b"%b%b number=%di %d" % (influxql.FACTS.encode(), lines.encoded_tags(tags), number, now))
        self._send(Tier.ROLLUP, [made])

    def read_facts(self, topic: str, wanted: Iterable[Wanted] | None, within: int | None = None) -> list[Fact]:
        _, where = self._prepared()
        source = where[Tier.ROLLUP].source(influxql.FACTS)
        pairs = list(wanted or ())
        groups = [pairs[begin : begin + PAIRS_PER_QUESTION] for begin in range(0, len(pairs), PAIRS_PER_QUESTION)]
        return [
            Fact(topic, names.original(table.tags["app_id"]), names.original(table.tags["key"]), int(number))
            for group in ([None] if wanted is None else groups)
            for table in self._ask(influxql.facts(source, topic, group, within))
            for number in influxql.column_of(table, "max")
        ]

    def settle(self) -> None:
        """Return at once: InfluxDB shows what it has acknowledged."""

    def check(self) -> None:
        version, where = self._prepared()
        hour = time.time_ns() // _HOUR * _HOUR  # the point of an hour overwrites itself
        try:
            self._connection.write(where[Tier.ROLLUP], b"%b %d" % (lines.CHECK, hour), version)
        except Refused as refused:
            self._look_again(refused)
            raise

    def last_times(self, app: str) -> list[tuple[Mapping[str, str], int]]:
        _, where = self._prepared()
        return [
            (influxql.present(table.tags), int(at))
            for place in where.values()
            for table in self._ask(influxql.last_times(place.source(influxql.SUMMARIES), app))
            for at in influxql.column_of(table, "time")
        ]

    def apps(self) -> list[str]:
        _, where = self._prepared()
        sources = [place.source(influxql.SUMMARIES) for place in where.values()]
        tables = [table for source in sources for table in self._ask(influxql.apps(source))]
        return sorted({names.original(app) for table in tables for app in influxql.column_of(table, "value")})

    def export(self, part: str, counts: dict[str, dict[str, int]]) -> Iterator[bytes]:
        _, where = self._prepared()
        tier, measurement = PARTS[part]
        of_part = counts.setdefault(part.removesuffix(".lp"), {})

        def count(app: str, rows: int) -> None:
            of_part[app] = of_part.get(app, 0) + rows

        return dump.exported(self._connection, where[tier], measurement, count)

    def load(self, part: str, pieces: Iterable[bytes]) -> None:
        self._send(PARTS[part][0], lines.whole(pieces))

    def delete_app(self, app: str) -> None:
        version, where = self._prepared()
        same = influxql.equals("app_id", names.stored(app))
        self.forget(app)
        if version >= (3, 0):
            raise StoreError("InfluxDB 3 Core cannot delete the rows of one application; they expire")
        if version < (2, 0):
            for measurement in (influxql.SUMMARIES, influxql.FACTS):
                self._ask(f"DROP SERIES FROM {influxql.name(measurement)} WHERE {same}")
            return
        for tier, measurement in (*((tier, influxql.SUMMARIES) for tier in Tier), (Tier.ROLLUP, influxql.FACTS)):
            self._connection.delete(where[tier], measurement, names.stored(app))

    def forget(self, app: str) -> None:
        self._slots.forget(app)

    def forget_all(self) -> None:
        self._slots.forget_all()

    def stats(self) -> Mapping[str, float]:
        return {"expired_rows": self._expired}

    def close(self) -> None:
        self._pipeline.close()
        self._connection.close()


def _sent(sender: str, block: Block) -> tuple[str, str]:
    return block.series[0].app, sender


def _sketches(block: Block) -> list[bytes]:
    assert block.lengths is not None  # only timings are asked for theirs
    return [b',sketch="%b"' % base64.b64encode(row) for row in packing.pack(block.lengths, block.flat)]


def _found(table: influxql.Table, reading: Reading) -> Found:
    times = np.array(influxql.column_of(table, "time"), np.float64).astype(np.int64)
    columns = {name: np.array(influxql.column_of(table, name), np.float64) for name in reading.columns}
    lengths, flat = EMPTY.lengths, EMPTY.flat
    if reading.sketches:
        texts = influxql.column_of(table, "sketch")
        whole, lengths, flat = packing.unpack_whole([binascii.a2b_base64(text or "") for text in texts])
        times, columns = times[whole], {name: column[whole] for name, column in columns.items()}
    return Found(influxql.present(table.tags), times, columns, lengths, flat)

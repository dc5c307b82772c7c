"""The embedded metric store. Its parts and their places are told in the package's docstring.

Locking: ``_lock`` guards the head and, while a seal commits, makes head and chunks change together for readers. The
writer's connection is used by one thread at a time, as the contract says; each reading thread has its own.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argus.errors import StoreUnavailable
from argus.server.stores.base import (
    Appended,
    Distribution,
    MetricBatch,
    MetricStore,
    RangeAnswer,
    RangeQuery,
    SeriesInfo,
)
from argus.server.stores.free_pages import give_back
from argus.server.stores.metrics import codec, distribution, schema, seal, select
from argus.server.stores.metrics.catalog import Catalog
from argus.server.stores.metrics.head import Head
from argus.server.stores.metrics.head import select as select_head
from argus.server.stores.metrics.rows import EMPTY, Rows, concatenate, gather, unpack
from argus.server.stores.metrics.schema import RAW, ROLLUP
from argus.server.stores.readers import Readers
from argus.wire.columns import Section

log = logging.getLogger("argus.server.store")

DAY_SECONDS = 86_400.0
LATENESS = 300.0
"""Seconds after an hour's end at which it is sealed: most late batches have come by then. Later ones are sealed too."""

HEAD_LIMIT = 1_500_000
"""Rows in memory (about 60 bytes each) at which everything is sealed, whatever the hour."""

MERGES_PER_RUN = 500
"""Days of series that one maintenance run merges, so that it never holds up appends for long."""

EXPIRY_SECONDS = 3_600.0
"""Retention is looked after once an hour: it reads through the whole chunk table."""

IDS_PER_STATEMENT = 500

TIER_NAMES = {RAW: "raw", ROLLUP: "5m"}


class SqliteMetricStore(MetricStore):
    """Summaries in one SQLite file. ``path`` is the file; retentions are seconds."""

    def __init__(
        self,
        path: Path,
        *,
        raw_retention: float = 7 * DAY_SECONDS,
        rollup_retention: float = 30 * DAY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._raw_retention = raw_retention
        self._rollup_retention = rollup_retention
        self._clock = clock
        self._unmerged = True
        self._expired_at = float("-inf")
        self._lock = threading.Lock()
        self._readers = Readers("metric store", partial(schema.connect, path))
        self._counted = {"appended_rows": 0.0, "sealed_rows": 0.0, "seal_seconds": 0.0, "bad_chunks": 0.0}
        with self._translated():
            self._writer = schema.connect(path)
            schema.create(self._writer)
            self._load()
            self._checker = schema.connect(path)
            self._checking = threading.Lock()

    def _load(self) -> None:
        """Read into memory what lives there: the catalog, the delivery marks, the head."""
        self._catalog = Catalog(self._writer)
        self._marks: dict[tuple[str, str], int] = {
            (app, instance): seq for app, instance, seq in self._writer.execute("SELECT app, instance, seq FROM marks")
        }
        parts = []
        for number, data in self._writer.execute("SELECT id, rows FROM head ORDER BY id").fetchall():
            try:
                parts.append(unpack(data))
            except ValueError as error:
                self._counted["bad_chunks"] += 1
                log.error("head record %d of %s: %s; it is left out", number, self._path, error)  # noqa: TRY400  # whole
        self._head = Head(parts)
        (part,) = self._writer.execute("SELECT coalesce(max(part), 0) FROM chunk").fetchone()
        self._parts = itertools.count(part + 1)

    def append(self, batches: Sequence[MetricBatch]) -> list[Appended]:
        with self._writing():
            results: list[Appended] = []
            parts: list[Rows] = []
            marks: dict[tuple[str, str], int] = {}
            for batch in batches:
                if self._is_repeat(batch, marks):
                    results.append(Appended.DUPLICATE)
                    continue
                parts.extend(self._rows_of(batch, section) for section in batch.sections)
                results.append(Appended.STORED)
            rows = concatenate(parts)
            if rows.size:
                self._writer.execute("INSERT INTO head (rows) VALUES (?)", (rows.pack(),))
            self._writer.executemany(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)",
                [(app, instance, seq, self._clock()) for (app, instance), seq in marks.items()],
            )
        self._marks.update(marks)
        with self._lock:
            self._head.add(rows)
        self._counted["appended_rows"] += rows.size
        if self._head.size >= HEAD_LIMIT:
            self._seal_before(float("inf"))
        return results

    def _is_repeat(self, batch: MetricBatch, marks: dict[tuple[str, str], int]) -> bool:
        """Return whether the batch was stored before; note its number where it was not."""
        if batch.instance is None or batch.seq is None:
            return False
        sender = (batch.app, batch.instance)
        if batch.seq <= marks.get(sender, self._marks.get(sender, 0)):
            return True
        marks[sender] = batch.seq
        return False

    def _rows_of(self, batch: MetricBatch, section: Section) -> Rows:
        ids = self._catalog.ids(self._writer, batch.app, batch.host, section.kind, section.keys)
        size = len(ids)
        self._catalog.seen(ids, batch.end)
        if section.times is None:
            times = np.full(size, round(batch.start * 1000), np.int64)
        else:
            times = np.rint(section.times * 1000).astype(np.int64)
        sketches = section.sketches
        lengths = sketches.lengths if sketches is not None else np.zeros(size, np.uint32)
        flat = sketches.flat if sketches is not None else EMPTY.flat
        return Rows(ids, times, section.count, section.sum, section.min, section.max, section.last, lengths, flat)

    def query(self, query: RangeQuery) -> RangeAnswer:
        grid = select.grid_of(query)
        tier = self._tier_for(grid)
        plan = select.plan_of(query, self._catalog)
        parts = self._select(query, grid, tier, plan)
        if not parts:
            return RangeAnswer(query, TIER_NAMES[tier], ())
        lines = select.answer(query, grid, plan, parts)
        return RangeAnswer(query, TIER_NAMES[tier], [line for line in lines if not np.isnan(line.values).all()])

    def distribution(self, query: RangeQuery) -> Distribution:
        wanted = distribution.reading(query)
        grid = select.grid_of(wanted)
        tier = self._tier_for(grid)
        parts = self._select(wanted, grid, tier, select.plan_of(wanted, self._catalog))
        return distribution.distribution(grid, TIER_NAMES[tier], parts)

    def _select(self, query: RangeQuery, grid: select.Grid, tier: int, plan: select.Plan) -> list[select.Selected]:
        """Return the rows that a query is about."""
        if not plan.lines:
            return []
        ids = np.array(sorted(plan.line_of), np.uint32)
        with self._translated():
            bodies, blocks = self._read(tier, ids, grid)
        return [*self._from_chunks(bodies, query, grid, plan), *self._from_head(blocks, query, grid, plan, ids)]

    def _tier_for(self, grid: select.Grid) -> int:
        """Return the rollup tier where it can answer exactly; both tiers hold every sealed row."""
        fits = grid.step % seal.ROLLUP_STEP == 0 and grid.start % seal.ROLLUP_STEP == 0
        expired = grid.start < (self._clock() - self._raw_retention) * 1000
        return ROLLUP if fits or expired else RAW

    def _read(
        self, tier: int, ids: NDArray[np.uint32], grid: select.Grid
    ) -> tuple[list[tuple[int, bytes]], Sequence[Rows]]:
        """Return the chunks and the head's blocks as of one moment."""
        with self._readers.reading() as reader:
            with self._lock:
                reader.execute("BEGIN")
                reader.execute("SELECT 1 FROM marks LIMIT 1").fetchone()  # takes the snapshot
                blocks = self._head.ordered()
            try:
                return _chunks(reader, tier, ids, grid), blocks
            finally:
                reader.execute("COMMIT")

    def _from_chunks(
        self, bodies: list[tuple[int, bytes]], query: RangeQuery, grid: select.Grid, plan: select.Plan
    ) -> Iterator[select.Selected]:
        opened = codec.open_chunks(body for _, body in bodies)
        lines, chunks = [], []
        for (series, _), chunk in zip(bodies, opened, strict=True):
            if isinstance(chunk, codec.ChunkError):
                self._report(series, chunk)
                continue
            lines.append(plan.line_of[series])
            chunks.append(chunk)
        if not chunks:
            return
        sketched = select.percentile_of(query.agg) is not None
        found = codec.decode(chunks, select.columns_of(query.agg), sketches=sketched)
        line = np.repeat(np.array(lines, np.int64), found.sizes)
        inside = (found.time >= grid.start) & (found.time < grid.end)
        selected = select.Selected(line, found.time, found.columns, found.lengths, found.flat)
        yield selected if inside.all() else _only(selected, inside)

    def _from_head(
        self,
        blocks: Sequence[Rows],
        query: RangeQuery,
        grid: select.Grid,
        plan: select.Plan,
        ids: NDArray[np.uint32],
    ) -> Iterator[select.Selected]:
        line_of = np.array([plan.line_of[int(number)] for number in ids], np.int64)
        for block in blocks:
            rows = select_head(block, ids, grid.start, grid.end)
            if rows.size:
                line = line_of[np.searchsorted(ids, rows.series)]
                columns = {name: getattr(rows, name).astype(np.float64) for name in select.columns_of(query.agg)}
                yield select.Selected(line, rows.time, columns, rows.lengths, rows.flat)

    def series(self, app: str) -> Sequence[SeriesInfo]:
        found = [
            SeriesInfo(e.key.name, dict(e.key.tags), e.kind, e.host, self._catalog.last_seen(e.id))
            for e in self._catalog.of_app(app)
        ]
        return sorted(found, key=lambda info: (info.name, sorted(info.tags.items()), info.host))

    def maintain(self, now: float) -> None:
        self._seal_before((now - LATENESS) // 3600 * 3600)
        if self._unmerged:
            self._merge_days(now)
        with self._writing():
            self._catalog.save_seen(self._writer)
        if abs(now - self._expired_at) >= EXPIRY_SECONDS:
            self._expire(now)
            self._expired_at = now
        with self._translated():
            give_back(self._writer)

    def _expire(self, now: float) -> None:
        """Drop what is past its retention: rows, then series that have none left, and marks of senders long gone."""
        with self._writing(hold_readers=True) as commit:
            for tier, retention in ((RAW, self._raw_retention), (ROLLUP, self._rollup_retention)):
                self._writer.execute("DELETE FROM chunk WHERE tier = ? AND end < ?", (tier, (now - retention) * 1000))
            old = now - max(self._raw_retention, self._rollup_retention)
            gone = self._writer.execute(
                "DELETE FROM series WHERE last_seen < ? AND NOT EXISTS "
                "(SELECT 1 FROM chunk WHERE tier IN (0, 1) AND chunk.series = series.id)",
                (old,),
            ).rowcount  # none of them has rows in the head: what is there is of the last hours
            marks = self._writer.execute("DELETE FROM marks WHERE at < ?", (old,)).rowcount
            if gone or marks:
                commit(self._load)

    def _seal_before(self, end: float) -> None:
        """Turn the head's rows before ``end`` (Unix seconds) into chunks."""
        limit = int(min(end * 1000, 2**62))
        if self._head.earliest >= limit:
            return
        began = time.perf_counter()
        with self._lock:  # a query may be about to order it
            rows = self._head.all()
        rest = rows.take(rows.time >= limit)
        with self._writing(hold_readers=True) as commit:
            sealed = seal.seal(self._writer, rows, limit, next(self._parts))
            self._writer.execute("DELETE FROM head")
            if rest.size:
                self._writer.execute("INSERT INTO head (rows) VALUES (?)", (rest.pack(),))
            commit(lambda: setattr(self, "_head", Head([rest])))
        self._unmerged = True
        self._counted["sealed_rows"] += sealed
        self._counted["seal_seconds"] += time.perf_counter() - began

    def _merge_days(self, now: float) -> None:
        before = int((now - LATENESS - 3600) * 1000)
        self._unmerged = False
        for tier in (RAW, ROLLUP):
            with self._translated():
                due = seal.days_to_merge(self._writer, before, tier)
            self._unmerged = self._unmerged or len(due) > MERGES_PER_RUN
            due = due[:MERGES_PER_RUN]
            if due:
                with self._writing():
                    for series, day in due:
                        for problem in seal.merge_day(self._writer, tier, series, day, next(self._parts)):
                            self._report(series, problem)

    def delete_app(self, app: str) -> None:
        gone = np.array([entry.id for entry in self._catalog.of_app(app)], np.uint32)
        with self._lock:  # a query may be about to order it
            rest = self._head.all()
        rest = rest.take(~np.isin(rest.series, gone)) if rest.size else rest
        with self._writing(hold_readers=True) as commit:
            self._catalog.save_seen(self._writer)  # the others' are read anew below
            for table, column in (("chunk", "series"), ("series", "id")):
                self._writer.executemany(
                    f"DELETE FROM {table} WHERE {column} = ?" + (" AND tier IN (0, 1)" if table == "chunk" else ""),  # noqa: S608  # fixed names
                    [(int(number),) for number in gone],
                )
            self._writer.execute("DELETE FROM marks WHERE app = ?", (app,))
            self._writer.execute("DELETE FROM head")
            if rest.size:
                self._writer.execute("INSERT INTO head (rows) VALUES (?)", (rest.pack(),))
            commit(self._load)

    def forget(self, app: str) -> None:
        """Do nothing: no other server has this store."""

    @property
    def lag(self) -> None:
        return None

    def check(self) -> None:
        # The writer belongs to its thread. The version stays what it is, and is written all the same.
        with self._translated(), self._checking:
            self._checker.execute(f"PRAGMA user_version = {schema.VERSION}")

    def stats(self) -> Mapping[str, float]:
        (pages,) = self._writer.execute("PRAGMA page_count").fetchone()
        (page_size,) = self._writer.execute("PRAGMA page_size").fetchone()
        return {
            "store.metrics.bytes": float(pages * page_size),
            "store.metrics.series": float(len(self._catalog)),
            "store.metrics.head_rows": float(self._head.size),
            **{f"store.metrics.{name}": value for name, value in self._counted.items()},
        }

    def close(self) -> None:
        with contextlib.suppress(StoreUnavailable), self._writing():
            self._catalog.save_seen(self._writer)
        self._readers.close()
        with self._checking:
            self._checker.close()
        self._writer.close()

    def _report(self, series: int, problem: object) -> None:
        """Count a chunk that cannot be read; say so the first time."""
        if not self._counted["bad_chunks"]:
            log.error("series %d: %s; the rest of %s is answered without it", series, problem, self._path)
        self._counted["bad_chunks"] += 1

    @contextlib.contextmanager
    def _writing(self, *, hold_readers: bool = False) -> Iterator[Callable[[Callable[[], None]], None]]:
        """Run the block in a transaction.

        With ``hold_readers``, what the block hands over to ``commit`` is done together with the transaction's commit,
        out of readers' sight. When the transaction fails, memory is read anew from the file.
        """
        after: list[Callable[[], None]] = []
        with self._translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield after.append
                with self._lock if hold_readers else contextlib.nullcontext():
                    self._writer.execute("COMMIT")
                    for change in after:
                        change()
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                with self._lock:
                    self._load()
                raise

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn SQLite's errors into the contract's."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error


def _chunks(
    reader: sqlite3.Connection, tier: int, ids: NDArray[np.uint32], grid: select.Grid
) -> list[tuple[int, bytes]]:
    """Return the series and body of each chunk that may have rows of the grid."""
    bodies: list[tuple[int, bytes]] = []
    for begin in range(0, len(ids), IDS_PER_STATEMENT):
        some = [int(number) for number in ids[begin : begin + IDS_PER_STATEMENT]]
        bodies += reader.execute(
            "SELECT series, body FROM chunk WHERE tier = ? AND start >= ? AND start < ? AND end >= ? "  # noqa: S608  # only question marks are put in
            f"AND series IN ({','.join('?' * len(some))})",
            (tier, grid.start - seal.DAY, grid.end, grid.start, *some),
        ).fetchall()
    return bodies


def _only(rows: select.Selected, inside: NDArray[np.bool_]) -> select.Selected:
    """Return the rows inside the range, each with its sketch."""
    places = np.flatnonzero(inside)
    lengths, flat = rows.lengths, rows.flat
    if len(lengths):
        flat = gather(flat.reshape(-1, 2), lengths, places).reshape(-1)
        lengths = lengths[places]
    columns = {name: column[places] for name, column in rows.columns.items()}
    return select.Selected(rows.line[places], rows.time[places], columns, lengths, flat)

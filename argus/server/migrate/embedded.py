"""The embedded metric store's file as an end of a migration."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from argus.errors import StoreError
from argus.server import data_folder
from argus.server.migrate.ends import Marks, MetricEnd, Part
from argus.server.migrate.pieces import Piece
from argus.server.stores.metrics import codec, schema, seal
from argus.server.stores.metrics.catalog import Catalog, Entry
from argus.server.stores.metrics.head import select
from argus.server.stores.metrics.rows import EMPTY, Rows, concatenate, unpack
from argus.server.stores.metrics.schema import RAW, ROLLUP
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.names import Series
from argus.wire.columns import KeySet, Kind

SERIES = 50
"""Series that are read at once."""

PART = 1
"""Number of the chunks that are written here; the server goes on counting from the greatest."""

_TIERS = {Tier.RAW: RAW, Tier.ROLLUP: ROLLUP}


class EmbeddedEnd(MetricEnd):
    """``path`` is the file; nobody else may use its folder meanwhile."""

    def __init__(self, path: Path) -> None:
        data_folder.prepare(path.parent)
        self._lock = data_folder.lock(path.parent)
        self._path = path
        self._open()

    def _open(self) -> None:
        with self._said():
            self._connection = schema.connect(self._path)
            schema.create(self._connection)
            self._catalog = Catalog(self._connection)
            records = self._connection.execute("SELECT rows FROM head ORDER BY id").fetchall()
        try:
            self._head = seal.ordered(concatenate([unpack(data) for (data,) in records]))
        except ValueError as error:
            raise StoreError(f"{self._path}: {error}; start the server once, which says what is lost") from error

    def apps(self) -> list[str]:
        with self._said():
            rows = self._connection.execute("SELECT DISTINCT app FROM series ORDER BY app")
            return [app for (app,) in rows]

    def read(self, part: Part) -> Iterator[Piece]:
        entries = sorted(self._catalog.of_app(part.app), key=lambda entry: entry.id)
        for begin in range(0, len(entries), SERIES):
            some = entries[begin : begin + SERIES]
            with self._said():
                sealed = self._sealed(part, some)
            ids = np.array([entry.id for entry in some], np.uint32)
            unsealed = select(self._head, ids, part.start, part.end) if part.tier is Tier.RAW else EMPTY
            for rows, is_sealed in ((sealed, True), (unsealed, False)):
                if rows.size:
                    places = np.searchsorted(ids, rows.series).astype(np.uint32)
                    yield Piece([_series(entry) for entry in some], rows._replace(series=places), is_sealed)

    def _sealed(self, part: Part, entries: Sequence[Entry]) -> Rows:
        """Return the rows of chunks, by series, then time."""
        found = self._connection.execute(
            "SELECT series, body FROM chunk WHERE tier = ? AND start >= ? AND start < ? AND end >= ? "  # noqa: S608  # only question marks are put in
            f"AND series IN ({','.join('?' * len(entries))}) ORDER BY series, start, part",
            (_TIERS[part.tier], part.start - seal.DAY, part.end, part.start, *(entry.id for entry in entries)),
        ).fetchall()
        parts = []
        for (series, _), chunk in zip(found, codec.open_chunks(body for _, body in found), strict=True):
            if isinstance(chunk, codec.ChunkError):
                self.unreadable += 1
            else:
                parts.append(seal.decoded_rows(series, [chunk]))
        rows = concatenate(parts)
        rows = seal.ordered(rows.take((rows.time >= part.start) & (rows.time < part.end)))
        return seal.rollup(rows) if part.tier is Tier.ROLLUP else rows  # late rows made a second row of their bucket

    def count(self, part: Part) -> int:
        return sum(piece.rows.size for piece in self.read(part))

    def write(self, part: Part, pieces: Iterable[Piece]) -> int:
        rows, unsealed = 0, []
        with self._writing():
            self._connection.execute(
                "DELETE FROM chunk WHERE tier = ? AND start >= ? AND start < ? "
                "AND series IN (SELECT id FROM series WHERE app = ?)",
                (_TIERS[part.tier], part.start, part.end, part.app),
            )
            for number, piece in enumerate(pieces):
                numbered = seal.ordered(piece.rows._replace(series=self._ids(piece)[piece.rows.series]))
                rows += numbered.size
                self._catalog.seen(numbered.series, float(numbered.time.max()) / 1000)
                if piece.sealed:
                    made = seal.chunks(numbered, seal.DAY, level=9)
                    seal.write(self._connection, _TIERS[part.tier], made, PART + number)
                else:
                    unsealed.append(numbered)
            self._catalog.save_seen(self._connection)
            if part.tier is Tier.RAW:
                self._replace_head(part, unsealed)
        return rows

    def _replace_head(self, part: Part, rows: Sequence[Rows]) -> None:
        """Put a part's rows that have to be sealed yet in place of those that an attempt before put there."""
        own = np.array([entry.id for entry in self._catalog.of_app(part.app)], np.uint32)
        head = self._head
        others = head.take(~(np.isin(head.series, own) & (head.time >= part.start) & (head.time < part.end)))
        if others.size == head.size and not rows:
            return
        self._head = seal.ordered(concatenate([others, *rows]))
        self._connection.execute("DELETE FROM head")
        if self._head.size:
            self._connection.execute("INSERT INTO head (rows) VALUES (?)", (self._head.pack(),))

    def _ids(self, piece: Piece) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
        ids = np.zeros(len(piece.series), np.uint32)
        groups: dict[tuple[str, str, Kind], list[int]] = {}
        for place, one in enumerate(piece.series):
            groups.setdefault((one.app, one.host, one.kind), []).append(place)
        for (app, host, kind), places in groups.items():
            keys = KeySet(tuple(piece.series[place].key for place in places))
            ids[places] = self._catalog.ids(self._connection, app, host, kind, keys)
        return ids

    def marks(self) -> Marks:
        with self._said():
            rows = self._connection.execute("SELECT app, instance, seq FROM marks")
            return {(app, instance): seq for app, instance, seq in rows}

    def rolled_until(self, app: str) -> int:
        own = [entry.id for entry in self._catalog.of_app(app)]
        unsealed = self._head.time[np.isin(self._head.series, own)]
        if len(unsealed):
            return int(unsealed.min()) // seal.HOUR
        with self._said():
            (last,) = self._connection.execute(
                "SELECT max(end) FROM chunk WHERE tier = ? AND series IN (SELECT id FROM series WHERE app = ?)",
                (RAW, app),
            ).fetchone()
        return (last or 0) // seal.HOUR + 1

    def complete(self, marks: Marks, rolled: Mapping[str, int]) -> None:
        del rolled  # what is not rolled up is in the head
        now = time.time()
        with self._writing():
            rows = [(app, instance, number, now) for (app, instance), number in marks.items()]
            self._connection.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", rows)

    def clear(self) -> None:
        self._connection.close()
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)
        self._open()

    def close(self) -> None:
        self._connection.close()
        os.close(self._lock)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._said():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error


def _series(entry: Entry) -> Series:
    return Series(entry.app, entry.host, entry.kind, entry.key)

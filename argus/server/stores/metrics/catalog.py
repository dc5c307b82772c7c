"""The catalog: which series there are, and their numbers.

Thread rule: the writer adds; readers look at dictionaries that only grow, or are replaced whole when an application is
deleted.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argus.wire.columns import KeySet, Kind, SeriesKey

MOST_KEY_SETS = 4096


class Entry(NamedTuple):
    """One series."""

    id: int
    app: str
    host: str
    kind: Kind
    key: SeriesKey

    def tag(self, name: str) -> str | None:
        """Return the value of a tag; ``host`` is one of every series, unless it has a tag of that name."""
        found = dict(self.key.tags).get(name)
        return self.host if found is None and name == "host" else found


class Catalog:
    """All series, in memory; new ones are written with the batch that brings them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._ids: dict[tuple[str, str, Kind, SeriesKey], int] = {}
        self._by_name: dict[str, dict[str, list[Entry]]] = {}
        self._sets: dict[tuple[str, str, Kind, KeySet], NDArray[np.uint32]] = {}
        self._last_seen = np.zeros(1024)
        self._dirty = np.zeros(1024, bool)
        self._next = 1
        for number, app, host, kind, name, tags, seen in connection.execute(
            "SELECT id, app, host, kind, name, tags, last_seen FROM series"
        ):
            key = SeriesKey(name, tuple(map(tuple, json.loads(tags))))
            self._remember(Entry(number, app, host, Kind(kind), key))
            self._see(number, seen)
            self._next = max(self._next, number + 1)

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self, connection: sqlite3.Connection, app: str, host: str, kind: Kind, keys: KeySet) -> NDArray[np.uint32]:
        """Return the number of each key's series; new series are written in the open transaction."""
        place = (app, host, kind, keys)
        known = self._sets.get(place)
        if known is None:
            known = np.array([self._id(connection, app, host, kind, key) for key in keys.keys], np.uint32)
            if len(self._sets) >= MOST_KEY_SETS:
                self._sets.clear()
            self._sets[place] = known
        return known

    def seen(self, ids: NDArray[np.uint32], at: float) -> None:
        """Remember that the series had data at ``at``."""
        if len(ids):
            self._grow(int(ids.max()))
            self._last_seen[ids] = np.maximum(self._last_seen[ids], at)
            self._dirty[ids] = True

    def last_seen(self, number: int) -> float:
        """Return when a series last had data."""
        return float(self._last_seen[number]) if number < len(self._last_seen) else 0.0

    def save_seen(self, connection: sqlite3.Connection) -> None:
        """Write what :meth:`seen` has noted; in the open transaction."""
        dirty = np.flatnonzero(self._dirty).tolist()
        self._dirty[:] = False
        rows = [(self.last_seen(number), number) for number in dirty]
        connection.executemany("UPDATE series SET last_seen = ? WHERE id = ?", rows)

    def named(self, app: str, name: str) -> Sequence[Entry]:
        """Return an application's series of one name."""
        return self._by_name.get(app, {}).get(name, ())

    def of_app(self, app: str) -> Iterable[Entry]:
        """Return all series of an application."""
        for entries in list(self._by_name.get(app, {}).values()):
            yield from list(entries)

    def _id(self, connection: sqlite3.Connection, app: str, host: str, kind: Kind, key: SeriesKey) -> int:
        known = self._ids.get((app, host, kind, key))
        if known is not None:
            return known
        number, self._next = self._next, self._next + 1
        connection.execute(
            "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, 0)",
            (number, app, host, int(kind), key.name, json.dumps(key.tags, ensure_ascii=False)),
        )
        self._remember(Entry(number, app, host, kind, key))
        return number

    def _remember(self, entry: Entry) -> None:
        self._ids[entry.app, entry.host, entry.kind, entry.key] = entry.id
        self._by_name.setdefault(entry.app, {}).setdefault(entry.key.name, []).append(entry)

    def _see(self, number: int, at: float) -> None:
        self._grow(number)
        self._last_seen[number] = at

    def _grow(self, number: int) -> None:
        if number >= len(self._last_seen):
            more = max(number + 1, 2 * len(self._last_seen)) - len(self._last_seen)
            self._last_seen = np.concatenate([self._last_seen, np.zeros(more)])
            self._dirty = np.concatenate([self._dirty, np.zeros(more, bool)])

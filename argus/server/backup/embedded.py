"""An embedded store: the whole SQLite file, so every table there is.

It is copied by SQLite's online backup inside one reading transaction: a snapshot, however much is written meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from argus.errors import StoreError
from argus.server import data_folder
from argus.server.backup.archive import PIECE, PRIVATE, Archive, Writing, flush_folder
from argus.server.backup.contents import Contents
from argus.server.backup.manifest import Counts, Progress, StoreFacts, add

PAGES = 1_000
"""Pages that are copied between two looks at the progress."""

COMPRESSED = ".zst"
RESTORING = ".restoring"

_NUMBERED = re.compile(r"_\d+$")
_INDEX = re.compile(r"words_\d+(_\w+)?$")
"""Tables of the full-text index, which are made from the lines."""


class EmbeddedContents(Contents):
    """One SQLite file. ``part`` is its name in a backup."""

    kind = "sqlite"

    def __init__(self, part: str, path: Path) -> None:
        self._part = part
        self._path = path
        self._restored = path.with_name(path.name + RESTORING)

    def save(self, archive: Writing, progress: Progress) -> Counts:
        if not self._path.exists():
            raise StoreError(f"there is no store at {self._path}; is --data right?")
        copy = archive.scratch(self._path.name)
        try:
            with _said(self._path):
                _snapshot(self._path, copy, lambda done, total: progress(f"copying {self._path.name}", done, total))
                counts = counted(copy)
            total, done = copy.stat().st_size, 0
            with archive.compressed(self._part + COMPRESSED) as out, copy.open("rb") as file:
                while piece := file.read(PIECE):
                    out.write(piece)
                    done += len(piece)
                    progress(f"packing {self._path.name}", done, total)
        finally:
            _remove(copy)
        return counts

    def is_empty(self) -> bool:
        return not self._path.exists()

    def load(self, archive: Archive, facts: StoreFacts, progress: Progress) -> Counts:
        (part,) = facts.parts
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove(self._restored)
        done = 0
        with os.fdopen(os.open(self._restored, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            for piece in archive.decompressed(part.name):
                file.write(piece)
                done += len(piece)
                progress(f"unpacking {self._path.name}", done, None)
            file.flush()
            os.fsync(file.fileno())
        data_folder.hand_over(self._restored, self._path.parent)
        with _said(self._restored):
            return counted(self._restored)

    def adopt(self) -> None:
        """Take the place of the old file in one step. Its write-ahead log must not be taken for the new one's."""
        _fold(self._path)
        _remove_beside(self._path)
        self._restored.rename(self._path)
        flush_folder(self._path.parent)

    def close(self) -> None:
        _remove(self._restored)


def _snapshot(path: Path, copy: Path, progress: object) -> None:
    """Copy a database file as it is now."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))  # sqlite3 would make it readable to all
    source = sqlite3.connect(path, isolation_level=None)
    target = sqlite3.connect(copy, isolation_level=None)
    try:
        (page_size,) = source.execute("PRAGMA page_size").fetchone()
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # takes the snapshot

        def copied(_: int, remaining: int, total: int) -> None:
            assert callable(progress)
            progress((total - remaining) * page_size, total * page_size)

        source.backup(target, pages=PAGES, progress=copied)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    finally:
        target.close()
        source.close()


def counted(path: Path) -> Counts:
    """Return the rows of every table, whoever made it."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    counts: Counts = {}
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StoreError(f"{path.name} is damaged: {found}")
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (table,) in tables.fetchall():
            shown = table_of(table)
            if shown is not None:
                for app, rows in _rows_by_app(connection, table):
                    add(counts, shown, app, rows)
    finally:
        connection.close()
    return counts


def table_of(name: str) -> str | None:
    """Return what a table's rows count as: ``lines`` for ``lines_7``, ``None`` for parts of an index."""
    return None if _INDEX.match(name) else _NUMBERED.sub("", name)


def _rows_by_app(connection: sqlite3.Connection, table: str) -> list[tuple[str, int]]:
    name = '"' + table.replace('"', '""') + '"'
    columns = {column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")}
    app = next((column for column in ("app_id", "app") if column in columns), None)
    if app is None:
        return [("", connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])]  # noqa: S608  # the file's own names, quoted
    return connection.execute(f"SELECT coalesce({app}, ''), count(*) FROM {name} GROUP BY 1").fetchall()  # noqa: S608  # see above


def _fold(path: Path) -> None:
    """Fold the write-ahead log into its file, so that a kill before the swap loses nothing; a damaged one has none."""
    if path.exists():
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        except sqlite3.DatabaseError:
            return
        finally:
            connection.close()


def _remove_beside(path: Path) -> None:
    for end in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _remove(path: Path) -> None:
    _remove_beside(path)
    path.unlink(missing_ok=True)


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error

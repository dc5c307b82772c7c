"""Log lines in chapters: a table of lines and a full-text index of each, of at most :data:`CHAPTER_LINES` lines.

Ids grow in the order of storing; a search reads chapters from the newest, each through its index by falling id, so the
first page is found without sorting. A chapter knows its earliest and latest time and is passed over, or dropped whole
when its retention ends.

The index has a column for the text (message and metadata) and one each for logger, level, application and host, so
every condition of a search narrows it down; conditions that the index cannot decide exactly are checked on the lines it
finds.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from argus.server.log_search import Field, Term, searchable
from argus.server.stores.base import LEVELS, FoundLine, LogBatch, LogQuery
from argus.wire.columns import LogLine

CHAPTER_LINES = 100_000
DAY = 86_400.0

_WORD = re.compile(r"\w+")


class Chapter(NamedTuple):
    """One chapter: its number names its tables."""

    number: int
    first_id: int
    last_id: int
    earliest: float
    latest: float


def insert(connection: sqlite3.Connection, batches: Sequence[LogBatch], now: float) -> int:
    """Store the lines of all batches in the open transaction; return how many."""
    rows = [(batch.app, batch.host, line) for batch in batches for line in batch.lines]
    done = 0
    while done < len(rows):
        chapter, room = _open_chapter(connection, now)
        some = rows[done : done + room]
        first = _last_id(connection) + 1
        connection.executemany(
            f"INSERT INTO lines_{chapter} VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # the number is ours
            (
                (first + i, app, host, line.timestamp, line.level, line.logger, line.message, _json(line))
                for i, (app, host, line) in enumerate(some)
            ),
        )
        connection.executemany(
            f"INSERT INTO words_{chapter} (rowid, text, logger, level, app, host) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608  # the number is ours
            (
                (first + i, searchable(line), line.logger, line.level, app, host)
                for i, (app, host, line) in enumerate(some)
            ),
        )
        times = [line.timestamp for _, _, line in some]
        connection.execute(
            "UPDATE chapters SET last_id = ?, lines = lines + ?, earliest = min(earliest, ?), latest = max(latest, ?) "
            "WHERE number = ?",
            (first + len(some) - 1, len(some), min(times), max(times), chapter),
        )
        connection.execute("UPDATE counters SET value = ? WHERE name = 'last_id'", (first + len(some) - 1,))
        done += len(some)
    return len(rows)


def _open_chapter(connection: sqlite3.Connection, now: float) -> tuple[int, int]:
    """Return the newest chapter's number and the lines it has room for; begin a new one where it is full or old."""
    newest = connection.execute("SELECT number, lines, day FROM chapters ORDER BY number DESC LIMIT 1").fetchone()
    day = int(now // DAY)
    if newest is not None and newest[1] < CHAPTER_LINES and newest[2] == day:
        return newest[0], CHAPTER_LINES - newest[1]
    (last,) = connection.execute("SELECT value FROM counters WHERE name = 'last_chapter'").fetchone()
    number = last + 1
    connection.execute("UPDATE counters SET value = ? WHERE name = 'last_chapter'", (number,))
    connection.execute(
        f"CREATE TABLE lines_{number} (id INTEGER PRIMARY KEY, app TEXT NOT NULL, host TEXT NOT NULL, "
        "timestamp REAL NOT NULL, level TEXT NOT NULL, logger TEXT NOT NULL, message TEXT NOT NULL, "
        "metadata TEXT NOT NULL)"
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE words_{number} USING fts5(text, logger, level, app, host, "
        "content='', columnsize=0, tokenize=\"unicode61 remove_diacritics 2\")"
    )
    first = _last_id(connection) + 1
    far = 9e18
    connection.execute("INSERT INTO chapters VALUES (?, ?, ?, 0, ?, ?, ?)", (number, first, first - 1, far, -far, day))
    return number, CHAPTER_LINES


def _last_id(connection: sqlite3.Connection) -> int:
    (value,) = connection.execute("SELECT value FROM counters WHERE name = 'last_id'").fetchone()
    return int(value)


def _json(line: LogLine) -> str:
    return json.dumps(line.metadata, ensure_ascii=False, separators=(",", ":")) if line.metadata else ""


def search(
    connection: sqlite3.Connection, query: LogQuery, terms: Sequence[Term], before: int | None
) -> Iterator[FoundLine]:
    """Yield matching lines, newest first; with ``query.after`` those stored after that id, oldest first."""
    order = "ASC" if query.after is not None else "DESC"
    for chapter in chapters(connection, query, order):
        if before is not None and chapter.first_id >= before:
            continue
        if query.after is not None and chapter.last_id <= query.after:
            continue
        statement, values = _statement(chapter.number, query, terms, before, order)
        for row in connection.execute(statement, values):
            found = _line(row)
            if all(_holds(term, found) for term in terms):
                yield found


def chapters(connection: sqlite3.Connection, query: LogQuery, order: str = "DESC") -> list[Chapter]:
    """Return the chapters that may hold lines of the query's time."""
    rows = connection.execute(
        f"SELECT number, first_id, last_id, earliest, latest FROM chapters ORDER BY number {order}"  # noqa: S608  # ASC or DESC
    )
    return [
        chapter
        for chapter in map(Chapter._make, rows)
        if (query.start is None or chapter.latest >= query.start)
        and (query.end is None or chapter.earliest < query.end)
    ]


def _statement(
    chapter: int, query: LogQuery, terms: Sequence[Term], before: int | None, order: str
) -> tuple[str, list[object]]:
    source, key, values = source_of(chapter, query, match_of(query, terms), before)
    columns = "l.id, l.app, l.host, l.timestamp, l.level, l.logger, l.message, l.metadata"
    return f"SELECT {columns} FROM {source} ORDER BY {key} {order}", values  # noqa: S608  # our own names only


def source_of(chapter: int, query: LogQuery, match: str, before: int | None = None) -> tuple[str, str, list[object]]:
    """Return what follows FROM for the lines of a chapter, the name of their id, and the statement's values."""
    values: list[object] = []
    conditions: list[str] = []
    table = f"lines_{chapter} AS l"
    key = "l.id"
    if match:
        table = f"words_{chapter} AS w CROSS JOIN lines_{chapter} AS l ON l.id = w.rowid"
        key = "w.rowid"
        conditions.append(f"words_{chapter} MATCH ?")
        values.append(match)
    for column, operator, value in (
        (key, "<", before),
        (key, ">", query.after),
        ("l.timestamp", ">=", query.start),
        ("l.timestamp", "<", query.end),
        ("l.app", "=", query.app),
    ):
        if value is not None:
            conditions.append(f"{column} {operator} ?")
            values.append(value)
    if query.levels:
        conditions.append(f"l.level IN ({','.join('?' * len(query.levels))})")
        values += query.levels
    return f"{table} WHERE {' AND '.join(conditions) or 'true'}", key, values


def match_of(query: LogQuery, terms: Sequence[Term]) -> str:
    """Return the full-text query for what the index can decide or narrow down; empty where it cannot.

    Every word is quoted, so that no input is ever taken for the index's own syntax.
    """
    parts = [part for term in terms if not term.negated and (part := _match_term(term))]
    unwanted = [_match_term(term) for term in terms if term.negated and term.field is Field.TEXT]
    if query.app is not None:
        parts.append(_column("app", query.app))
    if 0 < len(query.levels) < 3:  # noqa: PLR2004  # most levels together are most lines: the index would not help
        parts.append(_levels(query.levels))
    wanted = " AND ".join(part for part in parts if part)
    if not unwanted:
        return wanted
    # The index's NOT takes lines from others: where nothing is wanted, from the lines of every level.
    return f"({wanted or _levels(LEVELS)}) NOT ({' OR '.join(unwanted)})"


def _levels(levels: Iterable[str]) -> str:
    return "(" + " OR ".join(f'level : "{level}"' for level in levels) + ")"


def _match_term(term: Term) -> str:
    if term.field is Field.TEXT:
        return f"text : {_phrase(term.words)}{'*' if term.prefix else ''}"
    if term.field is Field.METADATA:
        return _column("text", term.value)
    return _column(term.field.value, term.value, prefix=term.prefix)


def _column(column: str, value: str, *, prefix: bool = False) -> str:
    words = tuple(word for word in _WORD.findall(value) if word.strip("_"))  # underscores alone are in no index
    return f"{column} : {_phrase(words)}{'*' if prefix else ''}" if words else ""


def _phrase(words: Iterable[str]) -> str:
    return f'"{" ".join(words)}"'


def _line(row: tuple[int, str, str, float, str, str, str, str]) -> FoundLine:
    number, app, host, timestamp, level, logger, message, metadata = row
    return FoundLine(
        number, app, host, LogLine(timestamp, level, message, logger, json.loads(metadata) if metadata else {})
    )


def _holds(term: Term, found: FoundLine) -> bool:
    """Return whether a condition holds exactly; for text the index has decided."""
    if term.field is Field.TEXT:
        return True
    if term.field is Field.METADATA:
        return has_value(found.line.metadata, term.key, term.value) != term.negated
    value = {
        Field.LEVEL: found.line.level,
        Field.LOGGER: found.line.logger,
        Field.HOST: found.host,
        Field.APP: found.app,
    }[term.field]
    same = value.startswith(term.value) if term.prefix else value == term.value
    return same != term.negated


def has_value(metadata: Mapping[str, Any], key: str, value: str) -> bool:
    """Return whether the metadata have this value, as it is written in a search, under this name."""
    actual = metadata.get(key)
    text = actual if isinstance(actual, str) else json.dumps(actual, ensure_ascii=False)
    return actual is not None and text == value


def drop_before(connection: sqlite3.Connection, before: float) -> None:
    """Drop the chapters whose last line is older than ``before``, in the open transaction."""
    for (number,) in connection.execute("SELECT number FROM chapters WHERE latest < ?", (before,)).fetchall():
        connection.execute(f"DROP TABLE lines_{number}")
        connection.execute(f"DROP TABLE words_{number}")
        connection.execute("DELETE FROM chapters WHERE number = ?", (number,))


def delete_app(connection: sqlite3.Connection, app: str) -> None:
    """Delete an application's lines, in the open transaction; their words leave the index too."""
    for (number,) in connection.execute("SELECT number FROM chapters").fetchall():
        rows = connection.execute(
            f"SELECT id, app, host, timestamp, level, logger, message, metadata FROM lines_{number} WHERE app = ?",  # noqa: S608  # the number is ours
            (app,),
        ).fetchall()
        found = [_line(row) for row in rows]
        connection.executemany(
            # A contentless index forgets a row only when it is told what was in it.
            f"INSERT INTO words_{number} (words_{number}, rowid, text, logger, level, app, host) "  # noqa: S608  # the number is ours
            "VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            [(f.id, searchable(f.line), f.line.logger, f.line.level, f.app, f.host) for f in found],
        )
        connection.execute(f"DELETE FROM lines_{number} WHERE app = ?", (app,))  # noqa: S608  # the number is ours
        connection.execute("UPDATE chapters SET lines = lines - ? WHERE number = ?", (len(found), number))

"""Log lines in chapters: partitions of ``log_lines`` that hold one day's lines, at most :data:`CHAPTER_LINES`.

The day is the one on which lines arrive, by the server's clock: so the newest chapter takes every line, ids grow from
chapter to chapter, and a search walks from the newest to the oldest. A chapter knows its lines' earliest and latest
time, and is passed over, or dropped whole when its retention ends.

Whoever stores holds the row ``last_id`` of ``counters`` from the first statement to the commit. Several servers take
turns there, so a line's id is greater than that of every line that could be read before it: tails and cursors miss
nothing.

``words`` is the line's index: its words with their places, and its level, application, host and logger as words such as
``level=ERROR``, which no text contains. Lines with more words than PostgreSQL can place are marked :data:`UNPLACED`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec
from psycopg import sql

from argus.server.log_search import Field, searchable
from argus.server.stores.base import FoundLine, LogBatch
from argus.server.stores.postgres.database import Connection
from argus.server.stores.postgres.words import words_of
from argus.wire.columns import LogLine

CHAPTER_LINES = 100_000
DAY = 86_400.0
PIECE = 100
"""Lines that are made ready while PostgreSQL stores those before."""

DROP_SECONDS = 3
"""Seconds to wait until nobody reads a chapter that is to be dropped; the next maintenance tries again."""

UNPLACED = "~"
MOST_WORDS = 16_383
MOST_PLACES = 255
LONGEST_WORD = 500
LONGEST_TEXT = 200_000
"""Limits of a tsvector: the last place, places per word, bytes per word (2 046) and of all words (a mebibyte); a
character has up to four."""

NUL = "\0"
NO_NUL = "\ufffd"
"""PostgreSQL's text cannot hold the character NUL; this stands for it."""

_SPECIAL = re.compile(r"[\\\n\r\t]")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FAR = 9e18


class Chapter(NamedTuple):
    """One partition. Ids up to ``last_id`` are given out; it has room up to before ``end_id``."""

    name: str
    first_id: int
    end_id: int
    last_id: int
    earliest: float
    latest: float

    @property
    def table(self) -> sql.Identifier:
        """The partition's name as part of a statement."""
        return sql.Identifier(self.name)


def last_id(connection: Connection) -> int:
    """Return the last id given out, and be the only one that stores until the open transaction ends."""
    row = connection.execute("SELECT value FROM counters WHERE name = 'last_id' FOR UPDATE").fetchone()
    assert row is not None
    return int(row[0])


def insert(connection: Connection, batches: Sequence[LogBatch], last: int, now: float) -> int:
    """Store the lines of all batches after the id ``last``, in the open transaction; return how many."""
    rows = [(batch.app, batch.host, line) for batch in batches for line in batch.lines]
    done = 0
    while done < len(rows):
        chapter = _open_chapter(connection, last, now)
        some = rows[done : done + chapter.end_id - 1 - chapter.last_id]
        copy = sql.SQL("COPY {} FROM STDIN").format(chapter.table)
        with connection.cursor() as cursor, cursor.copy(copy) as stream:
            for piece in _copied(some, chapter.last_id + 1):
                stream.write(piece)
        last = chapter.last_id + len(some)
        times = [line.timestamp for _, _, line in some]
        connection.execute(
            "UPDATE chapters SET last_id = %s, lines = lines + %s, earliest = least(earliest, %s), "
            "latest = greatest(latest, %s) WHERE name = %s",
            (last, len(some), min(times), max(times), chapter.name),
        )
        connection.execute("UPDATE counters SET value = %s WHERE name = 'last_id'", (last,))
        done += len(some)
    return len(rows)


def adopt(connection: Connection, day: int, lines: Sequence[FoundLine]) -> None:
    """Store lines that have their ids already, which ascend, as a chapter that takes no others."""
    chapter = _new_chapter(connection, day, lines[0].id, lines[-1].id + 1)
    copy = sql.SQL("COPY {} FROM STDIN").format(chapter.table)
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for begin in range(0, len(lines), PIECE):
            some = lines[begin : begin + PIECE]
            stream.write(storable("".join([_row(one.id, one.app, one.host, one.line) for one in some])).encode())
    times = [one.line.timestamp for one in lines]
    connection.execute(
        "UPDATE chapters SET last_id = %s, lines = %s, earliest = %s, latest = %s WHERE name = %s",
        (lines[-1].id, len(lines), min(times), max(times), chapter.name),
    )


def chapters(connection: Connection) -> list[Chapter]:
    """Return every chapter, from the newest."""
    rows = connection.execute(
        "SELECT name, first_id, end_id, last_id, earliest, latest FROM chapters ORDER BY first_id DESC"
    )
    return [Chapter(*row) for row in rows]


def _open_chapter(connection: Connection, last: int, now: float) -> Chapter:
    """Return the newest chapter; begin a new one where it is full or of a day before."""
    day = int(now // DAY)
    row = connection.execute(
        "SELECT name, first_id, end_id, last_id, earliest, latest, day FROM chapters ORDER BY first_id DESC LIMIT 1"
    ).fetchone()
    if row is not None and row[3] + 1 < row[2] and row[6] >= day:  # a later day is that of a server with a fast clock
        return Chapter(*row[:-1])
    first = last + 1 if row is None else max(last + 1, row[2])  # ids that a day did not use up stay unused
    end = first + CHAPTER_LINES
    return _new_chapter(connection, day, first, end)


def _new_chapter(connection: Connection, day: int, first: int, end: int) -> Chapter:
    name = f"log_lines_{datetime.fromtimestamp(day * DAY, UTC):%Y%m%d}_{first}"
    chapter = Chapter(name, first, end, first - 1, _FAR, -_FAR)
    # Attached, not made as a partition: that would wait for everybody who reads any partition through log_lines.
    connection.execute(sql.SQL("CREATE TABLE {} (LIKE log_lines INCLUDING ALL)").format(chapter.table))
    connection.execute(
        sql.SQL("ALTER TABLE log_lines ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            chapter.table, sql.Literal(first), sql.Literal(end)
        )
    )
    connection.execute(
        "INSERT INTO chapters (name, day, first_id, end_id, last_id, lines, earliest, latest) "
        "VALUES (%s, %s, %s, %s, %s, 0, %s, %s)",
        (name, day, first, end, first - 1, _FAR, -_FAR),
    )
    return chapter


def _copied(rows: Sequence[tuple[str, str, LogLine]], first: int) -> Iterator[bytes]:
    """Yield rows in COPY's text format, some at a time."""
    for start in range(0, len(rows), PIECE):
        some = rows[start : start + PIECE]
        text = "".join([_row(first + start + i, *row) for i, row in enumerate(some)])
        yield storable(text).encode()


def _row(number: int, app: str, host: str, line: LogLine) -> str:
    metadata = msgspec.json.encode(line.metadata).decode() if line.metadata else "{}"
    if "\\u0000" in metadata:
        metadata = msgspec.json.encode(_without_nul(line.metadata)).decode()
    shared = _shared(app, host, line.level, line.logger)
    return (
        f"{number}{shared.origin}{line.timestamp!r}{shared.logger}"
        f"{_escaped(line.message)}\t{_escaped(metadata)}\t{_placed(searchable(line))}{shared.words}\n"
    )


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(name): _without_nul(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    return value


def storable(text: str) -> str:
    """Return a text as PostgreSQL can hold it."""
    return text.replace(NUL, NO_NUL)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text) if _SPECIAL.search(text) else text


def _placed(text: str) -> str:
    """Return a text's words and places as a tsvector is written; of a text with too many, the mark alone."""
    words = words_of(text)
    if len(text) > LONGEST_TEXT or not _can_be_placed(words, len(text)):
        return f"'{UNPLACED}'"
    return _places(len(words)) % tuple(words)


@lru_cache(maxsize=1_000)
def _places(count: int) -> str:
    """Return the form into which so many words are put."""
    return " ".join([f"'%s':{place}" for place in range(1, count + 1)])


def _can_be_placed(words: Sequence[str], size: int) -> bool:
    """Return whether a tsvector can hold every word of a text of that size with every place."""
    if len(words) <= MOST_PLACES:
        return size <= LONGEST_WORD or len(max(words, key=len, default="")) <= LONGEST_WORD
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return len(words) <= MOST_WORDS and max(counts.values()) <= MOST_PLACES and max(map(len, counts)) <= LONGEST_WORD


class _Shared(NamedTuple):
    """What many lines share, as it stands in a row: between id, time and message, and at the end."""

    origin: str
    logger: str
    words: str


@lru_cache(maxsize=10_000)
def _shared(app: str, host: str, level: str, logger: str) -> _Shared:
    values = {Field.APP: app, Field.HOST: host, Field.LEVEL: level, Field.LOGGER: logger}
    return _Shared(
        f"\t{_escaped(app)}\t{_escaped(host)}\t",
        f"\t{level}\t{_escaped(logger)}\t",
        "".join([f" {_escaped(quoted(field_word(field, value)))}" for field, value in values.items()]),
    )


def field_word(field: Field, value: str) -> str:
    """Return the word that stands for a field's value, or its beginning, in the index."""
    return f"{field.value}={storable(value[:LONGEST_WORD])}"


def quoted(word: str) -> str:
    """Return a word as it is written in a tsvector or tsquery."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def drop_before(connection: Connection, before: float) -> int:
    """Drop the chapters whose last line is older than ``before``, in the open transaction; return how many lines."""
    last_id(connection)  # nobody is about to store into one of them
    # Who stores waits for this, so it does not wait long for somebody who reads an old chapter, such as pg_dump.
    connection.execute(f"SET LOCAL lock_timeout = '{DROP_SECONDS}s'")
    old = connection.execute("DELETE FROM chapters WHERE latest < %s RETURNING name, lines", (before,)).fetchall()
    for name, _ in old:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
    return sum(lines for _, lines in old)


def delete_app(connection: Connection, chapter: Chapter, app: str) -> None:
    """Delete an application's lines from one chapter, in the open transaction."""
    found = connection.execute(
        sql.SQL("DELETE FROM {} WHERE words @@ %s::tsquery AND app = %s").format(chapter.table),
        (quoted(field_word(Field.APP, app)), storable(app)),
    )
    connection.execute("UPDATE chapters SET lines = lines - %s WHERE name = %s", (found.rowcount, chapter.name))

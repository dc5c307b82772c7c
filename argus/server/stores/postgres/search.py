"""Searches over the chapters, from the newest; what each condition becomes in SQL.

Words, phrases and beginnings become a ``tsquery``, which also narrows the lines down by level, application, host and
logger. Lines are wanted by their age, and an index of words knows nothing of that: a common word would be found a
thousand times over and sorted. So the newest lines are looked through first, in their order; a common word has filled
the page by then, and for a rarer one the index of each chapter is asked. The planner is left no choice between the two:
it knows too little of a chapter that has just begun, and it takes the words of a phrase for independent ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import LiteralString, NamedTuple

from psycopg import sql

from argus.server.log_search import Field, Term, searchable
from argus.server.stores.base import FoundLine, LogQuery
from argus.server.stores.postgres.database import Connection
from argus.server.stores.postgres.lines import (
    LONGEST_WORD,
    UNPLACED,
    Chapter,
    chapters,
    field_word,
    quoted,
    storable,
)
from argus.server.stores.postgres.words import words_of
from argus.wire.columns import LogLine

NEWEST = 2_000
"""Lines that are looked through in their order before the index is asked."""

MOST_LEVELS = 2
"""More levels than these are most lines: the index would not help."""


class OutOfTime(Exception):
    """The search's time is over."""


class Conditions(NamedTuple):
    """What a line must meet: ``tsquery`` by its words and fields, ``where`` with its ``values`` by its columns."""

    tsquery: str
    narrows: bool
    """Whether the index finds the lines: for unwanted words alone it would have to be read whole."""

    where: sql.Composable
    values: dict[str, object]


def search(
    connection: Connection, query: LogQuery, terms: Sequence[Term], before: int | None, seconds: float
) -> Iterator[FoundLine]:
    """Yield matching lines, newest first; with ``query.after`` those stored after that id, oldest first.

    Raises :class:`OutOfTime` when it has taken ``seconds``.
    """
    deadline = time.monotonic() + seconds
    if in_no_line(terms):
        return
    conditions = conditions_of(query, terms)
    unsearched = NEWEST if conditions.narrows else None
    for chapter in in_question(connection, query, before):
        first = max(chapter.first_id, (query.after or 0) + 1)
        last = chapter.last_id if before is None else min(chapter.last_id, before - 1)
        for part in _parts(first, last, unsearched, ascending=query.after is not None):
            yield from _found(connection, chapter, part, query, terms, conditions)
            if time.monotonic() > deadline:
                raise OutOfTime
        if unsearched is not None:
            unsearched = max(0, unsearched - (last - first + 1))


def in_no_line(terms: Sequence[Term]) -> bool:
    """Return whether a word of signs alone, such as an underscore, is wanted: it stands in no line."""
    return any(term.field is Field.TEXT and not term.negated and not _words(term) for term in terms)


def in_question(connection: Connection, query: LogQuery, before: int | None) -> list[Chapter]:
    """Return the chapters that may hold what is wanted, in the order in which it is."""
    some = [
        chapter
        for chapter in chapters(connection)
        if (query.start is None or chapter.latest >= query.start)
        and (query.end is None or chapter.earliest < query.end)
        and (before is None or chapter.first_id < before)
        and (query.after is None or chapter.last_id > query.after)
    ]
    return some if query.after is None else some[::-1]


class Part(NamedTuple):
    """Ids of a chapter that are searched in one way: through the index, or line by line in their order."""

    first: int
    last: int
    indexed: bool


def _parts(first: int, last: int, unsearched: int | None, *, ascending: bool) -> list[Part]:
    """Split a chapter's ids into the first ``unsearched`` of the search, which need no index, and the rest."""
    if unsearched is None or last - first < unsearched:
        return [Part(first, last, indexed=False)]
    if unsearched == 0:
        return [Part(first, last, indexed=True)]
    if ascending:
        border = first + unsearched
        return [Part(first, border - 1, indexed=False), Part(border, last, indexed=True)]
    border = last - unsearched
    return [Part(border + 1, last, indexed=False), Part(first, border, indexed=True)]


def _found(  # noqa: PLR0917  # what a search is made of
    connection: Connection,
    chapter: Chapter,
    part: Part,
    query: LogQuery,
    terms: Sequence[Term],
    conditions: Conditions,
) -> Iterator[FoundLine]:
    """Yield the lines of one part, page by page: lines whose words have no places are checked here."""
    statement = _statement(chapter, part, conditions, ascending=query.after is not None)
    first, last = part.first, part.last
    while first <= last:
        values = {"tsquery": conditions.tsquery, "first": first, "last": last, "limit": query.limit}
        rows = connection.execute(statement, {**values, **conditions.values}).fetchall()
        for number, app, host, timestamp, level, logger, message, metadata, unplaced in rows:
            line = LogLine(timestamp, level, message, logger, metadata)
            if not unplaced or holds(terms, line):
                yield FoundLine(number, app, host, line)
        if len(rows) < query.limit:
            return
        first, last = (rows[-1][0] + 1, last) if query.after is not None else (first, rows[-1][0] - 1)


def _statement(chapter: Chapter, part: Part, conditions: Conditions, *, ascending: bool) -> sql.Composed:
    """Return the search of one part. Each form leaves the planner one way to go.

    ``OFFSET 0`` hides the wish for the newest few from the inner query, so it goes through the index of words;
    ``IS TRUE`` hides the words from that index, so it goes through the ids.
    """
    if part.indexed:
        source = "(SELECT * FROM {table} WHERE words @@ %(tsquery)s::tsquery OFFSET 0) AS found WHERE true"
    elif conditions.tsquery:
        source = "{table} WHERE (words @@ %(tsquery)s::tsquery) IS TRUE"
    else:
        source = "{table} WHERE true"
    return sql.SQL(
        "SELECT id, app, host, timestamp, level, logger, message, metadata, words @@ {unplaced}::tsquery FROM {source} "
        "AND id BETWEEN %(first)s AND %(last)s AND {where} ORDER BY id {order} LIMIT %(limit)s"
    ).format(
        unplaced=sql.Literal(quoted(UNPLACED)),
        source=sql.SQL(source).format(table=chapter.table),
        where=conditions.where,
        order=sql.SQL("ASC" if ascending else "DESC"),
    )


def conditions_of(query: LogQuery, terms: Sequence[Term]) -> Conditions:
    """Return what a line must meet."""
    wanted = [part for term in terms if not term.negated and (part := _tsquery(term))]
    unwanted = [f"!{part}" for term in terms if term.negated and term.field is Field.TEXT and (part := _tsquery(term))]
    where = _Where()
    if query.app is not None:
        wanted.append(quoted(field_word(Field.APP, query.app)))
        where.must("{} = {}", "app", storable(query.app))
    if query.levels:
        where.must("{} = ANY({})", "level", list(query.levels))
    if 0 < len(query.levels) <= MOST_LEVELS:
        wanted.append(f"({' | '.join(quoted(field_word(Field.LEVEL, level)) for level in query.levels)})")
    if query.start is not None:
        where.must("{} >= {}", "timestamp", query.start)
    if query.end is not None:
        where.must("{} < {}", "timestamp", query.end)
    for term in terms:
        if term.field is Field.METADATA:
            same = "NOT coalesce({} ->> {} = {}, false)" if term.negated else "{} ->> {} = {}"
            where.must(same, "metadata", term.key, storable(term.value))
        elif term.field is not Field.TEXT:
            same = "starts_with({}, {})" if term.prefix else "{} = {}"
            where.must(f"NOT {same}" if term.negated else same, term.field.value, storable(term.value))
    return Conditions(" & ".join(wanted + unwanted), bool(wanted), where.all(), where.values)


class _Where:
    """Conditions on columns, and their values by the names they have in the statement."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self._conditions: list[sql.Composable] = [sql.SQL("true")]

    def must(self, condition: LiteralString, column: str, *values: object) -> None:
        """Add a condition; its first gap is the column, the others are values."""
        names = [f"value{len(self.values) + i}" for i in range(len(values))]
        self.values.update(zip(names, values, strict=True))
        gaps = [sql.Identifier(column), *map(sql.Placeholder, names)]
        self._conditions.append(sql.SQL(condition).format(*gaps))

    def all(self) -> sql.Composable:
        """Return what all of them say together."""
        return sql.SQL(" AND ").join(self._conditions)


def _tsquery(term: Term) -> str:
    """Return what the index says of a condition; empty where it says nothing."""
    if term.field in {Field.TEXT, Field.METADATA}:
        words = _words(term)
        mark = "" if term.negated else f" | {quoted(UNPLACED)}"  # a line that is unplaced holds no unwanted word either
        return f"({' <-> '.join(map(quoted, words))}{':*' if term.prefix else ''}{mark})" if words else ""
    return quoted(field_word(term.field, term.value)) + (":*" if term.prefix else "")


def _words(term: Term) -> list[str]:
    text = " ".join(term.words) if term.field is Field.TEXT else term.value
    return [word[: LONGEST_WORD + 1] for word in words_of(text)]  # so long a word has no place in the index


def holds(terms: Sequence[Term], line: LogLine) -> bool:
    """Return whether a line meets the conditions on its text."""
    text = words_of(searchable(line))
    return all(_has_phrase(text, term) != term.negated for term in terms if term.field is Field.TEXT)


def _has_phrase(text: Sequence[str], term: Term) -> bool:
    phrase = words_of(" ".join(term.words))
    if not phrase:
        return False
    *whole, last = phrase
    return any(
        text[i : i + len(whole)] == whole and (word.startswith(last) if term.prefix else word == last)
        for i, word in enumerate(text[len(whole) :])
    )

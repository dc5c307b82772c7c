"""Counting the lines of a search by time and level: the database counts, and only numbers leave it.

Words are looked up in the chapters' indexes. Application and level alone are not: most lines meet them, and reading the
lines in their order is quicker then. Lines whose words have no places are few; they are fetched and checked here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from argus.server.log_search import Field, Term
from argus.server.stores.base import LEVELS, LogQuery
from argus.server.stores.postgres.database import Connection
from argus.server.stores.postgres.lines import UNPLACED, Chapter, quoted
from argus.server.stores.postgres.search import Conditions, OutOfTime, conditions_of, holds, in_no_line, in_question
from argus.wire.columns import LogLine

Counts = NDArray[np.int64]


def count(  # noqa: PLR0917  # what a search is made of
    connection: Connection, query: LogQuery, terms: Sequence[Term], step: float, counts: Counts, seconds: float
) -> None:
    """Add the matching lines to ``counts``, a row per level and a column per bucket, from the newest chapter on.

    Raises :class:`OutOfTime` when it has taken ``seconds``.
    """
    deadline = time.monotonic() + seconds
    if in_no_line(terms):
        return
    wanted = replace(query, cursor=None, after=None)
    words = conditions_of(replace(wanted, app=None, levels=()), terms)
    conditions = conditions_of(wanted, terms)._replace(tsquery=words.tsquery, narrows=words.narrows)
    places = any(term.field is Field.TEXT for term in terms)
    for chapter in in_question(connection, wanted, None):
        _add(_counted(connection, chapter, wanted, conditions, step, places=places), counts)
        if places:
            _add(_checked(connection, chapter, wanted, terms, conditions, step), counts)
        if time.monotonic() > deadline:
            raise OutOfTime


def _add(found: Iterable[tuple[int, str, int]], counts: Counts) -> None:
    for bucket, level, number in found:
        counts[LEVELS.index(level), min(bucket, counts.shape[1] - 1)] += number  # the last one: floats round


def _counted(
    connection: Connection, chapter: Chapter, query: LogQuery, conditions: Conditions, step: float, *, places: bool
) -> list[tuple[int, str, int]]:
    statement = sql.SQL(
        "SELECT floor((timestamp - %(from)s) / %(step)s)::int AS bucket, level, count(*) FROM {source} AND {placed} "
        "AND {where} GROUP BY bucket, level"
    ).format(source=_source(chapter, conditions), placed=_placed(placed=True, asked=places), where=conditions.where)
    return connection.execute(statement, _values(query, conditions, step)).fetchall()


def _checked(  # noqa: PLR0917  # what a search is made of
    connection: Connection,
    chapter: Chapter,
    query: LogQuery,
    terms: Sequence[Term],
    conditions: Conditions,
    step: float,
) -> list[tuple[int, str, int]]:
    statement = sql.SQL(
        "SELECT floor((timestamp - %(from)s) / %(step)s)::int, timestamp, level, logger, message, metadata "
        "FROM {source} AND {placed} AND {where}"
    ).format(source=_source(chapter, conditions), placed=_placed(placed=False, asked=True), where=conditions.where)
    rows = connection.execute(statement, _values(query, conditions, step))
    lines = ((bucket, LogLine(at, level, message, logger, more)) for bucket, at, level, logger, message, more in rows)
    return [(bucket, line.level, 1) for bucket, line in lines if holds(terms, line)]


def _source(chapter: Chapter, conditions: Conditions) -> sql.Composed:
    """Return the lines that the index finds, or all of them in their order."""
    if conditions.narrows:
        source = "(SELECT * FROM {table} WHERE words @@ %(tsquery)s::tsquery OFFSET 0) AS found WHERE true"
    elif conditions.tsquery:
        source = "{table} WHERE (words @@ %(tsquery)s::tsquery) IS TRUE"
    else:
        source = "{table} WHERE true"
    return sql.SQL(source).format(table=chapter.table)


def _placed(*, placed: bool, asked: bool) -> sql.Composable:
    if not asked:
        return sql.SQL("true")
    unplaced = sql.SQL("words @@ {}::tsquery").format(sql.Literal(quoted(UNPLACED)))
    return sql.SQL("NOT {}").format(unplaced) if placed else unplaced


def _values(query: LogQuery, conditions: Conditions, step: float) -> dict[str, object]:
    return {"tsquery": conditions.tsquery, "from": query.start, "step": step, **conditions.values}

"""Counting the lines of a search by time and level: the database counts, and only numbers leave it.

Words are looked up in the chapters' indexes. Application and level alone are not: most lines meet them, and reading the
lines in their order is quicker then.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from argus.server.log_search import Field, Term
from argus.server.stores.base import LEVELS, LogQuery
from argus.server.stores.records.lines import chapters, has_value, match_of, source_of


def count(
    connection: sqlite3.Connection, query: LogQuery, terms: Sequence[Term], step: float, counts: NDArray[np.int64]
) -> None:
    """Add the matching lines to ``counts``, a row per level and a column per bucket, from the newest chapter on."""
    connection.create_function("has_value", 3, _has_value, deterministic=True)
    wanted = replace(query, cursor=None, after=None)
    conditions, values = _exact(terms)
    match = match_of(replace(query, app=None, levels=()), terms)
    for chapter in chapters(connection, wanted):
        source, _, source_values = source_of(chapter.number, wanted, match)
        statement = (
            f"SELECT CAST((l.timestamp - ?) / ? AS INTEGER) AS bucket, l.level, count(*) FROM {source}{conditions} "  # noqa: S608  # our own names only
            "GROUP BY bucket, l.level"
        )
        for bucket, level, number in connection.execute(statement, [query.start, step, *source_values, *values]):
            counts[LEVELS.index(level), min(bucket, counts.shape[1] - 1)] += number  # the last one: floats round


def _exact(terms: Sequence[Term]) -> tuple[str, list[object]]:
    """Return the conditions that the index of words cannot decide."""
    parts: list[str] = []
    values: list[object] = []
    for term in terms:
        if term.field is Field.TEXT:
            continue
        if term.field is Field.METADATA:
            part = "has_value(l.metadata, ?, ?)"
            values += [term.key, term.value]
        elif term.prefix:
            part = f"substr(l.{term.field.value}, 1, ?) = ?"
            values += [len(term.value), term.value]
        else:
            part = f"l.{term.field.value} = ?"
            values.append(term.value)
        parts.append(f" AND NOT {part}" if term.negated else f" AND {part}")
    return "".join(parts), values


def _has_value(metadata: str, key: str, value: str) -> bool:
    return bool(metadata) and has_value(json.loads(metadata), key, value)

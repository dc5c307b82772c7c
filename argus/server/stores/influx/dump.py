"""All points of one measurement as line protocol with nanoseconds, which every version of InfluxDB writes back.

Read by InfluxQL in chunks, day by day, so that neither side holds more than a few thousand points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from argus.server.stores.influx import influxql
from argus.server.stores.influx.connection import Connection, Place
from argus.server.stores.remote import lines, names

DAY_MS = 86_400_000
FIELDS = {influxql.SUMMARIES: "count", influxql.FACTS: "number"}
"""A field that every point of ours has."""

_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})
_WRITTEN: dict[str, Callable[[Any], str]] = {
    "float": repr,
    "integer": lambda value: f"{value}i",
    "string": lambda value: f'"{value.translate(_QUOTED)}"',
    "boolean": lambda value: "true" if value else "false",
}


def exported(
    connection: Connection, place: Place, measurement: str, counted: Callable[[str, int], None]
) -> Iterator[bytes]:
    """Yield lines; ``counted`` is told how many of which application."""
    source = place.source(measurement)
    kinds = {
        field: kind
        for table in connection.query(f"SHOW FIELD KEYS FROM {source}", place.database)
        for field, kind in zip(
            influxql.column_of(table, "fieldKey"), influxql.column_of(table, "fieldType"), strict=True
        )
    }
    for condition in _days(connection, place, source, FIELDS[measurement]):
        for table in connection.stream(f"SELECT * FROM {source}{condition} GROUP BY *", place.database):  # noqa: S608  # quoted names and numbers
            tags = influxql.present(table.tags)
            if "app_id" in tags:  # others' points have none
                counted(names.original(tags["app_id"]), len(table.values))
                yield _lines(measurement, tags, table, kinds)


def _days(connection: Connection, place: Place, source: str, field: str) -> list[str]:
    """Return conditions that each choose a day and together everything; none where there is nothing."""
    ends = []
    for which in ("first", "last"):
        tables = connection.query(f"SELECT {which}({influxql.name(field)}) FROM {source}", place.database)  # noqa: S608  # see above
        ends += [int(influxql.column_of(table, "time")[0]) for table in tables]
    if not ends:
        return []
    begins = range(ends[0] // DAY_MS * DAY_MS + DAY_MS, ends[1] + 1, DAY_MS)
    bounds: list[int | None] = [None, *begins, None]
    conditions = []
    for begin, end in pairwise(bounds):
        parts = [f"time >= {begin}ms"] if begin is not None else []
        parts += [f"time < {end}ms"] if end is not None else []
        conditions.append(f" WHERE {' AND '.join(parts)}" if parts else "")
    return conditions


def _lines(measurement: str, tags: dict[str, str], table: influxql.Table, kinds: dict[str, str]) -> bytes:
    head = measurement + lines.encoded_tags(tags).decode() + " "
    columns = []
    for place, column in enumerate(table.columns):
        values = [row[place] for row in table.values]
        if column == "time":
            times = values
            continue
        written = _WRITTEN[kinds[column]]
        key = lines.escaped(column)
        columns.append([f"{key}={written(value)}" if value is not None else "" for value in values])
    rows = zip(zip(*columns, strict=True), times, strict=True)
    return "".join([f"{head}{','.join(filter(None, cells))} {time}\n" for cells, time in rows]).encode()

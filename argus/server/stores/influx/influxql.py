"""The texts of InfluxQL that the engine asks, and the answers' shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from argus.server.stores.remote import names
from argus.server.stores.remote.engine import Reading, Wanted

SUMMARIES, FACTS = "metrics", "argus_facts"

_MERGED = {"count": "sum", "sum": "sum", "min": "min", "max": "max", "last": "last"}
"""How InfluxDB merges a column within a bucket."""


class Table(msgspec.Struct):
    """One series of an answer."""

    columns: list[str]
    values: list[list[int | float | str | bool | None]]
    tags: dict[str, str] = {}


class Result(msgspec.Struct):
    """The answer to one statement."""

    series: list[Table] = []
    error: str = ""


class Answer(msgspec.Struct):
    """The body of an answer."""

    results: list[Result] = []
    error: str = ""


def name(text: str) -> str:
    """Return an identifier, quoted."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def literal(text: str) -> str:
    """Return a string, quoted."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def equals(tag: str, value: str) -> str:
    """Return the condition that a stored tag has a stored value."""
    return f"{name(tag)} = {literal(value)}"


def any_of(conditions: Iterable[str]) -> str:
    """Return the condition that one of several holds."""
    return f"({' OR '.join(conditions)})"


def rows(source: str, reading: Reading) -> str:
    """Return the question for rows: merged by bucket where no sketches are wanted, else as they are stored."""
    conditions = [any_of(equals("app_id", names.stored(app)) for app in reading.apps)]
    if reading.names is not None:
        conditions.append(any_of(equals("metric_name", names.stored(wanted)) for wanted in reading.names))
    words = [word for word, kind in names.KINDS.items() if kind in reading.kinds]
    if len(words) < len(names.KINDS):
        conditions.append(any_of(equals("kind", word) for word in words))
    conditions += [equals(names.stored_tag(tag), names.stored(value)) for tag, value in reading.tags]
    conditions.append(f"time >= {reading.start}ms AND time < {reading.end}ms")
    groups = ["*"]
    if reading.group_by is not None:
        groups = [name(tag) for tag in ("metric_name", "kind", *map(names.stored_tag, reading.group_by))]
    fields = {column: name(_field(column)) for column in reading.columns}
    if reading.sketches:
        shown = [*(f"{field} AS {name(column)}" for column, field in fields.items()), name("sketch")]
        return f"SELECT {', '.join(shown)} FROM {source} WHERE {' AND '.join(conditions)} GROUP BY {', '.join(groups)}"  # noqa: S608  # every text in it is quoted
    shown = [f"{_MERGED[column]}({field}) AS {name(column)}" for column, field in fields.items()]
    groups.insert(0, f"time({reading.step}ms)")
    return (
        f"SELECT {', '.join(shown)} FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608  # see above
        f"GROUP BY {', '.join(groups)} fill(none)"
    )


def _field(column: str) -> str:
    return "value" if column == "last" else column


def facts(source: str, topic: str, wanted: Sequence[Wanted] | None, within: int | None) -> str:
    """Return the question for facts of a topic, some or all, of the last seconds or ever."""
    condition = equals("topic", names.stored(topic))
    if wanted is not None:
        pairs = [
            equals("app_id", names.stored(app)) + (f" AND {equals('key', names.stored(key))}" if key else "")
            for app, key in wanted
        ]
        condition += f" AND {any_of(f'({pair})' for pair in pairs)}"
    if within is not None:
        condition += f" AND time > now() - {within}s"
    return f'SELECT max("number") FROM {source} WHERE {condition} GROUP BY "app_id", "key"'  # noqa: S608  # see above


def apps(source: str) -> str:
    """Return the question for the applications that have points."""
    return f'SHOW TAG VALUES FROM {source} WITH KEY = "app_id"'


def last_times(source: str, app: str) -> str:
    """Return the question for the newest row of each series."""
    return f'SELECT last("count") FROM {source} WHERE {equals("app_id", names.stored(app))} GROUP BY *'  # noqa: S608  # see above


def present(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags a series has; the others come as empty texts."""
    return {tag: value for tag, value in tags.items() if value}


def column_of(table: Table, wanted: str) -> list[Any]:
    """Return one column of a table."""
    place = table.columns.index(wanted)
    return [row[place] for row in table.values]

"""Questions and answers of the reading API: parameters become queries, answers become JSON.

The same functions serve the GET requests and the live subscriptions, whose queries have the same fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from argus.server import answers
from argus.server.problems import Problem
from argus.server.series import SeriesDirectory
from argus.server.stores.base import (
    App,
    FoundLine,
    Key,
    Line,
    LogQuery,
    RangeAnswer,
    RangeQuery,
    SeriesInfo,
)
from argus.wire.columns import Kind

MOST_POINTS = 1_000
MOST_ASKED = 10_000
"""Points of a line that may be asked for by a step: far more than a screen has, still little to send."""

MOST_NAMES = 50
MOST_LINES = 1_000
LARGEST_NUMBER = 1e12
"""Far beyond any time or step, and small enough for what the stores compute of it."""

SMALLEST_STEP = 1e-3
"""Seconds: what is divided by it stays a number."""

KINDS: Mapping[Kind, Literal["counter", "gauge", "timing"]] = {
    Kind.COUNTER: "counter",
    Kind.GAUGE: "gauge",
    Kind.TIMING: "timing",
}

HOUR = 3_600.0
STEPS = (10, 20, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Steps that the server picks from, in seconds: they divide hours and days, and from 300 on the rollup tier serves.

Not 120: a day of raw rows is thirty times as much to read as a day of rollups."""

Moment = Annotated[float, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Width = Annotated[float, Meta(ge=SMALLEST_STEP, le=LARGEST_NUMBER)]
TagFilter = Annotated[str, Meta(pattern="^[^:]+:")]


class MetricsQuery(msgspec.Struct):
    """What a chart asks for."""

    name: Annotated[
        list[str], Meta(description="Metrics to draw; may be repeated.", min_length=1, max_length=MOST_NAMES)
    ]
    app: Annotated[str | None, Meta(description="Application; with a key, its own is meant.")] = None
    start: Annotated[Moment | None, Meta(description="First moment, in Unix seconds; an hour before the end.")] = None
    end: Annotated[Moment | None, Meta(description="End, not in the range, in Unix seconds; now.")] = None
    step: Annotated[
        Width | None,
        Meta(description=f"Width of a bucket in seconds; one that gives at most {MOST_POINTS:,} points."),
    ] = None
    agg: Annotated[
        str,
        Meta(
            description="How the summaries of a bucket become one value; p50, p99.9 … are percentiles of timings.",
            pattern=r"^(avg|min|max|last|sum|rate|count|p(100|[0-9]{1,2}(\.[0-9]+)?))$",
        ),
    ] = "avg"
    group_by: Annotated[list[str], Meta(description="Tags, `host` among them, that give a line each.")] = []
    tag: Annotated[
        list[TagFilter],
        Meta(description="Filters such as `env:prod`; a series must meet all."),
    ] = []


class Level(StrEnum):
    """A level of log lines; asked for in any case of letters."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"

    @classmethod
    def _missing_(cls, value: object) -> Level | None:
        return cls.__members__.get(str(value).upper())


class LogsQuery(msgspec.Struct):
    """What a log search asks for."""

    app: Annotated[str | None, Meta(description="Application; all of them. With a key, its own is meant.")] = None
    q: Annotated[str, Meta(description="The search, as typed into the search box.")] = ""
    level: Annotated[list[Level], Meta(description="Levels to show; all of them.")] = []
    start: Annotated[Moment | None, Meta(description="First moment, in Unix seconds.")] = None
    end: Annotated[Moment | None, Meta(description="End, not in the range, in Unix seconds.")] = None
    limit: Annotated[int, Meta(description="Most lines in one answer.", ge=1, le=MOST_LINES)] = 200
    cursor: Annotated[str | None, Meta(description="The `next` of the page before.")] = None
    after: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Id of a line: asks for the lines stored since, oldest first."),
    ] = None


class SeriesQuery(msgspec.Struct):
    """Whose series are asked for."""

    app: Annotated[str | None, Meta(description="Application; with a key, its own is meant.")] = None


def range_query(app: str, asked: MetricsQuery, now: float) -> RangeQuery:
    """Return the question of ``GET /api/v1/metrics`` as stores answer it. Raises ``Problem`` for too many points."""
    end = now if asked.end is None else asked.end
    start = end - HOUR if asked.start is None else asked.start
    step = nice_step(end - start) if asked.step is None else asked.step
    if (end - start) / step > MOST_ASKED:
        least = (end - start) / MOST_ASKED
        raise Problem("bad_request", f"more than {MOST_ASKED} points: use a step of {least:g} s or more", "step")
    tags = tuple((key, value) for key, _, value in (text.partition(":") for text in asked.tag))
    names = tuple(dict.fromkeys(asked.name))
    return RangeQuery(app, names, start, end, step, asked.agg, tuple(asked.group_by), tags)


def nice_step(seconds: float) -> float:
    """Return the smallest nice step that gives at most ``MOST_POINTS`` points, and not less than the usual window."""
    least = max(10.0, seconds / MOST_POINTS)
    return float(next((step for step in STEPS if step >= least), math.ceil(least / 86_400) * 86_400))


def log_query(app: str | None, asked: LogsQuery) -> LogQuery:
    """Return the question of ``GET /api/v1/logs`` as stores answer it."""
    if asked.after is not None and asked.cursor:
        raise Problem("bad_request", "cursor goes back in time and after goes on: give one of them", "after")
    levels = tuple(asked.level)
    return LogQuery(app, asked.q, levels, asked.start, asked.end, asked.limit, asked.cursor or None, asked.after)


def encode_answer(answer: RangeAnswer) -> bytes:
    """Return the answer of ``GET /api/v1/metrics``; the time column is encoded once for all lines."""
    query = answer.query
    body = {
        "start": number(query.start),
        "end": number(query.end),
        "step": number(query.step),
        "agg": query.agg,
        "tier": answer.tier,
        "series": encode_lines(answer.lines),
    }
    return msgspec.json.encode(body)


def encode_lines(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return lines as the API shows them; NaN becomes null."""
    encoded: dict[int, msgspec.Raw] = {}
    shown = []
    for line in lines:
        times = encoded.get(id(line.times))
        if times is None:
            times = encoded[id(line.times)] = msgspec.Raw(msgspec.json.encode(_numbers(line.times)))
        shown.append({"name": line.name, "tags": dict(line.tags), "times": times, "values": line.values.tolist()})
    return shown  # msgspec writes NaN as null


def _numbers(times: Any) -> list[Any]:
    exact = np.asarray(times)
    shown: list[Any] = exact.astype(np.int64).tolist() if (exact == np.rint(exact)).all() else exact.tolist()
    return shown


def number(value: float) -> float | int:
    """Return whole numbers without a point."""
    return int(value) if value == int(value) else value


def series_list(found: Iterable[SeriesInfo]) -> answers.SeriesAnswer:
    """Return the answer of ``GET /api/v1/metrics/series``."""
    return answers.SeriesAnswer(
        [
            answers.SeriesInfo(
                name=info.name,
                tags=dict(info.tags),
                kind=KINDS[info.kind],
                host=info.host,
                last_seen=info.last_seen,
            )
            for info in found
        ]
    )


def log_lines(found: Iterable[FoundLine]) -> list[answers.LogLine]:
    """Return log lines as the API shows them."""
    return [
        answers.LogLine(
            id=item.id,
            app=item.app,
            timestamp=item.line.timestamp,
            level=item.line.level,
            message=item.line.message,
            logger=item.line.logger,
            host=item.host,
            metadata=dict(item.line.metadata),
        )
        for item in found
    ]


def applications(
    apps: Iterable[App],
    stored_keys: Iterable[Key],
    series: SeriesDirectory,
    *,
    errors: Callable[[str], int],
    incidents: Mapping[str, int],
    now: float,
) -> list[answers.Application]:
    """Return the applications as the API lists them."""
    prefixes: dict[str, list[str]] = {}
    for key in stored_keys:
        if key.expires_at is None or key.expires_at > now:
            prefixes.setdefault(key.app_id, []).append(key.prefix)
    return [
        answers.Application(
            app_id=app.app_id,
            name=app.name,
            created_at=app.created_at,
            key_prefixes=prefixes.get(app.app_id, []),
            last_seen=series.last_seen(app.app_id),
            hosts=series.hosts(app.app_id),
            instances=series.instances(app.app_id, now),
            series=series.count(app.app_id),
            errors_last_hour=errors(app.app_id),
            active_alerts=incidents.get(app.app_id, 0),
        )
        for app in apps
    ]

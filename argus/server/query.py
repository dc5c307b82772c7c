"""Questions and answers of the reading API: parameters become queries, answers become JSON.

The same functions serve the GET requests and the live subscriptions, whose queries have the same fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from argus.server.problems import Problem
from argus.server.series import SeriesDirectory
from argus.server.stores.base import (
    LEVELS,
    App,
    FoundLine,
    Key,
    Line,
    LogQuery,
    RangeAnswer,
    RangeQuery,
    SeriesInfo,
)

MOST_POINTS = 1_000
MOST_NAMES = 50
MOST_LINES = 1_000
LARGEST_NUMBER = 1e12
"""Far beyond any time or step, and small enough for what the stores compute of it."""

HOUR = 3_600.0
STEPS = (10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Steps that the server picks from, in seconds: they divide hours and days, and from 300 on the rollup tier serves."""

Params = Mapping[str, Sequence[str]]


def params_of(fields: Mapping[str, Any]) -> Params:
    """Return a live query's fields as the parameters of a GET request. Raises ``Problem``."""
    params: dict[str, Sequence[str]] = {}
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, (str, int, float)) for item in values):
            raise Problem("bad_request", f"{name} must be text, a number, or a list of them", name)
        params[name] = [str(item) for item in values]
    return params


def range_query(app: str, params: Params, now: float) -> RangeQuery:
    """Read the parameters of ``GET /api/v1/metrics``. Raises ``Problem`` naming the parameter."""
    only(params, {"app", "name", "start", "end", "step", "agg", "group_by", "tag"})
    names = tuple(dict.fromkeys(params.get("name", ())))
    if not 1 <= len(names) <= MOST_NAMES:
        raise Problem("bad_request", f"give 1 to {MOST_NAMES} names, got {len(names)}", "name")
    end = _number(params, "end", now)
    start = _number(params, "start", end - HOUR)
    step = _number(params, "step", 0.0) if "step" in params else nice_step(end - start)
    tags = tuple(_tag(text) for text in params.get("tag", ()))
    return RangeQuery(app, names, start, end, step, _one(params, "agg", "avg"), tuple(params.get("group_by", ())), tags)


def nice_step(seconds: float) -> float:
    """Return the smallest nice step that gives at most ``MOST_POINTS`` points, and not less than the usual window."""
    least = max(10.0, seconds / MOST_POINTS)
    return float(next((step for step in STEPS if step >= least), math.ceil(least / 86_400) * 86_400))


def log_query(app: str | None, params: Params) -> LogQuery:
    """Read the parameters of ``GET /api/v1/logs``. Raises ``Problem`` naming the parameter."""
    only(params, {"app", "q", "level", "start", "end", "limit", "cursor"})
    levels = tuple(level.upper() for level in params.get("level", ()))
    for level in levels:
        if level not in LEVELS:
            raise Problem("bad_request", f"unknown level {level!r}; use {', '.join(LEVELS)}", "level")
    limit = int(_number(params, "limit", 200.0))
    if not 1 <= limit <= MOST_LINES:
        raise Problem("bad_request", f"limit must be from 1 to {MOST_LINES}, got {limit}", "limit")
    start = _number(params, "start", 0.0) if "start" in params else None
    end = _number(params, "end", 0.0) if "end" in params else None
    return LogQuery(app, _one(params, "q", ""), levels, start, end, limit, _one(params, "cursor", "") or None)


def only(params: Params, known: set[str]) -> None:
    """Raise ``Problem`` for a parameter that does not exist."""
    for name in params:
        if name not in known:
            raise Problem("bad_request", f"unknown parameter {name!r}; there are {', '.join(sorted(known))}", name)


def _one(params: Params, name: str, default: str) -> str:
    values = params.get(name, ())
    if len(values) > 1:
        raise Problem("bad_request", f"{name} may be given once, got it {len(values)} times", name)
    return values[0] if values else default


def _number(params: Params, name: str, default: float) -> float:
    text = _one(params, name, "")
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST_NUMBER:
        raise Problem("bad_request", f"{name} must be a number up to {LARGEST_NUMBER:g}, got {text!r}", name)
    return number


def _tag(text: str) -> tuple[str, str]:
    key, colon, value = text.partition(":")
    if not colon or not key:
        raise Problem("bad_request", f"a tag filter looks like env:prod, got {text!r}", "tag")
    return key, value


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


def series_list(found: Iterable[SeriesInfo]) -> dict[str, Any]:
    """Return the answer of ``GET /api/v1/metrics/series``."""
    return {
        "series": [
            {
                "name": info.name,
                "tags": dict(info.tags),
                "kind": info.kind.name.lower(),
                "host": info.host,
                "last_seen": info.last_seen,
            }
            for info in found
        ]
    }


def log_lines(found: Iterable[FoundLine]) -> list[dict[str, Any]]:
    """Return log lines as the API shows them."""
    return [
        {
            "id": item.id,
            "app": item.app,
            "timestamp": item.line.timestamp,
            "level": item.line.level,
            "message": item.line.message,
            "logger": item.line.logger,
            "host": item.host,
            "metadata": item.line.metadata,
        }
        for item in found
    ]


def applications(
    apps: Iterable[App], stored_keys: Iterable[Key], series: SeriesDirectory, errors: Callable[[str], int], now: float
) -> list[dict[str, Any]]:
    """Return the applications as the API lists them."""
    prefixes: dict[str, list[str]] = {}
    for key in stored_keys:
        if key.expires_at is None or key.expires_at > now:
            prefixes.setdefault(key.app_id, []).append(key.prefix)
    return [
        {
            "app_id": app.app_id,
            "name": app.name,
            "created_at": app.created_at,
            "key_prefixes": prefixes.get(app.app_id, []),
            "last_seen": series.last_seen(app.app_id),
            "hosts": series.hosts(app.app_id),
            "instances": series.instances(app.app_id, now),
            "series": series.count(app.app_id),
            "errors_last_hour": errors(app.app_id),
        }
        for app in apps
    ]

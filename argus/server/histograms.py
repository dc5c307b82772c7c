"""Questions and answers of what has two dimensions: a timing's values over time, and log lines by level over time."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta

from argus.server.problems import Problem
from argus.server.query import (
    HOUR,
    MOST_POINTS,
    Level,
    LogsQuery,
    MetricsQuery,
    Moment,
    TagFilter,
    Width,
    log_query,
    nice_step,
    number,
    range_query,
)
from argus.server.stores.base import Distribution, LogHistogram, LogQuery, RangeQuery

LEAST_STEP = 0.001
"""Seconds: what clocks of programs tell apart."""


class DistributionQuery(msgspec.Struct):
    """Whose distribution is asked for."""

    name: Annotated[str, Meta(description="The timing.")]
    app: Annotated[str | None, Meta(description="Application; with a key, its own is meant.")] = None
    start: Annotated[Moment | None, Meta(description="First moment, in Unix seconds; an hour before the end.")] = None
    end: Annotated[Moment | None, Meta(description="End, not in the range, in Unix seconds; now.")] = None
    step: Annotated[
        Width | None, Meta(description=f"Width of a column in seconds; at most {MOST_POINTS:,} columns are answered.")
    ] = None
    tag: Annotated[list[TagFilter], Meta(description="Filters such as `env:prod`; a series must meet all.")] = []


class DistributionAnswer(msgspec.Struct):
    """How a timing's values spread over time; without data all three lists are empty."""

    start: Annotated[float, Meta(description="First moment of the range, in Unix seconds.")]
    end: Annotated[float, Meta(description="End of the range, not in it.")]
    step: Annotated[float, Meta(description="Width of a column in seconds.")]
    tier: Annotated[str, Meta(description="Which resolution answered: raw or 5m.")]
    times: Annotated[list[float], Meta(description="Beginnings of the columns, in Unix seconds.")]
    bounds: Annotated[list[float], Meta(description="Where rows begin, in seconds, and where the last one ends.")]
    counts: Annotated[
        list[list[int]], Meta(description="For each column, how many values lie in each row, from the smallest.")
    ]


class HistogramQuery(msgspec.Struct):
    """Which log lines are counted."""

    app: Annotated[str | None, Meta(description="Application; all of them. With a key, its own is meant.")] = None
    q: Annotated[str, Meta(description="The search, as typed into the search box.")] = ""
    level: Annotated[list[Level], Meta(description="Levels to count; all of them.")] = []
    start: Annotated[Moment | None, Meta(description="First moment, in Unix seconds; an hour before the end.")] = None
    end: Annotated[Moment | None, Meta(description="End, not in the range, in Unix seconds; now.")] = None
    step: Annotated[
        Width | None, Meta(description=f"Width of a bucket in seconds; at most {MOST_POINTS:,} buckets are answered.")
    ] = None


class HistogramAnswer(msgspec.Struct):
    """How many lines a search finds, by level and time."""

    start: Annotated[float, Meta(description="Beginning of the first bucket, in Unix seconds: a multiple of the step.")]
    step: Annotated[float, Meta(description="Width of a bucket in seconds.")]
    counts: Annotated[dict[str, list[int]], Meta(description="For each level, the lines in each bucket.")]
    complete: Annotated[bool, Meta(description="False where time ran out: then the oldest lines are not counted.")]


def distribution_query(app: str, asked: DistributionQuery, now: float) -> RangeQuery:
    """Return the question of ``GET /api/v1/metrics/distribution`` as stores answer it."""
    like = MetricsQuery([asked.name], asked.app, asked.start, asked.end, asked.step, tag=asked.tag)
    query = range_query(app, like, now)
    if (query.end - query.start) / query.step > MOST_POINTS:
        raise Problem("bad_request", f"more than {MOST_POINTS} columns: use a larger step", "step")
    return query


def distribution(query: RangeQuery, found: Distribution) -> DistributionAnswer:
    """Return the answer of ``GET /api/v1/metrics/distribution``."""
    return DistributionAnswer(
        start=number(query.start),
        end=number(query.end),
        step=number(query.step),
        tier=found.tier,
        times=found.times.tolist(),
        bounds=found.bounds.tolist(),
        counts=found.counts.tolist(),
    )


def histogram_query(app: str | None, asked: HistogramQuery, now: float) -> tuple[LogQuery, float]:
    """Return the question of ``GET /api/v1/logs/histogram``: the search, on whole buckets, and a bucket's width.

    Raises ``Problem`` for too many buckets.
    """
    end = now if asked.end is None else asked.end
    start = end - HOUR if asked.start is None else asked.start
    if not start < end:
        raise Problem("bad_request", f"end must be after start, got {start:g} to {end:g}", "end")
    step = nice_step(end - start) if asked.step is None else asked.step
    if step < LEAST_STEP or (end - start) / step > MOST_POINTS:
        raise Problem("bad_request", f"a step of {step:g} s gives more than {MOST_POINTS} buckets, or none", "step")
    search = log_query(app, LogsQuery(q=asked.q, level=asked.level))
    return replace(search, start=math.floor(start / step) * step, end=math.ceil(end / step) * step), step


def histogram(found: LogHistogram) -> HistogramAnswer:
    """Return the answer of ``GET /api/v1/logs/histogram``."""
    counts = {level: list(row) for level, row in found.counts.items()}
    return HistogramAnswer(number(found.start), number(found.step), counts, found.complete)

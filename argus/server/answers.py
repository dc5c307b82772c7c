"""What the API answers about data and applications, one Struct per shape.

Other resources keep theirs beside their routes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

AppId = Annotated[str, Meta(description="Id of an application: its name in small letters, as addresses carry it.")]
Time = Annotated[float, Meta(description="Unix seconds (UTC).")]


class RejectedRow(msgspec.Struct):
    """A row of a good body that was left out, and why."""

    key: Annotated[str, Meta(description="Key of the series, or the start of the log line.")]
    reason: Annotated[str, Meta(description="What is wrong with it.")]


class Accepted(msgspec.Struct):
    """What became of a body: its accepted part is on the disk."""

    accepted: Annotated[int, Meta(description="How many summaries, points or lines were taken.")]
    duplicate: Annotated[bool, Meta(description="Whether this batch had been stored before, and was not stored again.")]
    rejected: Annotated[list[RejectedRow], Meta(description="What was left out of it.")]


class Line(msgspec.Struct):
    """One series of a chart, in columns."""

    name: Annotated[str, Meta(description="Name of the metric.")]
    tags: Annotated[dict[str, str], Meta(description="The tags it was grouped by, with their values.")]
    times: Annotated[list[float], Meta(description="Beginnings of the buckets, in Unix seconds.")]
    values: Annotated[list[float | None], Meta(description="Values of the buckets; null where there are no data.")]


class MetricsAnswer(msgspec.Struct):
    """A range of one or more metrics."""

    start: Annotated[float, Meta(description="First moment of the range, in Unix seconds.")]
    end: Annotated[float, Meta(description="End of the range, not in it.")]
    step: Annotated[float, Meta(description="Width of a bucket in seconds.")]
    agg: Annotated[str, Meta(description="How the summaries of a bucket became one value.")]
    tier: Annotated[str, Meta(description="Which resolution answered: raw or 5m.")]
    series: Annotated[list[Line], Meta(description="One line per metric and group.")]


class SeriesInfo(msgspec.Struct):
    """One stored series."""

    name: Annotated[str, Meta(description="Name of the metric.")]
    tags: Annotated[dict[str, str], Meta(description="Its tags.")]
    kind: Annotated[Literal["counter", "gauge", "timing"], Meta(description="What it is.")]
    host: Annotated[str, Meta(description="Where it was recorded.")]
    last_seen: Annotated[float, Meta(description="When it last had data, in Unix seconds.")]


class SeriesAnswer(msgspec.Struct):
    """The series of an application."""

    series: Annotated[list[SeriesInfo], Meta(description="Ordered by name, then tags, then host.")]


class LogLine(msgspec.Struct):
    """One log line."""

    id: Annotated[int, Meta(description="Grows in the order of storing.")]
    app: Annotated[str, Meta(description="Id of the application that wrote it.")]
    timestamp: Annotated[float, Meta(description="When it was written, in Unix seconds.")]
    level: Annotated[str, Meta(description="DEBUG, INFO, WARN or ERROR.")]
    message: Annotated[str, Meta(description="Its text.")]
    logger: Annotated[str, Meta(description="Name of the logger.")]
    host: Annotated[str, Meta(description="Where it was written.")]
    metadata: Annotated[dict[str, Any], Meta(description="Whatever the application added.")]


class LogsAnswer(msgspec.Struct):
    """One page of a log search."""

    logs: Annotated[list[LogLine], Meta(description="Newest first; with `after`, oldest first.")]
    next: Annotated[str | None, Meta(description="Pass it as `cursor` for the next page; null on the last one.")]


class Application(msgspec.Struct):
    """A registered application, and what the server knows of it."""

    app_id: AppId
    name: Annotated[str, Meta(description="Its name for people.")]
    created_at: Annotated[float, Meta(description="When it was registered, in Unix seconds.")]
    key_prefixes: Annotated[list[str], Meta(description="How the keys begin that work now.")]
    last_seen: Annotated[float | None, Meta(description="When it last sent something; null: never.")]
    hosts: Annotated[list[str], Meta(description="Where it ran within a day of its last sign of life.")]
    instances: Annotated[int, Meta(description="Processes that sent something within the last minute.")]
    series: Annotated[int, Meta(description="Active series, which count against the limit.")]
    errors_last_hour: Annotated[int, Meta(description="Log lines of level ERROR within the last hour.")]
    active_alerts: Annotated[int, Meta(description="Open incidents of alert rules.")]


class Applications(msgspec.Struct):
    """The registered applications."""

    applications: Annotated[list[Application], Meta(description="Ordered by name.")]


class CreatedApplication(msgspec.Struct):
    """An application with a new key, which is never shown again."""

    app_id: AppId
    name: Annotated[str, Meta(description="Its name for people.")]
    api_key: Annotated[str, Meta(description="The key. Keep it: only a digest of it is stored.")]
    created_at: Annotated[float, Meta(description="When the application was registered, in Unix seconds.")]

"""The server's half of wire format v1: bodies become checked columns.

msgspec decodes and types in one pass; numpy checks the columns (``sections.py``). A body that is not the format raises
:class:`~argus.errors.WireError` with its place; single wrong rows of a good body are left out and listed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from argus.aggregate.base import MAX_NAME_BYTES
from argus.aggregate.series import check
from argus.aggregate.sketch import index_of
from argus.errors import WireError
from argus.wire.columns import KeySet, Kind, LogLine, Section, SeriesKey, Sketches
from argus.wire.sections import (
    CounterColumns,
    GaugeColumns,
    KeyCache,
    Rejected,
    TimingColumns,
    counter_section,
    gauge_section,
    timing_section,
    wire_error,
)

MAX_TEXT_BYTES = 65_536
LEVELS = {"CRITICAL": "ERROR", "FATAL": "ERROR", "WARNING": "WARN"}


Instance = Annotated[str | None, Meta(description="One client in one process. Belongs together with `seq`.")]
Seq = Annotated[
    int | None,
    Meta(description="From 1, one more per batch of this instance: what makes delivery exactly-once."),
]
Host = Annotated[str, Meta(description="Where it runs; without one, the address that sends.")]


class Point(msgspec.Struct):
    """One value of the points form."""

    name: Annotated[str, Meta(description="Name of the metric, at most 256 bytes.")]
    value: Annotated[float, Meta(description="The value; counters and timings have none below zero.")]
    type: Annotated[Literal["gauge", "counter", "timing"], Meta(description="What it is.")] = "gauge"
    timestamp: Annotated[float | None, Meta(description="When, in Unix seconds; now.")] = None
    tags: Annotated[dict[str, str], Meta(description="At most 32 tags.")] = {}


class MetricsBody(msgspec.Struct):
    """Summaries of one instance in one window, in columns; or single points, in `metrics`."""

    instance: Instance = None
    seq: Seq = None
    host: Host = ""
    start: Annotated[float | None, Meta(description="First moment of the window, in Unix seconds.")] = None
    end: Annotated[float | None, Meta(description="End of the window.")] = None
    sdk: Annotated[str, Meta(description="What sends: `python/1.0.0`.")] = ""
    sent_at: Annotated[
        float | None, Meta(description="The sender's clock now: the server moves the window by the difference.")
    ] = None
    counters: Annotated[CounterColumns | None, Meta(description="Summaries of counters.")] = None
    gauges: Annotated[GaugeColumns | None, Meta(description="Summaries of gauges.")] = None
    timings: Annotated[TimingColumns | None, Meta(description="Summaries of timings.")] = None
    metrics: Annotated[list[Point] | None, Meta(description="Single values, each a window of its own.")] = None


class LogEntry(msgspec.Struct):
    """One line of a log."""

    message: Annotated[str, Meta(description="Its text; what is over 64 KiB is cut and marked.")]
    timestamp: Annotated[float | None, Meta(description="When it was written, in Unix seconds; now.")] = None
    level: Annotated[str, Meta(description="DEBUG, INFO, WARN or ERROR; CRITICAL and FATAL are stored as ERROR.")] = (
        "INFO"
    )
    logger: Annotated[str, Meta(description="Name of the logger.")] = ""
    metadata: Annotated[dict[str, Any], Meta(description="Any JSON object; at most 64 KiB.")] = {}


class LogsBody(msgspec.Struct):
    """Log lines of one instance."""

    logs: Annotated[list[LogEntry], Meta(description="The lines.")]
    instance: Instance = None
    seq: Seq = None
    host: Host = ""


class Limits(NamedTuple):
    """What a body may hold; times are seconds around the server's clock."""

    max_batch: int = 20_000
    max_logs: int = 10_000
    past: float = 86_400.0
    ahead: float = 600.0


class Metrics(NamedTuple):
    """A decoded metrics body: what is right in it, and what was left out."""

    instance: str | None
    seq: int | None
    host: str
    start: float
    end: float
    sdk: str
    sections: tuple[Section, ...]
    rejected: list[Rejected]


class Logs(NamedTuple):
    """A decoded logs body."""

    instance: str | None
    seq: int | None
    host: str
    lines: list[LogLine]
    rejected: list[Rejected]


_METRICS = msgspec.json.Decoder(MetricsBody)
_LOGS = msgspec.json.Decoder(LogsBody)


def metrics(body: bytes, cache: KeyCache, now: float, limits: Limits) -> Metrics:
    """Decode and check a metrics body. Raises ``WireError``."""
    decoded = _decode(_METRICS, body)
    shift = now - decoded.sent_at if decoded.sent_at is not None else 0.0
    if decoded.metrics is not None:
        return _points(decoded, decoded.metrics, now, limits, shift)
    start, end = _window(decoded, now, limits, shift)
    rejected: list[Rejected] = []
    sections = tuple(
        section
        for section in (
            counter_section(decoded.counters, cache, rejected),
            gauge_section(decoded.gauges, cache, rejected),
            timing_section(decoded.timings, cache, rejected),
        )
        if section is not None
    )
    total = sum(len(section.keys.keys) for section in sections) + len(rejected)
    _at_most(total, limits.max_batch, "summaries", "$")
    return Metrics(decoded.instance, decoded.seq, decoded.host, start, end, decoded.sdk, sections, rejected)


def logs(body: bytes, now: float, limits: Limits) -> Logs:
    """Decode and check a logs body; over-long text is cut and marked. Raises ``WireError``."""
    decoded = _decode(_LOGS, body)
    _sender(decoded)
    _at_most(len(decoded.logs), limits.max_logs, "log lines", "$.logs")
    lines: list[LogLine] = []
    rejected: list[Rejected] = []
    for entry in decoded.logs:
        level = entry.level.upper()
        level = LEVELS.get(level, level)
        at = now if entry.timestamp is None else entry.timestamp
        problem = _time_problem(at, now, limits)
        if problem is None and level not in {"DEBUG", "INFO", "WARN", "ERROR"}:
            problem = f"unknown level {entry.level!r}; use DEBUG, INFO, WARN or ERROR"
        if problem is not None:
            rejected.append(Rejected(entry.message[:MAX_NAME_BYTES], problem))
            continue
        metadata = _cut_metadata(entry.metadata)
        if entry.level.upper() in {"CRITICAL", "FATAL"}:
            metadata = {"level": entry.level.upper(), **metadata}
        message, logger = _cut(entry.message), entry.logger[:MAX_NAME_BYTES]
        lines.append(LogLine(at, level, message, logger, metadata))
    return Logs(decoded.instance, decoded.seq, decoded.host, lines, rejected)


def _decode(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise wire_error(error, "$") from error


def _sender(decoded: MetricsBody | LogsBody) -> None:
    for name in ("instance", "host"):
        text = getattr(decoded, name)
        if text is not None and len(text) > MAX_NAME_BYTES:
            raise WireError(f"{name} is {len(text)} characters long; at most {MAX_NAME_BYTES} are allowed", f"$.{name}")
    if (decoded.instance is None) != (decoded.seq is None):
        raise WireError("instance and seq belong together: give both, or neither", "$")
    if decoded.seq is not None and not 0 < decoded.seq < 2**63:
        raise WireError(f"seq must be greater than 0, got {decoded.seq}", "$.seq")


def _window(decoded: MetricsBody, now: float, limits: Limits, shift: float) -> tuple[float, float]:
    _sender(decoded)
    if decoded.start is None or decoded.end is None:
        raise WireError("a batch needs start and end; single values go into a list called metrics", "$")
    start, end = decoded.start + shift, decoded.end + shift
    problem = _time_problem(end, now, limits)
    if problem is not None:
        raise WireError(f"end {problem}", "$.end")
    if not end - limits.past <= start <= end:
        raise WireError(f"start {decoded.start} must not be after end {decoded.end}, nor a day before it", "$.start")
    return start, end


def _time_problem(timestamp: float, now: float, limits: Limits) -> str | None:
    if timestamp < now - limits.past:
        return f"{timestamp} is more than {limits.past:g} s ago by the server's clock, {now:.0f}"
    if timestamp > now + limits.ahead:
        return f"{timestamp} is more than {limits.ahead:g} s ahead of the server's clock, {now:.0f}"
    return None


def _at_most(number: int, most: int, what: str, where: str) -> None:
    if number > most:
        raise WireError(f"{number} {what}; at most {most} are allowed in one body", where)


def _points(decoded: MetricsBody, points: list[Point], now: float, limits: Limits, shift: float) -> Metrics:
    """Return single values as a batch without instance: a window of its own for each."""
    _sender(decoded)
    _at_most(len(points), limits.max_batch, "metrics", "$.metrics")
    by_kind: dict[Kind, list[tuple[SeriesKey, float, float]]] = {}
    rejected: list[Rejected] = []
    for point in points:
        kind = Kind[point.type.upper()]
        at = now if point.timestamp is None else point.timestamp + shift
        try:
            tags = check(point.name, point.tags)
        except ValueError as error:
            rejected.append(Rejected(point.name[:MAX_NAME_BYTES], str(error)))
            continue
        problem = _time_problem(at, now, limits)
        if problem is None and kind is not Kind.GAUGE and point.value < 0:
            problem = f"a {point.type} cannot be negative: {point.value}"
        if problem is not None:
            rejected.append(Rejected(point.name, problem))
            continue
        by_kind.setdefault(kind, []).append((SeriesKey(point.name, tags), point.value, at))
    sections = tuple(_point_section(kind, rows) for kind, rows in by_kind.items())
    return Metrics(decoded.instance, decoded.seq, decoded.host, now, now, decoded.sdk, sections, rejected)


def _point_section(kind: Kind, rows: list[tuple[SeriesKey, float, float]]) -> Section:
    values = np.array([value for _, value, _ in rows], np.float64)
    sketches = None
    if kind is Kind.TIMING:
        flat = [number for value in values.tolist() if value > 0 for number in (index_of(value), 1)]
        sketches = Sketches((values > 0).astype(np.uint32), np.array(flat, np.uint32))
    keys = KeySet(tuple(key for key, _, _ in rows))
    ones = np.ones(len(rows), np.int64)
    return Section(kind, keys, ones, values, values, values, values, sketches, np.array([at for _, _, at in rows]))


def _cut(text: str) -> str:
    """Return the text, cut and marked where it is too long (in UTF-8)."""
    if len(text) * 4 <= MAX_TEXT_BYTES:
        return text
    data = text.encode("utf-8", "replace")
    if len(data) <= MAX_TEXT_BYTES:
        return text
    return f"{data[:MAX_TEXT_BYTES].decode('utf-8', 'ignore')}… (cut)"


def _cut_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata, or where it is too large as much of it as fits, marked."""
    if not metadata or len(msgspec.json.encode(metadata)) <= MAX_TEXT_BYTES:
        return metadata
    kept: dict[str, Any] = {"argus_cut": True}
    room = MAX_TEXT_BYTES
    for key, value in metadata.items():
        room -= len(msgspec.json.encode({key: value}))
        if room < 0:
            break
        kept[key] = value
    return kept

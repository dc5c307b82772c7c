"""The server's half of wire format v1: bodies become checked columns.

msgspec decodes and types in one pass; numpy checks the columns. A body that is not the format raises
:class:`~argus.errors.WireError` with its place; single wrong rows of a good body are left out and listed.

A sender repeats the same keys window after window, so the raw bytes of a ``keys`` column are looked up before they are
decoded: parsing and checking thousands of keys happens once, not every ten seconds.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from argus.aggregate.base import MAX_NAME_BYTES
from argus.aggregate.series import check, parse_key
from argus.aggregate.sketch import HIGHEST_INDEX, LOWEST_INDEX, index_of
from argus.errors import WireError
from argus.wire.columns import KeySet, Kind, LogLine, Section, SeriesKey, Sketches

MAX_TEXT_BYTES = 65_536
LEVELS = {"CRITICAL": "ERROR", "FATAL": "ERROR", "WARNING": "WARN"}


class CounterColumns(msgspec.Struct):
    """``counters`` of a batch."""

    keys: msgspec.Raw
    sum: list[float]
    count: list[int]


class GaugeColumns(msgspec.Struct):
    """``gauges`` of a batch."""

    keys: msgspec.Raw
    last: list[float]
    min: list[float]
    max: list[float]
    sum: list[float]
    count: list[int]


class TimingColumns(msgspec.Struct):
    """``timings`` of a batch; a row of ``bins`` is index, count, then (index difference, count) pairs."""

    keys: msgspec.Raw
    count: list[int]
    sum: list[float]
    min: list[float]
    max: list[float]
    bins: list[list[int]]


class Point(msgspec.Struct):
    """One value of the points form."""

    name: str
    value: float
    type: Literal["gauge", "counter", "timing"] = "gauge"
    timestamp: float | None = None
    tags: dict[str, str] = {}


class MetricsBody(msgspec.Struct):
    """Body of ``POST /api/v1/metrics``, both forms."""

    instance: str | None = None
    seq: int | None = None
    host: str = ""
    start: float | None = None
    end: float | None = None
    sdk: str = ""
    sent_at: float | None = None
    counters: CounterColumns | None = None
    gauges: GaugeColumns | None = None
    timings: TimingColumns | None = None
    metrics: list[Point] | None = None


class LogEntry(msgspec.Struct):
    """One line of ``POST /api/v1/logs``."""

    timestamp: float
    message: str
    level: str = "INFO"
    logger: str = ""
    metadata: dict[str, Any] = {}


class LogsBody(msgspec.Struct):
    """Body of ``POST /api/v1/logs``."""

    logs: list[LogEntry]
    instance: str | None = None
    seq: int | None = None
    host: str = ""


class Rejected(NamedTuple):
    """A row that was left out, and why."""

    key: str
    reason: str


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


class _Keys(NamedTuple):
    """A parsed ``keys`` column: ``good`` are the rows that have a key, ``None`` for all."""

    size: int
    keys: KeySet
    good: NDArray[np.int64] | None
    rejected: list[Rejected]


class KeyCache:
    """Parsed ``keys`` columns by their bytes; the least recently used give way."""

    def __init__(self, most: int = 2048) -> None:
        self._most = most
        self._known: OrderedDict[bytes, _Keys] = OrderedDict()
        self._decoder = msgspec.json.Decoder(list[str])

    def get(self, raw: msgspec.Raw, where: str) -> _Keys:
        """Return the parsed column. Raises ``WireError`` if it is no list of strings."""
        data = bytes(raw)
        known = self._known.get(data)
        if known is None:
            known = self._parse(data, where)
            self._known[data] = known
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(data)
        return known

    def _parse(self, data: bytes, where: str) -> _Keys:
        try:
            texts = self._decoder.decode(data)
        except msgspec.DecodeError as error:
            raise _wire_error(error, where) from error
        keys, good, rejected = [], [], []
        for row, text in enumerate(texts):
            try:
                name, tags = parse_key(text)
                check(name, dict(tags))
            except ValueError as error:  # a WireError is one
                rejected.append(Rejected(text[:MAX_NAME_BYTES], str(error)))
                continue
            keys.append(SeriesKey(name, tags))
            good.append(row)
        whole = None if len(good) == len(texts) else np.array(good, np.int64)
        return _Keys(len(texts), KeySet(tuple(keys)), whole, rejected)


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
            _counters(decoded.counters, cache, rejected),
            _gauges(decoded.gauges, cache, rejected),
            _timings(decoded.timings, cache, rejected),
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
        problem = _time_problem(entry.timestamp, now, limits)
        if problem is None and level not in {"DEBUG", "INFO", "WARN", "ERROR"}:
            problem = f"unknown level {entry.level!r}; use DEBUG, INFO, WARN or ERROR"
        if problem is not None:
            rejected.append(Rejected(entry.message[:MAX_NAME_BYTES], problem))
            continue
        metadata = _cut_metadata(entry.metadata)
        if entry.level.upper() in {"CRITICAL", "FATAL"}:
            metadata = {"level": entry.level.upper(), **metadata}
        message, logger = _cut(entry.message), entry.logger[:MAX_NAME_BYTES]
        lines.append(LogLine(entry.timestamp, level, message, logger, metadata))
    return Logs(decoded.instance, decoded.seq, decoded.host, lines, rejected)


def _decode(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _wire_error(error, "$") from error


def _wire_error(error: Exception, where: str) -> WireError:
    """Take the place out of msgspec's message: ``Expected `float`, got `str` - at `$.counters.sum[3]```."""
    message, separator, place = str(error).rpartition(" - at `")
    if not separator:
        return WireError(str(error), where)
    return WireError(message, where + place.removesuffix("`").removeprefix("$"))


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


Columns = dict[str, NDArray[Any]]


def _columns(group: str, size: int, **columns: Sequence[float]) -> Columns:
    """Return the columns as arrays. Raises ``WireError`` for one that is not as long as ``keys``."""
    arrays: Columns = {}
    for name, values in columns.items():
        if len(values) != size:
            raise WireError(f"{name} has {len(values)} values for {size} keys", f"$.{group}.{name}")
        try:
            arrays[name] = np.array(values, np.int64 if name == "count" else np.float64)
        except OverflowError as error:
            raise WireError(f"a number in {name} is too large", f"$.{group}.{name}") from error
    return arrays


def _counters(columns: CounterColumns | None, cache: KeyCache, rejected: list[Rejected]) -> Section | None:
    if columns is None:
        return None
    keys = cache.get(columns.keys, "$.counters.keys")
    arrays = _columns("counters", keys.size, sum=columns.sum, count=columns.count)
    right = (arrays["count"] >= 1) & (arrays["sum"] >= 0) & np.isfinite(arrays["sum"])
    arrays["min"] = arrays["max"] = arrays["last"] = arrays["sum"]
    return _section(Kind.COUNTER, keys, arrays, right, rejected)


def _gauges(columns: GaugeColumns | None, cache: KeyCache, rejected: list[Rejected]) -> Section | None:
    if columns is None:
        return None
    keys = cache.get(columns.keys, "$.gauges.keys")
    arrays = _columns(
        "gauges",
        keys.size,
        last=columns.last,
        min=columns.min,
        max=columns.max,
        sum=columns.sum,
        count=columns.count,
    )
    right = (arrays["count"] >= 1) & (arrays["min"] <= arrays["max"])
    for name in ("last", "min", "max", "sum"):
        right &= np.isfinite(arrays[name])
    return _section(Kind.GAUGE, keys, arrays, right, rejected)


def _timings(columns: TimingColumns | None, cache: KeyCache, rejected: list[Rejected]) -> Section | None:
    if columns is None:
        return None
    keys = cache.get(columns.keys, "$.timings.keys")
    arrays = _columns("timings", keys.size, min=columns.min, max=columns.max, sum=columns.sum, count=columns.count)
    if len(columns.bins) != keys.size:
        raise WireError(f"bins has {len(columns.bins)} rows for {keys.size} keys", "$.timings.bins")
    sketches, in_bins, bins_right = _sketches(columns.bins)
    right = (arrays["count"] >= 1) & (arrays["min"] >= 0) & (arrays["min"] <= arrays["max"]) & bins_right
    right &= np.isfinite(arrays["sum"]) & np.isfinite(arrays["max"]) & (in_bins <= arrays["count"])
    arrays["last"] = arrays["sum"] / np.maximum(arrays["count"], 1)
    return _section(Kind.TIMING, keys, arrays, right, rejected, sketches=sketches)


def _sketches(bins: Sequence[Sequence[int]]) -> tuple[Sketches, NDArray[np.int64], NDArray[np.bool_]]:
    """Return the sketches, the count in each row's bins, and whether each row is a sketch."""
    numbers = np.fromiter(map(len, bins), np.int64, len(bins))
    even = numbers % 2 == 0
    if not even.all():
        bins = [row if len(row) % 2 == 0 else [] for row in bins]
        numbers = np.where(even, numbers, 0)
    lengths = numbers // 2
    try:
        flat = np.fromiter(itertools.chain.from_iterable(bins), np.int64, int(numbers.sum()))
    except OverflowError as error:
        raise WireError("a number in bins is too large", "$.timings.bins") from error
    rows = np.repeat(np.arange(len(bins)), lengths)
    indexes, counts = flat[0::2], flat[1::2]
    first = np.zeros(len(indexes), bool)
    first[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    bad = (counts < 1) | (counts >= 2**32) | (indexes < 1)
    bad |= first & (indexes < LOWEST_INDEX)
    wrong = np.bincount(rows, weights=bad, minlength=len(bins)) > 0
    highest = np.bincount(rows, weights=np.clip(indexes, 0, 2**32), minlength=len(bins))
    wrong |= highest > HIGHEST_INDEX
    in_bins = np.bincount(rows, weights=counts, minlength=len(bins)).astype(np.int64)
    kept = np.clip(flat, 0, 2**32 - 1).astype(np.uint32)
    return Sketches(lengths.astype(np.uint32), kept), in_bins, even & ~wrong


def _section(
    kind: Kind,
    keys: _Keys,
    arrays: Columns,
    right: NDArray[np.bool_],
    rejected: list[Rejected],
    *,
    sketches: Sketches | None = None,
) -> Section:
    """Put the right rows with a right key into a section; list the others."""
    rejected += keys.rejected
    section = Section(kind=kind, keys=keys.keys, sketches=sketches, **arrays)
    if keys.good is not None:
        right = right[keys.good]
        section = take_rows(section, keys.good, keys.keys)
    if right.all():
        return section
    for row in np.flatnonzero(~right).tolist():
        rejected.append(Rejected(keys.keys.keys[row].name, "its numbers do not fit together, or are not finite"))
    places = np.flatnonzero(right)
    return take_rows(section, places, KeySet(tuple(keys.keys.keys[row] for row in places.tolist())))


def take_rows(section: Section, places: NDArray[np.int64], keys: KeySet) -> Section:
    """Return some rows of a section, with the keys they have."""
    columns: Columns = {name: getattr(section, name)[places] for name in ("count", "sum", "min", "max", "last")}
    sketches = section.sketches
    if sketches is not None:
        ends = np.cumsum(sketches.lengths.astype(np.int64))
        pairs = sketches.flat.reshape(-1, 2)
        begins = ends - sketches.lengths
        parts = [pairs[begins[row] : ends[row]] for row in places.tolist()]
        flat = np.concatenate(parts).reshape(-1) if parts else sketches.flat[:0]
        sketches = Sketches(sketches.lengths[places], flat)
    times = section.times[places] if section.times is not None else None
    return Section(kind=section.kind, keys=keys, sketches=sketches, times=times, **columns)


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

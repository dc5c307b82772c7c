"""The sections of a metrics body: columns of numbers become arrays, and are checked as such.

A sender repeats the same keys window after window, so the raw bytes of a ``keys`` column are looked up before they are
decoded: parsing and checking thousands of keys happens once, not every ten seconds. Columns of numbers are read by the
extension where it is built; whatever is not plain in one is left to msgspec, which also says what is wrong.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from argus.aggregate.base import MAX_NAME_BYTES
from argus.aggregate.series import check, parse_key
from argus.aggregate.sketch import HIGHEST_INDEX, LOWEST_INDEX
from argus.errors import WireError
from argus.wire.columns import KeySet, Kind, Section, SeriesKey, Sketches

try:
    from argus.wire._columns import read_numbers, read_rows
except ImportError:  # built without a C++ compiler

    def read_numbers(text: Any, whole: bool) -> bytearray | None:
        """Leave every column to msgspec."""
        del text, whole
        return None

    def read_rows(text: Any) -> tuple[bytearray, bytearray] | None:
        """Leave every row to msgspec."""
        del text
        return None


Keys = Annotated[
    msgspec.Raw,
    Meta(
        description="Keys of the series, `name` or `name{k=v}`; row i of every column belongs to the i-th.",
        extra_json_schema={"type": "array", "items": {"type": "string"}},
    ),
]
_WHOLE_NUMBERS = {"type": "array", "items": {"type": "integer"}}
_NUMBERS = {"type": "array", "items": {"type": "number"}}

Counts = Annotated[msgspec.Raw, Meta(description="How many values were recorded.", extra_json_schema=_WHOLE_NUMBERS)]
Sums = Annotated[msgspec.Raw, Meta(description="Sum of the values.", extra_json_schema=_NUMBERS)]
Lows = Annotated[msgspec.Raw, Meta(description="Smallest value.", extra_json_schema=_NUMBERS)]
Highs = Annotated[msgspec.Raw, Meta(description="Largest value.", extra_json_schema=_NUMBERS)]
Lasts = Annotated[msgspec.Raw, Meta(description="The last value set.", extra_json_schema=_NUMBERS)]


class CounterColumns(msgspec.Struct):
    """The counters of a batch."""

    keys: Keys
    sum: Sums
    count: Counts


class GaugeColumns(msgspec.Struct):
    """The gauges of a batch."""

    keys: Keys
    last: Lasts
    min: Lows
    max: Highs
    sum: Sums
    count: Counts


class TimingColumns(msgspec.Struct):
    """The timings of a batch, in seconds."""

    keys: Keys
    count: Counts
    sum: Sums
    min: Lows
    max: Highs
    bins: Annotated[
        msgspec.Raw,
        Meta(
            description="Sketches: a row is index, count, then pairs of index difference and count.",
            extra_json_schema={"type": "array", "items": _WHOLE_NUMBERS},
        ),
    ]


class Rejected(NamedTuple):
    """A row that was left out, and why."""

    key: str
    reason: str


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
            raise wire_error(error, where) from error
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


def wire_error(error: Exception, where: str) -> WireError:
    """Return msgspec's error as ours. Its place ends the message: ``… got `str` - at `$.counters.sum[3]```."""
    message, separator, place = str(error).rpartition(" - at `")
    if not separator:
        return WireError(str(error), where)
    return WireError(message, where + place.removesuffix("`").removeprefix("$"))


Columns = dict[str, NDArray[Any]]


_REALS = msgspec.json.Decoder(list[float])
_COUNTS = msgspec.json.Decoder(list[int])
_BINS = msgspec.json.Decoder(list[list[int]])


def _columns(group: str, size: int, **columns: msgspec.Raw) -> Columns:
    """Return the columns as arrays. Raises ``WireError`` for one that is not as long as ``keys``."""
    arrays: Columns = {}
    for name, raw in columns.items():
        place = f"$.{group}.{name}"
        array = arrays[name] = column(raw, place, whole=name == "count")
        if len(array) != size:
            raise WireError(f"{name} has {len(array)} values for {size} keys", place)
    return arrays


def column(raw: msgspec.Raw, place: str, *, whole: bool) -> NDArray[Any]:
    """Return a JSON list of numbers as an array. Raises ``WireError`` for anything else; ``place`` is where it is."""
    kind = np.dtype(np.int64 if whole else np.float64)
    plain = read_numbers(raw, whole)
    if plain is not None:
        return np.frombuffer(plain, kind)
    try:
        return np.array((_COUNTS if whole else _REALS).decode(raw), kind)
    except msgspec.DecodeError as error:
        raise wire_error(error, place) from error
    except OverflowError as error:
        raise WireError("a number is too large", place) from error


def counter_section(columns: CounterColumns | None, cache: KeyCache, rejected: list[Rejected]) -> Section | None:
    """Return the counters of a batch, checked; wrong rows go to ``rejected``. Raises ``WireError``."""
    if columns is None:
        return None
    keys = cache.get(columns.keys, "$.counters.keys")
    arrays = _columns("counters", keys.size, sum=columns.sum, count=columns.count)
    right = (arrays["count"] >= 1) & (arrays["sum"] >= 0) & np.isfinite(arrays["sum"])
    arrays["min"] = arrays["max"] = arrays["last"] = arrays["sum"]
    return _section(Kind.COUNTER, keys, arrays, right, rejected)


def gauge_section(columns: GaugeColumns | None, cache: KeyCache, rejected: list[Rejected]) -> Section | None:
    """Return the gauges of a batch, checked; wrong rows go to ``rejected``. Raises ``WireError``."""
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


def timing_section(columns: TimingColumns | None, cache: KeyCache, rejected: list[Rejected]) -> Section | None:
    """Return the timings of a batch, checked; wrong rows go to ``rejected``. Raises ``WireError``."""
    if columns is None:
        return None
    keys = cache.get(columns.keys, "$.timings.keys")
    arrays = _columns("timings", keys.size, min=columns.min, max=columns.max, sum=columns.sum, count=columns.count)
    numbers, flat = _rows(columns.bins)
    if len(numbers) != keys.size:
        raise WireError(f"bins has {len(numbers)} rows for {keys.size} keys", "$.timings.bins")
    sketches, in_bins, bins_right = _sketches(numbers, flat)
    right = (arrays["count"] >= 1) & (arrays["min"] >= 0) & (arrays["min"] <= arrays["max"]) & bins_right
    right &= np.isfinite(arrays["sum"]) & np.isfinite(arrays["max"]) & (in_bins <= arrays["count"])
    arrays["last"] = arrays["sum"] / np.maximum(arrays["count"], 1)
    return _section(Kind.TIMING, keys, arrays, right, rejected, sketches=sketches)


def _rows(raw: msgspec.Raw) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many numbers each row of the bins has, and all of them. Raises ``WireError`` for anything else."""
    found = read_rows(raw)
    if found is not None:
        numbers, flat = (np.frombuffer(column, np.int64) for column in found)
        return numbers, flat
    try:
        bins = _BINS.decode(raw)
        numbers = np.fromiter(map(len, bins), np.int64, len(bins))
        return numbers, np.fromiter(itertools.chain.from_iterable(bins), np.int64, int(numbers.sum()))
    except msgspec.DecodeError as error:
        raise wire_error(error, "$.timings.bins") from error
    except OverflowError as error:
        raise WireError("a number is too large", "$.timings.bins") from error


def _sketches(
    numbers: NDArray[np.int64], flat: NDArray[np.int64]
) -> tuple[Sketches, NDArray[np.int64], NDArray[np.bool_]]:
    """Return the sketches, the count in each row's bins, and whether each row is a sketch."""
    even = numbers % 2 == 0
    if not even.all():
        flat = flat[np.repeat(even, numbers)]
        numbers = np.where(even, numbers, 0)
    lengths = numbers // 2
    rows = np.repeat(np.arange(len(lengths)), lengths)
    indexes, counts = flat[0::2], flat[1::2]
    first = np.zeros(len(indexes), bool)
    first[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    bad = (counts < 1) | (counts >= 2**32) | (indexes < 1)
    bad |= first & (indexes < LOWEST_INDEX)
    wrong = np.bincount(rows, weights=bad, minlength=len(lengths)) > 0
    highest = np.bincount(rows, weights=np.clip(indexes, 0, 2**32), minlength=len(lengths))
    wrong |= highest > HIGHEST_INDEX
    in_bins = np.bincount(rows, weights=counts, minlength=len(lengths)).astype(np.int64)
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

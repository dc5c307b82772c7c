"""Rows from exported series. VictoriaMetrics keeps a series per field, so a row's numbers are joined by their time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from argus.server.stores.metrics.rows import EMPTY, gather
from argus.server.stores.remote import packing
from argus.server.stores.remote.engine import Found, Reading
from argus.server.stores.remote.lines import Block
from argus.server.stores.victoria.promql import SKETCH
from argus.wire.columns import Floats, Ints

BYTES_PER_NUMBER = 6
"""A double holds whole numbers of 53 bits exactly."""


class Exported(msgspec.Struct):
    """One line of an export."""

    metric: dict[str, str]
    values: list[float | None]
    timestamps: msgspec.Raw
    """Decoded once for all series that have the same: the fields of one row are written together."""


_LINES = msgspec.json.Decoder(Exported)
_TIMES = msgspec.json.Decoder(list[int])

_Fields = dict[str, tuple[Ints, Floats]]


class _Times(NamedTuple):
    """A series' times in the range, each of them once: what was sent again is stored again."""

    all: Ints
    first: Ints | None
    """Where each of them is first; ``None``: all are taken as they come."""


def sketch_fields(block: Block) -> Sequence[bytes]:
    """Return each row's sketch as numbered fields of six bytes each, after a field that says how many there are."""
    assert block.lengths is not None  # only timings are asked for theirs
    return number_fields(SKETCH.encode(), packing.pack(block.lengths, block.flat))


def numbered_fields(name: bytes, rows: Sequence[bytes]) -> list[bytes]:
    """Return rows of bytes as fields: the twin of the extension's ``number_fields``."""
    fields = []
    for row in rows:
        numbers = [
            int.from_bytes(row[begin : begin + BYTES_PER_NUMBER], "little")
            for begin in range(0, len(row), BYTES_PER_NUMBER)
        ]
        numbered = b"".join(b",%b_%d=%d" % (name, place, n) for place, n in enumerate(numbers))
        fields.append(b",%b=%d%b" % (name, len(numbers), numbered))
    return fields


try:
    from argus.wire._columns import number_fields
except ImportError:  # built without a C++ compiler
    number_fields = numbered_fields


def rows(body: bytes, prefix: str, reading: Reading) -> list[Found]:
    """Return the rows of an export, by their labels; a row that is not there in all its columns is left out.

    ``prefix`` is what stands before a field's name: ``metrics_``.
    """
    series: dict[frozenset[tuple[str, str]], _Fields] = {}
    decoded: dict[bytes, _Times] = {}
    for line in body.splitlines():
        exported = _LINES.decode(line)
        field = exported.metric.pop("__name__").removeprefix(prefix)
        text = bytes(exported.timestamps)
        times = decoded.get(text) or decoded.setdefault(text, _times(text, reading))
        values = np.array(exported.values, np.float64)
        found = times.all, values if times.first is None else values[times.first]
        series.setdefault(frozenset(exported.metric.items()), {})[field] = found
    made = (_found(dict(labels), fields, reading) for labels, fields in series.items())
    return [found for found in made if found is not None and len(found.time)]


def _times(text: bytes, reading: Reading) -> _Times:
    times = np.array(_TIMES.decode(text), np.int64)
    inside = (times >= reading.start) & (times < reading.end)
    if (np.diff(times) > 0).all():
        return _Times(times, None) if inside.all() else _Times(times[inside], np.flatnonzero(inside))
    once, first = np.unique(times, return_index=True)
    return _Times(once[inside[first]], first[inside[first]])


def _found(labels: dict[str, str], fields: _Fields, reading: Reading) -> Found | None:
    needed = {column: "value" if column == "last" else column for column in reading.columns}
    if reading.sketches and labels["kind"] == "timing":
        needed[SKETCH] = SKETCH
    if not all(field in fields for field in needed.values()):
        return None
    times = fields[next(iter(needed.values()))][0]
    for field in needed.values():
        if fields[field][0] is not times:  # nearly all fields of a series have the same times
            times = times[_places(fields[field][0], times)[1]]
    columns = {column: _at(fields[field], times) for column, field in needed.items()}
    if not reading.sketches:
        return Found(labels, times, columns, EMPTY.lengths, EMPTY.flat)
    expected = columns.pop(SKETCH, np.zeros(len(times)))
    numbers, shown = _numbers(times, fields, expected)
    whole, lengths, flat = packing.unpack_whole_joined(*_bytes(numbers[shown]))
    whole = np.flatnonzero(shown)[whole]
    return Found(labels, times[whole], {name: column[whole] for name, column in columns.items()}, lengths, flat)


def _at(field: tuple[Ints, Floats], times: Ints) -> Floats:
    """Return a field's values at times that it has."""
    known, values = field
    return values if known is times else values[_places(known, times)[0]]


def _places(known: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return where each wanted time is among the known ones, and whether it is; both ascend."""
    if np.array_equal(known, wanted):
        return np.arange(len(known)), np.ones(len(known), bool)
    places = np.searchsorted(known, wanted)
    places[places == len(known)] = 0
    return places, known[places] == wanted if len(known) else np.zeros(len(wanted), bool)


def _numbers(times: Ints, fields: _Fields, expected: Floats) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return each row's numbers, and which rows have all of theirs: the engine shows a row's fields one by one."""
    numbered = {
        int(field.removeprefix(f"{SKETCH}_")): found for field, found in fields.items() if f"{SKETCH}_" in field
    }
    numbers = np.zeros((len(times), max(numbered, default=0) + 1), np.uint64)
    found = np.zeros(len(times))
    for place, (known, values) in numbered.items():
        if known is times:
            numbers[:, place] = values
            found += 1
            continue
        at, present = _places(known, times)
        numbers[present, place] = values[at[present]].astype(np.uint64)
        found += present
    return numbers, found == expected


def _bytes(numbers: NDArray[np.uint64]) -> tuple[NDArray[np.uint8], Ints]:
    """Return all rows' bytes, each up to its last one that is not zero, and where each row ends."""
    width = numbers.shape[1] * BYTES_PER_NUMBER
    eight = np.ascontiguousarray(numbers, "<u8")[..., None].view(np.uint8)
    data = eight[..., :BYTES_PER_NUMBER].reshape(len(numbers), width)
    used = data != 0
    sizes = np.where(used.any(axis=1), width - used[:, ::-1].argmax(axis=1), 0)
    return data[np.arange(width) < sizes[:, None]], np.cumsum(sizes)


def only(found: Found, chosen: NDArray[np.bool_]) -> Found:
    """Return the chosen rows."""
    places = np.flatnonzero(chosen)
    lengths, flat = found.lengths, found.flat
    if len(lengths):
        flat = gather(flat.reshape(-1, 2), lengths, places).reshape(-1)
        lengths = lengths[places]
    return Found(found.tags, found.time[places], {n: c[places] for n, c in found.columns.items()}, lengths, flat)


def newest_parts(found: Iterable[Found]) -> list[Found]:
    """Return rollup rows, of each series and time the one with the greatest part number.

    A rollup that was made anew is a part of its own, since VictoriaMetrics overwrites nothing.
    """
    by_series: dict[frozenset[tuple[str, str]], list[Found]] = {}
    for one in found:
        by_series.setdefault(frozenset(without_instance(one.tags).items()), []).append(one)
    chosen = []
    for parts in by_series.values():
        taken: Ints = np.empty(0, np.int64)
        for part in sorted(parts, key=lambda one: part_of(one.tags), reverse=True):
            left = only(part, ~np.isin(part.time, taken)) if len(taken) else part
            taken = np.concatenate([taken, left.time])
            chosen.append(left)
    return chosen


def part_of(tags: Mapping[str, str]) -> int:
    """Return a rollup's part number."""
    return int(tags["instance"])


def without_instance(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that name the series."""
    return {name: value for name, value in tags.items() if name != "instance"}


def taken_rows(block: Block, places: Sequence[int], tags: dict[str, str], reading: Reading) -> Found:
    """Return some rows of a block as found ones."""
    at = np.array(places, np.int64)
    columns = {column: getattr(block, column)[at].astype(np.float64) for column in reading.columns}
    if not reading.sketches:
        return Found(tags, block.time[at], columns, EMPTY.lengths, EMPTY.flat)
    lengths = block.lengths if block.lengths is not None else np.zeros(len(block.time), np.uint32)
    flat = gather(block.flat.reshape(-1, 2), lengths, at).reshape(-1)
    return Found(tags, block.time[at], columns, lengths[at], flat)

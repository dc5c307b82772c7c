"""Sealing: closed hours become chunks, one per series, and the rollup tier is filled from the same rows.

A rollup row holds one series' summaries of five minutes, merged: counts and sums added, extremes widened, sketches
merged, the newest ``last``. Never an average of averages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argus.server.stores.metrics import codec
from argus.server.stores.metrics.rows import COLUMNS, Rows
from argus.server.stores.metrics.schema import RAW, ROLLUP
from argus.server.stores.metrics.sketches import merge_groups

HOUR = 3_600_000
DAY = 24 * HOUR
ROLLUP_STEP = 300_000
"""Milliseconds; as are all times in this package's files."""


SLICE_ROWS = 50_000
"""Rows that are encoded at once: encoding takes some hundred bytes a row, which the process would keep for ever."""

OPEN_DAY_CHUNKS = 6
"""Rollup chunks of the open day that are worth merging: a long view reads a few per series, not one per hour."""


class Chunk(NamedTuple):
    """One row of the ``chunk`` table, without its part number."""

    series: int
    start: int
    end: int
    rows: int
    body: bytes


def ordered(rows: Rows) -> Rows:
    """Return the rows by series, then time."""
    return rows.take(_order(rows.series, rows.time))


def _order(series: NDArray[np.uint32], time: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of rows by series, then time.

    Rows mostly come in the order of time; then a stable sort by series does, and numpy sorts 16-bit numbers in linear
    time.
    """
    if (np.diff(time) < 0).any():
        return np.lexsort((time, series))
    small = len(series) == 0 or int(series.max()) < 2**16
    return np.argsort(series.astype(np.uint16) if small else series, kind="stable")


def rollup(rows: Rows, step: int = ROLLUP_STEP) -> Rows:
    """Return the rows merged into buckets of ``step`` milliseconds; they are ordered by series, then time."""
    if not rows.size:
        return rows
    bucket = rows.time // step
    starts = _group_starts(rows.series, bucket)
    lengths, flat = merge_groups(rows.lengths, rows.flat, starts)
    newest = np.append(starts[1:], rows.size) - 1
    return Rows(
        rows.series[starts],
        bucket[starts] * step,
        np.add.reduceat(rows.count, starts),
        _without_noise(np.add.reduceat(rows.sum, starts)),
        np.minimum.reduceat(rows.min, starts),
        np.maximum.reduceat(rows.max, starts),
        rows.last[newest],
        lengths,
        flat,
    )


def _without_noise(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sums of decimals as decimals: adding 0.1 ten times is 1, not 0.9999999999999999. They compress better.

    Only what is within the rounding error of the additions is touched.
    """
    with np.errstate(over="ignore"):
        clean = np.round(sums, codec.MOST_DIGITS)
    return np.where(np.abs(clean - sums) <= 1e-13 * np.abs(sums), clean, sums)


def chunks(rows: Rows, span: int, level: int = 1) -> Iterator[Chunk]:
    """Yield one chunk per series and ``span`` milliseconds; the rows are ordered by series, then time."""
    if not rows.size:
        return
    starts = _group_starts(rows.series, rows.time // span)
    last = np.append(starts[1:], rows.size) - 1
    bodies = codec.encode(rows, starts, level)
    for i, body in enumerate(bodies):
        begin, end = int(starts[i]), int(last[i])
        yield Chunk(int(rows.series[begin]), int(rows.time[begin]), int(rows.time[end]), end - begin + 1, body)


def write(connection: sqlite3.Connection, tier: int, made: Iterator[Chunk], part: int) -> int:
    """Insert chunks in the open transaction; return how many."""
    rows = [(tier, chunk.series, chunk.start, part, chunk.end, chunk.rows, chunk.body) for chunk in made]
    connection.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def seal(connection: sqlite3.Connection, rows: Rows, before: int, part: int) -> int:
    """Write the rows before a time as chunks of both tiers, in the open transaction; return how many these are.

    ``part`` is a number never used before.
    """
    early = np.flatnonzero(rows.time < before)
    order = early[_order(rows.series[early], rows.time[early])]
    for begin, end in _slices(rows.series[order]):
        some = rows.take(order[begin:end])
        write(connection, RAW, chunks(some, HOUR), part)
        write(connection, ROLLUP, chunks(rollup(some), DAY), part)
    return len(early)


def _slices(series: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of slices of about :data:`SLICE_ROWS`; a series is never cut."""
    if not len(series):
        return
    starts = np.append(_group_starts(series), len(series))
    begin = 0
    while begin < len(series):
        after = int(np.searchsorted(starts, begin + SLICE_ROWS))
        end = int(starts[min(after, len(starts) - 1)])
        yield begin, end
        begin = end


def days_to_merge(connection: sqlite3.Connection, before: int, tier: int) -> list[tuple[int, int]]:
    """Return (series, day) where several chunks should be one: closed days, and in the rollup tier also the open one.

    ``before`` is in milliseconds.
    """
    found = connection.execute(
        "SELECT series, start / ? AS day FROM chunk WHERE tier = ? "
        "GROUP BY series, day HAVING count(*) > 1 AND (start < ? OR (tier = ? AND count(*) >= ?))",
        (DAY, tier, before // DAY * DAY, ROLLUP, OPEN_DAY_CHUNKS),
    )
    return found.fetchall()


def merge_day(connection: sqlite3.Connection, tier: int, series: int, day: int, part: int) -> list[str]:
    """Replace a day's chunks of one series by one, in the open transaction; return what could not be read.

    A chunk that cannot be read stays where it is.
    """
    found = connection.execute(
        "SELECT start, part, body FROM chunk WHERE tier = ? AND series = ? AND start >= ? AND start < ?",
        (tier, series, day * DAY, (day + 1) * DAY),
    ).fetchall()
    opened = codec.open_chunks(body for _, _, body in found)
    problems = [str(chunk) for chunk in opened if isinstance(chunk, codec.ChunkError)]
    good = [chunk for chunk in opened if not isinstance(chunk, codec.ChunkError)]
    if len(good) < 2:  # noqa: PLR2004  # one chunk is what a merge leaves
        return problems
    rows = ordered(decoded_rows(series, good))
    for (start, old_part, _), chunk in zip(found, opened, strict=True):
        if not isinstance(chunk, codec.ChunkError):
            connection.execute(
                "DELETE FROM chunk WHERE tier = ? AND series = ? AND start = ? AND part = ?",
                (tier, series, start, old_part),
            )
    if tier == ROLLUP:
        rows = rollup(rows)  # late rows made a second rollup row of their bucket
    write(connection, tier, chunks(rows, DAY, level=9), part)
    return problems


def decoded_rows(series: int, opened: list[codec.OpenChunk]) -> Rows:
    """Return all rows of one series' chunks."""
    decoded = codec.decode(opened, COLUMNS, sketches=True)
    columns = decoded.columns
    return Rows(
        np.full(len(decoded.time), series, np.uint32),
        decoded.time,
        columns["count"].astype(np.int64),
        columns["sum"],
        columns["min"],
        columns["max"],
        columns["last"],
        decoded.lengths,
        decoded.flat,
    )


def _group_starts(*columns: NDArray[np.int64] | NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return where a new group begins: where any of the columns changes."""
    changes = np.zeros(len(columns[0]), bool)
    changes[0] = True
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changes)

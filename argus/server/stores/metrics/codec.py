"""Chunks: the rows of one series in compressed columns.

A value that is a decimal of few digits, as most measured values are, is kept as a whole number of that scale; numbers
are kept as differences, from the row before or from a column that predicts them (``min`` and ``max`` from ``last``,
``sum`` from ``last`` times ``count``); what is constant or follows a constant step takes no room. Other doubles are
kept as the XOR with the row before (Gorilla, VLDB 2015). Bytes are grouped by significance and compressed with zstd,
whose checksum guards the chunk. Every double comes back bit for bit.

Encoding and decoding work on many chunks at once, because numpy's cost is per call.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from argus.server.stores.metrics.rows import COLUMNS, Rows, same_bits

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

VERSION = 1
DELTA, PREDICTED, XOR = 0, 1, 2
MOST_DIGITS = 6
LARGEST_EXACT = 2.0**53

_FIELDS = ("time", *COLUMNS, "lengths")
_CHUNK = struct.Struct("<BIQ")  # version, rows, sketch pairs
_COLUMN = struct.Struct("<BBBxqq")  # mode, digits, bytes per value, first value, step
_POWERS = 10.0 ** np.arange(MOST_DIGITS + 1)


class ChunkError(ValueError):
    """The bytes are no chunk: torn, corrupt, or of a newer version."""


class _Encoded(NamedTuple):
    """One column of all chunks: per chunk how it is kept, per row the number that is kept."""

    mode: NDArray[np.uint8]
    digits: NDArray[np.uint8]
    width: NDArray[np.uint8]
    first: Ints
    step: Ints
    coded: NDArray[np.uint64]


def encode(rows: Rows, starts: Ints, level: int = 3) -> list[bytes]:
    """Return one chunk per group of rows; group ``i`` begins at row ``starts[i]``. Rows of a group are one series'."""
    ends = np.append(starts[1:], rows.size)
    last_ints, last_digits = _scaled(rows.last, starts)
    columns = {
        "time": _encode_ints(rows.time, starts, stepped=True),
        "count": _encode_ints(rows.count, starts),
        "last": _encode_scaled(rows.last, last_ints, last_digits, starts),
        "lengths": _encode_ints(rows.lengths.astype(np.int64), starts),
    }
    once = bool((rows.count == 1).all())
    for name in ("sum", "min", "max"):
        values = getattr(rows, name)
        if (once or name != "sum") and (last_digits >= 0).all() and same_bits(values, rows.last):
            columns[name] = _exactly_predicted(last_digits, rows.size)
            continue
        ints, digits = _scaled(values, starts)
        predicted = last_ints * rows.count if name == "sum" else last_ints
        usable = (digits == last_digits) & (digits >= 0)
        columns[name] = _encode_scaled(values, ints, digits, starts, predicted=predicted, usable=usable)
    pair_ends = np.cumsum(rows.lengths.astype(np.int64))
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True)
    chunks = []
    for i, (begin, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        pair_begin, pair_end = int(pair_ends[begin - 1]) if begin else 0, int(pair_ends[end - 1])
        parts = [_CHUNK.pack(VERSION, end - begin, pair_end - pair_begin)]
        payload = []
        for field in _FIELDS:
            column = columns[field]
            width = int(column.width[i])
            parts.append(
                _COLUMN.pack(column.mode[i], column.digits[i], width, int(column.first[i]), int(column.step[i]))
            )
            payload.append(_planes(column.coded[begin:end], width))
        if pair_end > pair_begin:
            pairs = rows.flat[2 * pair_begin : 2 * pair_end].astype(np.uint64)
            payload += [_planes(pairs[0::2], 4), _planes(pairs[1::2], 4)]
        chunks.append(compressor.compress(b"".join(parts + payload)))
    return chunks


def _planes(values: NDArray[np.uint64], width: int) -> bytes:
    """Return the values in ``width`` bytes each, least significant bytes of all first."""
    if width == 0:
        return b""
    view = np.ascontiguousarray(values).view(np.uint8).reshape(-1, 8)
    return view[:, :width].T.tobytes()


def _scaled(values: Floats, starts: Ints) -> tuple[Ints, NDArray[np.int8]]:
    """Return the values as whole numbers, and per chunk the digits after the point; -1 where there are too many."""
    digits = np.full(len(starts), -1, np.int8)
    ints = np.zeros(len(values), np.int64)
    lengths = np.diff(np.append(starts, len(values)))
    negative_zero = (values == 0.0) & np.signbit(values)
    for places in range(MOST_DIGITS + 1):
        power = _POWERS[places]
        with np.errstate(over="ignore"):  # what overflows is no decimal of few digits
            rounded = np.rint(values * power)
        exact = (rounded / power == values) & (np.abs(rounded) < LARGEST_EXACT) & ~negative_zero
        fits = np.logical_and.reduceat(exact, starts) & (digits < 0)
        if fits.any():
            digits[fits] = places
            chosen = np.repeat(fits, lengths)
            ints[chosen] = rounded[chosen].astype(np.int64)
        if (digits >= 0).all():
            break
    return ints, digits


def _zigzag(values: Ints) -> NDArray[np.uint64]:
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def _widths(coded: NDArray[np.uint64], starts: Ints) -> NDArray[np.uint8]:
    """Return, per chunk, the bytes its largest number needs."""
    largest = np.maximum.reduceat(coded, starts)
    bounds = np.array([2 ** (8 * width) - 1 for width in range(8)], np.uint64)
    return np.searchsorted(bounds, largest, side="left").astype(np.uint8)


def _encode_ints(ints: Ints, starts: Ints, *, stepped: bool = False) -> _Encoded:
    """Keep whole numbers as differences; with ``stepped``, as differences from a constant step."""
    lengths = np.diff(np.append(starts, len(ints)))
    differences = np.diff(ints, prepend=ints[:1])
    differences[starts] = 0
    step = np.zeros(len(starts), np.int64)
    if stepped:
        several = lengths > 1
        step[several] = differences[starts[several] + 1]
        differences = differences - np.repeat(step, lengths)
        differences[starts] = 0
    coded = _zigzag(differences)
    kinds = np.zeros(len(starts), np.uint8)
    return _Encoded(kinds, kinds, _widths(coded, starts), ints[starts], step, coded)


def _encode_scaled(
    values: Floats,
    ints: Ints,
    digits: NDArray[np.int8],
    starts: Ints,
    *,
    predicted: Ints | None = None,
    usable: NDArray[np.bool_] | None = None,
) -> _Encoded:
    """Keep doubles as scaled differences, as differences from a prediction where that is smaller, or as XOR."""
    lengths = np.diff(np.append(starts, len(values)))
    encoded = _encode_ints(ints, starts)
    mode, coded, first = encoded.mode.copy(), encoded.coded.copy(), encoded.first.copy()
    if predicted is not None and usable is not None:
        residues = _zigzag(ints - predicted)
        smaller = usable & (
            np.add.reduceat(residues.astype(np.float64), starts) < np.add.reduceat(coded.astype(np.float64), starts)
        )
        # A prediction that is always right takes no room at all, and beats a constant that has to be named.
        smaller |= usable & (np.maximum.reduceat(residues, starts) == 0)
        mode[smaller] = PREDICTED
        chosen = np.repeat(smaller, lengths)
        coded[chosen] = residues[chosen]
    odd = digits < 0
    if odd.any():
        bits = values.view(np.uint64)
        before = np.roll(bits, 1)
        before[starts] = 0
        chosen = np.repeat(odd, lengths)
        mode[odd] = XOR
        coded[chosen] = (bits ^ before)[chosen]
        first[odd] = 0
    width = np.where(odd, 8, _widths(coded, starts)).astype(np.uint8)
    return _Encoded(mode, np.maximum(digits, 0).astype(np.uint8), width, first, encoded.step, coded)


def _exactly_predicted(digits: NDArray[np.int8], size: int) -> _Encoded:
    """Return a column that its prediction gives exactly, in every chunk."""
    nothing = np.zeros(len(digits), np.uint8)
    numbers = np.zeros(len(digits), np.int64)
    mode = np.full(len(digits), PREDICTED, np.uint8)
    return _Encoded(mode, digits.astype(np.uint8), nothing, numbers, numbers, np.zeros(size, np.uint64))


class Decoded(NamedTuple):
    """The wanted columns of many chunks, one after another; chunk ``i`` has ``sizes[i]`` rows."""

    sizes: Ints
    time: Ints
    columns: dict[str, NDArray[np.float64]]
    lengths: NDArray[np.uint32]
    flat: NDArray[np.uint32]


class OpenChunk:
    """One chunk, decompressed: where its columns begin."""

    __slots__ = ("data", "fields", "offsets", "pairs", "size")

    def __init__(self, data: bytes) -> None:
        self.data = data
        version, self.size, self.pairs = _CHUNK.unpack_from(data)
        if version != VERSION:
            raise ChunkError(f"a chunk has version {version}; this Argus reads {VERSION}")
        self.fields = {}
        self.offsets = {}
        place, offset = _CHUNK.size, _CHUNK.size + len(_FIELDS) * _COLUMN.size
        for name in _FIELDS:
            self.fields[name] = field = _COLUMN.unpack_from(data, place)
            self.offsets[name] = offset
            offset += field[2] * self.size
            place += _COLUMN.size
        self.offsets["pairs"] = offset


def open_chunks(bodies: Iterable[bytes]) -> list[OpenChunk | ChunkError]:
    """Decompress chunks; a bad one is answered by its error, in its place."""
    decompressor = zstandard.ZstdDecompressor()
    opened: list[OpenChunk | ChunkError] = []
    for body in bodies:
        try:
            opened.append(OpenChunk(decompressor.decompress(body)))
        except ChunkError as error:
            opened.append(error)
        except (zstandard.ZstdError, struct.error) as error:
            opened.append(ChunkError(f"a chunk cannot be read: {error}"))
    return opened


def decode(chunks: Sequence[OpenChunk], wanted: Iterable[str], *, sketches: bool = False) -> Decoded:
    """Return the wanted columns of all chunks; sketches only when asked for."""
    sizes = np.array([chunk.size for chunk in chunks], np.int64)
    reader = _Reader(chunks, sizes)
    columns = {name: reader.doubles(name) for name in wanted}
    empty = np.empty(0, np.uint32)
    lengths = reader.ints("lengths").astype(np.uint32) if sketches else empty
    flat = _read_pairs(chunks) if sketches else empty
    return Decoded(sizes, reader.ints("time"), columns, lengths, flat)


class _Reader:
    """Decodes columns of many chunks; keeps whole numbers that other columns are predicted from."""

    def __init__(self, chunks: Sequence[OpenChunk], sizes: Ints) -> None:
        self._chunks = chunks
        self._sizes = sizes
        self._starts = np.cumsum(sizes) - sizes
        self._known: dict[str, Ints] = {}

    def ints(self, name: str) -> Ints:
        """Return a column as the whole numbers it was kept as; zeros where it is kept as XOR."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read_ints(name)
        return known

    def doubles(self, name: str) -> Floats:
        """Return a column as doubles."""
        fields = [chunk.fields[name] for chunk in self._chunks]
        ints = self.ints(name)
        if name == "count":
            return ints.astype(np.float64)
        digits = np.array([field[1] for field in fields])
        if (digits == digits[:1]).all():
            values = ints / _POWERS[digits[0]] if len(digits) else ints.astype(np.float64)
        else:
            values = ints / np.repeat(_POWERS[digits], self._sizes)
        for i, field in enumerate(fields):
            if field[0] == XOR:
                begin = int(self._starts[i])
                bits = np.bitwise_xor.accumulate(self._coded(self._chunks[i], name).view(np.uint64))
                values[begin : begin + self._chunks[i].size] = bits.view(np.float64)
        return values

    def _read_ints(self, name: str) -> Ints:
        total = int(self._sizes.sum())
        if all(chunk.fields[name][0] == DELTA and not chunk.fields[name][2] for chunk in self._chunks):
            return self._steady(name, total)
        coded = np.zeros(total, np.uint64)
        for chunk, begin in zip(self._chunks, self._starts.tolist(), strict=True):
            if chunk.fields[name][0] != XOR and chunk.fields[name][2]:
                coded[begin : begin + chunk.size] = self._coded(chunk, name)
        numbers = (coded >> np.uint64(1)).view(np.int64) ^ -(coded & np.uint64(1)).view(np.int64)
        fields = [chunk.fields[name] for chunk in self._chunks]
        modes = np.array([field[0] for field in fields], np.uint8)
        result = self._summed(numbers, fields)
        if (modes == PREDICTED).any():
            predicted = self.ints("last") * self.ints("count") if name == "sum" else self.ints("last")
            chosen = np.repeat(modes == PREDICTED, self._sizes)
            result[chosen] = numbers[chosen] + predicted[chosen]
        if (modes == XOR).any():
            result[np.repeat(modes == XOR, self._sizes)] = 0
        return result

    def _steady(self, name: str, total: int) -> Ints:
        """Return a column that is constant, or grows by a constant step, in every chunk."""
        first = np.array([chunk.fields[name][3] for chunk in self._chunks], np.int64)
        step = np.array([chunk.fields[name][4] for chunk in self._chunks], np.int64)
        values = np.repeat(first, self._sizes)
        if step.any():
            values += np.repeat(step, self._sizes) * (np.arange(total) - np.repeat(self._starts, self._sizes))
        return values

    def _summed(self, differences: Ints, fields: Sequence[tuple[int, ...]]) -> Ints:
        """Return the running sums within each chunk, from its first value and step."""
        if not len(differences):
            return differences
        sums = np.cumsum(differences)
        base = sums[self._starts] - differences[self._starts]
        first = np.array([field[3] for field in fields], np.int64)
        sums += np.repeat(first - base, self._sizes)
        step = np.array([field[4] for field in fields], np.int64)
        if step.any():
            position = np.arange(len(differences)) - np.repeat(self._starts, self._sizes)
            sums += np.repeat(step, self._sizes) * position
        return sums

    @staticmethod
    def _coded(chunk: OpenChunk, name: str) -> NDArray[np.uint64]:
        return _read_planes(chunk.data, chunk.offsets[name], chunk.size, chunk.fields[name][2])


def _read_planes(data: bytes, offset: int, size: int, width: int) -> NDArray[np.uint64]:
    values = np.frombuffer(data, np.uint8, size, offset).astype(np.uint64)
    for plane in range(1, width):
        byte = np.frombuffer(data, np.uint8, size, offset + plane * size).astype(np.uint64)
        byte <<= np.uint64(8 * plane)
        values |= byte
    return values


def _read_pairs(chunks: Sequence[OpenChunk]) -> NDArray[np.uint32]:
    parts = []
    for chunk in chunks:
        if not chunk.pairs:
            continue
        offset = chunk.offsets["pairs"]
        pairs = np.empty(2 * chunk.pairs, np.uint32)
        pairs[0::2] = _read_planes(chunk.data, offset, chunk.pairs, 4)
        pairs[1::2] = _read_planes(chunk.data, offset + 4 * chunk.pairs, chunk.pairs, 4)
        parts.append(pairs)
    return np.concatenate(parts) if parts else np.empty(0, np.uint32)

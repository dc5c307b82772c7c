"""Summaries as line protocol: one point per summary, its numbers as fields.

A point's ``value`` is what a person looks for: a gauge's last, a counter's sum, a timing's mean. It is also the
summary's ``last``. Lines are written by the extension where it is built; its twin here writes the same bytes, all
numbers of a column in one call of msgspec's, because a call per number would cost more than the engine takes to store
the point.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from argus.server.stores.metrics import sketches
from argus.server.stores.metrics.rows import gather, same_bits
from argus.server.stores.remote import names
from argus.wire.columns import Floats, Ints

LINES_PER_BODY = 2_000

CHECK = b"argus_check number=1"
"""What is written to see whether anything can be; a time comes after it."""

SHOWN_QUANTILES = (0.5, 0.9, 0.95, 0.99)

_SHOWN_FIELDS = (b",p50=", b",p90=", b",p95=", b",p99=")

Field = tuple[bytes, Any]
"""What stands before a number, and the column of numbers."""


class Block(NamedTuple):
    """Summaries of one kind: position ``i`` of every column belongs to ``series[i]``, whose tags are ``tags[i]``."""

    series: Sequence[names.Series]
    tags: Sequence[bytes]
    """Each series' tags, encoded: ``,app_id=shop,…``."""
    time: Ints
    """Starts of the windows in milliseconds."""
    count: Ints  # type: ignore[assignment]  # tuple.count is not missed
    sum: Floats
    min: Floats
    max: Floats
    last: Floats
    lengths: NDArray[np.uint32] | None
    """Bins of each row's sketch; ``None``: no timings."""
    flat: NDArray[np.uint32]

    def take(self, places: Ints) -> Block:
        """Return the chosen rows."""
        lengths, flat = self.lengths, self.flat
        if lengths is not None:
            flat = gather(flat.reshape(-1, 2), lengths, places).reshape(-1)
            lengths = lengths[places]
        chosen = places.tolist()
        return Block(
            [self.series[place] for place in chosen],
            [self.tags[place] for place in chosen],
            self.time[places],
            self.count[places],
            self.sum[places],
            self.min[places],
            self.max[places],
            self.last[places],
            lengths,
            flat,
        )


def encoded_tags(tags: dict[str, str]) -> bytes:
    """Return stored tags as a point's line has them, with the comma before each."""
    return "".join(f",{escaped(name)}={escaped(value)}" for name, value in tags.items()).encode()


def escaped(text: str) -> str:
    """Return a stored tag's or field's name, or a tag's value, as a line has it."""
    return text.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def encode(
    measurement: bytes, block: Block, times: Ints, sketch_fields: Callable[[Block], Sequence[bytes]]
) -> Iterator[bytes]:
    """Yield texts of at most ``LINES_PER_BODY`` lines, one per summary.

    ``times`` are the points' times in whatever unit they are sent with.
    """
    fields: list[Field] = [(b" value=", block.last), (b",count=", block.count)]
    fields += [(b",sum=", block.sum), (b",min=", block.min), (b",max=", block.max)]
    more: Sequence[bytes] = ()
    if block.lengths is not None:
        fields += zip(_SHOWN_FIELDS, _quantiles(block, block.lengths), strict=True)
        more = sketch_fields(block)
    for begin in range(0, len(block.tags), LINES_PER_BODY):
        rows = slice(begin, begin + LINES_PER_BODY)
        some = [(name, column[rows]) for name, column in fields]
        yield write_lines(measurement, block.tags[rows], some, more[rows], times[rows])


def written_lines(
    head: bytes, tags: Sequence[bytes], fields: Sequence[Field], more: Sequence[bytes], times: Ints
) -> bytes:
    """Return lines, joined: the twin of the extension's ``write_lines``."""
    known: list[tuple[NDArray[Any], list[bytes]]] = []

    def numbers(column: NDArray[Any]) -> list[bytes]:
        for other, texts in known:  # sum, min, max and last are the same of a counter, and of a gauge that was set once
            if other is column or (other.dtype == column.dtype and same_bits(other, column)):
                return texts
        known.append((column, _numbers(column)))
        return known[-1][1]

    names_and_types = [name + (b"%b" if column.dtype == np.float64 else b"%bi") for name, column in fields]
    line = b"".join([b"%b%b", *names_and_types, b"%b %b"])
    columns = [numbers(column) for _, column in fields]
    rows = zip([head] * len(tags), tags, *columns, more or [b""] * len(tags), _numbers(times), strict=True)
    return b"\n".join([line % row for row in rows])


try:
    from argus.wire._columns import write_lines
except ImportError:  # built without a C++ compiler
    write_lines = written_lines


def bodies(made: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Yield requests' bodies, from texts of at most as many lines: an engine takes no large ones."""
    some: list[bytes] = []
    held = 0
    for text in itertools.chain.from_iterable(made):
        size = text.count(b"\n") + 1
        if held + size > LINES_PER_BODY:
            yield b"\n".join(some)
            some, held = [], 0
        some.append(text)
        held += size
    if some:
        yield b"\n".join(some)


def whole(pieces: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the lines of a text that was cut into pieces anywhere."""
    rest = b""
    for piece in pieces:
        *found, rest = (rest + piece).split(b"\n")
        if found:
            yield found
    if rest:
        yield [rest]


def _numbers(column: NDArray[Any]) -> list[bytes]:
    return msgspec.json.encode(column.tolist())[1:-1].split(b",") if len(column) else []


def _quantiles(block: Block, lengths: NDArray[np.uint32]) -> list[Floats]:
    bins = (np.repeat(np.arange(len(lengths)), lengths), *sketches.absolute(lengths, block.flat))
    return [sketches.quantiles(bins, block.count, q, (block.min, block.max)) for q in SHOWN_QUANTILES]

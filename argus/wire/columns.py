"""What a decoded body is made of: the summaries of one kind in columns, and log lines.

The server's half of the wire makes these, the stores take them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Kind(IntEnum):
    """What a series is. The numbers are stored on disk: do not change them."""

    COUNTER = 1
    GAUGE = 2
    TIMING = 3


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """Name and sorted tags of a series, parsed from its wire key."""

    name: str
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """The keys of one section, interned: a sender repeats the same keys window after window.

    Compared and hashed by identity, so a store may cache what it derives from one (its own series
    ids, say) in a dictionary keyed by the ``KeySet``.
    """

    keys: tuple[SeriesKey, ...]
    names: frozenset[str] = field(init=False)
    """The distinct names, for whoever wants to know what changed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(key.name for key in self.keys))


class Sketches(NamedTuple):
    """The sketches of many rows in two arrays.

    Row ``i`` has ``lengths[i]`` bins; a bin is two numbers in ``flat``: its index less the index of the bin before it
    in the row (the first one's is whole), and its count.
    """

    lengths: NDArray[np.uint32]
    flat: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Section:
    """The summaries of one kind in a batch: row ``i`` of every column belongs to ``keys.keys[i]``.

    Counters carry ``sum`` and ``count``; their ``min``, ``max`` and ``last`` equal ``sum`` (the
    window's total), so that a minimum over windows means something. Timings' ``last`` is the mean.
    """

    kind: Kind
    keys: KeySet
    count: Ints
    sum: Floats
    min: Floats
    max: Floats
    last: Floats
    sketches: Sketches | None = None
    """Timings only: one sketch per row."""
    times: Floats | None = None
    """Start of each row's window; ``None``: the batch's ``start`` for all."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log line as it is stored. ``metadata`` is any JSON object."""

    timestamp: float
    level: str
    message: str
    logger: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

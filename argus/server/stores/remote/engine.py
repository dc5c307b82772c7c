"""The contract of an engine: how one product is written and read. ``store`` builds the metric store on it.

Thread rule and errors are those of ``stores/base.py``. Writing is idempotent: a point is its series, its window's start
and its sender, so what is written twice is there once. Times are milliseconds since the epoch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argus.server.stores.remote.lines import Block
from argus.wire.columns import Floats, Ints, Kind

COLUMNS = ("count", "sum", "min", "max", "last")


class Tier(Enum):
    """Which resolution: summaries as they came, or those of five minutes."""

    RAW = "raw"
    ROLLUP = "5m"


@dataclass(frozen=True, slots=True)
class Reading:
    """What to read of some applications: rows with ``start`` ≤ time < ``end``."""

    apps: tuple[str, ...]
    start: int
    end: int
    columns: tuple[str, ...]
    step: int
    """Without sketches, the engine may merge the rows of a bucket of ``step`` that belong to one answer."""
    names: tuple[str, ...] | None = None
    """``None``: every name."""
    kinds: tuple[Kind, ...] = tuple(Kind)
    tags: tuple[tuple[str, str], ...] = ()
    sketches: bool = False
    group_by: tuple[str, ...] | None = None
    """Tags that tell answers apart, besides name and kind; ``None``: all of them."""


class Found(NamedTuple):
    """Rows that share their tags, as far as those were asked for; ``tags`` are stored ones, none of them empty."""

    tags: Mapping[str, str]
    time: Ints
    columns: dict[str, Floats]
    lengths: NDArray[np.uint32]
    flat: NDArray[np.uint32]


class Fact(NamedTuple):
    """A number that only grows: what is known is the greatest that was ever written."""

    topic: str
    app: str
    key: str
    number: int


Wanted = tuple[str, str | None]
"""An application and the key of one of its facts; ``None``: all its keys."""


class Engine(ABC):
    """One product, at one address. Making one does not connect. For any number of threads, writing ones too."""

    kind: str
    """The product, as a backup's manifest names it."""

    parts: Sequence[str]
    """Names of what together is all that is stored. Facts are first: they promise rows, which others go on storing."""

    most_tags: int | None = None
    """Tags of a series, ours included, that the product keeps as it comes; ``None``: any number."""

    lag: float = 0.0
    """Seconds until a row that another process wrote can certainly be read."""

    @abstractmethod
    def write(self, tier: Tier, blocks: Sequence[tuple[str, Block]]) -> None:
        """Store the blocks, each of a sender. Returns when the engine has taken them over for good."""

    @abstractmethod
    def rewrite(self, blocks: Sequence[Block]) -> None:
        """Store rollups, each in place of the one of its series and time; a block is of one application."""

    def read(self, tier: Tier, reading: Reading) -> list[Found]:
        """Return what is stored. What this process wrote is there; of other processes, after a second or so."""
        return self.ask(tier, reading)()

    @abstractmethod
    def ask(self, tier: Tier, reading: Reading) -> Callable[[], list[Found]]:
        """Wait for the engine's answer to :meth:`read`, and return what takes it apart: that is our work."""

    @abstractmethod
    def write_facts(self, facts: Sequence[Fact]) -> None:
        """Store facts."""

    @abstractmethod
    def read_facts(self, topic: str, wanted: Iterable[Wanted] | None, within: int | None = None) -> list[Fact]:
        """Return the facts of a topic, ``None``: all of them; unknown ones are left out.

        ``within``: only those that were written in the last seconds.
        """

    @abstractmethod
    def settle(self) -> None:
        """Return when every process can read what was written."""

    @abstractmethod
    def check(self) -> None:
        """Write one point that no question finds. From any thread, also while another one writes."""

    @abstractmethod
    def last_times(self, app: str) -> list[tuple[Mapping[str, str], int]]:
        """Return every series of an application, as stored tags, and the time of its newest row."""

    @abstractmethod
    def apps(self) -> list[str]:
        """Return the applications of which rows are stored."""

    @abstractmethod
    def delete_app(self, app: str) -> None:
        """Delete all rows and facts of an application."""

    @abstractmethod
    def forget(self, app: str) -> None:
        """Forget what is remembered in this process of an application that another one deleted."""

    @abstractmethod
    def forget_all(self) -> None:
        """Forget what is remembered in this process: what is stored was replaced. Called from the writing thread."""

    @abstractmethod
    def export(self, part: str, counts: dict[str, dict[str, int]]) -> Iterator[bytes]:
        """Yield a part in the product's own form; ``counts`` (part or tier → application → rows) grows meanwhile."""

    @abstractmethod
    def load(self, part: str, pieces: Iterable[bytes]) -> None:
        """Store what was exported, wherever that was cut into pieces."""

    @abstractmethod
    def stats(self) -> Mapping[str, float]:
        """Counters of the engine's own."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""

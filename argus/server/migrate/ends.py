"""One end of a migration of metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from argus.server.migrate.pieces import Piece
from argus.server.stores.remote.engine import Tier


class Part(NamedTuple):
    """What is copied in one go: rows of an application with ``start`` ≤ time < ``end`` (milliseconds)."""

    tier: Tier
    app: str
    start: int
    end: int


Marks = Mapping[tuple[str, str], int]
"""(application, instance) → number of its last batch."""


class MetricEnd(ABC):
    """A metric store that is read or written as a whole, while no server uses it. Raises ``StoreError``."""

    unreadable: int = 0
    """Chunks that could not be read, and so were not copied."""

    @abstractmethod
    def apps(self) -> list[str]:
        """Return the applications that have rows."""

    @abstractmethod
    def read(self, part: Part) -> Iterator[Piece]:
        """Yield a part's rows."""

    @abstractmethod
    def count(self, part: Part) -> int:
        """Return how many rows there are, whoever wrote them."""

    @abstractmethod
    def write(self, part: Part, pieces: Iterable[Piece]) -> int:
        """Store a part; return how many rows. Storing it twice changes nothing."""

    @abstractmethod
    def marks(self) -> Marks:
        """Return the delivery marks."""

    @abstractmethod
    def rolled_until(self, app: str) -> int:
        """Return the hour (since the epoch) before which the rollups hold all of an application's rows."""

    @abstractmethod
    def complete(self, marks: Marks, rolled: Mapping[str, int]) -> None:
        """Store what is true once every part is there."""

    @abstractmethod
    def clear(self) -> None:
        """Delete everything."""

    @abstractmethod
    def close(self) -> None:
        """Release files and connections."""

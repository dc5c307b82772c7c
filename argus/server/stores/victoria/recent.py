"""What was written a moment ago: VictoriaMetrics shows rows after a second, and when it is killed loses the last ones.

Rows are held here until the engine certainly shows them, and answer in place of the engine's. When the engine was away
they are written once more: it may have been killed, and what it had taken over without having it on the disk is gone.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from argus.server.stores.remote import names
from argus.server.stores.remote.engine import Found, Reading, Tier
from argus.server.stores.remote.lines import Block
from argus.server.stores.victoria.export import taken_rows

HELD_SECONDS = 10.0
"""The engine flushes to memory every second and to disk every five."""

MOST_ROWS = 1_000_000
MOST_INDEXES = 4_096


class Written(NamedTuple):
    """One block that was written."""

    at: float
    tier: Tier
    sender: str
    block: Block


class Recent:
    """For any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._under_way = 0
        self._written: deque[Written] = deque()
        self._facts: deque[tuple[float, Sequence[bytes]]] = deque()
        self._rows = 0
        self._away_since: float | None = None
        self._failures = 0
        self._indexes: dict[int, tuple[Sequence[names.Series], dict[str, list[int]]]] = {}

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Stay in this block from before something is written until it is held."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._settled.notify_all()

    def add(self, tier: Tier, sender: str, block: Block) -> None:
        """Hold a block."""
        with self._lock:
            self._written.append(Written(self._clock(), tier, sender, block))
            self._rows += len(block.time)
            self._expire()

    def add_facts(self, made: Sequence[bytes]) -> None:
        """Hold the lines of facts."""
        with self._lock:
            self._facts.append((self._clock(), made))
            self._expire()

    def _expire(self) -> None:
        oldest = (self._away_since or self._clock()) - HELD_SECONDS
        while self._facts and self._facts[0][0] < oldest:
            self._facts.popleft()
        while self._written and (self._written[0].at < oldest or self._rows > MOST_ROWS):
            self._rows -= len(self._written.popleft().block.time)

    def engine_is_away(self) -> None:
        """Let nothing expire until the engine is back."""
        with self._lock:
            self._failures += 1
            self._away_since = self._away_since or self._clock()

    def to_write_again(self) -> tuple[list[Written], list[bytes], int]:
        """Return the blocks and facts that an engine which was away may have lost, and how often it has been away.

        What is being written now may already be lost, too: where the engine was away, this waits until it is known.
        """
        with self._lock:
            self._settled.wait_for(lambda: self._away_since is None or self._under_way == 0)
            if self._away_since is None:
                return [], [], self._failures
            return list(self._written), [line for _, made in self._facts for line in made], self._failures

    def engine_is_back(self, failures: int) -> None:
        """Let rows expire again, unless it has been away once more since :meth:`to_write_again` told so many."""
        with self._lock:
            if failures == self._failures:
                self._away_since = None
                self._settled.notify_all()

    def forget(self, app: str) -> None:
        """Forget a deleted application."""
        with self._lock:
            kept = [written for written in self._written if written.block.series[0].app != app]
            self._written = deque(kept)
            self._rows = sum(len(written.block.time) for written in kept)

    def forget_all(self) -> None:
        """Forget everything that is held."""
        with self._lock:
            self._written.clear()
            self._facts.clear()
            self._rows = 0

    def rows(self, tier: Tier, reading: Reading) -> Iterator[Found]:
        """Yield the held rows of a reading, by their tags; ``instance`` is one of them. A repeated row comes once."""
        with self._lock:
            self._expire()
            held = [written for written in self._written if written.tier is tier]
        seen: set[tuple[str, names.Series, int]] = set()
        for _, _, sender, block in reversed(held):
            if block.series[0].app not in reading.apps:
                continue
            by_series: dict[names.Series, list[int]] = {}
            for place in self._places(block.series, reading.names):
                series, at = block.series[place], int(block.time[place])
                if reading.start <= at < reading.end and _matches(series, reading) and (sender, series, at) not in seen:
                    seen.add((sender, series, at))
                    by_series.setdefault(series, []).append(place)
            for series, places in by_series.items():
                tags = {**names.tags_of(series), "instance": names.stored(sender)}
                yield taken_rows(block, places, tags, reading)

    def _places(self, series: Sequence[names.Series], wanted: Sequence[str] | None) -> Iterable[int]:
        """Return the rows that have one of the names. Blocks of one sender share their list of series."""
        if wanted is None:
            return range(len(series))
        with self._lock:
            if len(self._indexes) > MOST_INDEXES:
                self._indexes.clear()
            known, index = self._indexes.get(id(series), (None, {}))
            if known is not series:
                index = {}
                for place, one in enumerate(series):
                    index.setdefault(one.key.name, []).append(place)
                self._indexes[id(series)] = series, index
        return [place for name in wanted for place in index.get(name, ())]


def _matches(series: names.Series, reading: Reading) -> bool:
    if series.kind not in reading.kinds:
        return False
    tags = {"host": series.host, **dict(series.key.tags)} if reading.tags else {}
    return all(tags.get(name) == value for name, value in reading.tags)

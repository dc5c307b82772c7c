"""The 5-minute tier: which hours of an application are in it, and filling it from the raw rows.

Two facts per application say it, so that it survives restarts and several servers agree: up to which hour everything
is rolled up, and which hours before that have got late rows since. A rollup is always made anew from all raw rows of
its five minutes, so doing it twice, or again after a crash, changes nothing.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from argus.server.stores.metrics import seal
from argus.server.stores.metrics.rows import Rows
from argus.server.stores.remote import names
from argus.server.stores.remote.engine import COLUMNS, Engine, Fact, Found, Reading, Tier
from argus.server.stores.remote.facts import Facts
from argus.server.stores.remote.lines import Block, encoded_tags
from argus.server.stores.remote.remembered import Closed
from argus.wire.columns import Kind

ROLLED, LATE, REDONE = "rolled", "late", "redone"
"""Topics. ``rolled``: hours since the epoch before which everything is rolled up. ``late`` and ``redone``, per hour: a
number that grows with each late batch, and the one that the rollups hold."""

UNTIL = "until"
HOUR = seal.HOUR
LATENESS = 300_000
"""Milliseconds after an hour's end at which it is rolled up: most late batches have come by then."""

SKEW = 150_000
"""Milliseconds after an hour's end from which rows count as late. Less than ``LATENESS``: servers' clocks differ."""

SPAN = 6
"""Hours that are rolled up at once where several are due."""

ROWS = 200_000
"""Raw rows that one question is to bring at most, as far as the one before tells: they are in memory at once."""

MOST_APPS = 64
"""Applications in one question."""

BUDGET = 5.0
"""Seconds that one run may take, because ingestion waits for it; the next one goes on."""

REFRESH = 60.0
"""Seconds after which an application's facts are read anew: another server may be the one that rolls up."""

Segment = tuple[Tier, int, int]


class Rollups:
    """Fills the rollup tier of one engine. ``run`` and ``stored`` belong to the writing thread."""

    def __init__(self, engine: Engine, facts: Facts) -> None:
        self._engine = engine
        self._facts = facts
        self._refreshed = float("-inf")
        self.rows = 0.0
        """Rollup rows written by this process."""

    def learn(self, apps: Iterable[str]) -> None:
        """Ask for what :meth:`stored` must know, of all applications at once: after a start they all come."""
        self._facts.learn(ROLLED, [(app, UNTIL) for app in apps])

    def stored(self, app: str, starts: Iterable[int], now: int) -> Iterator[Fact]:
        """Yield the facts that follow from rows that were just stored, by the starts of their windows."""
        rolled = self._facts.get(ROLLED, app, UNTIL)
        hours = sorted({start // HOUR for start in starts})
        if rolled is None:
            yield Fact(ROLLED, app, UNTIL, hours[0])
            return
        for hour in hours:
            if hour < rolled or (hour + 1) * HOUR + SKEW <= now:
                version = self._facts.get(LATE, app, str(hour)) or 0
                yield Fact(LATE, app, str(hour), max(now, version + 1))

    def closed(self, app: str, raw_from: int) -> Closed:
        """Return which hours of an application are closed; rows before ``raw_from`` are past retention."""
        self._keep_fresh()
        grown = max(self._facts.grown(topic, app) for topic in (ROLLED, REDONE))
        return Closed(
            self._facts.get(ROLLED, app, UNTIL) or 0,
            frozenset(hour for hour in self._open(app) if raw_from <= hour * HOUR),
            {int(hour): version for hour, version in self._facts.of(LATE, app).items()},
            lasting=time.monotonic() - grown >= 2 * self._engine.lag,
        )

    def segments(self, app: str, start: int, end: int, raw_from: int) -> list[Segment]:
        """Return which tier answers for which part of a range; rows before ``raw_from`` are past retention."""
        self._keep_fresh()
        rolled = self._facts.get(ROLLED, app, UNTIL)
        if rolled is None:
            return [(Tier.RAW, start, end)]
        open_hours = sorted(hour for hour in self._open(app) if raw_from <= hour * HOUR and hour < rolled)
        segments: list[Segment] = []
        at = start
        for hour in open_hours:
            begin, until = max(at, hour * HOUR), min(end, (hour + 1) * HOUR)
            if begin < until:
                segments += [(Tier.ROLLUP, at, begin), (Tier.RAW, begin, until)]
                at = until
        border = max(at, min(end, rolled * HOUR))
        segments += [(Tier.ROLLUP, at, border), (Tier.RAW, border, end)]
        return [segment for segment in segments if segment[1] < segment[2]]

    def _open(self, app: str) -> dict[int, int]:
        """Return the hours with late rows that are not in the rollups, and their versions."""
        redone = self._facts.of(REDONE, app)
        late = self._facts.of(LATE, app)
        return {int(hour): version for hour, version in late.items() if version > redone.get(hour, 0)}

    def _keep_fresh(self) -> None:
        if time.monotonic() - self._refreshed > REFRESH:
            self._refresh()

    def _refresh(self) -> None:
        for topic in (LATE, REDONE, ROLLED):
            self._facts.refresh(topic)
        self._refreshed = time.monotonic()

    def run(self, now: int, raw_from: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Roll up what is due; rows before ``raw_from`` are past retention."""
        self._engine.settle()
        self._refresh()
        self._engine.settle()  # a fact may be shown before the rows that were stored before it
        stop = clock() + BUDGET
        batches = _Batches(self._due((now - LATENESS) // HOUR, raw_from))
        done: list[Fact] = []
        with ThreadPoolExecutor(1, thread_name_prefix="argus-rollups") as ahead:  # while we merge, the engine reads
            batch = batches.next()
            coming = ahead.submit(self._read, batch)
            while batch:
                found, known = coming.result(), [fact for due in batch for fact in due.facts]
                batches.had(sum(len(one.time) for some in found.values() for one in some))
                batch = batches.next() if clock() < stop else []
                coming = ahead.submit(self._read, batch)
                self._store([block for sketched, some in found.items() for block in _rolled(some, sketched)])
                done += known
        if done:
            self._engine.settle()
            self._facts.note(done)

    def _due(self, closed: int, raw_from: int) -> Iterator[_Due]:
        """Yield what is to be rolled up; the hours before ``closed`` are over."""
        for app in self._facts.apps(ROLLED):
            late = self._open(app)  # before the rows are read: what comes later has a greater version
            redone = {hour: Fact(REDONE, app, str(hour), version) for hour, version in late.items()}
            begin = max(self._facts.get(ROLLED, app, UNTIL) or 0, raw_from // HOUR)
            for hour, fact in redone.items():
                if hour < min(begin, closed) and hour * HOUR >= raw_from:
                    yield _Due(hour, hour + 1, app, (fact,))
            for first in range(begin, closed, SPAN):
                last = min(first + SPAN, closed)
                facts = [fact for hour, fact in redone.items() if first <= hour < last]
                yield _Due(first, last, app, (*facts, Fact(ROLLED, app, UNTIL, last)))

    def _read(self, batch: Sequence[_Due]) -> dict[bool, list[Found]]:
        """Return the raw rows of hours that are due, without sketches and with them."""
        if not batch:
            return {}
        apps = tuple(due.app for due in batch)
        start, end = batch[0].first * HOUR, batch[0].last * HOUR
        plain = Reading(apps, start, end, COLUMNS, seal.ROLLUP_STEP, kinds=(Kind.COUNTER, Kind.GAUGE))
        timings = replace(plain, kinds=(Kind.TIMING,), sketches=True)
        return {wanted.sketches: self._engine.read(Tier.RAW, wanted) for wanted in (plain, timings)}

    def _store(self, blocks: Sequence[Block]) -> None:
        if blocks:
            self._engine.rewrite(blocks)
            self.rows += sum(len(block.time) for block in blocks)


class _Due(NamedTuple):
    """Hours of an application that are to be rolled up, and what is known once they are."""

    first: int
    last: int
    app: str
    facts: tuple[Fact, ...]


class _Batches:
    """Applications with the same hours due are read by one question; as many at once as have about ``ROWS``."""

    def __init__(self, due: Iterable[_Due]) -> None:
        self._waiting = deque(sorted(due))  # of an application, the earlier hours first: the later are a greater fact
        self._size = 1

    def next(self) -> list[_Due]:
        """Return what to read next; an empty list at the end."""
        batch: list[_Due] = []
        while self._waiting and len(batch) < self._size and self._waiting[0][:2] == (batch or self._waiting)[0][:2]:
            batch.append(self._waiting.popleft())
        return batch

    def had(self, rows: int) -> None:
        """Tell how many rows the last batch had."""
        self._size = min(2 * self._size, MOST_APPS) if 2 * rows <= ROWS else max(self._size * ROWS // (2 * rows), 1)


def _rolled(found: list[Found], sketched: bool) -> list[Block]:
    """Return the rows merged into five minutes each, a block for each application."""
    if not found:
        return []
    found.sort(key=lambda one: one.tags["app_id"])
    series = [names.series_of(one.tags) for one in found]
    numbers = {known: number for number, known in enumerate(dict.fromkeys(series))}
    ids = [np.full(len(one.time), numbers[known], np.uint32) for one, known in zip(found, series, strict=True)]
    columns = {name: np.concatenate([one.columns[name] for one in found]) for name in COLUMNS}
    rows = Rows(
        np.concatenate(ids),
        np.concatenate([one.time for one in found]),
        columns["count"].astype(np.int64),
        columns["sum"],
        columns["min"],
        columns["max"],
        columns["last"],
        np.concatenate([one.lengths for one in found]) if sketched else np.zeros(len(columns["sum"]), np.uint32),
        np.concatenate([one.flat for one in found]),
    )
    rows = seal.rollup(seal.ordered(rows))
    known = list(numbers)
    tags = [encoded_tags(names.tags_of(one)) for one in known]
    block = Block(
        [known[number] for number in rows.series.tolist()],
        [tags[number] for number in rows.series.tolist()],
        rows.time,
        rows.count,
        rows.sum,
        rows.min,
        rows.max,
        rows.last,
        rows.lengths if sketched else None,
        rows.flat,
    )
    apps = [one.app for one in block.series]
    begins = [place for place in range(len(apps)) if place == 0 or apps[place] != apps[place - 1]]
    return [block.take(np.arange(begin, end)) for begin, end in itertools.pairwise([*begins, len(apps)])]

"""The 5-minute tier: which hours of an application are in it, and filling it from the raw rows.

Facts say it, so that it survives restarts and several servers agree: up to which hour everything is rolled up, and
which hours before that have got late rows since. A rollup is always made anew from all raw rows of its five minutes,
so doing it twice, or again after a crash, changes nothing.

No row is missed, whatever the servers' clocks say, for none is compared with another. Who rolls up *closes* an hour
first, then waits until every server has heard of it, and reads the rows after that. Who stores asks after its rows are
written which hours are closed, and takes for late what belongs to one of them. So a row is read, or it is late.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from argus.server.stores.metrics import seal
from argus.server.stores.metrics.rows import Rows
from argus.server.stores.remote import names
from argus.server.stores.remote.engine import COLUMNS, Engine, Fact, Found, Reading, Tier
from argus.server.stores.remote.facts import EVERYBODY, Facts
from argus.server.stores.remote.lines import Block, encoded_tags
from argus.server.stores.remote.remembered import Closed
from argus.wire.columns import Kind

FIRST, ROLLED, CLOSED = "first", "rolled", "closed"
"""Topics of hours since the epoch. ``rolled``: of an application, everything before it is rolled up. ``first``: the
earliest hour of one that is not rolled up yet, taken from :data:`FAR`, for facts only grow. ``closed``: of everybody,
rows of the hours before it are late."""

LATE, REDONE = "late", "redone"
"""Topics of numbers per hour and server. ``late`` grows with each late batch that the server stores; ``redone`` is the
one that the rollups hold."""

REPLACED = "replaced"
"""Topic of everybody's: a number that grows when what is stored was replaced, as by a restored backup."""

UNTIL = "until"
FAR = 1 << 32
HOUR = seal.HOUR
LATENESS = 300_000
"""Milliseconds after an hour's end at which it is closed: most late batches have come by then."""

FRESH = 2.0
"""Seconds for which a server may take it that no hour was closed since it asked, and which closing one waits for."""

SPAN = 6
"""Hours that are rolled up at once where several are due."""

ROWS = 200_000
"""Raw rows that one question is to bring at most, as far as the one before tells: they are in memory at once."""

MOST_APPS = 64
"""Applications in one question."""

BUDGET = 45.0
"""Seconds that one run may take; the next one, a minute later, goes on."""

REFRESH = 60.0
"""Seconds after which an application's facts are read anew: another server may be the one that rolls up."""

Segment = tuple[Tier, int, int]


class Rollups:
    """Fills the rollup tier of one engine.

    ``learn`` and ``stored`` belong to the writing thread that has its turn, ``run`` to one other.

    ``fresh`` is :data:`FRESH`, or 0 where nobody is to wait: then every commit asks which hours are closed.
    """

    def __init__(
        self, engine: Engine, facts: Facts, fresh: float = FRESH, replaced: Callable[[], None] = lambda: None
    ) -> None:
        """``replaced`` is called when what is stored was replaced: by whoever happens to learn of it."""
        self._engine = engine
        self._facts = facts
        self._fresh = fresh
        self._replaced = replaced
        self._server = secrets.token_hex(4)
        self._late = itertools.count(1)
        self._asked = float("-inf")
        self._refreshed = float("-inf")
        self._waited_for = 0
        self._running = threading.Lock()
        self._interrupted = threading.Event()
        self.rows = 0.0
        """Rollup rows written by this process."""

    def learn(self, apps: Iterable[str]) -> None:
        """Ask for what :meth:`stored` must know, of all applications at once: after a start they all come."""
        wanted = [(app, UNTIL) for app in apps]
        self._facts.learn(ROLLED, wanted)
        self._facts.learn(FIRST, wanted)
        self._facts.learn(CLOSED, [(EVERYBODY, UNTIL)])

    def stored(self, app: str, starts: Iterable[int]) -> Iterator[Fact]:
        """Yield the facts that follow from rows that were just stored, by the starts of their windows."""
        if time.monotonic() - self._asked >= self._fresh:
            asking = time.monotonic()
            self._facts.look_again(CLOSED, [(EVERYBODY, UNTIL)])
            self._asked = asking
        rolled = self._facts.get(ROLLED, app, UNTIL)
        closed = max(rolled or 0, self._closed_hours())
        hours = sorted({start // HOUR for start in starts})
        if rolled is None and FAR - hours[0] > (self._facts.get(FIRST, app, UNTIL) or 0):
            yield Fact(FIRST, app, UNTIL, FAR - hours[0])
        for hour in hours:
            if hour < closed:
                yield Fact(LATE, app, f"{hour}/{self._server}", next(self._late))

    def _closed_hours(self) -> int:
        return self._facts.get(CLOSED, EVERYBODY, UNTIL) or 0

    def closed(self, app: str, raw_from: int) -> Closed:
        """Return which hours of an application are closed; rows before ``raw_from`` are past retention."""
        self._keep_fresh()
        grown = max(self._facts.grown(topic, app) for topic in (ROLLED, REDONE))
        return Closed(
            self._facts.get(ROLLED, app, UNTIL) or 0,
            frozenset(hour for hour in self._open(app) if raw_from <= hour * HOUR),
            self._versions(app),
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

    def _versions(self, app: str) -> dict[int, int]:
        """Return a number for each hour that ever had late rows; it grows with each late batch of any server."""
        versions: dict[int, int] = {}
        for key, version in self._facts.of(LATE, app).items():
            hour = _hour_of(key)
            versions[hour] = versions.get(hour, 0) + version
        return versions

    def _open(self, app: str) -> dict[int, list[Fact]]:
        """Return the hours with late rows that are not in the rollups, and the facts that hold once they are."""
        redone = self._facts.of(REDONE, app)
        hours: dict[int, list[Fact]] = {}
        for key, version in self._facts.of(LATE, app).items():
            if version > redone.get(key, 0):
                hours.setdefault(_hour_of(key), []).append(Fact(REDONE, app, key, version))
        return hours

    def _keep_fresh(self) -> None:
        if time.monotonic() - self._refreshed > REFRESH:
            self._refresh()

    def _refresh(self) -> None:
        known = self._facts.get(REPLACED, EVERYBODY, UNTIL)
        self._facts.refresh(REPLACED, EVERYBODY)
        if self._facts.get(REPLACED, EVERYBODY, UNTIL) != known:
            self._waited_for = 0
            self._replaced()
        for topic in (LATE, REDONE, ROLLED):
            self._facts.refresh(topic)
        self._refreshed = time.monotonic()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep from running while the block runs; a run that is under way ends soon."""
        self._interrupted.set()
        with self._running:
            self._interrupted.clear()
            yield

    def run(self, now: int, raw_from: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Roll up what is due; rows before ``raw_from`` are past retention."""
        with self._running:
            stop = clock() + BUDGET
            self._close(now)
            self._facts.refresh(FIRST)
            self._refresh()
            self._engine.settle()  # a fact may be shown before the rows that were stored before it
            done = self._roll_up(_Batches(self._due(raw_from)), lambda: clock() >= stop or self._interrupted.is_set())
            if done:
                self._engine.settle()
                self._facts.note(done)

    def _close(self, now: int) -> None:
        """Close the hours that are over, and return when every server takes their rows for late."""
        self._engine.settle()
        self._facts.look_again(CLOSED, [(EVERYBODY, UNTIL)])
        over = (now - LATENESS) // HOUR
        if over > self._closed_hours():
            self._facts.note([Fact(CLOSED, EVERYBODY, UNTIL, over)])
            self._engine.settle()
        if self._closed_hours() > self._waited_for:  # another server may have closed it a moment ago
            time.sleep(self._fresh)
            self._waited_for = self._closed_hours()
            self._engine.settle()

    def _roll_up(self, batches: _Batches, is_over: Callable[[], bool]) -> list[Fact]:
        """Roll up one batch after the other; return the facts that hold then."""
        done: list[Fact] = []
        with ThreadPoolExecutor(1, thread_name_prefix="argus-rollups") as ahead:  # while we merge, the engine reads
            batch = batches.next()
            coming = ahead.submit(self._read, batch)
            while batch:
                found, known = coming.result(), [fact for due in batch for fact in due.facts]
                batches.had(sum(len(one.time) for some in found.values() for one in some))
                batch = [] if is_over() else batches.next()
                coming = ahead.submit(self._read, batch)
                self._store([block for sketched, some in found.items() for block in _rolled(some, sketched)])
                done += known
        return done

    def _due(self, raw_from: int) -> Iterator[_Due]:
        """Yield what is to be rolled up."""
        closed = self._closed_hours()
        for app in sorted({*self._facts.apps(ROLLED), *self._facts.apps(FIRST)}):
            late = self._open(app)  # before the rows are read: what comes later has a greater version
            earliest = FAR - (self._facts.get(FIRST, app, UNTIL) or FAR)
            rolled = self._facts.get(ROLLED, app, UNTIL)
            begin = max(earliest if rolled is None else rolled, raw_from // HOUR)
            for hour, facts in late.items():
                if hour < min(begin, closed) and hour * HOUR >= raw_from:
                    yield _Due(hour, hour + 1, app, tuple(facts))
            for first in range(begin, closed, SPAN):
                last = min(first + SPAN, closed)
                within = [fact for hour, facts in late.items() if first <= hour < last for fact in facts]
                yield _Due(first, last, app, (*within, Fact(ROLLED, app, UNTIL, last)))

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


def _hour_of(key: str) -> int:
    """Return the hour of a fact about late rows."""
    return int(key.partition("/")[0])


def tell_replaced(engine: Engine) -> None:
    """Tell servers that use the engine now that everything in it may be another than they remember."""
    known = engine.read_facts(REPLACED, [(EVERYBODY, UNTIL)])
    number = max([time.time_ns() // 1_000_000, *(fact.number + 1 for fact in known)])
    engine.write_facts([Fact(REPLACED, EVERYBODY, UNTIL, number)])
    engine.settle()


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

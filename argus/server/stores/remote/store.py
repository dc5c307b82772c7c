"""The metric store over an engine of its own: InfluxDB or VictoriaMetrics. The package's docstring tells its parts.

Order of a commit: the rows, then the facts that follow from them (late hours), then, beside the next commit, delivery
marks. If the process dies in between, the senders repeat their batches and each point overwrites itself.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from argus.errors import QueryError, StoreUnavailable
from argus.server.stores.base import (
    Appended,
    Distribution,
    Line,
    MetricBatch,
    MetricStore,
    RangeAnswer,
    RangeQuery,
    SeriesInfo,
)
from argus.server.stores.metrics import distribution, seal, select
from argus.server.stores.metrics.rows import EMPTY
from argus.server.stores.remote import names
from argus.server.stores.remote.beside import Beside
from argus.server.stores.remote.engine import Engine, Fact, Found, Reading, Tier
from argus.server.stores.remote.facts import Facts
from argus.server.stores.remote.lines import Block, encoded_tags
from argus.server.stores.remote.remembered import Place, Question, Remembered, Table
from argus.server.stores.remote.rollups import FRESH, Rollups, Segment
from argus.server.stores.remote.senders import Moments, Senders
from argus.wire.columns import KeySet, Kind, Section

log = logging.getLogger("argus.server.store")

MOST_KEY_SETS = 4_096

AT_ONCE = {Tier.RAW: 4 * seal.HOUR, Tier.ROLLUP: 2 * seal.DAY}
"""Milliseconds of a chart of percentiles that are read by one question."""

AHEAD = 2
"""Questions that the engine has at once while an answer is merged: it takes a core for each, and longer than we do."""

_Known = tuple[Sequence[names.Series], Sequence[bytes]]
_Lines = dict[Place, int]
_Answered = Callable[[], list[Found]]


class RemoteMetricStore(MetricStore):
    """Summaries in an engine. Retentions are seconds, and so is ``fresh``, which ``Rollups`` explains."""

    writers = 2
    """While the engine stores what the one has sent, the other makes its lines and sends them."""

    def __init__(
        self,
        engine: Engine,
        *,
        raw_retention: float,
        rollup_retention: float,
        clock: Callable[[], float] = time.time,
        fresh: float = FRESH,
    ) -> None:
        self._engine = engine
        self._raw_retention = raw_retention
        self._rollup_retention = rollup_retention
        self._clock = clock
        self._counted = {"appended_rows": 0.0, "failed_commits": 0.0}
        self._warned = False
        self._deciding = threading.Lock()
        """Held by a writer while it decides what its batches are; never while it writes their rows."""
        self._facts = Facts(self._engine)
        self._senders = Senders(self._facts)
        self._rollups = Rollups(self._engine, self._facts, fresh, self._forget_all)
        self._beside = Beside(self._facts)
        self._remembered = Remembered()
        self._replaced = threading.Event()
        self._key_sets: dict[tuple[str, str, Kind, KeySet], _Known] = {}

    def append(self, batches: Sequence[MetricBatch]) -> list[Appended]:
        taken: Moments = {}
        touched: dict[str, set[int]] = {}
        try:
            with self._deciding:
                repeats, marks, blocks = self._decide(batches, taken, touched)
            self._engine.write(Tier.RAW, blocks)
            with self._deciding:
                follows = self._follows(touched)
            self._facts.note(follows)
        except StoreUnavailable:
            with self._deciding:
                self._counted["failed_commits"] += 1
            raise
        self._beside.note(marks)  # before the next commit that may have batches of these senders
        with self._deciding:
            self._senders.keep(taken)
            self._counted["appended_rows"] += sum(len(block.time) for _, block in blocks)
        return [Appended.DUPLICATE if repeated else Appended.STORED for repeated in repeats]

    def _decide(
        self, batches: Sequence[MetricBatch], taken: Moments, touched: dict[str, set[int]]
    ) -> tuple[list[bool], list[Fact], list[tuple[str, Block]]]:
        """Return which batches are repeats, the marks of the others, and their rows, each block with its sender."""
        if self._replaced.is_set():
            self._replaced.clear()
            self._engine.forget_all()
        repeats, marks = self._senders.repeats(batches)
        blocks: list[tuple[str, Block]] = []
        for batch, repeated in zip(batches, repeats, strict=True):
            made = [] if repeated else [self._block(batch, section) for section in batch.sections]
            made = [block for block in made if len(block.time)]
            if made:
                moments = _moments(batch)
                touched.setdefault(batch.app, set()).update(moments)
                sender = self._senders.name(batch, moments, taken)
                blocks += [(sender, block) for block in made]
        return repeats, marks, blocks

    def _follows(self, touched: Mapping[str, set[int]]) -> list[Fact]:
        self._rollups.learn(touched)
        return [fact for app, moments in touched.items() for fact in self._rollups.stored(app, moments)]

    def _block(self, batch: MetricBatch, section: Section) -> Block:
        series, tags = self._series(batch, section)
        if section.times is None:
            times = np.full(len(tags), round(batch.start * 1000), np.int64)
        else:
            times = np.rint(section.times * 1000).astype(np.int64)
        sketches = section.sketches
        return Block(
            series,
            tags,
            times,
            section.count,
            section.sum,
            section.min,
            section.max,
            section.last,
            sketches.lengths if sketches is not None else None,
            sketches.flat if sketches is not None else EMPTY.flat,
        )

    def _series(self, batch: MetricBatch, section: Section) -> _Known:
        place = (batch.app, batch.host, section.kind, section.keys)
        known = self._key_sets.get(place)
        if known is None:
            series = [names.Series(batch.app, batch.host, section.kind, key) for key in section.keys.keys]
            tags = [names.tags_of(one) for one in series]
            self._warn_of_tags(max((len(some) for some in tags), default=0), batch.app)
            known = series, [encoded_tags(some) for some in tags]
            if len(self._key_sets) >= MOST_KEY_SETS:
                self._key_sets.clear()
            self._key_sets[place] = known
        return known

    def _warn_of_tags(self, most: int, app: str) -> None:
        limit = self._engine.most_tags
        if limit is not None and most > limit and not self._warned:
            self._warned = True
            log.warning("%r has series with %d tags, ours included; the engine keeps %d unless told otherwise, "
                "and drops the others: docs/storage.md names its flag", app, most, limit)  # fmt: skip

    def query(self, query: RangeQuery) -> RangeAnswer:
        grid = select.grid_of(query)
        tier = self._tier_for(grid)
        question = Question(query.app, query.names, query.tags, query.group_by, query.agg, query.step, tier)
        table = self._remembered.answer(
            question,
            grid,
            self._rollups.closed(query.app, self._oldest(Tier.RAW)),
            partial(self._oldest, tier),
            partial(self._table, query, tier),
        )
        times = grid.times()
        shown = sorted((table.lines[place], place) for place in np.flatnonzero(table.present.any(axis=1)))
        lines = [Line(query.names[number], dict(group), times, table.values[at]) for (number, group), at in shown]
        return RangeAnswer(query, tier.value, lines or ())

    def _table(self, query: RangeQuery, tier: Tier, grid: select.Grid) -> Table:
        """Return what the engine answers for a grid.

        Sketches are much to read, for the engine and for us: so a long range is read bit by bit, the next ones
        while one is merged.
        """
        if select.percentile_of(query.agg) is None or grid.size * grid.step <= AT_ONCE[tier]:
            return self._merged(query, grid, *self._select(query, self._ask(query, grid, tier)))
        size = max(AT_ONCE[tier] // grid.step, 1)
        bits = [
            select.Grid(grid.start + at * grid.step, grid.step, min(size, grid.size - at))
            for at in range(0, grid.size, size)
        ]
        table = Table.empty((), grid.size)
        with ThreadPoolExecutor(AHEAD, thread_name_prefix="argus-ahead") as ahead:
            coming = deque(ahead.submit(self._ask, query, bit, tier) for bit in bits[:AHEAD])
            for number, bit in enumerate(bits):
                asked = coming.popleft().result()
                if number + AHEAD < len(bits):
                    coming.append(ahead.submit(self._ask, query, bits[number + AHEAD], tier))
                table = table.put(number * size, self._merged(query, bit, *self._select(query, asked)))
        return table

    def _merged(self, query: RangeQuery, grid: select.Grid, lines: _Lines, parts: list[select.Selected]) -> Table:
        """Return the values of rows."""
        if not any(len(part.time) for part in parts):
            return Table.empty((), grid.size)
        plan = select.Plan([(query.names[number], dict(group)) for number, group in lines], {})
        values = np.array([line.values for line in select.answer(query, grid, plan, parts)])
        present = np.zeros((len(lines), grid.size), bool)
        for part in parts:
            present[part.line, (part.time - grid.start) // grid.step] = True
        return Table(tuple(lines), values, present)

    def distribution(self, query: RangeQuery) -> Distribution:
        wanted = distribution.reading(query)
        grid = select.grid_of(wanted)
        tier = self._tier_for(grid)
        _, parts = self._select(wanted, self._ask(wanted, grid, tier))
        return distribution.distribution(grid, tier.value, parts)

    def _select(self, query: RangeQuery, asked: Sequence[_Answered]) -> tuple[_Lines, list[select.Selected]]:
        """Return the lines of an answer, numbered, and the rows that belong to them."""
        lines: _Lines = {}
        parts: list[select.Selected] = []
        for found in itertools.chain.from_iterable(answer() for answer in asked):
            kind = names.KINDS[found.tags["kind"]]
            name = names.original(found.tags["metric_name"])
            if select.percentile_of(query.agg) is not None and kind is not Kind.TIMING:
                raise QueryError(f"{name!r} is a {kind.name.lower()}; only timings have percentiles", "agg")
            place = (query.names.index(name), _group(found.tags, query.group_by))
            line = np.full(len(found.time), lines.setdefault(place, len(lines)), np.int64)
            parts.append(select.Selected(line, found.time, found.columns, found.lengths, found.flat))
        return lines, parts

    def _tier_for(self, grid: select.Grid) -> Tier:
        """Return the rollup tier where it answers exactly, and where only it still has the rows."""
        fits = grid.step % seal.ROLLUP_STEP == 0 and grid.start % seal.ROLLUP_STEP == 0
        return Tier.ROLLUP if fits or grid.start < self._oldest(Tier.RAW) else Tier.RAW

    def _oldest(self, tier: Tier) -> int:
        retention = self._raw_retention if tier is Tier.RAW else self._rollup_retention
        return round((self._clock() - retention) * 1000)

    def _ask(self, query: RangeQuery, grid: select.Grid, tier: Tier) -> list[_Answered]:
        """Ask the engine for the rows of a grid."""
        segments: list[Segment] = [(Tier.RAW, grid.start, grid.end)] if query.names else []
        if segments and tier is Tier.ROLLUP:
            segments = self._rollups.segments(query.app, grid.start, grid.end, self._oldest(Tier.RAW))
        asked: list[_Answered] = []
        for part, start, end in segments:
            start = max(start, self._oldest(part))  # noqa: PLW2901  # an engine drops what is old when it likes
            if start < end:
                wanted = Reading(
                    (query.app,),
                    start,
                    end,
                    select.columns_of(query.agg),
                    grid.step,
                    names=query.names,
                    tags=query.tags,
                    sketches=select.percentile_of(query.agg) is not None,
                    group_by=query.group_by,
                )
                asked.append(self._engine.ask(part, wanted))
        return asked

    def series(self, app: str) -> Sequence[SeriesInfo]:
        seen: dict[names.Series, int] = {}
        for tags, at in self._engine.last_times(app):
            series = names.series_of(tags)
            seen[series] = max(at, seen.get(series, 0))
        oldest = self._oldest(Tier.ROLLUP)
        found = [
            SeriesInfo(s.key.name, dict(s.key.tags), s.kind, s.host, at / 1000)
            for s, at in seen.items()
            if at >= oldest  # an engine drops what is old when it likes
        ]
        return sorted(found, key=lambda info: (info.name, sorted(info.tags.items()), info.host))

    def delete_app(self, app: str) -> None:
        with self._rollups.paused():  # what is rolled up just now would come after the deletion
            self._beside.flush()
            self._engine.delete_app(app)
            self._facts.forget(app)
            self._remembered.forget(app)

    def forget(self, app: str) -> None:
        with self._rollups.paused():
            self._engine.forget(app)
            self._facts.forget(app)
            self._remembered.forget(app)

    def _forget_all(self) -> None:
        """Forget what is remembered: what is stored was replaced. The writing thread does its part when it next can."""
        self._facts.forget_all()
        self._remembered.forget_all()
        self._replaced.set()

    @property
    def lag(self) -> float:
        return self._engine.lag

    def maintain(self, now: float) -> None:
        self._rollups.run(round(now * 1000), self._oldest(Tier.RAW))

    def check(self) -> None:
        self._engine.check()

    def stats(self) -> Mapping[str, float]:
        counted = {**self._counted, "rolled_up_rows": self._rollups.rows, "failed_marks": self._beside.failed}
        counted |= {**self._remembered.stats(), **self._engine.stats()}
        return {f"store.metrics.{name}": value for name, value in counted.items()}

    def close(self) -> None:
        self._beside.close()
        with self._rollups.paused():
            self._engine.close()


def _moments(batch: MetricBatch) -> set[int]:
    """Return the starts of the batch's windows in milliseconds; of nearly every batch it is one."""
    moments: set[int] = set()
    for section in batch.sections:
        if section.times is None:
            moments.add(round(batch.start * 1000))
        else:
            moments.update(np.rint(section.times * 1000).astype(np.int64).tolist())
    return moments


def _group(tags: Mapping[str, str], group_by: Sequence[str]) -> tuple[tuple[str, str], ...]:
    stored = ((name, tags.get(names.stored_tag(name))) for name in group_by)
    return tuple((name, names.original(value)) for name, value in stored if value)

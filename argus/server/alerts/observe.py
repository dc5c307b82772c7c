"""Asking the stores: the observations of many rules by few queries.

A rule is looked at every :func:`hop` seconds, at multiples of it, each time over the window before. Buckets of one hop
are asked for and put together into windows here, so that a pass and a preview, which look at one window and at
thousands, ask alike: one query for all rules that differ only in name and threshold. Percentiles cannot be put together
from buckets; for them a hop is the whole window.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from argus.errors import QueryError, StoreError, StoreUnavailable
from argus.server.alerts.body import WINDOW_STEP
from argus.server.alerts.machine import Observation
from argus.server.alerts.values import Point, Rule
from argus.server.stores.base import LogQuery, MetricStore, RangeQuery, RecordStore
from argus.server.stores.metrics.select import percentile_of

log = logging.getLogger("argus.server.alerts")

Floats = NDArray[np.float64]

HOPS = (60.0, 10.0)
LONG_WINDOW, LONG_HOP = 6 * 3600.0, 300.0
"""Seconds: long windows are read from the 5-minute rollup."""

CHART_SECONDS, CHART_POINTS = 1800.0, 60
"""An event keeps its window for a chart, at least so many seconds, in at most so many points."""

PAGE, MOST_LINES = 1_000, 10_000
"""Log lines that are counted at most for one rule and application, and how many are read at once."""

SOURCES = {"avg": ("sum", "count"), "rate": ("sum",)}
"""Aggregations that are computed here from others; each other one is asked for as it is."""


class Wanted(NamedTuple):
    """A rule for one application, and the ends of the windows to look at: from ``first`` to ``last`` by hops."""

    rule: Rule
    app: str
    first: float
    last: float

    @property
    def place(self) -> tuple[int, str]:
        """What its answer is found by."""
        return self.rule.id, self.app


@dataclass(frozen=True)
class Series:
    """What was seen of one rule: ``values[i]`` is the window that ends at ``ends[i]``; NaN where there was no data."""

    ends: Floats
    values: Floats
    error: str = ""

    def observations(self) -> list[Observation]:
        """Return what the state machine takes."""
        values = [None if math.isnan(value) else value for value in self.values.tolist()]
        return [Observation(end, value, self.error) for end, value in zip(self.ends.tolist(), values, strict=True)]


def hop(rule: Rule) -> float:
    """Return the seconds from one look to the next."""
    if rule.query is None and percentile_of(rule.aggregation) is not None:
        return rule.window
    if rule.window >= LONG_WINDOW and rule.window % LONG_HOP == 0:
        return LONG_HOP
    return next(size for size in HOPS if rule.window % size == 0)


class Group(NamedTuple):
    """What one query, or two, can answer for many rules."""

    app: str
    aggregation: str
    hop: float
    window: float
    tags: tuple[tuple[str, str], ...]
    first: float
    last: float


class Observer:
    """Asks the two stores. What a store cannot answer now is left out of the answer and counted, never guessed."""

    def __init__(self, metrics: MetricStore, records: RecordStore) -> None:
        self._metrics = metrics
        self._records = records
        self.faults = 0
        """Questions that a store could not answer."""
        self.trouble: str | None = None
        """Why the last look had none; ``None`` where it had all."""

    def look(self, wanted: Sequence[Wanted]) -> Mapping[tuple[int, str], Series]:
        """Return what was seen, by rule and application. Blocks."""
        faults = self.faults
        seen: dict[tuple[int, str], Series] = {}
        groups: dict[Group, list[Wanted]] = {}
        searches: dict[tuple[str | None, str, float, float], list[Wanted]] = {}
        for one in wanted:
            rule = one.rule
            if rule.query is not None:
                search = (rule.app_id, rule.query, one.first - rule.window, one.last)
                searches.setdefault(search, []).append(one)
                continue
            tags = tuple(sorted(rule.tags.items()))
            group = Group(one.app, rule.aggregation, hop(rule), rule.window, tags, one.first, one.last)
            groups.setdefault(group, []).append(one)
        for group, members in groups.items():
            self._look_at_metrics(group, members, seen)
        for (app, query, start, end), members in searches.items():
            self._look_at_logs(LogQuery(app, query, start=start, end=end, limit=PAGE), members, seen)
        if self.faults == faults:
            self.trouble = None
        return seen

    def charts(self, wanted: Sequence[Wanted]) -> Mapping[tuple[int, str], tuple[Point, ...]]:
        """Return the points up to ``last`` of each, by rule and application. What cannot be read now is left out."""
        drawn: dict[tuple[int, str], tuple[Point, ...]] = {}
        questions: dict[tuple[RangeQuery | LogQuery, float], list[Wanted]] = {}
        for one in wanted:
            rule = one.rule
            step = math.ceil(max(rule.window, CHART_SECONDS) / CHART_POINTS / WINDOW_STEP) * WINDOW_STEP
            start = one.last - step * CHART_POINTS
            if rule.query is not None:
                asked: RangeQuery | LogQuery = LogQuery(rule.app_id, rule.query, start=start, end=one.last, limit=PAGE)
            else:
                tags = tuple(sorted(rule.tags.items()))
                asked = RangeQuery(one.app, (), start, one.last, step, rule.aggregation, (), tags)
            questions.setdefault((asked, step), []).append(one)
        for (asked, step), members in questions.items():
            try:
                if isinstance(asked, LogQuery):
                    drawn.update(self._log_charts(asked, step, members))
                else:
                    drawn.update(self._metric_charts(asked, members))
            except Exception as error:  # noqa: BLE001  # a transition without its chart is better than none
                self._note(error)
        return drawn

    def _metric_charts(
        self, query: RangeQuery, members: list[Wanted]
    ) -> Iterator[tuple[tuple[int, str], tuple[Point, ...]]]:
        names = sorted({str(one.rule.metric_name) for one in members})
        lines = {line.name: line for line in self._metrics.query(replace(query, names=tuple(names))).lines}
        for one in members:
            line = lines.get(str(one.rule.metric_name))
            if line is not None:
                yield one.place, _points(line.times, line.values)

    def _log_charts(
        self, query: LogQuery, step: float, members: list[Wanted]
    ) -> Iterator[tuple[tuple[int, str], tuple[Point, ...]]]:
        found = self._times_by_app(query, {one.app for one in members})
        for one in members:
            times = np.sort(np.array(found.get(one.app, ()), np.float64))
            begins = one.last - step * np.arange(CHART_POINTS, 0, -1)
            counts = np.searchsorted(times, begins + step) - np.searchsorted(times, begins)
            yield one.place, _points(begins, counts.astype(np.float64))

    def _look_at_metrics(self, group: Group, members: list[Wanted], seen: dict[tuple[int, str], Series]) -> None:
        try:
            windows = self._windows(group, sorted({str(one.rule.metric_name) for one in members}))
        except QueryError as error:
            if len({one.rule.metric_name for one in members}) > 1:  # one of them is wrong: the others are not
                for one in members:
                    self._look_at_metrics(group, [one], seen)
                return
            ends = _ends(group.first, group.last, group.hop)
            wrong = Series(ends, np.full(len(ends), np.nan), error=str(error))
            seen.update((one.place, wrong) for one in members)
        except Exception as error:  # noqa: BLE001  # whatever it is: a fault of ours is no news of the application
            self._note(error)
        else:
            seen.update((one.place, windows[str(one.rule.metric_name)]) for one in members)

    def _windows(self, group: Group, names: list[str]) -> dict[str, Series]:
        """Return the windows of every name of a group."""
        start = group.first - group.window
        buckets = round((group.last - start) / group.hop)
        sources = {}
        for source in SOURCES.get(group.aggregation, (group.aggregation,)):
            question = RangeQuery(group.app, tuple(names), start, group.last, group.hop, source, (), group.tags)
            found = {line.name: line.values for line in self._metrics.query(question).lines}
            nothing = np.full(buckets, np.nan)
            sources[source] = np.stack([found.get(name, nothing) for name in names])
        ends = _ends(group.first, group.last, group.hop)
        values = _slide(group.aggregation, sources, round(group.window / group.hop), group.window)
        return {name: Series(ends, values[row]) for row, name in enumerate(names)}

    def _look_at_logs(self, query: LogQuery, members: list[Wanted], seen: dict[tuple[int, str], Series]) -> None:
        try:
            found = self._times_by_app(query, {one.app for one in members})
        except Exception as fault:  # noqa: BLE001  # also a search that took too long: no news of the application
            self._note(fault)
            return
        for one in members:
            times = np.sort(np.array(found.get(one.app, ()), np.float64))
            ends = _ends(one.first, one.last, hop(one.rule))
            values = np.searchsorted(times, ends) - np.searchsorted(times, ends - one.rule.window)
            seen[one.place] = Series(ends, values.astype(np.float64))

    def _times_by_app(self, query: LogQuery, apps: set[str]) -> dict[str, list[float]]:
        """Return when matching lines were written, by application; the newest ``MOST_LINES`` of each."""
        found = self._times(query)
        if query.app is None and sum(map(len, found.values())) >= MOST_LINES:
            # One that writes much must not hide the others.
            found = {app: self._times(replace(query, app=app)).get(app, []) for app in apps}
        return found

    def _times(self, query: LogQuery) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {}
        for _ in range(MOST_LINES // PAGE):
            page = self._records.search(query)
            for found in page.lines:
                times.setdefault(found.app, []).append(found.line.timestamp)
            if page.next is None:
                break
            if len(page.lines) < PAGE:
                raise StoreUnavailable(f"the log search {query.q!r} took too long; shorten the window or add a word")
            query = replace(query, cursor=page.next)
        return times

    def _note(self, error: Exception) -> None:
        """Count a question without an answer; say the first one of a row."""
        self.faults += 1
        if not isinstance(error, StoreError):
            log.error("rules could not be judged, in a way that was not foreseen", exc_info=error)
        elif self.trouble is None:
            log.warning("rules cannot be judged now and stay as they are: %s", error)
        self.trouble = str(error)


def _points(times: NDArray[np.floating[Any]], values: Floats) -> tuple[Point, ...]:
    shown = [None if math.isnan(value) else value for value in values.tolist()]
    return tuple(zip(times.tolist(), shown, strict=True))


def _ends(first: float, last: float, step: float) -> Floats:
    return np.asarray(first + step * np.arange(round((last - first) / step) + 1), np.float64)


def _slide(aggregation: str, sources: Mapping[str, Floats], width: int, seconds: float) -> Floats:
    """Return each name's windows of ``width`` buckets; a window without any data is NaN."""
    if aggregation == "last":
        return _last(sources["last"], width)
    windows = {name: sliding_window_view(values, width, axis=1) for name, values in sources.items()}
    if aggregation in {"min", "max"}:
        reduce = np.fmin if aggregation == "min" else np.fmax
        return np.asarray(reduce.reduce(windows[aggregation], axis=2))
    if aggregation not in {"avg", "sum", "rate", "count"}:
        return sources[aggregation]  # a percentile: its bucket is the window
    nothing = np.isnan(next(iter(windows.values()))).all(axis=2)
    totals = {name: np.nansum(view, axis=2) for name, view in windows.items()}
    if aggregation == "avg":
        with np.errstate(invalid="ignore"):
            return np.asarray(totals["sum"] / totals["count"], np.float64)
    values = np.where(nothing, np.nan, totals["count" if aggregation == "count" else "sum"])
    return np.asarray(values / seconds if aggregation == "rate" else values, np.float64)


def _last(values: Floats, width: int) -> Floats:
    """Return the newest value of each window."""
    places = np.arange(values.shape[1])
    newest = np.maximum.accumulate(np.where(np.isnan(values), -1, places), axis=1)
    rows = np.arange(values.shape[0])[:, None]
    recent = (newest >= 0) & (newest > places - width)
    found = np.where(recent, values[rows, np.maximum(newest, 0)], np.nan)
    return np.asarray(found[:, width - 1 :])

"""The preview says what the checker does: the same data, the same rules, minute by minute and at once."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import summaries
from alert_world import World
from alerts import NOW, rule

from argus.errors import StoreUnavailable
from argus.server.alerts.observe import Observer, hop
from argus.server.alerts.preview import DAYS, MOST_POINTS, Preview, Span, preview
from argus.server.alerts.values import NoData, Rule, State
from argus.server.problems import Problem
from argus.server.stores.alerts.outbox import SUPERSEDED
from argus.wire.columns import Kind, SeriesKey

MINUTES = 80


def run(world: World, of: Rule, *apps: str, start: float = NOW, end: float = NOW + MINUTES * 60) -> Preview:
    span = Span(start, end, world.now - DAYS)
    return preview(Observer(world.metrics, world.records), of, apps or ("shop",), span)


def feed(world: World) -> None:
    """Store a value that wanders around the threshold, with gaps, and of lines that come in bursts."""
    chance = random.Random(1)
    for minute in range(MINUTES):
        at = NOW + 60 * minute
        value = 80 + 25 * math.sin(minute / 7) + chance.uniform(-8, 8)
        if chance.random() < 0.85:
            key, more = SeriesKey("cpu"), summaries.section(Kind.TIMING, [(SeriesKey("request"), [value / 80] * 3)])
            batch = summaries.one(at + 10 * chance.randrange(6), value, kind=Kind.GAUGE, key=key)
            world.metrics.append([batch, type(batch)("shop", "h", batch.start, batch.end, (more,))])
        world.write(*["payment failed"] * chance.choice([0, 0, 0, 1, 2, 5]), at=at + chance.uniform(0, 60))


RULES: list[dict[str, Any]] = [
    {},
    {"for_": 180.0, "recovery_threshold": 70.0, "no_data": NoData.OK},
    {"for_": 60.0, "no_data": NoData.ALERT},
    {"aggregation": "max", "window": 300.0, "threshold": 90.0},
    {"aggregation": "min", "window": 300.0, "condition": "<", "threshold": 60.0, "recovery_threshold": 65.0},
    {"aggregation": "last", "window": 180.0},
    {"aggregation": "rate", "window": 600.0, "threshold": 1.0},
    {"aggregation": "count", "window": 120.0, "condition": "<", "threshold": 2.0},
    {"aggregation": "p90", "metric_name": "request", "window": 300.0, "threshold": 1.1},
    {"metric_name": None, "query": "payment failed", "aggregation": "count", "window": 300.0, "threshold": 8.0},
    {"window": 30.0, "no_data": NoData.ALERT, "for_": 30.0},
]


def test_a_preview_is_what_the_checker_would_have_done(world: World) -> None:
    feed(world)
    rules = [world.add(name=str(n), repeat_interval=600.0, **changes) for n, changes in enumerate(RULES)]
    for _ in range(MINUTES):
        world.wait(60.0)
        world.run()
    for of in rules:
        history = [event for event in world.history() if event.rule_id == of.id]
        begins: list[float] = []
        ends: list[float] = []
        for event in history:
            if event.state is State.RESOLVED:
                if event.state is not event.previous:  # otherwise an end that is told late
                    ends.append(event.at)
            elif event.state in {State.FIRING, State.NO_DATA} and len(begins) == len(ends):
                begins.append(event.at)
        kept = world.records.outbox().deliveries([event.id for event in history])
        found = run(world, of, start=NOW + 60.0 - hop(of))  # the first window that the checker saw
        assert [one.start for one in found.incidents] == begins, of
        assert [one.end for one in found.incidents if one.end is not None] == ends, of
        told = [one for one in kept if one.state == "pending" or one.reason == SUPERSEDED]  # nothing is sent here
        assert found.messages == len(told), of
        assert found.fired == len(begins)
    assert sum(run(world, of).fired for of in rules) > 15


def test_a_week_is_asked_for_at_once_and_drawn_by_its_extremes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    peak = NOW - 3 * 86_400
    for at, value in ((NOW - 6 * 86_400, 10.0), (peak, 99.0), (NOW - 60, 10.0)):
        world.send(value, at=at)
    asked = []
    query = world.metrics.query

    def counted(question: Any) -> Any:
        asked.append(question)
        return query(question)

    monkeypatch.setattr(world.metrics, "query", counted)
    found = run(world, rule(no_data=NoData.OK), start=NOW - DAYS + 120, end=NOW)
    assert [(one.start, one.end) for one in found.incidents] == [(peak + 60, peak + 120)]
    assert len(asked) == 2  # sum and count: an average
    (series,) = found.series
    assert len(series.points) <= MOST_POINTS
    assert max(value for _, value in series.points if value is not None) == 99.0
    assert (found.start, found.end) == (NOW - DAYS + 180, NOW)


def test_what_is_older_than_raw_summaries_is_not_guessed_from_rollups(world: World) -> None:
    old, new = NOW - 9 * 86_400 + 180, NOW - 2 * 86_400 + 180  # within a span of the rollup, not at its start
    for at in (old, new):
        world.send(99.0, at=at)
    world.metrics.maintain(world.now)
    found = run(world, rule(no_data=NoData.OK), start=NOW - 10 * 86_400)
    assert [one.start for one in found.incidents] == [new + 60]
    assert found.start > world.now - DAYS
    long = run(world, rule(no_data=NoData.OK, window=6 * 3600.0), start=NOW - 10 * 86_400)
    assert [one.start // 300 for one in long.incidents] == [at // 300 + 1 for at in (old, new)]


def test_each_application_is_previewed_on_its_own(world: World) -> None:
    world.send(99.0, at=NOW, app="other")
    found = run(world, rule(app_id=None, no_data=NoData.OK), "shop", "other")
    assert [(one.app, one.start) for one in found.incidents] == [("other", NOW + 60)]
    assert [one.app for one in found.series] == ["shop", "other"]


def test_a_range_without_a_window_is_refused(world: World) -> None:
    with pytest.raises(Problem, match="no window ends between"):
        run(world, rule(), start=NOW, end=NOW)


def test_a_question_without_an_answer_is_said(world: World) -> None:
    world.send(99.0, at=NOW)
    with pytest.raises(Problem, match="percentiles"):
        run(world, rule(aggregation="p99"))


def test_a_store_that_fails_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(world.metrics, "query", fail)
    with pytest.raises(StoreUnavailable, match="away"):
        run(world, rule())

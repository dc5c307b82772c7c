"""The checker: one pass judges every rule for every application and stores what changed, in one transaction.

A pass looks at each window that has ended since the one before, ``delay`` seconds late, so that what clients send has
come. A pass that ran late looks at what it missed; where it is much too late, rules go on from now. Nothing is stored
before everything is judged: a pass that fails leaves every rule as it was, and the next one looks again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from argus.server.alerts.observe import Observer, Wanted, hop
from argus.server.alerts.replay import Judged, replay
from argus.server.alerts.trust import Trust
from argus.server.alerts.values import (
    AlertEvent,
    Delivery,
    DeliveryState,
    Notice,
    Point,
    Rule,
    RuleState,
    Silence,
    State,
)
from argus.server.alerts.wording import condition_text
from argus.server.stores.alerts.base import AlertStore, Change, Happened
from argus.server.stores.base import MetricStore, RecordStore

MOST_CATCH_UP = 900.0
"""Seconds of windows that a late pass looks back at."""

CLOCK_WAS_AHEAD = 3_600.0
"""A state that is further ahead than this was judged by a wrong clock, and is not waited for."""

Place = tuple[int, str]


@dataclass
class Health:
    """How checking goes, for people and for the server's own charts."""

    passes: int = 0
    last_at: float | None = None
    seconds: float = 0.0
    judged: int = 0
    """Rules of the last pass, times applications."""
    trouble: str = ""
    """Why the last pass could not judge (all of) them."""


class Checker:
    """``run`` blocks, and is called by one thread at a time. ``steady`` is a clock that nobody sets."""

    def __init__(
        self,
        metrics: MetricStore,
        records: RecordStore,
        *,
        delay: float,
        public_url: str = "",
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.health = Health()
        self.observer = Observer(metrics, records)
        self._records = records
        self._store: AlertStore = records.alerts()
        self._delay = delay
        self._public_url = public_url
        self._clock = clock
        self._steady = steady
        self._trust = Trust(clock(), steady())
        self._older: frozenset[Place] | None = None
        """What had been judged before this server started."""

    def run(self, storing_trouble: str | None = None) -> Sequence[AlertEvent]:
        """Run a pass; return the events that were stored. Raises :class:`~argus.errors.StoreUnavailable`."""
        began, now = self._steady(), self._clock()
        self.health.trouble = self._trust.doubt(now, began, storing_trouble)
        if self.health.trouble:
            return []
        try:
            return self._pass(now, began)
        except Exception as error:
            self.health.trouble = str(error)
            raise
        finally:
            self.health.passes += 1
            self.health.last_at = now
            self.health.seconds = self._steady() - began

    def _pass(self, now: float, steady: float) -> Sequence[AlertEvent]:
        rules = [rule for rule in self._store.rules() if rule.enabled]
        if not rules:
            self.health.judged = 0
            return []
        states = {(state.rule_id, state.app): state for state in self._store.states()}
        if self._older is None:
            self._older = frozenset(states)
        due = self._wanted(rules, [app.app_id for app in self._records.apps()], states, now)
        wanted = [one for one in due if one.place not in self._older] if self._trust.is_young(steady) else due
        if len(wanted) < len(due):
            self.health.trouble = "the server has just started, and clients may still send what they kept"
        faults = self.observer.faults
        seen = self.observer.look(wanted)
        if self.observer.faults > faults:
            self.health.trouble = self.observer.trouble or ""
        self.health.judged = len(seen)
        silences = [silence for silence in self._store.silences() if silence.active_at(now)]
        moved: list[tuple[Wanted, RuleState, list[Judged]]] = []
        for one in wanted:
            found = seen.get(one.place)
            if found is not None:
                silenced = _silenced(silences, one.rule, one.app, now)
                state, judged = replay(
                    one.rule, one.app, states.get(one.place), found.observations(), silenced, now=now
                )
                if state is not None:
                    moved.append((one, state, judged))
        return self._store.record(self._changes(moved, now))

    def _wanted(
        self, rules: Sequence[Rule], apps: Sequence[str], states: Mapping[Place, RuleState], now: float
    ) -> list[Wanted]:
        """Return which windows are to be looked at."""
        found = []
        for rule in rules:
            every = hop(rule)
            last = math.floor((now - self._delay) / every) * every
            earliest = max(last - MOST_CATCH_UP // every * every, self._trust.clean_since(now) + rule.window)
            for app in apps if rule.app_id is None else [rule.app_id]:
                state = states.get((rule.id, app))
                first = last
                if state is not None and state.evaluated - last < CLOCK_WAS_AHEAD:
                    first = math.ceil(max(state.evaluated + every, earliest) / every) * every
                if earliest <= first <= last and app in apps:
                    found.append(Wanted(rule, app, first, last))
        return found

    def _changes(self, moved: Sequence[tuple[Wanted, RuleState, list[Judged]]], now: float) -> list[Change]:
        """Return what is to be stored; where a catch-up made several transitions, each of them."""
        charts = self.observer.charts([one for one, _, judged in moved if any(_matters(each) for each in judged)])
        changes = []
        for one, state, judged in moved:
            happened = []
            for each in judged:
                points = charts.get(one.place, ()) if _matters(each) else ()
                event = _event(one.rule, one.app, each, points)
                happened.append(Happened(event, self._deliveries(one.rule, each, event, now)))
            changes.append(Change(state, tuple(happened)))
        return changes

    def _deliveries(self, rule: Rule, judged: Judged, event: AlertEvent, now: float) -> tuple[Delivery, ...]:
        transition = judged.transition
        if not (transition.tell or transition.hushed):
            return ()
        content = self._notice(rule, judged, event)
        return tuple(
            Delivery(
                kind=recipient.kind,
                target=recipient.target,
                content=content,
                state=DeliveryState.PENDING if transition.tell else DeliveryState.SUPPRESSED,
                reason=transition.hushed,
                created_at=now,
                next_at=now,
            )
            for recipient in rule.recipients
        )

    def _notice(self, rule: Rule, judged: Judged, event: AlertEvent) -> Notice:
        return Notice(
            incident=f"{rule.id}-{event.app}-{judged.since:.0f}",
            rule_id=rule.id,
            rule_name=rule.name,
            app_id=event.app,
            state=event.state,
            reminder=judged.transition.reminder,
            fired=judged.transition.fired,
            severity=rule.severity,
            at=event.at,
            since=judged.since,
            ended_at=judged.ended,
            value=event.value,
            threshold=rule.threshold,
            condition=rule.condition,
            condition_text=condition_text(rule),
            metric_name=rule.metric_name,
            query=rule.query,
            window=rule.window,
            points=event.points,
            runbook_url=rule.runbook_url,
            link=f"{self._public_url}/alerts?rule={rule.id}" if self._public_url else "",
        )


def _matters(judged: Judged) -> bool:
    """Return whether a transition begins or ends an incident, or tells of it."""
    return judged.transition.tell or bool(judged.transition.hushed)


def _event(rule: Rule, app: str, judged: Judged, points: tuple[Point, ...]) -> AlertEvent:
    transition, seen = judged.transition, judged.seen
    return AlertEvent(
        rule_id=rule.id,
        rule_name=rule.name,
        app=app,
        state=State(transition.state),
        previous=transition.previous,
        at=seen.at,
        value=None if seen.error else seen.value,
        threshold=rule.threshold,
        severity=rule.severity,
        points=points,
        reason=seen.error or transition.hushed,
    )


def _silenced(silences: Sequence[Silence], rule: Rule, app: str, now: float) -> str:
    """Return why nobody is to be told, if so."""
    found = next((silence for silence in silences if silence.covers(rule, app, now)), None)
    return "" if found is None else ": ".join(filter(None, (f"silence {found.id}", found.comment)))

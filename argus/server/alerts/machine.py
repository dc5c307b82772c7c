"""The state machine of a rule for one application: pure, so that the checker and the preview cannot differ.

::

    ok ──condition met──▶ pending ──held "for"──▶ firing ──recovered──▶ ok  (told as "resolved")

``no_data`` and ``error`` stand apart. An incident that is open stays open through them: a gap in the data, or a
question that cannot be answered for a while, neither ends it nor begins another.

Who is told: the beginning of an incident and its end, each at once; while it lasts, again after every
``repeat_interval``. A silence hides what happens during it; an incident that outlasts it is told afterwards. Whoever
acknowledged an incident hears of it again when it is over.

A source that fires again within a ``repeat_interval`` of having recovered *flaps*. That it does is told at once, for it
may be the real thing; from then on a message that it fires goes out when the one before is an interval old, and its end
when it has been well for a whole interval, so no two are closer than that. What else it would have said is recorded
with the reason why it was not. To whoever is told, all of this is one incident.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from argus.server.alerts.values import Condition, NoData, Rule, RuleState, State

COMPARE: dict[Condition, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


class Observation(NamedTuple):
    """What the window that ends ``at`` showed: a value, no data (``None``), or why the question has no answer."""

    at: float
    value: float | None
    error: str = ""


class Transition(NamedTuple):
    """What is to be recorded, and whether somebody is told; if not although it matters, ``hushed`` says why."""

    state: State
    previous: State
    tell: bool = False
    hushed: str = ""
    reminder: bool = False
    fired: int = 1
    """How often the incident has fired by now; more than once: it flaps."""


class Step(NamedTuple):
    """The state after an observation, and the transition that led to it, if it is one."""

    state: RuleState
    transition: Transition | None


def step(rule: Rule, app: str, state: RuleState | None, seen: Observation, silenced: str = "") -> Step:
    """Judge one observation. ``silenced`` says why nobody is to be told now; empty: nothing keeps from it."""
    before = state or RuleState(
        rule_id=rule.id, app=app, state=State.NO_DATA, since=seen.at, evaluated=seen.at, revision=rule.revision
    )
    looked = replace(before, evaluated=seen.at, value=None if seen.error else seen.value, reason=seen.error)
    if seen.error:
        after = _moved(replace(looked, breached_since=None), State.ERROR, seen.at)
        return Step(after, _changed(before, after))
    if seen.value is None and rule.no_data is NoData.KEEP:
        after = _moved(looked, State.NO_DATA, seen.at) if before.state is State.ERROR else looked
        return Step(after, _changed(before, after))
    if _is_wrong(rule, before, seen.value):
        return _wrong(rule, before, looked, silenced)
    if before.incident_since is not None:
        return _over(rule, before, looked, silenced)
    return _well(rule, before, looked, silenced, known=state is not None)


def _is_wrong(rule: Rule, before: RuleState, value: float | None) -> bool:
    if value is None:
        return rule.no_data is NoData.ALERT
    holding = before.incident_since is not None and before.state is not State.NO_DATA
    limit = rule.recovery_threshold if holding else None
    return COMPARE[rule.condition](value, rule.threshold if limit is None else limit)


def _wrong(rule: Rule, before: RuleState, looked: RuleState, silenced: str) -> Step:
    at = looked.evaluated
    since = at if before.breached_since is None else before.breached_since
    breached = replace(looked, breached_since=since)
    if before.incident_since is None and at - since < rule.for_:
        after = _moved(breached, State.PENDING, at)
        return Step(after, _changed(before, after))
    opened = before.incident_since is None
    if opened:
        breached = _opened(rule, breached)
    after = _moved(breached, State.NO_DATA if looked.value is None else State.FIRING, at)
    hushed = silenced or _hushed(rule, after)
    changed = opened or after.state is not before.state
    if not changed and hushed:
        return Step(after, None)
    told = replace(after, notified=True, notified_at=at) if not hushed else after
    reminder = after.notified and not changed
    return Step(told, Transition(after.state, before.state, not hushed, hushed, reminder, after.fired))


def _opened(rule: Rule, state: RuleState) -> RuleState:
    """Return the state with an incident that begins now, or with another turn of one that flaps."""
    at = state.evaluated
    if state.ended_at is not None and (_end_is_owed(state) or 0 <= at - state.ended_at < rule.repeat_interval):
        return replace(state, incident_since=at, fired=state.fired + 1)
    return replace(state, incident_since=at, first_at=at, fired=1)


def _end_is_owed(state: RuleState) -> bool:
    """Return whether a source that flaps is well, and people still think that it is not."""
    return state.incident_since is None and state.notified


def _hushed(rule: Rule, state: RuleState) -> str:
    if state.acknowledged_at is not None:
        return "acknowledged"
    recent = state.notified_at is not None and 0 <= state.evaluated - state.notified_at < rule.repeat_interval
    if state.notified and recent:
        return f"a message was sent within the last {rule.repeat_interval:g} s"
    return ""


def _over(rule: Rule, before: RuleState, looked: RuleState, silenced: str) -> Step:
    after = _moved(
        replace(looked, breached_since=None, incident_since=None, ended_at=looked.evaluated), State.OK, looked.evaluated
    )
    if before.notified and before.fired > 1:
        later = f"it flaps: this is told when it has been well for {rule.repeat_interval:g} s"
        return Step(after, Transition(State.RESOLVED, before.state, hushed=silenced or later, fired=before.fired))
    hushed = silenced or ("" if before.notified else "nobody was told that it began")
    after = replace(after, notified=False, acknowledged_at=None)
    return Step(after, Transition(State.RESOLVED, before.state, not hushed, hushed, fired=before.fired))


def _well(rule: Rule, before: RuleState, looked: RuleState, silenced: str, *, known: bool) -> Step:
    at = looked.evaluated
    after = _moved(replace(looked, breached_since=None), State.OK, at)
    if not _end_is_owed(before) or before.ended_at is None or 0 <= at - before.ended_at < rule.repeat_interval:
        return Step(after, _changed(before, after) if known else None)
    after = replace(after, notified=False, acknowledged_at=None, ended_at=at)
    return Step(after, Transition(State.RESOLVED, before.state, not silenced, silenced, fired=before.fired))


def _moved(state: RuleState, to: State, at: float) -> RuleState:
    return state if state.state is to else replace(state, state=to, since=at)


def _changed(before: RuleState, after: RuleState) -> Transition | None:
    """Return a transition that nobody is told of."""
    return None if after.state is before.state else Transition(after.state, before.state)

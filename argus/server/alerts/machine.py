"""The state machine of a rule for one application: pure, so that the checker and the preview cannot differ.

::

    ok ──condition met──▶ pending ──held "for"──▶ firing ──recovered──▶ ok  (told as "resolved")

``no_data`` and ``error`` stand apart. An incident that is open stays open through them: a gap in the data, or a
question that cannot be answered for a while, neither ends it nor begins another.

Who is told follows from one law: **no two messages of a rule about one application are closer than its
``repeat_interval``.** A message goes when people do not know how it is, and may go: at once where the last one is old
enough, else as soon as it is. So what lasts is told late rather than never, and what changes often is one message with
how often it did. While nothing changes, the same news comes again, after twice as long each time.

A source that fires again within an interval of having recovered *flaps*: all of it is one incident to whoever is told,
and it is over when it has been well for a whole interval. A silence hides what begins and ends in it; what people were
told before, or has not ended by then, is told afterwards. Whoever acknowledged an incident hears of it again when it is
over. Every transition is recorded, with the reason why nobody was told.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from argus.server.alerts.values import Condition, NoData, Rule, RuleState, State
from argus.server.alerts.wording import duration

COMPARE: dict[Condition, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}

LONGEST_PAUSE = 4 * 3600.0
"""Seconds between two messages that it still fires, unless the rule's own interval is longer."""

UNTOLD = "nobody was told that it began"
LATE = "the server was late: what it shows by now is told"


class Observation(NamedTuple):
    """What the window that ends ``at`` showed: a value, no data (``None``), or why the question has no answer."""

    at: float
    value: float | None
    error: str = ""


class Telling(NamedTuple):
    """When a message would go, and why it would not."""

    now: float
    silenced: str = ""
    """Nobody is to hear of it, for this reason."""
    late: bool = False
    """Newer observations wait to be judged, which show how it is now."""


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


def step(rule: Rule, app: str, state: RuleState | None, seen: Observation, telling: Telling | None = None) -> Step:
    """Judge one observation. Without ``telling``, a message would go at the time of the observation."""
    telling = telling or Telling(seen.at)
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
        return _wrong(rule, before, looked, telling)
    if before.incident_since is not None:
        return _over(rule, before, looked, telling)
    return _well(rule, before, looked, telling, known=state is not None)


def _is_wrong(rule: Rule, before: RuleState, value: float | None) -> bool:
    if value is None:
        return rule.no_data is NoData.ALERT
    holding = before.incident_since is not None and before.state is not State.NO_DATA
    limit = rule.recovery_threshold if holding else None
    return COMPARE[rule.condition](value, rule.threshold if limit is None else limit)


def _wrong(rule: Rule, before: RuleState, looked: RuleState, telling: Telling) -> Step:
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
    changed = opened or after.state is not before.state
    waits = _waits(rule, after, telling) if after.acknowledged_at is None else "acknowledged"
    if hushed := telling.silenced or waits:
        after = after if telling.silenced else replace(after, owed=True)  # they know of it, or are yet to hear of it
        return Step(after, Transition(after.state, before.state, hushed=hushed, fired=after.fired) if changed else None)
    told = replace(after, owed=True, told=after.told + 1, told_at=telling.now)
    return Step(told, Transition(after.state, before.state, tell=True, reminder=before.told > 0, fired=after.fired))


def _opened(rule: Rule, state: RuleState) -> RuleState:
    """Return the state with an incident that begins now, or with another turn of one that flaps."""
    at = state.evaluated
    if state.owed or (state.ended_at is not None and 0 <= at - state.ended_at < rule.repeat_interval):
        return replace(state, incident_since=at, fired=state.fired + 1)
    return replace(state, incident_since=at, first_at=at, fired=1)


def _waits(rule: Rule, state: RuleState, telling: Telling) -> str:
    """Return why a message that it fires has to wait; empty if it may go."""
    interval = rule.repeat_interval
    pause = min(interval * 2.0 ** min(max(state.told - 1, 0), 30), max(interval, LONGEST_PAUSE))
    return _too_soon(state, pause, telling)


def _too_soon(state: RuleState, pause: float, telling: Telling) -> str:
    if telling.late:
        return LATE
    if state.told_at is None or abs(telling.now - state.told_at) >= pause:  # less than 0: the clock was set back
        return ""
    return f"the last message is not yet {duration(pause)} old: how it is by then is told then"


def _over(rule: Rule, before: RuleState, looked: RuleState, telling: Telling) -> Step:
    at = looked.evaluated
    after = _moved(replace(looked, breached_since=None, incident_since=None, ended_at=at), State.OK, at)
    return _ended(rule, before.state, after, telling) or Step(
        _closed(after), Transition(State.RESOLVED, before.state, hushed=telling.silenced or UNTOLD, fired=before.fired)
    )


def _well(rule: Rule, before: RuleState, looked: RuleState, telling: Telling, *, known: bool) -> Step:
    after = _moved(replace(looked, breached_since=None), State.OK, looked.evaluated)
    if before.state is State.OK:  # a transition of its own is recorded first
        ended = _ended(rule, State.RESOLVED, after, telling)
        if ended is not None and ended.transition is not None and ended.transition.tell:
            return ended
    return Step(after, _changed(before, after) if known else None)


def _ended(rule: Rule, previous: State, after: RuleState, telling: Telling) -> Step | None:
    """Tell the end where it is owed, now or as soon as it may be; ``None`` where nobody waits for it.

    ``previous`` is ``resolved`` where it was over before, and is told late.
    """
    if not after.owed:
        return None
    quiet = rule.repeat_interval
    waits = _too_soon(after, quiet, telling)
    if after.fired > 1 and after.ended_at is not None and 0 <= after.evaluated - after.ended_at < quiet:
        waits = f"it flaps: its end is told when it has been well for {duration(quiet)}"
    if hushed := telling.silenced or waits:
        return Step(after, Transition(State.RESOLVED, previous, hushed=hushed, fired=after.fired))
    told = replace(_closed(after), told_at=telling.now)
    return Step(told, Transition(State.RESOLVED, previous, tell=True, fired=after.fired))


def _closed(state: RuleState) -> RuleState:
    """Return the state of which people need not hear any more."""
    return replace(state, owed=False, told=0, acknowledged_at=None)


def _moved(state: RuleState, to: State, at: float) -> RuleState:
    return state if state.state is to else replace(state, state=to, since=at)


def _changed(before: RuleState, after: RuleState) -> Transition | None:
    """Return a transition that nobody is told of."""
    return None if after.state is before.state else Transition(after.state, before.state)

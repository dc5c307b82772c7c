"""What the API answers about alerts: one Struct per shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from argus.server.alerts.checker import Health
from argus.server.alerts.values import (
    AlertEvent,
    Attempt,
    Delivery,
    DeliveryState,
    Point,
    Rule,
    RuleState,
    Severity,
    Silence,
    State,
)
from argus.server.notify.channels import Channel

WORST_FIRST = (State.FIRING, State.NO_DATA, State.ERROR, State.PENDING, State.OK)
"""But a lack of data that is no incident comes last: of all applications, many do not have a rule's metric."""


class ApplicationState(msgspec.Struct):
    """Where a rule stands for one application."""

    app: Annotated[str, Meta(description="Id of the application.")]
    state: Annotated[State, Meta(description="ok, pending, firing, no_data or error.")]
    since: Annotated[float, Meta(description="When the state began, in Unix seconds.")]
    value: Annotated[float | None, Meta(description="Of the last window; null without data.")]
    evaluated_at: Annotated[float, Meta(description="End of the last window that was judged, in Unix seconds.")]
    incident_since: Annotated[float | None, Meta(description="When the open incident began; null: there is none.")]
    flapping: Annotated[
        bool, Meta(description="It fires again and again: one incident, over once it is well for a repeat interval.")
    ]
    fired: Annotated[int, Meta(description="How often it has fired in its last incident.")]
    acknowledged_at: Annotated[float | None, Meta(description="When somebody said that they look after it.")]
    silence_id: Annotated[int | None, Meta(description="The silence that keeps messages back now.")]
    reason: Annotated[str, Meta(description="Why it is an error; empty otherwise.")]


class AlertRule(Rule, frozen=True, kw_only=True):
    """A rule and where it stands."""

    state: Annotated[
        State, Meta(description="The worst state of its applications: firing, no_data, error, pending, ok.")
    ]
    since: Annotated[float | None, Meta(description="When that state began; null: it was not judged yet.")]
    value: Annotated[float | None, Meta(description="The value of that application's last window.")]
    applications: Annotated[list[ApplicationState], Meta(description="Where it stands for each application.")]


class CheckerState(msgspec.Struct):
    """How the checking of rules goes."""

    last_pass_at: Annotated[float | None, Meta(description="When rules were last judged, in Unix seconds.")]
    seconds: Annotated[float, Meta(description="How long that took.")]
    judged: Annotated[int, Meta(description="How many rules were judged, times applications.")]
    trouble: Annotated[str, Meta(description="Why some or all keep the state they had; empty while all is well.")]


class AlertRules(msgspec.Struct):
    """The rules."""

    rules: Annotated[list[AlertRule], Meta(description="Ordered by id.")]
    checker: Annotated[CheckerState, Meta(description="How the checking goes on the server that answers.")]


class HistoryDelivery(msgspec.Struct):
    """One message of a transition."""

    id: Annotated[int, Meta(description="Number of the message.")]
    kind: Annotated[str, Meta(description="Where it goes: email, or channel.")]
    target: Annotated[str, Meta(description="The address, or the number of the channel.")]
    name: Annotated[str, Meta(description="What people call it: the channel's name now, or the address.")]
    state: Annotated[DeliveryState, Meta(description="pending, sent, failed or suppressed.")]
    reason: Annotated[str, Meta(description="Why it was suppressed, or failed for good.")]
    next_at: Annotated[float | None, Meta(description="When it is tried (again); null when that is over.")]
    attempts: Annotated[list[Attempt], Meta(description="Each try, the oldest first.")]


class HistoryEvent(msgspec.Struct):
    """One transition of a rule."""

    id: Annotated[int, Meta(description="Number of the event; grows.")]
    rule_id: Annotated[int, Meta(description="Number of the rule.")]
    rule_name: Annotated[str, Meta(description="Its name then.")]
    app: Annotated[str, Meta(description="Id of the application.")]
    state: Annotated[State, Meta(description="What it became: pending, firing, resolved, ok, no_data or error.")]
    previous: Annotated[State, Meta(description="What it was. The same as `state`: told again, or an end told late.")]
    at: Annotated[float, Meta(description="End of the window that showed it, in Unix seconds.")]
    metric_value: Annotated[float | None, Meta(description="The value of that window; null without data.")]
    threshold: Annotated[float, Meta(description="The rule's threshold then.")]
    severity: Annotated[Severity, Meta(description="The rule's severity then.")]
    points: Annotated[list[Point], Meta(description="The time before it, as pairs of time and value.")]
    reason: Annotated[str, Meta(description="Why nobody was told, or what the error is.")]
    deliveries: Annotated[list[HistoryDelivery], Meta(description="The messages that tell of it.")]


class AlertHistory(msgspec.Struct):
    """One page of the history."""

    events: Annotated[list[HistoryEvent], Meta(description="Newest first.")]
    next: Annotated[str | None, Meta(description="Pass it as `cursor` for the next page; null on the last one.")]


class SilenceState(Silence, frozen=True, kw_only=True):
    """A silence, and whether it is on."""

    active: Annotated[bool, Meta(description="Whether it keeps messages back now.")]


class Silences(msgspec.Struct):
    """The silences that are not over for good."""

    silences: Annotated[list[SilenceState], Meta(description="Ordered by start.")]


class Annotation(msgspec.Struct):
    """A mark on charts."""

    at: Annotated[float, Meta(description="When it happened, in Unix seconds.")]
    kind: Annotated[Literal["event", "alert"], Meta(description="event: argus.event(…); alert: a rule's transition.")]
    app: Annotated[str, Meta(description="Id of the application.")]
    name: Annotated[str, Meta(description="Name of the event or of the rule.")]
    text: Annotated[str, Meta(description="Its text; for an alert, what it became.")]
    tags: Annotated[dict[str, str], Meta(description="Tags of an event.")]
    rule_id: Annotated[int | None, Meta(description="The rule of an alert.")]


class Annotations(msgspec.Struct):
    """The marks of a range."""

    annotations: Annotated[list[Annotation], Meta(description="The oldest first; of too many, the newest.")]


def alert_rule(rule: Rule, states: Sequence[RuleState], silences: Sequence[Silence], now: float) -> AlertRule:
    """Return a rule as the API shows it."""
    shown = [_application(rule, state, silences, now) for state in states]
    worst = min(shown, key=_rank, default=None)
    return AlertRule(
        **asdict(rule),
        state=worst.state if worst else State.NO_DATA,
        since=worst.since if worst else None,
        value=worst.value if worst else None,
        applications=shown,
    )


def _rank(one: ApplicationState) -> int:
    nothing = one.state is State.NO_DATA and one.incident_since is None
    return len(WORST_FIRST) if nothing else WORST_FIRST.index(one.state)


def _application(rule: Rule, state: RuleState, silences: Sequence[Silence], now: float) -> ApplicationState:
    return ApplicationState(
        app=state.app,
        state=state.state,
        since=state.since,
        value=state.value,
        evaluated_at=state.evaluated,
        incident_since=state.incident_since,
        flapping=state.flaps,
        fired=state.fired,
        acknowledged_at=state.acknowledged_at,
        silence_id=next((one.id for one in silences if one.covers(rule, state.app, now)), None),
        reason=state.reason,
    )


def checker_state(health: Health) -> CheckerState:
    """Return how checking goes, as the API shows it."""
    return CheckerState(health.last_at, health.seconds, health.judged, health.trouble)


def history_events(
    events: Sequence[AlertEvent],
    deliveries: Sequence[Delivery],
    attempts: Callable[[Sequence[int]], Mapping[int, Sequence[Attempt]]],
    channels: Callable[[], Sequence[Channel]],
) -> list[HistoryEvent]:
    """Return events with their deliveries, as the API shows them. ``attempts`` and ``channels`` are the stores'."""
    tried = attempts([one.id for one in deliveries])
    asked = any(one.kind == "channel" for one in deliveries)
    names = {str(channel.id): channel.name for channel in channels()} if asked else {}
    by_event: dict[int, list[HistoryDelivery]] = {}
    for one in deliveries:
        by_event.setdefault(one.event_id, []).append(
            HistoryDelivery(
                id=one.id,
                kind=one.kind,
                target=one.target,
                name=names.get(one.target, f"deleted channel {one.target}") if one.kind == "channel" else one.target,
                state=one.state,
                reason=one.reason,
                next_at=one.next_at if one.state is DeliveryState.PENDING else None,
                attempts=list(tried.get(one.id, ())),
            )
        )
    return [
        HistoryEvent(
            id=event.id,
            rule_id=event.rule_id,
            rule_name=event.rule_name,
            app=event.app,
            state=event.state,
            previous=event.previous,
            at=event.at,
            metric_value=event.value,
            threshold=event.threshold,
            severity=event.severity,
            points=list(event.points),
            reason=event.reason,
            deliveries=by_event.get(event.id, []),
        )
        for event in events
    ]

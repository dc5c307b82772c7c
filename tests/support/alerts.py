"""Alerts as tests need them: whole values of which a test names what matters to it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from argus.server.alerts.machine import Observation
from argus.server.alerts.values import AlertEvent, Delivery, NoData, Notice, Recipient, Rule, RuleState, Severity, State

NOW = 1_899_999_960.0
"""A full minute."""

GOOD, BAD, GONE = 10.0, 90.0, None
"""What a window of :func:`rule` may show."""


def seen(*values: float | str | None, every: float = 60.0, after: float = 0.0) -> list[Observation]:
    """Return observations a minute apart; a text is an error."""
    times = [NOW + after + n * every for n in range(len(values))]
    return [
        Observation(at, None, value) if isinstance(value, str) else Observation(at, value)
        for at, value in zip(times, values, strict=True)
    ]


def rule(**changes: Any) -> Rule:
    """Return ``avg of cpu over 60 s > 80`` of the application shop."""
    given: dict[str, Any] = {
        "id": 0,
        "name": "cpu is busy",
        "app_id": "shop",
        "metric_name": "cpu",
        "query": None,
        "tags": {},
        "aggregation": "avg",
        "window": 60.0,
        "condition": ">",
        "threshold": 80.0,
        "for_": 0.0,
        "recovery_threshold": None,
        "no_data": NoData.KEEP,
        "severity": Severity.WARNING,
        "notification_email": "ops@example.org",
        "channels": (),
        "repeat_interval": 3600.0,
        "runbook_url": None,
        "enabled": True,
        "created_at": NOW,
        "updated_at": NOW,
        "revision": 1,
    }
    return Rule(**{**given, **changes})


def state(of: Rule, **changes: Any) -> RuleState:
    """Return what is known of a rule that is well."""
    given: dict[str, Any] = {
        "rule_id": of.id,
        "app": of.app_id or "shop",
        "state": State.OK,
        "since": NOW,
        "evaluated": NOW,
        "revision": of.revision,
    }
    return RuleState(**{**given, **changes})


def event(of: Rule, **changes: Any) -> AlertEvent:
    """Return the event that a rule fired."""
    given: dict[str, Any] = {
        "rule_id": of.id,
        "rule_name": of.name,
        "app": of.app_id or "shop",
        "state": State.FIRING,
        "previous": State.OK,
        "at": NOW,
        "value": 93.5,
        "threshold": of.threshold,
        "severity": of.severity,
        "points": ((NOW - 60.0, 93.5), (NOW, None)),
    }
    return AlertEvent(**{**given, **changes})


def notice(of: Rule, **changes: Any) -> Notice:
    """Return the message that a rule fired."""
    given: dict[str, Any] = {
        "incident": f"{of.id}-shop-{NOW:.0f}",
        "rule_id": of.id,
        "rule_name": of.name,
        "app_id": of.app_id or "shop",
        "state": State.FIRING,
        "reminder": False,
        "severity": of.severity,
        "at": NOW,
        "since": NOW,
        "value": 93.5,
        "threshold": of.threshold,
        "condition": of.condition,
        "condition_text": "avg of cpu over 1 min > 80",
        "metric_name": of.metric_name,
        "query": None,
        "window": of.window,
        "points": ((NOW - 60.0, 93.5), (NOW, None)),
        "runbook_url": None,
        "link": "",
    }
    return Notice(**{**given, **changes})


def delivery(of: Rule, to: Recipient | None = None, **changes: Any) -> Delivery:
    """Return a message that waits to be sent."""
    recipient = to or Recipient("email", "ops@example.org")
    given: dict[str, Any] = {
        "kind": recipient.kind,
        "target": recipient.target,
        "content": notice(of),
        "created_at": NOW,
        "next_at": NOW,
    }
    return Delivery(**{**given, **changes})


rules = st.builds(
    rule,
    condition=st.sampled_from([">", "<="]),
    threshold=st.just(50.0),
    for_=st.sampled_from([0.0, 60.0, 180.0]),
    no_data=st.sampled_from(list(NoData)),
    repeat_interval=st.sampled_from([60.0, 300.0, 900.0, 3600.0]),
)
"""Rules that differ in all that the state machine looks at."""

"""The values of alerts: what a person writes (rules, silences), what is known (states), and what happened (events).

All of them are frozen and cross the store contract in ``stores/alerts/base.py``. Times are Unix seconds, durations are
seconds; an ``id`` of 0 means that the store has not given one yet.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta


class State(StrEnum):
    """Where a rule stands for one application. An event may also be ``resolved``, after which the state is ``ok``."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    NO_DATA = "no_data"
    ERROR = "error"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How much a rule matters to whoever is told."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class NoData(StrEnum):
    """What a window without data means: all is well, an alert of its own, or that nothing is known."""

    OK = "ok"
    ALERT = "alert"
    KEEP = "keep"


PERIODS = {"day": 86_400.0, "week": 7 * 86_400.0}
"""Seconds after which a maintenance window comes again."""

Condition = Literal[">", ">=", "<", "<=", "==", "!="]
Point = tuple[float, float | None]
"""(time, value) of a chart; ``None`` where there were no data."""


class Recipient(NamedTuple):
    """Where a message goes: an address of e-mail, or the number of a channel (``notify/channels.py``)."""

    kind: Literal["email", "channel"]
    target: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of alerts, with every default filled in."""

    id: Annotated[int, Meta(description="Number of the rule.")]
    name: Annotated[str, Meta(description="What people call it.")]
    app_id: Annotated[str | None, Meta(description="The application it watches; null: each of them.")]
    metric_name: Annotated[str | None, Meta(description="The metric it watches; null for a rule about log lines.")]
    query: Annotated[str | None, Meta(description="The log search whose lines it counts; null for a metric.")]
    tags: Annotated[dict[str, str], Meta(description="Only series that have all these tags; `host` is one.")]
    aggregation: Annotated[
        str, Meta(description="What becomes of a window: avg, min, max, last, sum, rate, count, pNN.")
    ]
    window: Annotated[float, Meta(description="Seconds that are looked at together.")]
    condition: Annotated[Condition, Meta(description="How the value is compared with the threshold.")]
    threshold: Annotated[float, Meta(description="What the value is compared with.")]
    for_: Annotated[float, Meta(description="Seconds that the condition must hold.")] = msgspec.field(name="for")
    recovery_threshold: Annotated[
        float | None,
        Meta(
            description="Once it fires, the value must get to this side of it before it is over; null: the threshold."
        ),
    ]
    no_data: Annotated[NoData, Meta(description="What a window without data means: ok, alert or keep.")]
    severity: Annotated[Severity, Meta(description="info, warning or critical.")]
    notification_email: Annotated[str | None, Meta(description="Who is told by e-mail.")]
    channels: Annotated[tuple[int, ...], Meta(description="Numbers of the channels that are told too.")]
    repeat_interval: Annotated[float, Meta(description="Least seconds between two messages about one application.")]
    runbook_url: Annotated[str | None, Meta(description="Where one reads what to do about it.")]
    enabled: Annotated[bool, Meta(description="Whether it is judged at all.")]
    created_at: Annotated[float, Meta(description="When it was made, in Unix seconds.")]
    updated_at: Annotated[float, Meta(description="When it was last changed, in Unix seconds.")]
    revision: Annotated[int, Meta(description="Grows when a change makes the rule be judged anew.")]

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Everywhere a message goes, each place once."""
        mail = (Recipient("email", self.notification_email),) if self.notification_email else ()
        return (*mail, *(Recipient("channel", str(number)) for number in dict.fromkeys(self.channels)))


class RuleState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a rule for one application.

    An *incident* lasts from the moment a rule fires until it is over, whatever gaps there are in the data meanwhile.
    Of a source that flaps, several in a row are one to whoever is told.
    """

    rule_id: int
    app: str
    state: State
    since: float
    """When the state began."""
    evaluated: float
    """End of the last window that was judged."""
    value: float | None = None
    """Of the last window; ``None`` without data."""
    breached_since: float | None = None
    """End of the first window in a row that met the condition (or had no data, where that is an alert)."""
    incident_since: float | None = None
    """When it fired; ``None`` while it does not."""
    first_at: float | None = None
    """When the last incident began; of a source that flaps, the first in the row."""
    fired: int = 0
    """How often it has fired since then."""
    ended_at: float | None = None
    """When it last stopped to fire."""
    owed: bool = False
    """Whether people are to be told when it is over: they know that it fires, or are yet to hear that it did."""
    told: int = 0
    """How many messages have said that it fires, since the last one that it was over."""
    told_at: float | None = None
    """When the last message was sent, whatever it said."""
    acknowledged_at: float | None = None
    """Of the incident, or of the row."""
    reason: str = ""
    """Why it is an error."""
    revision: int = 0
    """The rule's, when this was judged: a state of another revision is none."""
    version: int = 0
    """Changes with every stored change but that of ``value`` and ``evaluated``; 0 is not stored yet."""

    @property
    def flaps(self) -> bool:
        """Whether it fires again and again, with people waiting for its end."""
        return self.fired > 1 and (self.incident_since is not None or self.owed)


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One transition, as it is kept. Where ``state`` is ``previous``, a message alone: again, or an end told late."""

    id: int = 0
    rule_id: int
    rule_name: str
    app: str
    state: State
    previous: State
    at: float
    value: float | None
    threshold: float
    severity: Severity
    points: tuple[Point, ...] = ()
    """The window and some before it, for a chart."""
    reason: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """All that a message needs, frozen when the transition happened. Its idempotency key is the delivery's ``id``."""

    incident: str
    """Names the incident: all its messages have the same one."""
    rule_id: int
    rule_name: str
    app_id: str
    state: State
    """``firing``, ``no_data`` or ``resolved``."""
    reminder: bool
    """Whether they were told before that it fires."""
    fired: int = 1
    """How often it has fired since the incident began; more than once: it flaps."""
    severity: Severity
    at: float
    since: float
    """When the incident began; of a source that flaps, the first in the row."""
    ended_at: float | None = None
    """When it was over; before ``at`` where that could not be told at once."""
    value: float | None
    threshold: float
    condition: Condition
    condition_text: str
    """Such as ``avg of cpu_percent over 5 min > 80``."""
    metric_name: str | None
    query: str | None
    window: float
    points: tuple[Point, ...]
    runbook_url: str | None
    link: str
    """Of the dashboard's page; empty where the server does not know its public address."""


class DeliveryState(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox: one message to one place. ``content`` never changes."""

    id: int = 0
    event_id: int = 0
    kind: str
    """Of a :class:`Recipient`; text, so that a newer Argus may add one."""
    target: str
    content: Notice
    state: DeliveryState = DeliveryState.PENDING
    reason: str = ""
    """Why it is suppressed, or has failed for good."""
    attempts: int = 0
    created_at: float
    next_at: float
    """When it is to be tried (again)."""


class Attempt(msgspec.Struct, frozen=True):
    """One try to deliver."""

    at: Annotated[float, Meta(description="When it was tried, in Unix seconds.")]
    ok: Annotated[bool, Meta(description="Whether it was taken.")]
    answer: Annotated[str, Meta(description="What the other side said.")]


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which transitions are recorded and nobody is told. What is null matches everything."""

    id: Annotated[int, Meta(description="Number of the silence.")]
    comment: Annotated[str, Meta(description="Why.")]
    rule_id: Annotated[int | None, Meta(description="Of this rule only.")]
    app_id: Annotated[str | None, Meta(description="Of this application only.")]
    severity: Annotated[Severity | None, Meta(description="Of this severity only.")]
    starts: Annotated[float, Meta(description="When it begins, in Unix seconds.")]
    ends: Annotated[float, Meta(description="When it is over, in Unix seconds.")]
    every: Annotated[
        Literal["day", "week"] | None, Meta(description="A maintenance window comes again every day or week (UTC).")
    ]
    created_at: Annotated[float, Meta(description="When it was made, in Unix seconds.")]

    def covers(self, rule: Rule, app: str, now: float) -> bool:
        """Return whether nobody is to be told of this rule for this application now."""
        return (
            self.active_at(now)
            and self.rule_id in {None, rule.id}
            and self.app_id in {None, app}
            and self.severity in {None, rule.severity}
        )

    def active_at(self, now: float) -> bool:
        """Return whether it is on now."""
        if now < self.starts:
            return False
        if self.every is None:
            return now < self.ends
        return (now - self.starts) % PERIODS[self.every] < self.ends - self.starts

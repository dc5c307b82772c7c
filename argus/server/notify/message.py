"""One notice on its way to one recipient: what it says, and the names by which a repeat of it is recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from argus.server.alerts.values import Delivery, Notice, Severity, State
from argus.server.notify.figures import number, span

OPERATORS = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "=", "!=": "≠"}
HEADLINES = {State.FIRING: "Firing", State.RESOLVED: "Resolved", State.NO_DATA: "No data"}
MADE_UP = (61, 63, 60, 64, 66, 62, 67, 70, 69, 74, 78, 81, 86, 88, 91, 93.2)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel carries."""

    notice: Notice
    key: str
    """The same however often it is sent, and no other message's, of any server: its idempotency key."""
    thread: str
    """The key of the message that told of the incident's beginning: later ones are shown beside it."""
    test: bool = False

    @property
    def label(self) -> str:
        """What happened, in a word or two."""
        if self.test:
            return "Test"
        if self.flaps and self.notice.state is State.FIRING:
            return "Flapping"
        word = HEADLINES.get(self.notice.state, str(self.notice.state))
        return f"Still {word.lower()}" if self.notice.reminder else word

    @property
    def flaps(self) -> bool:
        """Whether it has fired more than once, so that some of it was not told."""
        return self.notice.fired > 1

    @property
    def title(self) -> str:
        """Which rule, and where."""
        return f"{self.notice.rule_name} on {self.notice.app_id}"

    @property
    def measured(self) -> str:
        """What the value is a value of."""
        notice = self.notice
        return notice.metric_name or f"lines that match {notice.query}"

    @property
    def operator(self) -> str:
        """The comparison as people write it."""
        return OPERATORS[self.notice.condition]

    @property
    def sentence(self) -> str:
        """What was seen, in a sentence."""
        notice = self.notice
        if notice.value is None:
            return f"There were no data of {self.measured} within {span(notice.window)}"
        if notice.metric_name is None:
            return f"There were {number(notice.value)} {self.measured}; the threshold is {number(notice.threshold)}"
        return f"{self.measured} is {number(notice.value)}; the threshold is {number(notice.threshold)}"

    @property
    def headline(self) -> str:
        """All of it in one line, as a subject."""
        notice = self.notice
        if notice.value is None or notice.state is not State.FIRING:
            return f"{self.label}: {self.title}"
        return f"{self.label}: {self.title} ({number(notice.value)} {self.operator} {number(notice.threshold)})"


def of(delivery: Delivery) -> Message:
    """Return the message of a row of the outbox.

    A row's number alone would not do as its key: another server has such a number too, and so has this one after a
    backup was restored.
    """
    notice, place = delivery.content, (delivery.kind, delivery.target)
    thread = _key("incident", notice.incident, *place)
    opens = notice.state is not State.RESOLVED and notice.fired == 1 and not notice.reminder
    key = thread if opens else _key("delivery", delivery.id, delivery.created_at, notice.rule_id, notice.app_id, *place)
    return Message(notice=notice, key=key, thread=thread)


def made_up(channel: str, at: float, link: str) -> Message:
    """Return the message of "Send test": made-up figures that show what an alert looks like."""
    points = tuple((at - 20.0 * (len(MADE_UP) - 1 - i), float(value)) for i, value in enumerate(MADE_UP))
    notice = Notice(
        incident=f"test-{at:.6f}",
        rule_id=0,
        rule_name="This is how an alert looks",
        app_id="example",
        state=State.FIRING,
        reminder=False,
        severity=Severity.INFO,
        at=at,
        since=at - 100.0,
        value=MADE_UP[-1],
        threshold=80.0,
        condition=">",
        condition_text="last of cpu_percent > 80",
        metric_name="cpu_percent",
        query=None,
        window=300.0,
        points=points,
        runbook_url=None,
        link=link,
    )
    key = _key("test", channel, at)
    return Message(notice=notice, key=key, thread=key, test=True)


def digest_key(messages: Sequence[Message]) -> str:
    """Return the key of one mail that stands for many."""
    return _key("digest", *(message.key for message in messages))


def _key(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:32]

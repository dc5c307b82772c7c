"""What the server says on the live connection, one Struct for each kind of message.

The dashboard's types, and its reader of messages, are made of these (``dashboard/api_types.py``); ``docs/http-api.md``
tells when each is sent. ``id`` is the subscription's, and names of queries are its own, as the client chose them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from argus.server.alerts.answers import HistoryEvent
from argus.server.answers import Application, Line, LogLine
from argus.server.problems import ProblemDetail

Id = Annotated[int | str, Meta(description="The subscription.")]


class Message(msgspec.Struct, frozen=True, tag_field="op"):
    """Any message; ``op`` says which kind it is."""


class SubscribedMessage(Message, frozen=True, tag="subscribed"):
    """The subscription stands: what is stored from now on will be told."""

    id: Id
    now: Annotated[float, Meta(description="The server's clock, in Unix seconds.")]


class PointsMessage(Message, frozen=True, tag="points"):
    """Buckets that changed."""

    id: Id
    answers: Annotated[
        dict[str, list[Line]],
        Meta(description="By the name of a query its lines; each value replaces the one at its time."),
    ]


class LogsMessage(Message, frozen=True, tag="logs"):
    """New log lines."""

    id: Id
    logs: Annotated[list[LogLine], Meta(description="Those that match, oldest first.")]


class ApplicationsMessage(Message, frozen=True, tag="applications"):
    """The applications, when something about them has changed."""

    id: Id
    applications: Annotated[list[Application], Meta(description="All of them, ordered by name.")]


class AlertsMessage(Message, frozen=True, tag="alerts"):
    """Alert rules have changed their states."""

    id: Id
    events: Annotated[list[HistoryEvent], Meta(description="The transitions, oldest first.")]


class DroppedMessage(Message, frozen=True, tag="dropped"):
    """The connection read too slowly, so something was left out: ask for the history again."""

    id: Id
    count: Annotated[int, Meta(description="Messages that were left out.")]


class ErrorMessage(Message, frozen=True, tag="error", omit_defaults=True):
    """A message was refused, or a query failed."""

    id: Annotated[int | str | None, Meta(description="The subscription; null where the message named none.")]
    error: Annotated[ProblemDetail, Meta(description="What is wrong.")]
    query: Annotated[str | None, Meta(description="The query that failed; without it, the whole subscription.")] = None


KINDS: tuple[type[Message], ...] = (
    SubscribedMessage,
    PointsMessage,
    LogsMessage,
    ApplicationsMessage,
    AlertsMessage,
    DroppedMessage,
    ErrorMessage,
)


def encode(message: Message) -> bytes:
    """Return a message as JSON."""
    return msgspec.json.encode(message)

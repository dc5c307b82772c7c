"""What servers tell each other: rows of one kind, as JSON, in messages that an exchange can carry.

A server of another version may send what is not known here; :func:`read` says so by ``None``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from argus.server.changes import Changes, Names
from argus.server.stores.base import MOST_BYTES

MOST_MESSAGES = 32
"""Messages that one telling of changes may take; beyond that everything is said to have changed."""


class Message(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """``server`` is who tells."""

    server: str


class Joined(Message, frozen=True):
    """The server can hear now: tell it what you have counted."""


class Points(Message, frozen=True):
    """Application and names (``None``: any) whose points changed, and from when on (``None``: ever)."""

    rows: list[tuple[str | None, list[str] | None, float | None]]


class Logged(Message, frozen=True):
    """Applications that logged; ``None``: any."""

    rows: list[str | None]


class Hosts(Message, frozen=True):
    """Application, host, when it was last heard of, and how many active series of it the server knows."""

    rows: list[tuple[str, str, float, int]]


class Instances(Message, frozen=True):
    """Application, instance, its host, its SDK, and when it was last heard of."""

    rows: list[tuple[str, str, str, str, float]]


class Errors(Message, frozen=True):
    """Application, minute, and how many ERROR lines of it the server has stored in it."""

    rows: list[tuple[str, int, int]]


class Sent(Message, frozen=True):
    """Application, and how many summaries and log lines of it the server has taken since it last told."""

    rows: list[tuple[str, int, int]]


class Gone(Message, frozen=True):
    """Applications whose data were deleted."""

    rows: list[str]


Rows = TypeVar("Rows", Points, Logged, Hosts, Instances, Errors, Sent, Gone)

_DECODER = msgspec.json.Decoder(Joined | Points | Logged | Hosts | Instances | Errors | Sent | Gone)


def encode(message: Message) -> str:
    """Return a message as it is told."""
    return msgspec.json.encode(message).decode()


def pack(kind: type[Rows], server: str, rows: Sequence[object]) -> list[str]:
    """Return rows in as few messages as halving needs. A row fits: its texts are bounded where they come in."""
    if not rows:
        return []
    message = msgspec.json.encode(kind(server, list(rows)))  # type: ignore[arg-type]  # the caller knows the kind's rows
    if len(message) <= MOST_BYTES:
        return [message.decode()]
    half = len(rows) // 2
    return pack(kind, server, rows[:half]) + pack(kind, server, rows[half:])


def pack_changes(server: str, changes: Changes) -> list[str]:
    """Return changes by name where one message can, else by application, else as one word for everything."""
    logged = pack(Logged, server, sorted(changes.logged, key=str))
    by_name = encode(Points(server, _by_name(changes)))
    points = [by_name] if len(by_name) <= MOST_BYTES else pack(Points, server, _by_application(changes))
    if len(points) + len(logged) <= MOST_MESSAGES:
        return (points if changes.points else []) + logged
    return [encode(Points(server, [(None, None, None)])), encode(Logged(server, [None]))]


def _by_name(changes: Changes) -> list[tuple[str | None, list[str] | None, float | None]]:
    """Return rows of names that changed from the same moment on: mostly those of one window."""
    rows: dict[tuple[str | None, float], Names] = {}
    for app, known in changes.points.items():
        for names, since in known.items():
            others = rows.get((app, since), frozenset())
            rows[app, since] = None if names is None or others is None else names | others
    return [(app, None if names is None else sorted(names), _told(since)) for (app, since), names in rows.items()]


def _by_application(changes: Changes) -> list[tuple[str | None, None, float | None]]:
    return [(app, None, _told(min(known.values()))) for app, known in changes.points.items()]


def _told(since: float) -> float | None:
    return None if since == -math.inf else since


def read(text: str) -> Message | None:
    """Return what a server told; ``None`` where it cannot be understood."""
    try:
        told: Message = _DECODER.decode(text)
    except msgspec.DecodeError:
        return None
    return told


def changes_of(message: Points | Logged) -> Changes:
    """Return the changes that a message tells of."""
    changes = Changes()
    if isinstance(message, Logged):
        changes.logged.update(message.rows)
        return changes
    for app, names, since in message.rows:
        changes.add_points(app, None if names is None else frozenset(names), -math.inf if since is None else since)
    return changes

"""The outbox's rows; see the contract in ``base.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from argus.server.alerts.values import AlertEvent, Attempt, Delivery, DeliveryState, Notice
from argus.server.stores.alerts.base import Outbox
from argus.server.stores.alerts.connections import Connections, Transaction

COLUMNS = "id, event_id, kind, target, content, state, reason, attempts, created_at, next_at"

SUPERSEDED = "it could not be delivered before a newer message, which tells how it is now"


class SqlOutbox(Outbox):
    """The outbox in the record store's database."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def due(self, now: float, limit: int, whom: tuple[str, str] | None = None) -> Sequence[Delivery]:
        its, values = ("", ()) if whom is None else (" AND kind = ? AND target = ?", whom)
        with self._connections.read() as transaction:
            rows = transaction.execute(
                f"SELECT {COLUMNS} FROM alert_deliveries WHERE state = 'pending' AND next_at <= ?{its} "  # noqa: S608  # fixed names
                "ORDER BY next_at, id LIMIT ?",
                (now, *values, limit),
            ).fetchall()
        return [_delivery(row) for row in rows]

    def attempted(self, delivery_id: int, attempt: Attempt, state: DeliveryState, next_at: float, reason: str) -> None:
        with self._connections.write() as transaction:
            changed = transaction.execute(
                "UPDATE alert_deliveries SET state = ?, next_at = ?, reason = ?, attempts = attempts + 1 "
                "WHERE id = ? AND state = 'pending'",
                (state, next_at, reason, delivery_id),
            )
            if changed.rowcount:  # its event may be past retention, or another server may have sent it
                transaction.execute(
                    "INSERT INTO alert_attempts (delivery_id, at, ok, answer) VALUES (?, ?, ?, ?)",
                    (delivery_id, attempt.at, int(attempt.ok), attempt.answer),
                )

    def suppress(self, delivery_ids: Sequence[int], reason: str) -> None:
        with self._connections.write() as transaction:
            transaction.executemany(
                "UPDATE alert_deliveries SET state = 'suppressed', reason = ? WHERE id = ? AND state = 'pending'",
                [(reason, number) for number in delivery_ids],
            )

    def postpone(self, delivery_ids: Sequence[int], next_at: float) -> None:
        with self._connections.write() as transaction:
            transaction.executemany(
                "UPDATE alert_deliveries SET next_at = ? WHERE id = ? AND state = 'pending'",
                [(next_at, number) for number in delivery_ids],
            )

    def sent_since(self, at: float) -> Mapping[tuple[str, str], int]:
        with self._connections.read() as transaction:
            rows = transaction.execute(
                "SELECT kind, target, count(*) FROM alert_deliveries AS d JOIN alert_attempts ON delivery_id = d.id "
                "WHERE state = 'sent' AND ok = 1 AND at >= ? GROUP BY kind, target",
                (at,),
            ).fetchall()
        return {(kind, target): count for kind, target, count in rows}

    def deliveries(self, event_ids: Sequence[int]) -> Sequence[Delivery]:
        if not event_ids:
            return []
        with self._connections.read() as transaction:
            rows = transaction.execute(
                f"SELECT {COLUMNS} FROM alert_deliveries WHERE event_id IN ({marks(event_ids)}) ORDER BY id",  # noqa: S608  # only question marks are put in
                event_ids,
            ).fetchall()
        return [_delivery(row) for row in rows]

    def attempts(self, delivery_ids: Sequence[int]) -> Mapping[int, Sequence[Attempt]]:
        if not delivery_ids:
            return {}
        found: dict[int, list[Attempt]] = {}
        with self._connections.read() as transaction:
            for number, at, ok, answer in transaction.execute(
                "SELECT delivery_id, at, ok, answer FROM alert_attempts "  # noqa: S608  # only question marks are put in
                f"WHERE delivery_id IN ({marks(delivery_ids)}) ORDER BY id",
                delivery_ids,
            ).fetchall():
                found.setdefault(number, []).append(Attempt(at, bool(ok), answer))
        return found


Happening = tuple[AlertEvent, Sequence[Delivery]]
"""An event as it was stored, and its messages."""


def supersede(transaction: Transaction, happenings: Sequence[Happening]) -> None:
    """Give up older messages that wait for what new ones tell; see ``AlertStore.record``. One look for all of them."""
    new = {
        (event.rule_id, event.app, one.kind, one.target)
        for event, deliveries in happenings
        for one in deliveries
        if one.state is DeliveryState.PENDING
    }
    if not new:
        return
    waiting = transaction.execute(
        "SELECT d.id, e.rule_id, e.app, d.kind, d.target FROM alert_deliveries AS d "
        "JOIN alert_events AS e ON e.id = d.event_id WHERE d.state = 'pending' AND e.id < ?",
        (min(event.id for event, _ in happenings),),
    ).fetchall()
    transaction.executemany(
        "UPDATE alert_deliveries SET state = 'suppressed', reason = ? WHERE id = ?",
        [(SUPERSEDED, number) for number, *about in waiting if tuple(about) in new],
    )


def insert(transaction: Transaction, event_id: int, deliveries: Sequence[Delivery]) -> None:
    """Add the messages of an event, in the transaction that stores the event."""
    transaction.executemany(
        "INSERT INTO alert_deliveries (event_id, kind, target, content, state, reason, attempts, created_at, next_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                event_id,
                one.kind,
                one.target,
                msgspec.json.encode(one.content).decode(),
                one.state,
                one.reason,
                one.attempts,
                one.created_at,
                one.next_at,
            )
            for one in deliveries
        ],
    )


def marks(values: Sequence[Any]) -> str:
    """Return as many question marks as there are values."""
    return ",".join("?" * len(values))


_notice = msgspec.json.Decoder(Notice)


def _delivery(row: Sequence[Any]) -> Delivery:
    number, event_id, kind, target, content, state, reason, attempts, created_at, next_at = row
    return Delivery(
        id=number,
        event_id=event_id,
        kind=kind,
        target=target,
        content=_notice.decode(content),
        state=DeliveryState(state),
        reason=reason,
        attempts=attempts,
        created_at=created_at,
        next_at=next_at,
    )

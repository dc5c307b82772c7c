"""A delivery worker over a real store, with a clock that a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerts import NOW, delivery, event, rule, state
from msgspec.structs import replace

from argus.server.alerts.values import Attempt, Delivery, Rule, State
from argus.server.notify.carrier import Carrier
from argus.server.notify.channels import Channel
from argus.server.notify.worker import DeliveryWorker
from argus.server.settings import Settings
from argus.server.stores.alerts.base import Change, Happened
from argus.server.stores.records.store import SqliteRecordStore


@dataclass
class Post:
    """The worker, what it works from, and the time."""

    records: SqliteRecordStore
    worker: DeliveryWorker
    rule: Rule
    now: float = NOW

    def put(self, *rows: Delivery) -> list[int]:
        """Put messages into the outbox as a transition does; return their ids."""
        known = {known.app for known in self.records.alerts().states()}
        new = state(self.rule, app=f"app-{len(known)}", state=State.FIRING)
        change = Change(new, (Happened(event(self.rule, app=new.app), rows),))
        (stored,) = self.records.alerts().record([change])
        return [row.id for row in self.records.outbox().deliveries([stored.id])]

    def mails(self, count: int, **content: Any) -> list[int]:
        """Put messages to one address into the outbox."""
        made = delivery(self.rule)
        rows = [
            replace(made, content=replace(made.content, incident=f"{i}", rule_name=f"rule {i}", points=(), **content))
            for i in range(count)
        ]
        return self.put(*rows)

    def channel(self, kind: Any, target: str, secret: str = "") -> Channel:
        """Store a channel."""
        made = Channel(name=target, kind=kind, target=target, secret=secret, created_at=NOW, updated_at=NOW)
        return self.records.channels().add_channel(made, 100)

    def kept(self) -> dict[int, Delivery]:
        """Return every message in the outbox."""
        events = range(1, 100)
        return {row.id: row for row in self.records.outbox().deliveries(list(events))}

    def attempts(self, number: int) -> list[Attempt]:
        """Return the attempts of a message."""
        return list(self.records.outbox().attempts([number]).get(number, []))


@asynccontextmanager
async def open_post(folder: Path, smtp_port: int, mail_per_hour: int = 30) -> AsyncIterator[Post]:
    """Open the store in a folder, and a worker that hands its mails in at a port."""
    url = f"smtp://127.0.0.1:{smtp_port}" if smtp_port else ""
    settings = Settings(smtp_url=url, mail_from="argus@example.org")
    records, carrier = SqliteRecordStore(folder / "records.db"), Carrier(settings)
    rules = records.alerts().rules()
    post = Post(records, None, rules[0] if rules else records.alerts().add_rule(rule(), 10))  # type: ignore[arg-type]  # set next
    post.worker = DeliveryWorker(
        records.outbox(), records.channels(), carrier, mail_per_hour, clock=lambda: post.now, chance=lambda: 0.5
    )
    try:
        yield post
    finally:
        await post.worker.stop()
        await carrier.close()
        records.close()

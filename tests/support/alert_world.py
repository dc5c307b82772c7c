"""A checker over real embedded stores, and a clock that a test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import summaries
from alerts import NOW, rule

from argus.server.alerts.checker import Checker
from argus.server.alerts.trust import SETTLE_SECONDS, Trust
from argus.server.alerts.values import AlertEvent, Rule, RuleState
from argus.server.stores.alerts.base import EventQuery
from argus.server.stores.base import App, Key, LogBatch
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import Kind, LogLine, SeriesKey

DELAY = 30.0


def hold_clock(checker: Checker, now: float) -> None:
    """Let a running server's checker see one moment only: so no minute ends between a value and its judgement."""
    steady = checker._steady()
    checker._clock, checker._steady = (lambda: now), (lambda: steady)
    checker._trust = Trust(now, steady)


@dataclass
class World:
    """A server's stores and its checker. ``now`` and ``steady`` go on together unless a test sets one of them."""

    folder: Path
    now: float = NOW + DELAY
    steady: float = 1_000.0
    apps: tuple[str, ...] = ("shop", "other")
    metrics: SqliteMetricStore = field(init=False)
    records: SqliteRecordStore = field(init=False)
    checker: Checker = field(init=False)

    def __post_init__(self) -> None:
        self.open()
        for app in self.apps:
            self.records.create_app(App(app, app, 1.0), Key(app.encode().ljust(32), "p", app, 1.0))

    def open(self) -> None:
        """Start the server; what is kept is kept."""
        self.metrics = SqliteMetricStore(self.folder / "metrics.db", clock=lambda: self.now)
        self.records = SqliteRecordStore(self.folder / "records.db", clock=lambda: self.now)
        self.checker = Checker(
            self.metrics,
            self.records,
            delay=DELAY,
            public_url="https://argus.example.org",
            clock=lambda: self.now,
            steady=lambda: self.steady,
        )

    def close(self) -> None:
        self.metrics.close()
        self.records.close()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.steady += seconds

    def restart(self, after: float = 60.0) -> None:
        """Stop the server, and start it ``after`` so many seconds; clients have sent what they kept."""
        self.close()
        self.now += after
        self.steady = 5.0
        self.open()
        self.wait(SETTLE_SECONDS)

    def add(self, **changes: object) -> Rule:
        return self.records.alerts().add_rule(rule(**changes), 1000)

    def send(self, value: float, at: float | None = None, name: str = "cpu", app: str = "shop", **more: object) -> None:
        """Store a value in the minute that ends ``DELAY`` ago."""
        start = (self.now - DELAY) // 60 * 60 - 60 if at is None else at
        tags = tuple(sorted((str(key), str(tag)) for key, tag in more.items()))
        self.metrics.append([summaries.one(start, value, app=app, kind=Kind.GAUGE, key=SeriesKey(name, tags))])

    def write(self, *messages: str, at: float | None = None, app: str = "shop") -> None:
        """Store log lines in that minute."""
        start = (self.now - DELAY) // 60 * 60 - 30 if at is None else at
        lines = [LogLine(start, "ERROR", message) for message in messages]
        self.records.append([LogBatch(app, "web-1", lines)])

    def run(self, trouble: str | None = None) -> list[str]:
        """Run a pass; return what it recorded."""
        return [str(event.state) for event in self.checker.run(trouble)]

    def minute(self, value: float | None, **more: object) -> list[str]:
        """Let a minute pass in which a value comes, then run a pass."""
        self.wait(60.0)
        if value is not None:
            self.send(value, **more)  # type: ignore[arg-type]  # what send takes
        return self.run()

    def states(self) -> list[RuleState]:
        return list(self.records.alerts().states())

    def history(self) -> list[AlertEvent]:
        return list(reversed(self.records.alerts().events(EventQuery(limit=1000))))

    def messages(self) -> list[tuple[str, str, str]]:
        """Return the outbox: what is told, where it stands, and why."""
        kept = self.records.outbox().deliveries([event.id for event in self.history()])
        return [(str(one.content.state), str(one.state), one.reason) for one in kept]

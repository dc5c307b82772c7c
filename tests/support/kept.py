"""What a server keeps, for tests that move it: the same every time, and all that can be asked about it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alerts
import numpy as np
import psycopg
from summaries import one, section

from argus.server.alerts.values import State
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.alerts.base import AlertStore, Change, EventQuery, Happened
from argus.server.stores.base import (
    App,
    AuditEntry,
    Key,
    LogBatch,
    LogQuery,
    MetricBatch,
    MetricStore,
    RangeQuery,
    RecordStore,
)
from argus.wire.columns import Kind, LogLine, SeriesKey

HOUR = 3_600.0
T0 = time.time() // HOUR * HOUR - 6 * HOUR
"""Hours that are over: maintenance seals them and rolls them up."""

APPS = ("shop", "lager 7, øst")
KEYS = [
    SeriesKey("took", (("path", "/a,b=c d"), ("wörld", "%\\"))),
    SeriesKey("took"),
    SeriesKey("took", (("empty", ""),)),
]


@contextmanager
def stores(settings: Settings) -> Iterator[tuple[MetricStore, RecordStore]]:
    metrics, records = opening.open_metrics(settings), opening.open_records(settings)
    try:
        yield metrics, records
    finally:
        metrics.close()
        records.close()


def fill(settings: Settings) -> None:
    """Store applications, keys, a password, a session, log lines, and metrics of sealed, rolled up and open hours."""
    with stores(settings) as (metrics, records):
        for number, app in enumerate(APPS):
            records.create_app(App(app, app.title(), 5.0 + number), Key(bytes([number]) * 32, "arg_x", app, 6.0, 7e9))
            lines = [
                LogLine(
                    T0 + i,
                    ("INFO", "ERROR")[i % 2],
                    f"paid {i} \0 \\N ünö",
                    "shop.pay",
                    {"user": i, "deep": {"a": [1, None]}},
                )
                for i in range(20)
            ]
            records.append([LogBatch(app, "web-1", lines, "web:1", 1)])
            metrics.append(list(batches(app)))
        records.set_admin_hash("$argon2id$made-up")
        records.add_audit(AuditEntry(8.0, "admin", "here", "post_application", "/api/v1/applications", "shop"))
        watch(records.alerts())
        metrics.maintain(time.time())
        metrics.append([one(time.time() - 20, 7.0, seq=99, app=app) for app in APPS])


def watch(store: AlertStore) -> None:
    """Store a rule that fires, with a message that waits."""
    made = store.add_rule(alerts.rule(), 1)
    fired = Happened(alerts.event(made), (alerts.delivery(made),))
    store.record([Change(alerts.state(made, state=State.FIRING, incident_since=alerts.NOW), (fired,))])


def batches(app: str) -> Iterator[MetricBatch]:
    """Yield windows of two instances on one host: both have the same series at the same times."""
    for i in range(30):
        at = T0 + 180.0 * i
        for instance in ("i1", "i2"):
            made = (
                section(Kind.TIMING, [(key, [0.0, 0.001 * i, 0.25, 1.5 * i]) for key in KEYS]),
                section(Kind.COUNTER, [(SeriesKey("orders"), [1.0 + i])]),
                section(Kind.GAUGE, [(SeriesKey("queue"), [0.1 * i])]),
            )
            yield MetricBatch(app, "host a", at, at + 10, made, instance, i + 1)


def answers(settings: Settings) -> dict[str, Any]:
    """Return what is answered to every kind of question. PostgreSQL keeps no NUL and no order of metadata."""
    with stores(settings) as (metrics, records):
        found: dict[str, Any] = {
            "apps": records.apps(),
            "keys": sorted(records.keys(), key=lambda key: key.sha256),
            "admin": records.admin_hash(),
            "audit": records.audit(100),
            "alerts": (records.alerts().rules(), records.alerts().states(), records.alerts().events(EventQuery())),
            "outbox": records.outbox().due(alerts.NOW, 10),
            "lines": [
                (
                    one.id,
                    one.app,
                    one.host,
                    one.line.timestamp,
                    one.line.level,
                    one.line.message.replace("\0", "\ufffd"),
                )
                for one in records.search(LogQuery(limit=1000)).lines
            ],
            "metadata": [
                json.dumps(one.line.metadata, sort_keys=True) for one in records.search(LogQuery(limit=1000)).lines
            ],
            "search": [line.id for line in records.search(LogQuery(q="paid level:error user=7", limit=1000)).lines],
        }
        for app in APPS:
            found[f"series {app}"] = [(s.name, s.tags, s.kind, s.host) for s in metrics.series(app)]
            for name, agg in (("took", "p99"), ("took", "p50"), ("orders", "sum"), ("queue", "avg"), ("took", "count")):
                for step in (10.0, 300.0, 3600.0):
                    query = RangeQuery(
                        app, (name,), T0 - HOUR, T0 + 7 * HOUR, step, agg, ("path",) if name == "took" else ()
                    )
                    answer = metrics.query(query)
                    lines = [(line.name, sorted(line.tags.items()), np.round(line.values, 9)) for line in answer.lines]
                    found[f"{agg} {name} {app} {step:g}"] = sorted(
                        (name, tags, values.tolist()) for name, tags, values in lines
                    )
        return found


def same(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the questions that are answered otherwise; NaN is as good as NaN."""
    return [question for question in before if repr(before[question]) != repr(after[question])]


def postgres_tables(url: str) -> dict[str, list[Any]]:
    """Return every row of every table of a database."""
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'.encode()))) for name in names}


def sqlite_tables(path: Path) -> dict[str, list[Any]]:
    """Return every row of every table of a file; the full-text index is asked by searching."""
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: list(connection.execute(f'SELECT * FROM "{name}"')) for name in names if "words_" not in name}
    connection.close()
    return found

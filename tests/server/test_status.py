"""What the status tells: about data that came in, jobs, stores that are away, and never a secret."""

from __future__ import annotations

import time

import pytest

from argus.errors import StoreUnavailable
from argus.server import keys
from argus.server.intake import Flow
from argus.server.jobs import Job, every
from argus.server.last_minute import MINUTE
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.base import Appended
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.records.store import SqliteRecordStore


async def status(server):
    code, answer = await server.get("/api/v1/status")
    assert code == 200
    return answer


async def test_what_came_in_was_rejected_repeated_and_refused_is_counted(server) -> None:
    good, bad = {"name": "n", "value": 1}, {"name": "n", "value": -1, "type": "counter"}
    await server.post("/api/v1/metrics", {"metrics": [good, good, bad]})
    line = {"timestamp": time.time(), "level": "INFO", "message": "hello"}
    for _ in range(2):
        await server.post("/api/v1/logs", {"instance": "web:1", "seq": 1, "logs": [line]})
    await server.post("/api/v1/metrics", b"{")
    told = await status(server)
    assert (told["summaries"]["stored"], told["summaries"]["rejected"]) == (2, 1)
    assert told["summaries"]["per_second"] > 0
    assert (told["log_lines"]["stored"], told["log_lines"]["duplicates"]) == (1, 1)
    assert told["refused"] == {"bad_request": 1}
    assert (told["applications"], told["series"]) == (2, 1)


async def test_a_job_that_fails_is_told_with_its_error(server) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    jobs = server.app[keys.JOBS]
    jobs.add(Job("backup", "copies everything", fail, every(3600)))
    await jobs.run("backup")
    (backup,) = (job for job in (await status(server))["jobs"] if job["name"] == "backup")
    assert (backup["does"], backup["interval"], backup["outcome"], backup["error"]) == (
        "copies everything",
        3600,
        "failed",
        "disk full",
    )
    assert backup["next_run"] > backup["last_run"]


@pytest.mark.parametrize("store", [SqliteMetricStore, SqliteRecordStore])
async def test_a_store_that_is_away_is_told_and_the_rest_too(server, monkeypatch, store) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("the disk is gone")

    role = "metrics" if store is SqliteMetricStore else "records"
    for name in {"stats", "apps"} & set(vars(store)):
        monkeypatch.setattr(store, name, away)
    told = await status(server)
    found = {store["role"]: store for store in told["stores"]}
    assert (found[role]["reachable"], found[role]["trouble"], found[role]["sizes"]) == (False, "the disk is gone", {})
    (other,) = (store for name, store in found.items() if name != role)
    assert (other["reachable"], other["trouble"]) == (True, None)
    assert other["sizes"]
    assert told["process"]["memory"] > 0


@pytest.mark.parametrize(
    ("role", "url", "kind", "address"),
    [
        ("metrics", "", "sqlite", "sqlite:///data/metrics.db"),
        ("records", "sqlite:///elsewhere/r.db", "sqlite", "sqlite:///elsewhere/r.db"),
        ("metrics", "influxdbs://argus:peacock@h:8086/db", "influxdb", "influxdbs://h:8086/db"),
        ("metrics", "influxdb://h/b?org=o&token=peacock", "influxdb", "influxdb://h/b"),
        ("records", "postgres://a:peacock@h:5432/db?password=peacock", "postgresql", "postgres://h:5432/db"),
    ],
)
def test_a_stores_address_is_shown_without_secrets(tmp_path, role, url, kind, address) -> None:
    settings = Settings(data=tmp_path / "data")
    shown = opening.shown(role, url, settings)
    assert (shown[0], shown[1].replace(str(tmp_path), "")) == (kind, address)


def test_a_rate_is_that_of_the_last_minute() -> None:
    now = [0.0]
    flow = Flow(lambda: now[0])
    for _ in range(600):
        now[0] += 0.5
        flow.note(10, Appended.STORED, 0)
    assert flow.per_second() == pytest.approx(20, rel=0.05)
    assert flow.stored == 6000
    now[0] += MINUTE + 1
    assert flow.per_second() == 0


def test_a_young_servers_rate_is_that_since_its_start() -> None:
    now = [0.0]
    flow = Flow(lambda: now[0])
    now[0] = 10.0
    flow.note(50, Appended.STORED, 0)
    assert flow.per_second() == 5

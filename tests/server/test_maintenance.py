"""Scheduled work: what the jobs do, and that one that fails keeps nobody from theirs."""

from __future__ import annotations

import asyncio
import time

import pytest

from argus.errors import StoreUnavailable
from argus.server import keys, maintenance
from argus.server.stores.metrics.store import SqliteMetricStore

ADMIN = {"Authorization": "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="}  # admin:correct horse
DAY = 86_400.0


@pytest.fixture
async def filled(server):
    """A server to which two applications sent a point and a line."""
    line = {"timestamp": time.time(), "level": "INFO", "message": "hello"}
    for key in (server.key, server.other_key):
        for path, body in (("metrics", {"metrics": [{"name": "fps", "value": 60}]}), ("logs", {"logs": [line]})):
            assert (await server.post(f"/api/v1/{path}", body, headers=server.bearer(key)))[0] == 200
    return server


async def messages(server, app: str) -> list[str]:
    _, answer = await server.get("/api/v1/logs", app=app)
    return [line["message"] for line in answer["logs"]]


async def test_what_is_older_than_its_retention_goes(filled) -> None:
    await maintenance.run_all(filled.app)
    assert (await filled.names(), await messages(filled, "shop")) == (["fps"], ["hello"])
    await maintenance.run_all(filled.app, lambda: time.time() + 40 * DAY)
    _, answer = await filled.get("/api/v1/metrics", app="shop", name="fps")
    assert [value for line in answer["series"] for value in line["values"] if value is not None] == []
    assert await messages(filled, "shop") == []


async def test_the_data_of_a_deleted_application_go_and_the_others_stay(filled) -> None:
    async with filled.http.delete(f"{filled.url}/api/v1/applications/shop", headers=ADMIN) as answer:
        assert answer.status == 204
    await maintenance.run_all(filled.app)
    assert (await filled.names("shop"), await messages(filled, "shop")) == ([], [])
    assert (await filled.names("other"), await messages(filled, "other")) == (["fps"], ["hello"])
    assert filled.app[keys.SERIES].count("shop") == 0


async def test_what_is_sent_until_the_keys_are_known_to_be_revoked_goes_too(filled) -> None:
    async with filled.http.delete(f"{filled.url}/api/v1/applications/shop", headers=ADMIN) as answer:
        assert answer.status == 204
    purging = asyncio.create_task(maintenance.run_all(filled.app))
    while (await filled.post("/api/v1/metrics", {"metrics": [{"name": "late", "value": 1}]}))[0] == 200:
        pass
    await purging
    assert await filled.names("shop") == []


async def test_a_metric_store_of_ones_own_is_maintained_whoever_leads(server, monkeypatch) -> None:
    maintained: list[float] = []
    monkeypatch.setattr(SqliteMetricStore, "maintain", lambda store, now: maintained.append(now))
    await maintenance.run_all(server.app, jobs=maintenance.JOBS_OF_EACH)
    assert maintained == []  # it leads: run_all does it
    server.app[keys.LEADERSHIP].leads(None)
    await maintenance.run_all(server.app, jobs=maintenance.JOBS_OF_EACH)
    assert len(maintained) == 1


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), OverflowError("not foreseen")])
async def test_a_job_that_fails_is_said_and_the_others_run(filled, monkeypatch, caplog, error) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(SqliteMetricStore, "maintain", fail)
    await maintenance.run_all(filled.app, lambda: time.time() + 40 * DAY)
    assert "maintain_metrics" in caplog.text
    assert await messages(filled, "shop") == []


async def test_the_jobs_are_scheduled_every_minute_and_never_twice_at_once(server) -> None:
    scheduler = maintenance.schedule(server.app)
    try:
        jobs = sorted(scheduler.get_jobs(), key=lambda job: job.executor)
        assert [(job.executor, job.kwargs) for job in jobs] == [
            ("default", {}),
            ("each", {"jobs": maintenance.JOBS_OF_EACH}),
        ]
        for job in jobs:
            assert (job.func, job.trigger.interval.total_seconds()) == (maintenance.run_all, 60)
            assert (job.max_instances, job.coalesce) == (1, True)
    finally:
        scheduler.shutdown(wait=False)

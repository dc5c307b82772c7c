"""The stores' upkeep: what is expired, what is deleted."""

from __future__ import annotations

import asyncio
import time

import pytest

from argus.errors import StoreError, StoreUnavailable
from argus.server import keys, maintenance
from argus.server.jobs import Jobs
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


async def run_all(server, clock=time.time) -> None:
    """Do the upkeep once, as of a moment."""
    jobs = Jobs(server.app, clock)
    for job in maintenance.JOBS:
        jobs.add(job)
        await jobs.run(job.name)


async def messages(server, app: str) -> list[str]:
    _, answer = await server.get("/api/v1/logs", app=app)
    return [line["message"] for line in answer["logs"]]


async def test_what_is_older_than_its_retention_goes(filled) -> None:
    await run_all(filled)
    assert (await filled.names(), await messages(filled, "shop")) == (["fps"], ["hello"])
    await run_all(filled, lambda: time.time() + 40 * DAY)
    _, answer = await filled.get("/api/v1/metrics", app="shop", name="fps")
    assert [value for line in answer["series"] for value in line["values"] if value is not None] == []
    assert await messages(filled, "shop") == []


async def test_the_data_of_a_deleted_application_go_and_the_others_stay(filled) -> None:
    async with filled.http.delete(f"{filled.url}/api/v1/applications/shop", headers=ADMIN) as answer:
        assert answer.status == 204
    await run_all(filled)
    assert (await filled.names("shop"), await messages(filled, "shop")) == ([], [])
    assert (await filled.names("other"), await messages(filled, "other")) == (["fps"], ["hello"])
    assert filled.app[keys.SERIES].count("shop") == 0


async def test_what_is_sent_until_the_keys_are_known_to_be_revoked_goes_too(filled) -> None:
    async with filled.http.delete(f"{filled.url}/api/v1/applications/shop", headers=ADMIN) as answer:
        assert answer.status == 204
    purging = asyncio.create_task(run_all(filled))
    while (await filled.post("/api/v1/metrics", {"metrics": [{"name": "late", "value": 1}]}))[0] == 200:
        pass
    await purging
    assert await filled.names("shop") == []


async def test_a_metric_store_of_ones_own_is_maintained_whoever_leads(server, monkeypatch) -> None:
    maintained: list[float] = []
    monkeypatch.setattr(SqliteMetricStore, "maintain", lambda store, now: maintained.append(now))
    await maintenance.maintain_own(server.app, time.time())
    assert maintained == []  # it leads: the job of the leader does it
    server.app[keys.LEADERSHIP].leads(None)
    await maintenance.maintain_own(server.app, time.time())
    assert len(maintained) == 1


async def test_an_engine_that_cannot_delete_keeps_nobody_from_deleting_the_rest(filled, monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise StoreError("rows of one application cannot be deleted")

    monkeypatch.setattr(SqliteMetricStore, "delete_app", fail)
    filled.app[keys.RECORDS].delete_app("shop", time.time())
    await run_all(filled)
    assert (await messages(filled, "shop"), list(filled.app[keys.RECORDS].deleted_apps())) == ([], [])
    assert "stay until their retention ends: rows of one application cannot be deleted" in caplog.text


async def test_while_the_metric_store_is_away_a_deleted_application_waits(filled, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteMetricStore, "delete_app", fail)
        filled.app[keys.RECORDS].delete_app("shop", time.time())
        await run_all(filled)
        assert list(filled.app[keys.RECORDS].deleted_apps()) == ["shop"]
    await run_all(filled)
    assert (await filled.names("shop"), list(filled.app[keys.RECORDS].deleted_apps())) == ([], [])

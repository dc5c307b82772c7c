"""The start while a store is away, and what ``/readyz`` goes by. No clock is waited for."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from argus.errors import ConfigError, StoreUnavailable
from argus.server import readiness, startup
from argus.server.ingest import GroupCommit
from argus.server.startup import Startup
from argus.server.stores.base import Appended, LogBatch
from argus.server.stores.records.store import SqliteRecordStore


class Steps:
    """Steps of a start that note when they were done, and a store that they need."""

    def __init__(self) -> None:
        self.away = False
        self.done: list[str] = []
        self.all_done = asyncio.Event()

    async def first(self) -> None:
        if self.away:
            raise StoreUnavailable("the cable is cut")
        self.done.append("first")

    async def second(self) -> None:
        self.done.append("second")
        self.all_done.set()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "RETRY_SECONDS", 0)


async def test_where_the_store_is_there_a_step_is_done_at_once() -> None:
    steps, start = Steps(), Startup()
    await start.do(steps.first)
    await start.do(steps.second)
    assert (steps.done, start.trouble) == (["first", "second"], None)
    await start.stop()


async def test_where_it_is_away_the_steps_wait_in_their_order_and_the_reason_is_told() -> None:
    steps, start = Steps(), Startup()
    steps.away = True
    await start.do(steps.first)
    await start.do(steps.second)
    assert (steps.done, start.trouble) == ([], "the cable is cut")
    steps.away = False
    await steps.all_done.wait()
    await asyncio.sleep(0)
    assert (steps.done, start.trouble) == (["first", "second"], None)
    await start.stop()


async def test_a_mistake_that_waiting_does_not_heal_ends_the_start() -> None:
    async def wrong() -> None:
        raise ConfigError("a password has at least 8 characters")

    with pytest.raises(ConfigError):
        await Startup().do(wrong)


async def test_a_start_that_is_stopped_gives_up() -> None:
    steps, start = Steps(), Startup()
    steps.away = True
    await start.do(steps.first)
    await start.stop()
    assert steps.done == []


async def test_a_store_that_is_well_again_is_said_to_be_before_anybody_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    fault: str | None = "the cable is cut"

    def append(_: object) -> list[Appended]:
        raise StoreUnavailable(str(fault))

    def check() -> None:
        if fault is not None:
            raise StoreUnavailable(fault)

    store = SqliteRecordStore(tmp_path / "records.db")
    monkeypatch.setattr(store, "check", check)
    commit = GroupCommit[LogBatch](append, lambda batches: None)
    commit.start()
    asked = readiness.Readiness(store, commit, lambda: now)
    with pytest.raises(StoreUnavailable):
        await commit.submit(LogBatch("shop", "web-1", []))
    assert await asked.trouble() == fault
    fault = None
    assert await asked.trouble() == "the cable is cut"  # nobody looks again so soon
    now += readiness.LOOK_SECONDS
    assert await asked.trouble() is None
    await commit.stop()
    store.close()


async def test_who_asks_whether_a_silent_store_is_ready_is_not_kept_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    store = SqliteRecordStore(tmp_path / "records.db")
    monkeypatch.setattr(store, "check", answers.wait)
    monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 0.01)
    asked = readiness.Readiness(store, GroupCommit[LogBatch](lambda _: [], lambda batches: None))
    assert await asked.trouble() == "the store does not answer within 0.01 s"
    monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 10.0)
    waiting = asyncio.create_task(asked.trouble())
    answers.set()
    assert await waiting is None, "the answer to the first question is that to the second"
    store.close()

"""Telling other servers while nobody can be told: nothing waits for it, and nothing is forgotten."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from argus.errors import StoreUnavailable
from argus.server import messages, neighbours
from argus.server.answers import Application
from argus.server.errors_hour import ErrorCounts
from argus.server.leadership import Leadership
from argus.server.live import Hub
from argus.server.messages import Gone, Joined, Logged, Points
from argus.server.neighbours import Neighbours
from argus.server.series import SeriesDirectory
from argus.server.stores.base import App, Exchange, Key, Listener, LogBatch
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.records.store import SqliteRecordStore
from argus.server.traffic import Rates, Traffic
from argus.wire.columns import LogLine

Kind = TypeVar("Kind", bound=messages.Message)


class Line(Exchange):
    """A double at the edge: an exchange whose cable a test cuts. ``told`` is what went through."""

    def __init__(self) -> None:
        self.cut = True
        self.refused = asyncio.Event()
        self.told: asyncio.Queue[messages.Message | None] = asyncio.Queue()

    async def run(self, listener: Listener) -> None:
        listener.joined()
        await asyncio.Event().wait()

    async def tell(self, messages_: Sequence[str]) -> None:
        if self.cut:
            self.refused.set()
            raise StoreUnavailable("the cable is cut")
        for text in messages_:
            self.told.put_nowait(messages.read(text))

    async def next(self, kind: type[Kind]) -> Kind:
        async with asyncio.timeout(5):
            while not isinstance(message := await self.told.get(), kind):
                pass
        return message


class Here:
    def __init__(self, folder: Path) -> None:
        self.metrics, self.records = SqliteMetricStore(folder / "m.db"), SqliteRecordStore(folder / "r.db")
        self.series, self.errors = SeriesDirectory(10), ErrorCounts(time.time)
        self.line = Line()
        self.forgotten: asyncio.Queue[str] = asyncio.Queue()
        self.neighbours = Neighbours(
            self.line,
            records=self.records,
            hub=Hub(self.metrics, self.records, self._no_applications, lambda _: []),
            series=self.series,
            errors=self.errors,
            traffic=Traffic(time.monotonic, lambda _: Rates(1.0, 1.0)),
            leadership=Leadership(alone=False),
            lag=0.0,
            forget=self._forget,
        )

    async def _no_applications(self) -> list[Application]:
        return []

    async def _forget(self, app: str) -> None:
        self.forgotten.put_nowait(app)


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    for name in ("COALESCE_SECONDS", "NEWS_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(neighbours, name, 0.001)
    made = Here(tmp_path)
    yield made
    await made.neighbours.stop()
    for store in (made.metrics, made.records):
        store.close()


def logged(app: str, level: str = "INFO") -> list[LogBatch]:
    return [LogBatch(app, "web-1", [LogLine(time.time(), level, "hello")], "i", 1)]


async def test_what_cannot_be_told_is_added_up_and_told_when_it_can(here: Here) -> None:
    here.neighbours.start()
    here.neighbours.logs_stored(logged("shop"))
    await asyncio.wait_for(here.line.refused.wait(), 5)
    here.neighbours.logs_stored(logged("bank"))
    here.neighbours.deleted("old")
    here.line.cut = False
    await here.line.next(Joined)
    assert (await here.line.next(Gone)).rows == ["old"]
    assert (await here.line.next(Logged)).rows == ["bank", "shop"]
    assert here.neighbours.not_told > 0


async def test_more_than_can_be_kept_is_told_as_everything(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_UNTOLD", 3)
    for number in range(5):
        here.neighbours._changes.add_points("shop", frozenset([f"n{number}"]), 1.0)
    here.neighbours.start()
    await asyncio.wait_for(here.line.refused.wait(), 5)
    here.line.cut = False
    assert messages.changes_of(await here.line.next(Points)).since("anything", ["at all"]) == -math.inf


async def test_who_joins_is_told_what_was_counted_and_deleted_applications_are_forgotten(here: Here) -> None:
    key = Key(b"1" * 32, "argus_1", "shop", 1.0)
    here.records.create_app(App("shop", "shop", 1.0), key)
    here.errors.add(logged("shop", "ERROR"))
    for app in ("shop", "gone"):
        here.series.heard(app, "web-1", None, 1.0)
    here.line.cut = False
    here.neighbours.start()
    first = await here.line.next(messages.Errors)
    here.neighbours.heard(messages.encode(Joined("other")))
    assert [row[2] for row in first.rows] == [1]
    assert await here.line.next(messages.Errors) == first
    assert await asyncio.wait_for(here.forgotten.get(), 5) == "gone"
    assert here.forgotten.empty()


async def test_what_was_committed_last_is_told_before_the_end(here: Here) -> None:
    here.neighbours.start()
    await here.neighbours.stop()
    here.line.cut = False
    here.neighbours.logs_stored(logged("shop"))
    await here.neighbours.tell_rest()
    assert (await here.line.next(Logged)).rows == ["shop"]


async def test_servers_that_share_their_records_but_not_their_metrics_are_told_of(here: Here, caplog) -> None:
    here.neighbours._lag = here.metrics.lag
    for _ in range(2):
        here.neighbours.heard(messages.encode(Gone("other", [])))
    assert caplog.text.count("give both the same --metrics-url") == 1


async def test_a_message_of_another_version_is_counted_and_said_once(here: Here, caplog) -> None:
    for _ in range(2):
        here.neighbours.heard('{"kind": "Dance", "server": "other"}')
    assert (here.neighbours.not_understood, caplog.text.count("another version")) == (2, 1)

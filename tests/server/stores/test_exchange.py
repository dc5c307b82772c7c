"""Where servers meet in PostgreSQL: who hears what, and who leads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argus.errors import StoreUnavailable
from argus.server.stores.base import Exchange
from argus.server.stores.postgres import exchange
from argus.server.stores.postgres.store import PostgresRecordStore


class Server:
    """Takes part in an exchange, and remembers what it hears."""

    def __init__(self, meeting: Exchange) -> None:
        self.meeting = meeting
        self.heard_messages: list[str] = []
        self.words: asyncio.Queue[str] = asyncio.Queue()

    def joined(self) -> None:
        self.words.put_nowait("joined")

    def heard(self, message: str) -> None:
        self.heard_messages.append(message)
        if message == "last":
            self.words.put_nowait(message)

    def leads(self, until: float | None) -> None:
        self.words.put_nowait("does not lead" if until is None else "leads")

    async def word(self, *wanted: str) -> str:
        """Return the next of these words."""
        async with asyncio.timeout(15):
            while (word := await self.words.get()) not in wanted:
                pass
        return word


@contextlib.asynccontextmanager
async def taking_part(url: str, folder: Path) -> AsyncIterator[Server]:
    store = PostgresRecordStore(url, folder)
    server = Server(store.exchange())
    task = asyncio.create_task(server.meeting.run(server))
    yield server
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    store.close()


async def test_everybody_hears_everything_in_its_order_and_one_leads(postgres, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 0.001)  # also what arrives during a look is heard
    url = postgres.new_schema()
    async with taking_part(url, tmp_path) as first:
        assert await first.word("leads", "does not lead") == "leads"
        async with taking_part(url, tmp_path) as second:
            assert await second.word("leads", "does not lead") == "does not lead"
            for number in range(50):
                await first.meeting.tell([f"{number} ä", f"{number} \\"])
            await second.meeting.tell(["last"])
            for server in (first, second):
                await server.word("last")
                assert server.heard_messages == [f"{n} {c}" for n in range(50) for c in ("ä", "\\")] + ["last"]


async def test_who_ends_leaves_the_lead_to_another(postgres, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 0.01)
    url = postgres.new_schema()
    async with contextlib.AsyncExitStack() as rest:
        async with taking_part(url, tmp_path) as first:
            await first.word("leads")
            second = await rest.enter_async_context(taking_part(url, tmp_path))
            await second.word("does not lead")
        await second.word("leads")


async def test_another_schema_is_another_meeting(postgres, tmp_path) -> None:
    async with (
        taking_part(postgres.new_schema(), tmp_path) as here,
        taking_part(postgres.new_schema(), tmp_path) as there,
    ):
        await here.word("leads")
        await there.word("leads")
        await there.meeting.tell(["there"])
        await here.meeting.tell(["last"])
        await here.word("last")
        assert here.heard_messages == ["last"]


async def test_who_falls_silent_leads_no_more_before_another_can(postgres, tmp_path, monkeypatch, caplog) -> None:
    assert exchange.LEASE_SECONDS < exchange.SILENCE_SECONDS
    monkeypatch.setattr(exchange, "SILENCE_SECONDS", 1)
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 60.0)
    async with taking_part(postgres.new_schema(), tmp_path) as server:
        await server.word("leads")
        began = time.monotonic()
        await server.word("does not lead")
        assert time.monotonic() - began < 10
    assert "cannot be heard" in caplog.text


async def test_what_cannot_be_told_is_said(tmp_path) -> None:
    store = PostgresRecordStore("postgresql://argus:peacock@127.0.0.1:1/argus", tmp_path)
    with pytest.raises(StoreUnavailable, match="Connection refused") as away:
        await store.exchange().tell(["hello"])
    assert "peacock" not in str(away.value)
    store.close()

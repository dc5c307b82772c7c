"""The dead man's switch, against a real HTTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hook_receiver import Receiver

from argus.errors import ConfigError
from argus.server.notify.carrier import Carrier
from argus.server.notify.heartbeat import Heartbeat
from argus.server.settings import Settings


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    made = Carrier(Settings())
    yield made
    await made.close()


async def test_the_address_is_asked_once_per_beat(carrier: Carrier, receiver: Receiver) -> None:
    heartbeat = Heartbeat(receiver.url, carrier)
    await heartbeat.beat(1.0)
    await heartbeat.beat(61.0)
    assert [body for _, body in receiver.came] == [b"", b""]
    assert heartbeat.trouble is None


async def test_a_failure_is_said_once_until_it_works_again_without_the_address(
    carrier: Carrier, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeat = Heartbeat(receiver.url, carrier)
    receiver.answer = {"status": 503}
    await heartbeat.beat(1.0)
    await heartbeat.beat(2.0)
    assert caplog.text.count("the heartbeat could not be given: 503") == 1
    receiver.answer = {"status": 200}
    await heartbeat.beat(3.0)
    assert heartbeat.trouble is None
    nobody = Heartbeat("http://127.0.0.1:9/?token=hunter22", carrier)
    await nobody.beat(4.0)
    assert nobody.trouble is not None
    assert "hunter22" not in caplog.text


async def test_an_address_that_hangs_holds_up_nobody_and_is_not_asked_twice_at_once(carrier: Carrier) -> None:
    asked = asyncio.Event()
    connections = 0

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        heartbeat = Heartbeat(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", carrier)
        heartbeat.begin(1.0)  # returns although nobody has answered
        await asked.wait()
        heartbeat.begin(2.0)
        await asyncio.sleep(0)
        assert connections == 1
        await heartbeat.stop()
    assert heartbeat.trouble is None


async def test_without_an_address_nothing_is_asked(carrier: Carrier) -> None:
    heartbeat = Heartbeat("", carrier)
    await heartbeat.beat(1.0)
    assert heartbeat.trouble is None


async def test_an_address_that_cannot_be_asked_stops_the_server_at_its_start(carrier: Carrier) -> None:
    with pytest.raises(ConfigError, match="--heartbeat-url"):
        Heartbeat("ftp://example.org", carrier)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"smtp_url": "smtp://mail.example.org"}, "--mail-from is missing"),
        ({"smtp_url": "smtp://mail.example.org", "mail_from": "Argus"}, "--mail-from is 'Argus'"),
        ({"smtp_url": "mail.example.org:25"}, "mail server"),
    ],
)
def test_a_mail_server_that_cannot_work_stops_the_server_at_its_start(settings: dict[str, str], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        Carrier(Settings(**settings))  # type: ignore[arg-type]  # texts, each of them


def test_the_login_is_the_sender_where_it_is_an_address() -> None:
    assert Carrier(Settings(smtp_url="smtps://me%40example.org:x@mail.example.org"))._sender == "me@example.org"

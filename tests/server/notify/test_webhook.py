"""Webhooks against a real HTTP server: what arrives, how it is signed, and what each answer means."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hook_receiver import Receiver
from messages import AT

from argus.errors import ConfigError
from argus.server.notify import web_addresses, webhook
from argus.server.notify.message import Message
from argus.server.notify.outcome import LONGEST_DETAIL, Outcome, Result

PAGE = Path(__file__).resolve().parents[3] / "docs" / "notifications.md"
SECRET = "whsec-4711"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with webhook.make_session() as made:
        yield made


async def post(session: aiohttp.ClientSession, url: str, message: Message) -> Outcome:
    return await webhook.post(session, url, SECRET, message, AT + 5)


async def test_a_message_arrives_as_the_page_describes(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message
) -> None:
    assert await post(session, receiver.url, message) == Outcome(Result.SENT, "200 thanks")
    ((headers, body),) = receiver.came
    told = json.loads(body)
    assert (told["version"], told["key"], told["test"]) == (1, message.key, False)
    assert told["title"] == "Firing: CPU too high on shop (93.2 > 80)"
    assert told["alert"]["points"][-1] == [AT, 93.2]
    assert headers["Idempotency-Key"] == message.key
    example = re.search(r"```json\n(\{\s*\"version\".*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    described = json.loads(example[1])
    assert described.keys() == told.keys()
    assert described["alert"].keys() == told["alert"].keys()


async def test_the_page_s_verification_accepts_it_and_nothing_else(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message
) -> None:
    await post(session, receiver.url, message)
    ((headers, body),) = receiver.came
    snippet = re.search(r"```python\n(.*?def is_from_argus.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert snippet is not None
    names: dict[str, Any] = {}
    exec(snippet[1], names)  # the page's own example
    is_from_argus = names["is_from_argus"]
    assert is_from_argus(SECRET, headers, body, AT + 10)
    assert not is_from_argus("another", headers, body, AT + 10)
    assert not is_from_argus(SECRET, headers, body + b" ", AT + 10)
    assert not is_from_argus(SECRET, {**headers, "Argus-Timestamp": str(int(AT) + 6)}, body, AT + 10)
    assert not is_from_argus(SECRET, headers, body, AT + 1_000)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (204, Result.SENT),
        (400, Result.REFUSED),
        (401, Result.REFUSED),
        (404, Result.REFUSED),
        (410, Result.REFUSED),
        (408, Result.FAILED),
        (429, Result.FAILED),
        (500, Result.FAILED),
        (503, Result.FAILED),
    ],
)
async def test_a_status_says_whether_to_try_again(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message, status: int, result: Result
) -> None:
    receiver.answer = {"status": status}
    assert (await post(session, receiver.url, message)).result is result


@pytest.mark.parametrize(
    ("header", "wait"),
    [("120", 120.0), ("999999", 3600.0), ("Wed, 18 Nov 2026 11:07:45 GMT", 60.0), ("soon", None), ("-5", None)],
)
async def test_the_wait_that_is_asked_for_is_kept_within_bounds(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message, header: str, wait: float | None
) -> None:
    receiver.answer = {"status": 503, "headers": {"Retry-After": header}}
    assert (await post(session, receiver.url, message)).retry_after == wait


async def test_a_redirection_is_not_followed(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 307, "headers": {"Location": receiver.url + "&again"}}
    outcome = await post(session, receiver.url, message)
    assert outcome.result is Result.REFUSED
    assert "none is followed" in outcome.detail
    assert "hunter22" not in outcome.detail
    assert len(receiver.came) == 1


async def test_an_answer_is_kept_within_bounds_and_in_one_line(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 400, "body": b"\x1b[2J\xff\r\nno\0" + b"x" * 1_000_000}
    detail = (await post(session, receiver.url, message)).detail
    assert len(detail) == LONGEST_DETAIL
    assert detail.isprintable()
    assert detail.startswith("400 [2J")


async def test_an_answer_that_repeats_the_address_does_not_give_it_away(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 404, "text": "no route /hook?token=hunter22"}
    assert (await post(session, receiver.url, message)).detail == "404 no route /hook?token=…"


async def test_silence_and_nobody_are_failures_that_do_not_show_the_address(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": -1}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05)) as hasty:
        outcome = await post(hasty, receiver.url, message)
    assert (outcome.result, outcome.detail) == (Result.FAILED, "no answer within 15 s")
    unused = "http://127.0.0.1:9/hook?token=hunter22"
    nobody = await post(session, unused, message)
    assert nobody.result is Result.FAILED
    assert "hunter22" not in nobody.detail


async def test_a_name_that_leads_to_the_cloud_s_own_address_is_not_asked(
    session: aiohttp.ClientSession, receiver: Receiver, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    leads_to = {"inside.test": "127.0.0.1", "cloud.test": "169.254.169.254"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **how: real(leads_to[host], *more, **how))
    inside = receiver.url.replace("127.0.0.1", "inside.test")
    assert (await post(session, inside, message)).result is Result.SENT
    outcome = await post(session, inside.replace("inside.test", "cloud.test"), message)
    assert outcome.result is Result.FAILED
    assert "link-local" in outcome.detail


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "example.org/hook", "ftp://example.org", "file:///etc/passwd", "http://", "http://[::1", "http://a:b"),
        *("http://169.254.169.254/latest", "http://[fe80::1%25eth0]/", "http://[::ffff:169.254.1.1]/", "http://a\nb/"),
    ],
)
def test_an_address_that_may_not_be_posted_to_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError):
        web_addresses.checked(wrong)

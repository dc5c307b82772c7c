"""Telling a program: a JSON document by POST, signed so that it can be known to come from here.

The address is the administrator's, and hosts of the own network are a usual choice, so they are not refused. But
nothing is followed: a redirection is a refusal, so an outside host cannot point us at an inside one. Some addresses
are refused after the name was resolved (``forbidden.py``), and what a host answers is kept only as one bounded line of
text.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from argus.server.notify.forbidden import Forbidden, is_forbidden
from argus.server.notify.message import Message
from argus.server.notify.outcome import Outcome, failed, refused, sent, without_secrets

SECONDS = 15.0
"""For the whole exchange."""
KEPT_BYTES = 2_048
LONGEST_RETRY_AFTER = 3_600.0
VERSION = 1
RETRIED_STATUS = {408, 425, 429}
"""The codes below 500 that say: later."""


class Resolver(AbstractResolver):
    """The system's name service, without forbidden addresses.

    It is what the connection is made from, so a name cannot change its mind in between.
    """

    def __init__(self) -> None:
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._system.resolve(host, port, family)
        allowed = [one for one in found if not is_forbidden(one["host"])]
        if not allowed:
            raise Forbidden(host)
        return allowed

    async def close(self) -> None:
        await self._system.close()


def make_session() -> aiohttp.ClientSession:
    """Return a session for webhooks and heartbeats; its owner closes it."""
    connector = aiohttp.TCPConnector(resolver=Resolver(), limit_per_host=4)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    agent = {"User-Agent": "argus"}
    return aiohttp.ClientSession(
        connector=connector, timeout=timeout, headers=agent, cookie_jar=aiohttp.DummyCookieJar()
    )


def document(message: Message) -> dict[str, Any]:
    """Return what is posted; described in ``docs/notifications.md``."""
    notice = message.notice
    return {
        "version": VERSION,
        "key": message.key,
        "incident": message.thread,
        "test": message.test,
        "title": message.headline,
        "alert": msgspec.to_builtins(notice),
    }


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body: over its time too, so that an old one cannot be sent again unnoticed."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


async def post(session: aiohttp.ClientSession, url: str, secret: str, message: Message, now: float) -> Outcome:
    """Post a message, signed with the present time: receivers judge a request's age, not the alert's."""
    body = msgspec.json.encode(document(message))
    timestamp = str(int(now))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.key,
        "Argus-Timestamp": timestamp,
        "Argus-Signature": f"v1={sign(secret, timestamp, body)}",
    }
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            text = (await answer.content.read(KEPT_BYTES)).decode(errors="replace")
            return judge(answer, f"{answer.status} {without_secrets(text, _behind_host(url))}", now)
    except TimeoutError:
        return failed(f"no answer within {SECONDS:g} s")
    except (aiohttp.ClientError, OSError) as error:
        return failed(without_address(error))


def judge(answer: aiohttp.ClientResponse, detail: str, now: float) -> Outcome:
    """Return what a status means for the same request sent again."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return sent(detail)
    if answer.status < HTTPStatus.BAD_REQUEST:
        return refused(f"{answer.status} is a redirection, and none is followed: enter the final address")
    if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in RETRIED_STATUS:
        return refused(detail)
    return failed(detail, _wait(answer.headers.get("Retry-After"), now))


def without_address(error: Exception) -> str:
    """Return what went wrong without the address, which may hold a secret."""
    if isinstance(error, aiohttp.InvalidURL):
        return "the address cannot be used"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{type(error).__name__}: {error.status} {error.message}"
    return f"{type(error).__name__}: {error}"


def _behind_host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.username or ''}:{parts.password or ''}@{parts.path}?{parts.query}"


def _wait(header: str | None, now: float) -> float | None:
    """Return the seconds of ``Retry-After``, which is a number or a date."""
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdigit() else parsedate_to_datetime(header).timestamp() - now
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)

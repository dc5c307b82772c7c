"""The running server, as programs and browsers reach it: alive, ready, through the public address, live, encrypted."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec

from argus.doctor import web
from argus.doctor.result import Result, failure, ok, skipped, warning
from argus.doctor.stores import Clocks
from argus.errors import ArgusError, StoreError
from argus.server import tls
from argus.server.access import COOKIE
from argus.server.auth import digest
from argus.server.settings import Settings, variable
from argus.server.stores import opening
from argus.server.stores.base import Session

DAY = 86_400.0
FEW_DAYS = 14
"""Let's Encrypt renews a month before the end: what has less than this was not renewed."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked up, not bound


def own_url(settings: Settings) -> str:
    """Return the address at which the server answers on this machine."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"{'https' if settings.tls_cert else 'http'}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def own_trust(settings: Settings) -> ssl.SSLContext | None:
    """Return what the server is trusted by on this machine: its own certificate, which is for another name.

    Raises :class:`~argus.doctor.web.NoAnswer` where that cannot be read.
    """
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(settings.tls_cert)
    except OSError as error:  # the check of the certificate says what to do
        raise web.NoAnswer(f"--tls-cert {settings.tls_cert}: {web.reason(error)}") from error
    return context


def alive(settings: Settings, clocks: Clocks) -> Result:
    """Ask the server at its own address whether it is alive and ready."""
    name, url = "server", own_url(settings)
    try:
        trust = own_trust(settings)
        answer = web.ask(f"{url}/healthz", tls=trust)
        if (answer.status, answer.body) != (200, b"ok\n"):
            return failure(name, f"what answers at {url} is no Argus ({answer.status})", "choose another --port")
        if answer.offset is not None:
            clocks["the server"] = answer.offset
        ready = web.ask(f"{url}/readyz", tls=trust)
    except web.NoAnswer as error:
        fix = "start it: argus serve, or systemctl start argus; is it on another --host or --port?"
        return failure(name, f"nothing answers at {url}: {error}", fix)
    if ready.status != 200:  # noqa: PLR2004  # the one good answer
        return failure(name, f"{url} is not ready: {_troubles(ready.body)}", "the lines of the stores say what to do")
    return ok(name, f"{url} is alive and ready")


def _troubles(body: bytes) -> str:
    try:
        told = msgspec.json.decode(body, type=dict[str, msgspec.Raw])["troubles"]
        return "; ".join(f"{part}: {why}" for part, why in msgspec.json.decode(told, type=dict[str, str]).items())
    except (msgspec.DecodeError, KeyError):
        return body[:200].decode("utf-8", "replace")


def public(settings: Settings, clocks: Clocks, trust: ssl.SSLContext | None = None) -> Result:
    """Ask the server through the address that browsers use."""
    name, url = "public address", settings.public_url
    if not url:
        return skipped(name, f"none is set ({variable('public_url')}); needed behind a proxy")
    try:
        answer = web.ask(f"{url}/healthz", tls=trust)
    except web.NoAnswer as error:
        fix = "does the name lead to the proxy, does the proxy run, are its ports open?"
        return failure(name, f"{url}: {error}", fix)
    if (answer.status, answer.body) != (200, b"ok\n"):
        fix = f"let the proxy pass everything on to {own_url(settings)}, or correct {variable('public_url')}"
        return failure(name, f"{url}/healthz answers {answer.status}, and not as Argus does", fix)
    if answer.offset is not None:
        clocks["the public address"] = answer.offset
    return ok(name, f"{url} leads to Argus")


def live(settings: Settings, trust: ssl.SSLContext | None = None) -> Result:
    """Open a live connection as a dashboard's page would, with a login of a few seconds, and subscribe."""
    name, url = "live connection", settings.public_url or own_url(settings)
    try:
        trust = trust or (None if settings.public_url else own_trust(settings))
        web.ask(f"{url}/healthz", tls=trust)  # where nothing answers, no record store is opened either, or even made
        with _login(settings) as token:
            told = asyncio.run(_subscribed(url, token, trust))
    except (ArgusError, web.NoAnswer) as error:
        return skipped(name, f"cannot be tried: {error}")
    except aiohttp.WSServerHandshakeError as error:
        return refused(name, url, error.status)
    except (aiohttp.ClientError, OSError) as error:
        return failure(
            name, f"{url}: {web.reason(error)}", "does the proxy pass WebSockets on, without a limit on time?"
        )
    if told != "subscribed":
        return failure(name, f"{url} opened, and answered {told!r}", "does the proxy change what it passes on?")
    return ok(name, f"{url} passes WebSockets on")


def refused(name: str, url: str, status: int) -> Result:
    """Say what the status of a handshake that failed means."""
    told = f"{url}/ws/dashboard answers {status}"
    if status == 403:  # noqa: PLR2004  # the route's own
        return failure(
            name, f"{told}: the page's origin is refused", f"set {variable('public_url')} to what browsers show"
        )
    if status == 401:  # noqa: PLR2004  # the route's own
        return failure(
            name, f"{told}: the login did not arrive", "let the proxy pass cookies; do both use one record store?"
        )
    fix = "let the proxy pass the headers Upgrade and Connection on (nginx: proxy_set_header; HTTP/1.1)"
    return failure(name, f"{told} in place of a WebSocket", fix)


@contextlib.contextmanager
def _login(settings: Settings) -> Iterator[str]:
    """Be logged in while the block runs."""
    kind, place = opening.shown("records", settings.records_url, settings)
    if kind == "sqlite" and not Path(place.removeprefix("sqlite://")).exists():
        raise StoreError(f"the server keeps its records elsewhere than in {place}")
    store = opening.open_records(settings)
    try:
        token, now = secrets.token_urlsafe(32), time.time()
        store.add_session(Session(digest(token), now, now))
        try:
            yield token
        finally:
            store.end_sessions([digest(token)])
    finally:
        store.close()


async def _subscribed(url: str, token: str, trust: ssl.SSLContext | None) -> str:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = {"Cookie": f"{COOKIE}={token}", "Origin": origin}
    limit = aiohttp.ClientTimeout(total=web.SECONDS)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=limit) as http,
        asyncio.timeout(web.SECONDS),
        http.ws_connect(f"{url}/ws/dashboard", ssl=trust or True) as connection,
    ):
        await connection.send_json({"op": "subscribe", "id": 1, "topic": "applications"})
        answer = await connection.receive_json()
        return str(answer.get("op"))


def certificate(settings: Settings, trust: ssl.SSLContext | None = None) -> Result:
    """Look at the certificate that browsers get, and at our own files."""
    name = "certificate"
    try:
        tls.certificate_of(settings)
    except ArgusError as error:
        return failure(name, str(error), "name a certificate and its own key, both PEM, that this user can read")
    url = settings.public_url or own_url(settings)
    parts = urlsplit(url)
    if parts.scheme != "https":
        return skipped(name, f"{url} is not encrypted")
    context = trust or (None if settings.public_url else own_trust(settings)) or ssl.create_default_context()
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), web.SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=parts.hostname) as encrypted,
        ):
            found = encrypted.getpeercert() or {}
    except OSError as error:
        return failure(name, f"{url}: {web.reason(error)}", "renew it, for the right name, with its whole chain")
    return lifetime(url, ssl.cert_time_to_seconds(str(found["notAfter"])) - time.time())


def lifetime(url: str, seconds: float) -> Result:
    """Judge how long a certificate is valid."""
    told = f"{url}: valid for {seconds / DAY:.0f} more days"
    if seconds < FEW_DAYS * DAY:
        return warning("certificate", told, "renew it; does what renews it still run?")
    return ok("certificate", told)

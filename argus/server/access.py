"""Who asks, and whether they may: the session, the administrator by Basic, or an application by its key."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from argus.server import keys, origin
from argus.server.problems import Problem
from argus.server.throttle import LoginRefused

COOKIE = "argus_session"
SAFE = {"GET", "HEAD"}


class Access(StrEnum):
    """Who may call a route."""

    PUBLIC = "everybody"
    KEY = "an application, by its key"
    READ = "the administrator; or an application by its key, about itself"
    ADMIN = "the administrator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from. ``app`` is set for a key, which sees its own application only."""

    admin: bool
    app: str | None = None
    token: str | None = None
    expires_at: float = 0.0
    admin_hash: str | None = None
    """The password's hash that Basic was checked against: a live connection ends with it."""

    @property
    def own(self) -> str:
        """The application whose key it is; for routes that only keys may call."""
        assert self.app is not None
        return self.app


async def caller_of(request: web.Request) -> Caller | None:
    """Return who asks, ``None`` where nobody says. Raises ``Problem`` for credentials that are wrong."""
    auth = request.app[keys.AUTH]
    key = _key_of(request)
    if key is not None:
        app = auth.app_of_key(key) if auth.knows_keys() else await asyncio.to_thread(auth.app_of_key, key)
        if app is None:
            raise Problem("unauthorized", "the API key is unknown or revoked", "Authorization")
        return Caller(admin=False, app=app)
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        return await _basic(request, header.removeprefix("Basic "))
    token = request.cookies.get(COOKIE)
    if token is None:
        return None
    expires_at = await asyncio.to_thread(auth.session_expiry, token)
    return None if expires_at is None else Caller(admin=True, token=token, expires_at=expires_at)


def _key_of(request: web.Request) -> str | None:
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    return request.headers.get("X-API-Key")


async def _basic(request: web.Request, encoded: str) -> Caller:
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Problem("unauthorized", "the Authorization header cannot be read", "Authorization") from error
    try:
        fits = await asyncio.to_thread(request.app[keys.AUTH].check_password, password, request.remote or "")
    except LoginRefused as error:
        raise Problem("too_many_requests", str(error), "Authorization", retry_after=error.retry_after) from error
    if user != "admin" or fits is None:
        raise Problem("unauthorized", "wrong user or password", "Authorization")
    return Caller(admin=True, admin_hash=fits)


MISSING = {
    Access.KEY: "an API key is needed: Authorization: Bearer KEY",
    Access.READ: "log in first, or use an API key",
    Access.ADMIN: "log in first, or use HTTP Basic as admin",
}


async def admit(request: web.Request, needed: Access) -> Caller | None:
    """Return who asks, ``None`` for nobody in particular. Raises ``Problem`` where they may not."""
    if needed is Access.PUBLIC:
        return None
    caller = await caller_of(request)
    if caller is None:
        raise Problem("unauthorized", MISSING[needed], "Authorization")
    if needed is Access.ADMIN and not caller.admin:
        raise Problem(
            "forbidden", "an API key may send data and read its own application's; this needs the administrator"
        )
    if caller.admin and request.method not in SAFE:
        origin.check(request)  # a browser sends the cookie, and a password it knows, by itself
    if needed is Access.KEY and caller.app is None:
        raise Problem("forbidden", "data are sent with an application's key, not as the administrator", "Authorization")
    return caller


def check_application(caller: Caller | None, wanted: str | None) -> None:
    """Raise ``Problem`` where a key asks about an application that is not its own."""
    if caller is not None and caller.app is not None and wanted not in {None, "", caller.app}:
        raise Problem("forbidden", f"this key belongs to {caller.app!r} and cannot read {wanted!r}", "app")

"""``/api/v1/session``: logging in and out."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus import __version__
from argus.server import access, keys, origin
from argus.server.access import Access, Caller
from argus.server.api import Routes, answered
from argus.server.audit import Act
from argus.server.auth import SHORTEST_PASSWORD
from argus.server.middleware import is_https
from argus.server.problems import Code, Problem
from argus.server.throttle import LoginRefused

routes = Routes("Session", "Logging in and out. There is one user, the administrator.")


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """The administrator's password."""

    password: Annotated[str, Meta(description="The password.")]


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """A change of the administrator's password."""

    old: Annotated[str, Meta(description="The password until now.")]
    new: Annotated[str, Meta(description="The password from now on.", min_length=SHORTEST_PASSWORD)]


class Logout(msgspec.Struct):
    """Which sessions end."""

    everywhere: Annotated[bool, Meta(description="End every session, on every machine.")] = False


class Session(msgspec.Struct):
    """Who is logged in, and until when."""

    user: Annotated[str, Meta(description="Always admin.")]
    expires_at: Annotated[float, Meta(description="When the session ends unless it is used, in Unix seconds.")]
    version: Annotated[str, Meta(description="Version of the server.")]


@routes.get("/api/v1/session", Access.ADMIN)
async def get_session(_: web.Request, caller: Caller) -> Session:
    """Say who is logged in."""
    return Session("admin", caller.expires_at, __version__)


LOGIN_ERRORS: tuple[Code, ...] = ("unauthorized", "forbidden", "too_many_requests")


@routes.post("/api/v1/session", Access.PUBLIC, answers=Session, errors=LOGIN_ERRORS, audited=True)
async def post_session(request: web.Request, body: Login, act: Act) -> web.Response:
    """Log in with the administrator's password; the answer sets the session's cookie.

    After three wrong passwords an address has to wait, twice as long each time: 429 with `Retry-After`.
    """
    origin.check(request)
    auth = request.app[keys.AUTH]
    try:
        await asyncio.to_thread(auth.prove, body.password, request.remote or "")
    except LoginRefused as error:
        raise _refused(error, "$.password") from error
    token = await act.do(auth.new_session)
    return await _logged_in(request, token)


@routes.post("/api/v1/session/password", Access.ADMIN, answers=Session)
async def post_password(request: web.Request, body: NewPassword, act: Act) -> web.Response:
    """Change the administrator's password.

    Every session ends and every live connection is closed; the answer sets the cookie of a new session.
    """
    auth = request.app[keys.AUTH]
    try:
        await asyncio.to_thread(auth.prove, body.old, request.remote or "", "the old password")
    except LoginRefused as error:
        raise _refused(error, "$.old") from error
    encoded = await asyncio.to_thread(auth.hashed, body.new)

    def change() -> str:
        auth.set_hash(encoded)
        return auth.new_session()

    token = await act.do(change)
    return await _logged_in(request, token)


@routes.delete("/api/v1/session", Access.ADMIN, status=204)
async def delete_session(request: web.Request, caller: Caller, query: Logout, act: Act) -> web.Response:
    """Log out."""
    auth = request.app[keys.AUTH]
    act.detail = "everywhere" if query.everywhere else ""
    if query.everywhere:
        await act.do(auth.logout_everywhere)
    elif caller.token is not None:
        await act.do(partial(auth.logout, caller.token))
    else:
        await act.note()  # the password came with the request: there is no session to end
    response = web.Response(status=204)
    response.del_cookie(access.COOKIE)
    return response


def _refused(error: LoginRefused, where: str) -> Problem:
    code: Code = "unauthorized" if error.retry_after is None else "too_many_requests"
    return Problem(code, str(error), where, retry_after=error.retry_after)


async def _logged_in(request: web.Request, token: str) -> web.Response:
    expires_at = await asyncio.to_thread(request.app[keys.AUTH].session_expiry, token)
    response = answered(Session("admin", expires_at or 0.0, __version__))
    response.set_cookie(
        access.COOKIE,
        token,
        httponly=True,
        samesite="Strict",
        secure=is_https(request),
        max_age=int(request.app[keys.SETTINGS].session_absolute),
    )
    return response

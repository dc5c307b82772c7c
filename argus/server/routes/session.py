"""``/api/v1/session``: logging in and out."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus import __version__
from argus.server import access, keys
from argus.server.access import Access, Caller
from argus.server.api import Routes, answered
from argus.server.auth import LoginRefused
from argus.server.problems import Code, Problem

routes = Routes("Session", "Logging in and out. There is one user, the administrator.")


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """The administrator's password."""

    password: Annotated[str, Meta(description="The password.")]


class Session(msgspec.Struct):
    """Who is logged in, and until when."""

    user: Annotated[str, Meta(description="Always admin.")]
    expires_at: Annotated[float, Meta(description="When the session ends unless it is used, in Unix seconds.")]
    version: Annotated[str, Meta(description="Version of the server.")]


@routes.get("/api/v1/session", Access.ADMIN)
async def get_session(_: web.Request, caller: Caller) -> Session:
    """Say who is logged in."""
    return Session("admin", caller.expires_at, __version__)


@routes.post("/api/v1/session", Access.PUBLIC, answers=Session, errors=("unauthorized", "too_many_requests"))
async def post_session(request: web.Request, body: Login) -> web.Response:
    """Log in with the administrator's password; the answer sets the session's cookie."""
    auth = request.app[keys.AUTH]
    try:
        token = await asyncio.to_thread(auth.login, body.password, request.remote or "")
    except LoginRefused as error:
        code: Code = "unauthorized" if error.retry_after is None else "too_many_requests"
        raise Problem(code, str(error), "$.password", retry_after=error.retry_after) from error
    expires_at = await asyncio.to_thread(auth.session_expiry, token)
    response = answered(Session("admin", expires_at or 0.0, __version__))
    response.set_cookie(
        access.COOKIE,
        token,
        httponly=True,
        samesite="Strict",
        secure=_behind_https(request),
        max_age=int(request.app[keys.SETTINGS].session_absolute),
    )
    return response


@routes.delete("/api/v1/session", Access.ADMIN, status=204)
async def delete_session(request: web.Request, caller: Caller) -> web.Response:
    """Log out."""
    if caller.token is not None:
        await asyncio.to_thread(request.app[keys.AUTH].logout, caller.token)
    response = web.Response(status=204)
    response.del_cookie(access.COOKIE)
    return response


def _behind_https(request: web.Request) -> bool:
    return request.secure or request.app[keys.SETTINGS].public_url.startswith("https://")

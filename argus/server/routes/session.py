"""``/api/v1/session``: logging in and out."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from argus import __version__
from argus.server import access, keys
from argus.server.auth import LoginRefused
from argus.server.body import read_body
from argus.server.problems import Problem

routes = web.RouteTableDef()


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /api/v1/session``."""

    password: str


@routes.get("/api/v1/session")
async def get_session(request: web.Request) -> web.Response:
    """Say who is logged in."""
    caller = await access.need_admin(request)
    return _session(caller.expires_at)


@routes.post("/api/v1/session")
async def post_session(request: web.Request) -> web.Response:
    """Log in with the administrator's password."""
    body = await read_body(request)
    try:
        login = msgspec.json.decode(body, type=Login)
    except msgspec.DecodeError as error:
        raise Problem("bad_request", str(error), "$") from error
    auth = request.app[keys.AUTH]
    try:
        token = await asyncio.to_thread(auth.login, login.password, request.remote or "")
    except LoginRefused as error:
        code = "unauthorized" if error.retry_after is None else "too_many_requests"
        raise Problem(code, str(error), "$.password", retry_after=error.retry_after) from error
    expires_at = await asyncio.to_thread(auth.session_expiry, token)
    response = _session(expires_at or 0.0)
    response.set_cookie(
        access.COOKIE,
        token,
        httponly=True,
        samesite="Strict",
        secure=_behind_https(request),
        max_age=int(request.app[keys.SETTINGS].session_absolute),
    )
    return response


@routes.delete("/api/v1/session")
async def delete_session(request: web.Request) -> web.Response:
    """Log out."""
    caller = await access.need_admin(request)
    if caller.token is not None:
        await asyncio.to_thread(request.app[keys.AUTH].logout, caller.token)
    response = web.Response(status=204)
    response.del_cookie(access.COOKIE)
    return response


def _session(expires_at: float) -> web.Response:
    body = {"user": "admin", "expires_at": expires_at, "version": __version__}
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def _behind_https(request: web.Request) -> bool:
    return request.secure or request.app[keys.SETTINGS].public_url.startswith("https://")

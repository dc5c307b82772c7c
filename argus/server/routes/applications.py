"""``/api/v1/applications``: registering, listing, rotating keys, deleting."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
from aiohttp import web

from argus.errors import ConfigError, Conflict
from argus.server import access, keys, query
from argus.server.body import read_body
from argus.server.problems import Problem
from argus.server.registration import KEY_OVERLAP, app_id_of
from argus.server.stores.base import App

routes = web.RouteTableDef()


class NewApplication(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /api/v1/applications``."""

    name: str


async def listed(app: web.Application) -> list[dict[str, Any]]:
    """Return the applications as the API and the live hub show them."""
    records = app[keys.RECORDS]
    apps, stored = await asyncio.to_thread(lambda: (records.apps(), records.keys()))
    return query.applications(apps, stored, app[keys.SERIES], app[keys.ERROR_COUNTS].last_hour, time.time())


@routes.get("/api/v1/applications")
async def get_applications(request: web.Request) -> web.Response:
    """List the applications, without their keys; with a key, its own alone."""
    own = await access.readable_app(request, None)
    shown = [app for app in await listed(request.app) if own in {None, app["app_id"]}]
    return web.Response(body=msgspec.json.encode({"applications": shown}), content_type="application/json")


@routes.post("/api/v1/applications")
async def post_application(request: web.Request) -> web.Response:
    """Register an application; its key is in this answer and never shown again."""
    await access.need_admin(request)
    body = await read_body(request)
    try:
        wanted = msgspec.json.decode(body, type=NewApplication)
        app = App(app_id_of(wanted.name), wanted.name.strip(), time.time())
    except msgspec.DecodeError as error:
        raise Problem("bad_request", str(error), "$") from error
    except ConfigError as error:
        raise Problem("bad_request", str(error), "$.name") from error
    secret, key = request.app[keys.AUTH].new_key(app.app_id)
    try:
        await asyncio.to_thread(request.app[keys.RECORDS].create_app, app, key)
    except Conflict as error:
        raise Problem("conflict", f"there is an application {app.app_id!r} already", "$.name") from error
    return _with_key(app, secret, 201)


@routes.post("/api/v1/applications/{app_id}/rotate-key")
async def post_rotate_key(request: web.Request) -> web.Response:
    """Make a new key; the old ones work for one more day."""
    await access.need_admin(request)
    app = await _existing(request)
    secret, key = request.app[keys.AUTH].new_key(app.app_id)
    now = time.time()
    await asyncio.to_thread(request.app[keys.RECORDS].rotate_key, key, now, now + KEY_OVERLAP)
    return _with_key(app, secret, 200)


@routes.delete("/api/v1/applications/{app_id}")
async def delete_application(request: web.Request) -> web.Response:
    """Revoke an application's keys and have its data deleted."""
    await access.need_admin(request)
    app = await _existing(request)
    await asyncio.to_thread(request.app[keys.RECORDS].delete_app, app.app_id, time.time())
    return web.Response(status=204)


async def _existing(request: web.Request) -> App:
    app_id = request.match_info["app_id"]
    apps = await asyncio.to_thread(request.app[keys.RECORDS].apps)
    found = next((app for app in apps if app.app_id == app_id), None)
    if found is None:
        raise Problem("not_found", f"there is no application {app_id!r}", "app_id")
    return found


def _with_key(app: App, secret: str, status: int) -> web.Response:
    body = {"app_id": app.app_id, "name": app.name, "api_key": secret, "created_at": app.created_at}
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")

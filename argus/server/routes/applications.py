"""``/api/v1/applications``: registering, listing, rotating keys."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.errors import ConfigError, Conflict
from argus.server import keys, query
from argus.server.access import Access, Caller
from argus.server.answers import AppId, Application, Applications, CreatedApplication
from argus.server.api import Routes
from argus.server.audit import Act
from argus.server.problems import Problem
from argus.server.registration import LONGEST_NAME, app_id_of
from argus.server.routes.application import existing
from argus.server.routes.application_keys import add_key
from argus.server.stores.base import App

routes = Routes("Applications", "Programs that report, and their keys.")


class NewApplication(msgspec.Struct, forbid_unknown_fields=True):
    """An application to register."""

    name: Annotated[
        str,
        Meta(
            description="A name for people; the id is made from it.",
            min_length=1,
            max_length=LONGEST_NAME,
            pattern="[A-Za-z0-9]",
        ),
    ]


async def listed(app: web.Application) -> list[Application]:
    """Return the applications as the API and the live hub show them."""
    records, alerts = app[keys.RECORDS], app[keys.ALERTS]
    apps, stored, incidents = await asyncio.to_thread(lambda: (records.apps(), records.keys(), alerts.incidents()))
    errors = app[keys.ERROR_COUNTS].last_hour
    return query.applications(apps, stored, app[keys.SERIES], errors=errors, incidents=incidents, now=time.time())


@routes.get("/api/v1/applications", Access.READ)
async def get_applications(request: web.Request, caller: Caller) -> Applications:
    """List the applications, without their keys; with a key, its own alone."""
    return Applications([app for app in await listed(request.app) if caller.app in {None, app.app_id}])


@routes.post("/api/v1/applications", Access.ADMIN, status=201, errors=("conflict",))
async def post_application(request: web.Request, body: NewApplication, act: Act) -> CreatedApplication:
    """Register an application; its key is in this answer and never shown again."""
    try:
        app = App(app_id_of(body.name), body.name.strip(), time.time())
    except ConfigError as error:
        raise Problem("bad_request", str(error), "$.name") from error
    secret, key = request.app[keys.AUTH].new_key(app.app_id)
    act.detail = app.app_id
    try:
        await act.do(partial(request.app[keys.RECORDS].create_app, app, key))
    except Conflict as error:
        raise Problem("conflict", f"there is an application {app.app_id!r} already", "$.name") from error
    return CreatedApplication(app.app_id, app.name, secret, app.created_at)


@routes.post("/api/v1/applications/{app_id}/rotate-key", Access.ADMIN)
async def post_rotate_key(request: web.Request, app_id: AppId, act: Act) -> CreatedApplication:
    """Make a new key; the old ones work for one more day."""
    app = await existing(request, app_id)
    secret, key = request.app[keys.AUTH].new_key(app.app_id)
    await add_key(request, act, key, replaced=None)
    return CreatedApplication(app.app_id, app.name, secret, app.created_at)

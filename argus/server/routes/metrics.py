"""``GET /api/v1/metrics`` and ``/api/v1/metrics/series``: what charts ask for."""

from __future__ import annotations

import asyncio
import time

import msgspec
from aiohttp import web

from argus.errors import QueryError
from argus.server import access, keys, query
from argus.server.problems import Problem

routes = web.RouteTableDef()


@routes.get("/api/v1/metrics")
async def get_metrics(request: web.Request) -> web.Response:
    """Answer a range query in columns."""
    app_id = await _readable(request)
    wanted = query.range_query(app_id, _params(request), time.time())
    store = request.app[keys.METRICS]
    try:
        body = await asyncio.to_thread(lambda: query.encode_answer(store.query(wanted)))
    except QueryError as error:
        raise Problem("bad_request", str(error), error.where) from error
    return web.Response(body=body, content_type="application/json")


@routes.get("/api/v1/metrics/series")
async def get_series(request: web.Request) -> web.Response:
    """List the series of an application."""
    app_id = await _readable(request)
    query.only(_params(request), {"app"})
    found = await asyncio.to_thread(request.app[keys.METRICS].series, app_id)
    return web.Response(body=msgspec.json.encode(query.series_list(found)), content_type="application/json")


async def _readable(request: web.Request) -> str:
    app_id = await access.readable_app(request, request.query.get("app"))
    if not app_id:
        raise Problem("bad_request", "name the application: app=…", "app")
    return app_id


def _params(request: web.Request) -> dict[str, list[str]]:
    return {name: request.query.getall(name) for name in request.query}

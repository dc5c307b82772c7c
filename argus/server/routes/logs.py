"""``GET /api/v1/logs``: searching log lines."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from argus.errors import QueryError
from argus.server import access, keys, query
from argus.server.problems import Problem

routes = web.RouteTableDef()


@routes.get("/api/v1/logs")
async def get_logs(request: web.Request) -> web.Response:
    """Answer one page of a search, newest first."""
    app_id = await access.readable_app(request, request.query.get("app"))
    params = {name: request.query.getall(name) for name in request.query}
    wanted = query.log_query(app_id, params)
    try:
        page = await asyncio.to_thread(request.app[keys.RECORDS].search, wanted)
    except QueryError as error:
        raise Problem("bad_request", str(error), error.where) from error
    body = {"logs": query.log_lines(page.lines), "next": page.next}
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")

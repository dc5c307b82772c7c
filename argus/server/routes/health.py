"""``/healthz``: the process lives. ``/readyz``: it can store what is sent."""

from __future__ import annotations

import msgspec
from aiohttp import web

from argus.server import keys

routes = web.RouteTableDef()


@routes.get("/healthz")
async def healthz(_: web.Request) -> web.Response:
    """Answer as long as the event loop runs."""
    return web.Response(text="ok\n")


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """Answer 503 with the reason while the start is not over, or a store cannot be written."""
    troubles = {
        "start": request.app[keys.STARTUP].trouble,
        "metrics": request.app[keys.METRIC_COMMIT].trouble,
        "records": await request.app[keys.READINESS].trouble(),
    }
    wrong = {name: trouble for name, trouble in troubles.items() if trouble is not None}
    return web.Response(
        body=msgspec.json.encode({"ready": not wrong, "troubles": wrong}),
        status=503 if wrong else 200,
        content_type="application/json",
    )

"""``GET /api/v1/status``: how this server is doing."""

from __future__ import annotations

from aiohttp import web

from argus.server import status
from argus.server.access import Access
from argus.server.api import Routes
from argus.server.status import Status

routes = Routes("Status", "How the server that answers is doing.")


@routes.get("/api/v1/status", Access.ADMIN)
async def get_status(request: web.Request) -> Status:
    """Tell versions, stores, jobs, rates and what the process takes.

    Of several servers each answers for itself; what lies in the stores is the same in all.
    """
    return await status.of(request.app)

"""``GET /api/v1/logs``: searching log lines."""

from __future__ import annotations

import asyncio

from aiohttp import web

from argus.errors import QueryError
from argus.server import keys
from argus.server.access import Access, Caller
from argus.server.answers import LogsAnswer
from argus.server.api import Routes
from argus.server.problems import Problem
from argus.server.query import LogsQuery, log_lines, log_query

routes = Routes("Logs", "Searching log lines.")


@routes.get("/api/v1/logs", Access.READ)
async def get_logs(request: web.Request, caller: Caller, query: LogsQuery) -> LogsAnswer:
    """Search the log lines, newest first, one page at a time."""
    wanted = log_query(caller.app or query.app, query)
    try:
        page = await asyncio.to_thread(request.app[keys.RECORDS].search, wanted)
    except QueryError as error:
        raise Problem("bad_request", str(error), error.where) from error
    return LogsAnswer(log_lines(page.lines), page.next)

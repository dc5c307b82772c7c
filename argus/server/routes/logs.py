"""``GET /api/v1/logs`` and ``/api/v1/logs/histogram``: searching and counting log lines."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from argus.errors import QueryError
from argus.server import keys
from argus.server.access import Access, Caller
from argus.server.answers import LogsAnswer
from argus.server.api import Routes
from argus.server.histograms import HistogramAnswer, HistogramQuery, histogram, histogram_query
from argus.server.problems import Problem
from argus.server.query import LogsQuery, log_lines, log_query

routes = Routes("Logs", "Searching and counting log lines.")


@routes.get("/api/v1/logs", Access.READ)
async def get_logs(request: web.Request, caller: Caller, query: LogsQuery) -> LogsAnswer:
    """Search the log lines, newest first, one page at a time; or ask for those stored since a line one has."""
    wanted = log_query(caller.app or query.app, query)
    try:
        page = await asyncio.to_thread(request.app[keys.RECORDS].search, wanted)
    except QueryError as error:
        raise Problem("bad_request", str(error), error.where) from error
    return LogsAnswer(log_lines(page.lines), page.next if wanted.after is None else None)


@routes.get("/api/v1/logs/histogram", Access.READ)
async def get_histogram(request: web.Request, caller: Caller, query: HistogramQuery) -> HistogramAnswer:
    """Count what a search finds, by level and time."""
    wanted, step = histogram_query(caller.app or query.app, query, time.time())
    try:
        found = await asyncio.to_thread(request.app[keys.RECORDS].histogram, wanted, step)
    except QueryError as error:
        raise Problem("bad_request", str(error), error.where) from error
    return histogram(found)

"""``GET /api/v1/metrics``, ``/metrics/series`` and ``/metrics/distribution``: what charts ask for."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from argus.errors import QueryError
from argus.server import keys
from argus.server.access import Access, Caller
from argus.server.answers import MetricsAnswer, SeriesAnswer
from argus.server.api import JSON, Routes
from argus.server.histograms import DistributionAnswer, DistributionQuery, distribution, distribution_query
from argus.server.problems import Problem
from argus.server.query import MetricsQuery, SeriesQuery, encode_answer, range_query, series_list

routes = Routes("Metrics", "What charts ask for.")


@routes.get("/api/v1/metrics", Access.READ, answers=MetricsAnswer)
async def get_metrics(request: web.Request, caller: Caller, query: MetricsQuery) -> web.Response:
    """Answer a range of one or more metrics, in columns.

    Each value replaces whatever the live connection said of its bucket: both come from one engine.
    """
    wanted = range_query(_named(caller, query.app), query, time.time())
    store = request.app[keys.METRICS]
    try:
        body = await asyncio.to_thread(lambda: encode_answer(store.query(wanted)))
    except QueryError as error:
        raise Problem("bad_request", str(error), error.where) from error
    return web.Response(body=body, content_type=JSON)


@routes.get("/api/v1/metrics/series", Access.READ)
async def get_series(request: web.Request, caller: Caller, query: SeriesQuery) -> SeriesAnswer:
    """List the series of an application."""
    app_id = _named(caller, query.app)
    return series_list(await asyncio.to_thread(request.app[keys.METRICS].series, app_id))


@routes.get("/api/v1/metrics/distribution", Access.READ)
async def get_distribution(request: web.Request, caller: Caller, query: DistributionQuery) -> DistributionAnswer:
    """Answer how a timing's values spread over time, from merged sketches: a heat map."""
    wanted = distribution_query(_named(caller, query.app), query, time.time())
    try:
        found = await asyncio.to_thread(request.app[keys.METRICS].distribution, wanted)
    except QueryError as error:
        where = "name" if error.where == "agg" else error.where  # what has no percentiles is no timing
        raise Problem("bad_request", str(error), where) from error
    return distribution(wanted, found)


def _named(caller: Caller, wanted: str | None) -> str:
    app_id = caller.app or wanted
    if not app_id:
        raise Problem("bad_request", "name the application: app=…", "app")
    return app_id

"""``POST /api/v1/metrics`` and ``POST /api/v1/logs``: where data come in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from argus.errors import StoreUnavailable, WireError
from argus.server import keys
from argus.server.access import Access, Caller
from argus.server.answers import Accepted, RejectedRow
from argus.server.api import Routes
from argus.server.body import read_body
from argus.server.problems import Problem
from argus.server.stores.base import Appended, LogBatch, MetricBatch
from argus.server.traffic import Traffic
from argus.wire import decode
from argus.wire.sections import Rejected

OFF_LOOP_BYTES = 1024 * 1024
"""Bodies from this size on are decoded in a thread, so that they do not hold up other requests."""

RETRY_SECONDS = 5.0

routes = Routes("Sending", "Where data come in; the format is described in docs/wire-format.md.")


@routes.post("/api/v1/metrics", Access.KEY, reads=decode.MetricsBody)
async def post_metrics(request: web.Request, caller: Caller) -> Accepted:
    """Store a batch of summaries, or single points.

    An answer means that the accepted part is on the disk. Single wrong rows of a good body are left out and listed.
    """
    app, app_id = request.app, caller.own
    traffic, limits = app[keys.TRAFFIC], app[keys.AUTH].limits_of(app_id)
    sent, rate = traffic.of(app_id).rows, traffic.rates(app_id).rows
    _wait_your_turn(traffic, app_id, sent.wait(traffic.clock()), f"{rate:g} summaries per second")
    body = await read_body(request)
    now = time.time()
    arguments = (body, app[keys.KEY_CACHE], now, app[keys.LIMITS])
    try:
        if len(body) >= OFF_LOOP_BYTES:
            decoded = await asyncio.to_thread(decode.metrics, *arguments)
        else:
            decoded = decode.metrics(*arguments)
    except WireError as error:
        raise Problem("bad_request", str(error), error.where) from error
    host = decoded.host or (request.remote or "")
    batch = MetricBatch(app_id, host, decoded.start, decoded.end, decoded.sections, decoded.instance, decoded.seq)
    admitted, over_limit = app[keys.SERIES].admit(batch, now, limits.max_series, decoded.sdk)
    result = await _submit(app[keys.METRIC_COMMIT].submit(admitted))
    accepted = sum(len(section.keys.keys) for section in admitted.sections)
    sent.add(accepted, rate, traffic.clock())
    rejected = [*decoded.rejected, *over_limit]
    traffic.reject(app_id, len(rejected))
    app[keys.INTAKE].summaries.note(accepted, result, len(rejected))
    return _acknowledge(accepted, result, rejected)


@routes.post("/api/v1/logs", Access.KEY, reads=decode.LogsBody)
async def post_logs(request: web.Request, caller: Caller) -> Accepted:
    """Store log lines.

    An answer means that the accepted part is on the disk. Single wrong lines of a good body are left out and listed.
    """
    app, app_id = request.app, caller.own
    traffic = app[keys.TRAFFIC]
    sent, rate = traffic.of(app_id).lines, traffic.rates(app_id).lines
    _wait_your_turn(traffic, app_id, sent.wait(traffic.clock()), f"{rate:g} log lines per second")
    body = await read_body(request)
    now = time.time()
    try:
        decoded = decode.logs(body, now, app[keys.LIMITS])
    except WireError as error:
        raise Problem("bad_request", str(error), error.where) from error
    host = decoded.host or (request.remote or "")
    app[keys.SERIES].heard(app_id, host, decoded.instance, now)
    batch = LogBatch(app_id, host, decoded.lines, decoded.instance, decoded.seq)
    result = await _submit(app[keys.LOG_COMMIT].submit(batch))
    sent.add(len(decoded.lines), rate, traffic.clock())
    traffic.reject(app_id, len(decoded.rejected))
    app[keys.INTAKE].log_lines.note(len(decoded.lines), result, len(decoded.rejected))
    return _acknowledge(len(decoded.lines), result, decoded.rejected)


def _wait_your_turn(traffic: Traffic, app_id: str, seconds: float, limit: str) -> None:
    """Refuse what an application sends before its time, unread."""
    if seconds > 0:
        traffic.refuse(app_id)
        message = f"{app_id} may send {limit} on average, and has sent more than a minute's worth at once"
        raise Problem("too_many_requests", message, retry_after=seconds)


async def _submit(commit: Coroutine[Any, Any, Appended]) -> Appended:
    """Wait until the batch is durable; a store that is away is said to be."""
    try:
        return await commit
    except StoreUnavailable as error:
        raise Problem("unavailable", f"cannot store now: {error}", retry_after=RETRY_SECONDS) from error


def _acknowledge(accepted: int, result: Appended, rejected: list[Rejected]) -> Accepted:
    left_out = [RejectedRow(row.key, row.reason) for row in rejected]
    return Accepted(accepted, duplicate=result is Appended.DUPLICATE, rejected=left_out)

"""The checking of alert rules as a job of the server: one pass every ``alert_interval`` seconds."""

from __future__ import annotations

import asyncio

from aiohttp import web

from argus.server import keys
from argus.server.jobs import Job, every


def job(interval: float) -> Job:
    """Return the job. One run that fails leaves all states as they are; the next one looks again."""
    return Job("check_alerts", "judges the alert rules", check_alerts, every(interval))


async def check_alerts(app: web.Application, now: float) -> None:
    """Run a pass; the checker has clocks of its own. Who is to be told of it is told at once."""
    trouble = app[keys.METRIC_COMMIT].trouble or app[keys.LOG_COMMIT].trouble
    checker = app[keys.CHECKER]
    if await asyncio.to_thread(checker.run, trouble):
        app[keys.DELIVERY].wake()
    if not checker.health.trouble:
        app[keys.HEARTBEAT].begin(now)

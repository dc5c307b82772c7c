"""Scheduled work, by APScheduler: sealing, rollups, retention, purging deleted applications.

The jobs are plain coroutines; everything that writes to a store runs on that store's writer thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from aiohttp import web
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from argus.errors import StoreError
from argus.server import keys
from argus.server.auth import REFRESH_SECONDS
from argus.server.leadership import LeaderOnly

log = logging.getLogger("argus.server.maintenance")

EVERY_SECONDS = 60

Job = Callable[[web.Application, float], Coroutine[Any, Any, None]]


async def maintain_metrics(app: web.Application, now: float) -> None:
    """Seal, roll up and expire summaries."""
    store = app[keys.METRICS]
    await app[keys.METRIC_COMMIT].on_writer(lambda: store.maintain(now))


async def maintain_records(app: web.Application, now: float) -> None:
    """Expire log lines and sessions."""
    store = app[keys.RECORDS]
    await app[keys.LOG_COMMIT].on_writer(lambda: store.maintain(now))


async def purge_deleted(app: web.Application, _: float) -> None:
    """Delete the data of applications that were deleted, here or by the command line."""
    records, metrics = app[keys.RECORDS], app[keys.METRICS]
    deleted = await app[keys.LOG_COMMIT].on_writer(records.deleted_apps)
    if deleted:
        await asyncio.sleep(
            2 * REFRESH_SECONDS
        )  # until no server takes their keys any more, nor stores their last batch
    for app_id in deleted:
        await app[keys.METRIC_COMMIT].on_writer(partial(metrics.delete_app, app_id))
        await app[keys.LOG_COMMIT].on_writer(partial(records.purge, app_id))
        await forget(app, app_id)
        if keys.NEIGHBOURS in app:
            app[keys.NEIGHBOURS].deleted(app_id)
        log.info("the data of application %s are deleted", app_id)


async def forget(app: web.Application, app_id: str) -> None:
    """Forget what this server remembers of an application whose data were deleted, here or by another server."""
    app[keys.SERIES].forget(app_id)
    app[keys.TRAFFIC].forget(app_id)
    app[keys.ERROR_COUNTS].forget(app_id)
    await app[keys.METRIC_COMMIT].on_writer(partial(app[keys.METRICS].forget, app_id))


async def maintain_own(app: web.Application, now: float) -> None:
    """Maintain a metric store that is this server's alone, where another one leads or nobody can say who does."""
    if app[keys.METRICS].lag is None and not app[keys.LEADERSHIP].leading:
        await maintain_metrics(app, now)


async def keep_use_of_keys(app: web.Application, _: float) -> None:
    """Store when keys were last used here."""
    await app[keys.LOG_COMMIT].on_writer(app[keys.AUTH].keep_use)


JOBS = (maintain_metrics, maintain_records, purge_deleted)
"""Of the server that leads."""

JOBS_OF_EACH = (maintain_own, keep_use_of_keys)
"""Of every server."""


async def run_all(app: web.Application, clock: Callable[[], float] = time.time, jobs: Sequence[Job] = JOBS) -> None:
    """Run every job once; one that fails does not keep the others from running."""
    for job in jobs:
        try:
            await job(app, clock())
        except StoreError as error:
            log.warning("%s could not be done now: %s", job.__name__, error)
        except Exception:
            log.exception("%s failed in a way that was not foreseen", job.__name__)


def schedule(app: web.Application) -> AsyncIOScheduler:
    """Start the scheduler on the running loop. Jobs run on the server that leads; with ``executor="each"``, on all."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    executors = {"default": LeaderOnly(app[keys.LEADERSHIP]), "each": AsyncIOExecutor()}
    once_at_a_time = {"coalesce": True, "max_instances": 1}
    scheduler = AsyncIOScheduler(executors=executors, job_defaults=once_at_a_time)
    scheduler.add_job(run_all, "interval", args=[app], seconds=EVERY_SECONDS)
    each = {"jobs": JOBS_OF_EACH}
    scheduler.add_job(run_all, "interval", args=[app], kwargs=each, seconds=EVERY_SECONDS, executor="each")
    scheduler.start()
    return scheduler

"""Scheduled work, by APScheduler: sealing, rollups, retention, purging deleted applications.

The jobs are plain coroutines; everything that writes to a store runs on that store's writer thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
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


async def keep_use_of_keys(app: web.Application, _: float) -> None:
    """Store when keys were last used."""
    await app[keys.LOG_COMMIT].on_writer(app[keys.AUTH].keep_use)


JOBS = (maintain_metrics, maintain_records, purge_deleted, keep_use_of_keys)


async def run_all(app: web.Application, clock: Callable[[], float] = time.time) -> None:
    """Run every job once; one that fails does not keep the others from running."""
    for job in JOBS:
        await _run(job, app, clock())


async def maintain_own(app: web.Application) -> None:
    """Maintain a metric store that is this server's alone, where another one leads or nobody can say who does."""
    if app[keys.METRICS].lag is None and not app[keys.LEADERSHIP].leading:
        await _run(maintain_metrics, app, time.time())


async def _run(job: Job, app: web.Application, now: float) -> None:
    try:
        await job(app, now)
    except StoreError as error:
        log.warning("%s could not be done now: %s", job.__name__, error)
    except Exception:
        log.exception("%s failed in a way that was not foreseen", job.__name__)


def schedule(app: web.Application) -> AsyncIOScheduler:
    """Start the scheduler on the running loop. Its jobs run where this server leads, unless they say ``here``."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    executors = {"default": LeaderOnly(app[keys.LEADERSHIP]), "here": AsyncIOExecutor()}
    scheduler = AsyncIOScheduler(executors=executors)
    scheduler.add_job(maintain_own, "interval", args=[app], seconds=EVERY_SECONDS, executor="here")
    scheduler.add_job(run_all, "interval", args=[app], seconds=EVERY_SECONDS, coalesce=True, max_instances=1)
    scheduler.start()
    return scheduler

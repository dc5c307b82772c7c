"""The stores' upkeep, as jobs: sealing, rollups, retention, purging deleted applications.

What writes to a store runs on that store's writer thread; a metric store that several servers share is
maintained beside it, for it has to bear that other servers store meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from aiohttp import web

from argus.errors import StoreError, StoreUnavailable
from argus.server import keys
from argus.server.auth import REFRESH_SECONDS
from argus.server.jobs import Job, every

log = logging.getLogger("argus.server.maintenance")

EVERY_SECONDS = 60


async def maintain_metrics(app: web.Application, now: float) -> None:
    """Seal, roll up and expire summaries."""
    store = app[keys.METRICS]
    if store.lag is None:
        await app[keys.METRIC_COMMIT].on_writer(lambda: store.maintain(now))
    else:
        await asyncio.to_thread(store.maintain, now)


async def maintain_records(app: web.Application, now: float) -> None:
    """Expire log lines, sessions, the history of alerts and silences."""
    store, alerts = app[keys.RECORDS], app[keys.ALERTS]
    await app[keys.LOG_COMMIT].on_writer(lambda: store.maintain(now))
    await asyncio.to_thread(alerts.maintain, now)


async def purge_deleted(app: web.Application, _: float) -> None:
    """Delete the data of applications that were deleted, here or by the command line."""
    deleted = await app[keys.LOG_COMMIT].on_writer(app[keys.RECORDS].deleted_apps)
    if deleted:  # wait until no server takes their keys any more, nor stores their last batch
        await asyncio.sleep(2 * REFRESH_SECONDS)
    for app_id in deleted:
        await _purge(app, app_id)


async def _purge(app: web.Application, app_id: str) -> None:
    records, metrics = app[keys.RECORDS], app[keys.METRICS]
    try:
        await app[keys.METRIC_COMMIT].on_writer(partial(metrics.delete_app, app_id))
    except StoreUnavailable:
        raise  # the application stays on the list, and the next run goes on from here
    except StoreError as error:
        log.warning("of application %s the summaries stay until their retention ends: %s", app_id, error)
    await asyncio.to_thread(app[keys.ALERTS].delete_app, app_id)
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


async def back_up(app: web.Application, now: float) -> None:
    """Begin a backup if one is due; it goes on by itself."""
    await app[keys.BACKUPS].start_if_due(now)


JOBS = (
    Job("maintain_metrics", "seals, rolls up and expires summaries", maintain_metrics, every(EVERY_SECONDS)),
    Job("maintain_records", "expires log lines, keys and logins", maintain_records, every(EVERY_SECONDS)),
    Job("purge_deleted", "deletes the data of deleted applications", purge_deleted, every(EVERY_SECONDS)),
    Job("maintain_own", "maintains a store of this server's own", maintain_own, every(EVERY_SECONDS), everywhere=True),
    Job("keep_use_of_keys", "stores when keys were last used", keep_use_of_keys, every(EVERY_SECONDS), everywhere=True),
    Job("back_up", "begins a backup where one is due", back_up, every(EVERY_SECONDS)),
)

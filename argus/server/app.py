"""The server, put together: ``create_app`` builds it, ``serve`` runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from aiohttp import web

from argus.server import (
    data_folder,
    forwarded,
    keys,
    listening,
    maintenance,
    middleware,
    openapi,
    preflight,
    self_monitor,
    slow_clients,
    supervisor,
    tls,
)
from argus.server.alerts import job as check_alerts
from argus.server.alerts.checker import Checker
from argus.server.auth import Auth
from argus.server.backup.schedule import Backups
from argus.server.errors_hour import ErrorCounts
from argus.server.ingest import GroupCommit
from argus.server.intake import Intake
from argus.server.jobs import Jobs
from argus.server.leadership import Leadership
from argus.server.live import Hub
from argus.server.neighbours import Neighbours
from argus.server.networks import networks
from argus.server.notify import job as wake_delivery
from argus.server.notify.carrier import Carrier
from argus.server.notify.heartbeat import Heartbeat
from argus.server.notify.worker import DeliveryWorker
from argus.server.problems import ProblemLog
from argus.server.process import Process
from argus.server.readiness import Readiness
from argus.server.routes import alerts, applications, dashboard, table
from argus.server.series import SeriesDirectory
from argus.server.settings import Settings
from argus.server.slow_clients import SlowClients
from argus.server.startup import Startup
from argus.server.stores import opening
from argus.server.stores.base import LogBatch, MetricBatch, MetricStore, RecordStore
from argus.server.traffic import Rates, Traffic
from argus.wire.decode import Limits
from argus.wire.sections import KeyCache

log = logging.getLogger("argus.server")

SHUTDOWN_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 75.0
"""More than a client's flush interval, and more than the idle time-out of most proxies."""

Started = Callable[[str, str | None], None]


def create_app(settings: Settings, metric_store: MetricStore, record_store: RecordStore) -> web.Application:
    """Return the application over two open stores."""
    app = web.Application(
        middlewares=[
            middleware.listen,
            forwarded.see_through_proxies,
            middleware.measure,
            middleware.headers,
            dashboard.lost,
            middleware.problems,
        ],
        client_max_size=settings.max_body,
    )
    app[keys.SETTINGS] = settings
    app[keys.TRUSTED_PROXIES] = networks(settings.trusted_proxies)
    app[keys.METRICS] = metric_store
    app[keys.RECORDS] = record_store
    app[keys.ALERTS] = record_store.alerts()
    app[keys.OUTBOX] = record_store.outbox()
    app[keys.CHANNELS] = record_store.channels()
    carrier = app[keys.CARRIER] = Carrier(settings)
    app[keys.HEARTBEAT] = Heartbeat(settings.heartbeat_url, carrier)
    app[keys.AUTH] = Auth(record_store, settings)
    app[keys.SERIES] = SeriesDirectory(settings.max_series)
    app[keys.SLOW_CLIENTS] = SlowClients(settings.headers_timeout, time.monotonic)
    app[keys.TRAFFIC] = Traffic(time.monotonic, partial(_rates, app[keys.AUTH], settings))
    app[keys.LIMITS] = Limits(settings.max_batch, settings.max_logs, settings.past, settings.ahead)
    app[keys.KEY_CACHE] = KeyCache()
    app[keys.PROBLEM_LOG] = ProblemLog()
    app[keys.ERROR_COUNTS] = ErrorCounts(time.time)
    app[keys.BACKUPS] = Backups(settings)
    app[keys.INTAKE] = Intake()
    app[keys.PROCESS] = Process()
    jobs = app[keys.JOBS] = Jobs(app)
    for job in (*maintenance.JOBS, check_alerts.job(settings.alert_interval), wake_delivery.JOB):
        jobs.add(job)
    document: Callable[[], dict[str, Any]] = cache(partial(openapi.document, table.TABLE))
    app[keys.API_DOCUMENT] = document
    for routes in table.TABLE:
        app.add_routes(routes)
    dashboard.add_to(app)
    app.cleanup_ctx.append(_running_parts)
    return app


def _rates(auth: Auth, settings: Settings, app_id: str) -> Rates:
    """Return how much an application may send: its own limits, or all's."""
    own = auth.limits_of(app_id)
    return Rates(
        own.max_rows_per_second or settings.max_rows_per_second,
        own.max_lines_per_second or settings.max_lines_per_second,
    )


async def _running_parts(app: web.Application) -> AsyncIterator[None]:
    """Start what runs beside the requests; stop it in the opposite order."""
    records, metric_store = app[keys.RECORDS], app[keys.METRICS]
    hub = app[keys.HUB] = Hub(metric_store, records, lambda: applications.listed(app), partial(alerts.since, app))
    errors = app[keys.ERROR_COUNTS]
    neighbours = _neighbours(app)

    def metrics_stored(batches: Sequence[MetricBatch]) -> None:
        hub.metrics_stored(batches)
        if neighbours is not None:
            neighbours.metrics_stored(batches)

    def logs_stored(batches: Sequence[LogBatch]) -> None:
        errors.add(batches)
        hub.logs_stored(batches)
        if neighbours is not None:
            neighbours.logs_stored(batches)

    metric_commit = app[keys.METRIC_COMMIT] = GroupCommit[MetricBatch](
        metric_store.append, metrics_stored, metric_store.writers
    )
    log_commit = app[keys.LOG_COMMIT] = GroupCommit[LogBatch](records.append, logs_stored)
    app[keys.READINESS] = {
        "metrics": Readiness(metric_store, metric_commit),
        "records": Readiness(records, log_commit),
    }
    app[keys.CHECKER] = Checker(
        metric_store, records, delay=app[keys.SETTINGS].alert_delay, public_url=app[keys.SETTINGS].public_url
    )
    startup = app[keys.STARTUP] = Startup()
    await startup.do(lambda: _prime_series(app))
    metric_commit.start()
    log_commit.start()
    hub.start()
    if neighbours is not None:
        neighbours.start()
    delivery = app[keys.DELIVERY] = DeliveryWorker(
        app[keys.OUTBOX], app[keys.CHANNELS], app[keys.CARRIER], app[keys.SETTINGS].mail_per_hour
    )
    delivery.start()
    app[keys.JOBS].start()
    yield
    app[keys.JOBS].stop()
    await app[keys.BACKUPS].stop()
    await delivery.stop()
    await app[keys.HEARTBEAT].stop()
    await app[keys.CARRIER].close()
    await startup.stop()
    await hub.stop()
    if neighbours is not None:
        await neighbours.stop()
    await metric_commit.stop()
    await log_commit.stop()
    if neighbours is not None:
        await neighbours.tell_rest()


def _neighbours(app: web.Application) -> Neighbours | None:
    """Make what speaks to the other servers on the same stores, and say who leads where there are none."""
    exchange = app[keys.RECORDS].exchange()
    leadership = app[keys.LEADERSHIP] = Leadership(alone=exchange is None)
    app[keys.JOBS].leads = lambda: leadership.leading
    if exchange is None:
        return None
    made = app[keys.NEIGHBOURS] = Neighbours(
        exchange,
        records=app[keys.RECORDS],
        hub=app[keys.HUB],
        series=app[keys.SERIES],
        errors=app[keys.ERROR_COUNTS],
        traffic=app[keys.TRAFFIC],
        leadership=leadership,
        lag=app[keys.METRICS].lag,
        forget=lambda app_id: maintenance.forget(app, app_id),
    )
    return made


async def _prime_series(app: web.Application) -> None:
    """Learn which series there are, so that their limit holds over a restart; of several applications at a time."""

    async def prime(app_id: str) -> None:
        stored = await asyncio.to_thread(app[keys.METRICS].series, app_id)
        app[keys.SERIES].prime(app_id, stored, time.time())

    await asyncio.gather(*[prime(known.app_id) for known in await asyncio.to_thread(app[keys.RECORDS].apps)])


def make_runner(app: web.Application) -> web.AppRunner:
    """Return what serves the application. Bodies are decompressed in ``body.py``, within the limits."""
    return web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        auto_decompress=False,
    )


async def run(
    settings: Settings,
    started: Started,
    wished_password: str | None = None,
    stop: asyncio.Event | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, or until ``stop`` is set.

    ``started`` gets the address, and the administrator's password where one was made, when the server is ready: where a
    store is away, that is when it is back. ``tags`` are those of what the server tells of itself.

    Raises :class:`~argus.errors.StoreLocked` and :class:`~argus.errors.ConfigError`.
    """
    certificate = tls.certificate_of(settings)
    async with contextlib.AsyncExitStack() as stack:
        if opening.is_embedded(settings):
            data_folder.prepare(settings.data)
            stack.callback(os.close, data_folder.lock(settings.data))
        metric_store = opening.open_metrics(settings)
        stack.callback(metric_store.close)
        record_store = opening.open_records(settings)
        stack.callback(record_store.close)
        app = create_app(settings, metric_store, record_store)
        runner = make_runner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await stack.enter_async_context(slow_clients.closing(app[keys.SLOW_CLIENTS], runner))
        if certificate is not None:
            await stack.enter_async_context(tls.renewing(certificate))
        url = await listening.listen(runner, settings, certificate.context if certificate else None)
        detour = settings.self_monitoring and (certificate is not None or settings.workers > 1)
        own_url = await listening.listen_to_itself(runner) if detour else url
        stop = stop or asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)

        async def finish() -> None:
            if settings.self_monitoring:
                await self_monitor.start(app, own_url, tags or {})
            started(url, await asyncio.to_thread(app[keys.AUTH].ensure_password, wished_password))

        if settings.self_monitoring:
            stack.push_async_callback(self_monitor.stop)
        await app[keys.STARTUP].do(finish)
        await stop.wait()
        log.info("stopping")


def log_to_stderr(settings: Settings) -> None:
    """Begin to log."""
    process = "[%(process)d] " if settings.workers > 1 else ""
    logging.basicConfig(
        level=settings.log_level.upper(),
        format=f"%(asctime)s %(levelname)-7s {process}%(name)s: %(message)s",
        stream=sys.stderr,
    )


def serve(settings: Settings, started: Started, wished_password: str | None = None) -> int:
    """Run the server until it is told to stop; return the exit status."""
    log_to_stderr(settings)
    preflight.check(settings)
    if settings.workers > 1:
        return asyncio.run(supervisor.Supervisor(settings, started, wished_password).run())
    asyncio.run(run(settings, started, wished_password))
    return 0

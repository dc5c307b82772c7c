"""The state of this server in one answer: what ``GET /api/v1/status`` tells, and how it is gathered.

It is about this process; of several servers each answers for itself, and what lies in the stores is the same in all.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import time
from collections.abc import Mapping
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus import __version__
from argus.errors import StoreError
from argus.server import keys
from argus.server.intake import Flow
from argus.server.jobs import Timetable
from argus.server.process import existing
from argus.server.readiness import Readiness
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.base import MetricStore, RecordStore


class Store(msgspec.Struct):
    """One store."""

    role: Annotated[str, Meta(description="What it keeps: metrics or records.")]
    kind: Annotated[str, Meta(description="The product: sqlite, influxdb, victoriametrics or postgresql.")]
    address: Annotated[str, Meta(description="Its URL without user, password and options.")]
    reachable: Annotated[bool, Meta(description="Whether what is sent can be stored now.")]
    trouble: Annotated[str | None, Meta(description="Why not; null while it can.")]
    sizes: Annotated[dict[str, float], Meta(description="Its sizes and counters; empty while it is away.")]


class Retention(msgspec.Struct):
    """How long data are kept."""

    raw_days: Annotated[float, Meta(description="Days that summaries are kept as they came.")]
    rollup_days: Annotated[float, Meta(description="Days that 5-minute rollups are kept.")]
    log_days: Annotated[float, Meta(description="Days that log lines are kept.")]


class JobStatus(msgspec.Struct):
    """One scheduled job, as this process knows it."""

    name: Annotated[str, Meta(description="Its name, also in the log and as tag of jobs.run.")]
    does: Annotated[str, Meta(description="What it is good for.")]
    schedule: Annotated[str, Meta(description="When it runs, as the scheduler writes it.")]
    interval: Annotated[float | None, Meta(description="Seconds between two runs; null for a job of the calendar.")]
    everywhere: Annotated[bool, Meta(description="Whether each of several servers runs it, not just the leading one.")]
    running: Annotated[bool, Meta(description="Whether it runs at this moment.")]
    last_run: Annotated[float | None, Meta(description="When it last began, in Unix seconds; null: not yet, here.")]
    duration: Annotated[float | None, Meta(description="Seconds that the last run took.")]
    outcome: Annotated[str | None, Meta(description="What became of the last run: done or failed.")]
    error: Annotated[str | None, Meta(description="Why the last run failed.")]
    next_run: Annotated[float | None, Meta(description="When it is due, in Unix seconds.")]
    runs: Annotated[int, Meta(description="Runs since the start.")]
    failures: Annotated[int, Meta(description="Failed ones among them.")]


class FlowStatus(msgspec.Struct):
    """Rows of one kind, since the start of this process."""

    stored: Annotated[int, Meta(description="Rows that were stored.")]
    per_second: Annotated[float, Meta(description="Rows stored per second within the last minute.")]
    rejected: Annotated[int, Meta(description="Rows left out of good bodies; each sender was told which and why.")]
    duplicates: Annotated[int, Meta(description="Batches that were sent again and not stored again.")]
    waiting: Annotated[int, Meta(description="Batches that wait for a commit.")]
    commits: Annotated[int, Meta(description="Commits; batches that come together share one.")]


class Live(msgspec.Struct):
    """Connections of dashboards."""

    connections: Annotated[int, Meta(description="Open ones.")]
    limit: Annotated[int, Meta(description="Most at once.")]
    subscriptions: Annotated[int, Meta(description="What they have asked for, together.")]
    dropped: Annotated[int, Meta(description="Messages left out for connections that read too slowly.")]


class ProcessStatus(msgspec.Struct):
    """This process."""

    memory: Annotated[int, Meta(description="Bytes in memory (RSS).")]
    cpu_percent: Annotated[float, Meta(description="Share of one core since the status was last asked for.")]
    cpu_seconds: Annotated[float, Meta(description="Processor time since the start.")]
    threads: Annotated[int, Meta(description="Threads.")]
    open_files: Annotated[int, Meta(description="Open files and sockets.")]


class Disk(msgspec.Struct):
    """The file system of the data folder."""

    free: Annotated[int, Meta(description="Bytes that may still be written.")]
    total: Annotated[int, Meta(description="Its size in bytes.")]


class Status(msgspec.Struct):
    """The state of one server."""

    version: Annotated[str, Meta(description="Version of Argus.")]
    python: Annotated[str, Meta(description="Version of Python.")]
    now: Annotated[float, Meta(description="The server's clock, in Unix seconds.")]
    started_at: Annotated[float, Meta(description="When this process started.")]
    uptime: Annotated[float, Meta(description="Seconds since then.")]
    leading: Annotated[bool, Meta(description="Whether this server runs the jobs that one of several has to run.")]
    starting: Annotated[str | None, Meta(description="Why the start is not over; null when it is.")]
    applications: Annotated[int | None, Meta(description="Registered ones; null while nobody can say.")]
    series: Annotated[int, Meta(description="Active series that this server knows of.")]
    stores: Annotated[list[Store], Meta(description="The metric store and the record store.")]
    retention: Annotated[Retention, Meta(description="How long data are kept.")]
    jobs: Annotated[list[JobStatus], Meta(description="The scheduled jobs.")]
    summaries: Annotated[FlowStatus, Meta(description="Metrics that came in: summaries and single points.")]
    log_lines: Annotated[FlowStatus, Meta(description="Log lines that came in.")]
    refused: Annotated[dict[str, int], Meta(description="Refused requests since the start, by the error's code.")]
    live: Annotated[Live, Meta(description="Live connections.")]
    process: Annotated[ProcessStatus, Meta(description="What this process takes.")]
    disk: Annotated[Disk, Meta(description="Room where the data folder is.")]


async def of(app: web.Application) -> Status:
    """Gather the state. A store that is away is told, and keeps nothing else from being told."""
    settings, process, jobs = app[keys.SETTINGS], app[keys.PROCESS], app[keys.JOBS]
    intake, metrics, logs = app[keys.INTAKE], app[keys.METRIC_COMMIT], app[keys.LOG_COMMIT]
    ready = app[keys.READINESS]
    metric_store, record_store, app_ids = await asyncio.gather(
        _store("metrics", settings.metrics_url, app[keys.METRICS], settings, ready["metrics"]),
        _store("records", settings.records_url, app[keys.RECORDS], settings, ready["records"]),
        asyncio.to_thread(_app_ids, app[keys.RECORDS]),
    )
    usage = shutil.disk_usage(existing(settings.data))
    return Status(
        version=__version__,
        python=platform.python_version(),
        now=time.time(),
        started_at=process.started_at,
        uptime=process.uptime(),
        leading=jobs.leads(),
        starting=app[keys.STARTUP].trouble,
        applications=None if app_ids is None else len(app_ids),
        series=sum(app[keys.SERIES].count(app_id) for app_id in app_ids or ()),
        stores=[metric_store, record_store],
        retention=Retention(settings.raw_retention_days, settings.rollup_retention_days, settings.log_retention_days),
        jobs=[_job(timetable) for timetable in jobs.timetables()],
        summaries=_flow(intake.summaries, metrics.waiting, metrics.commits),
        log_lines=_flow(intake.log_lines, logs.waiting, logs.commits),
        refused=dict(app[keys.PROBLEM_LOG].counts),
        live=_live(app),
        process=ProcessStatus(
            process.memory(), process.cpu_percent(), process.cpu_seconds(), process.threads(), process.open_files()
        ),
        disk=Disk(usage.free, usage.total),
    )


async def _store(
    role: str, url: str, store: MetricStore | RecordStore, settings: Settings, readiness: Readiness
) -> Store:
    sizes: Mapping[str, float] = {}
    trouble = await readiness.trouble()
    try:
        sizes = await asyncio.to_thread(store.stats)
    except StoreError as error:
        trouble = trouble or str(error)
    kind, address = opening.shown(role, url, settings)
    return Store(role, kind, address, trouble is None, trouble, dict(sizes))


def _app_ids(records: RecordStore) -> list[str] | None:
    try:
        return [app.app_id for app in records.apps()]
    except StoreError:
        return None  # the record store's own line says why


def _job(known: Timetable) -> JobStatus:
    job, last = known.job, known.last
    interval = getattr(job.trigger, "interval", None)
    return JobStatus(
        name=job.name,
        does=job.does,
        schedule=str(job.trigger),
        interval=None if interval is None else interval.total_seconds(),
        everywhere=job.everywhere,
        running=known.running_since is not None,
        last_run=last.began if last else None,
        duration=last.seconds if last else None,
        outcome=("failed" if last.error else "done") if last else None,
        error=last.error if last else None,
        next_run=known.next,
        runs=known.runs,
        failures=known.failures,
    )


def _flow(flow: Flow, waiting: int, commits: int) -> FlowStatus:
    return FlowStatus(flow.stored, flow.per_second(), flow.rejected, flow.duplicates, waiting, commits)


def _live(app: web.Application) -> Live:
    hub = app[keys.HUB]
    subscriptions = sum(len(socket.subscriptions) for socket in hub.sockets)
    return Live(len(hub.sockets), app[keys.SETTINGS].live_sockets, subscriptions, hub.dropped)

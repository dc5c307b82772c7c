"""``/api/v1/applications/{app_id}``: all that the server knows of one application; its name and limits."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from argus.errors import ConfigError
from argus.server import keys
from argus.server.access import Access
from argus.server.answers import AppId
from argus.server.api import Routes
from argus.server.audit import Act
from argus.server.problems import Problem
from argus.server.registration import LONGEST_NAME, name_of
from argus.server.routes.application_keys import KeyId, id_of, missing
from argus.server.stores.base import App, MetricStore, RangeQuery

SHOWN_INSTANCES = 200
OVERHEAD = "argus.overhead_percent"
OVERHEAD_SECONDS = 300.0
DROPPED_SECONDS = 3_600.0
DROPS = (
    "argus.client.log_lines_dropped",
    "argus.client.overflowed_records",
    "argus.client.rejected_values",
    "argus.client.spool_records_dropped",
)
"""What clients say of their own losses (``argus/client/selfmetrics.py``)."""

MostSeries = Annotated[int, Meta(ge=1, le=10_000_000)]
MostPerSecond = Annotated[float, Meta(gt=0, le=1e9)]

routes = Routes("Application", "One application: what the server knows of it, its name and its limits.")


class KeyInfo(msgspec.Struct):
    """A key, as far as it is kept."""

    key_id: KeyId
    prefix: Annotated[str, Meta(description="How it begins.")]
    label: Annotated[str, Meta(description="What people call it.")]
    created_at: Annotated[float, Meta(description="When it was made, in Unix seconds.")]
    expires_at: Annotated[float | None, Meta(description="When it stops to work; null: never.")]
    last_used: Annotated[float | None, Meta(description="When it was last used, to the minute; null: not yet.")]


class InstanceInfo(msgspec.Struct):
    """One client in one process."""

    instance: Annotated[str, Meta(description="Its name for itself.")]
    host: Annotated[str, Meta(description="Where it runs.")]
    sdk: Annotated[str, Meta(description="What sends, with its version; empty where it sent log lines only.")]
    last_seen: Annotated[float, Meta(description="When it last sent something, in Unix seconds.")]


class Use(msgspec.Struct):
    """How much of one limit is used."""

    now: Annotated[
        float, Meta(description="Active series, or what came per second in the last minute, to all servers.")
    ]
    limit: Annotated[float, Meta(description="The most there may be.")]
    own: Annotated[bool, Meta(description="Whether the limit is the application's own, not the server's.")]


class BodyLimits(msgspec.Struct):
    """What one request may hold."""

    bytes: Annotated[int, Meta(description="Largest body.")]
    decompressed_bytes: Annotated[int, Meta(description="Largest body after decompression.")]
    rows: Annotated[int, Meta(description="Most summaries or points.")]
    lines: Annotated[int, Meta(description="Most log lines.")]


class ApplicationDetail(msgspec.Struct):
    """All that the server knows of one application. Counts begin when the server starts."""

    app_id: AppId
    name: Annotated[str, Meta(description="Its name for people.")]
    created_at: Annotated[float, Meta(description="When it was registered, in Unix seconds.")]
    last_seen: Annotated[float | None, Meta(description="When it last sent something; null: never.")]
    keys: Annotated[list[KeyInfo], Meta(description="The keys that work now, oldest first.")]
    hosts: Annotated[list[str], Meta(description="Where it ran within a day of its last sign of life.")]
    instances: Annotated[
        list[InstanceInfo], Meta(description=f"Those of the last day, latest first, at most {SHOWN_INSTANCES}.")
    ]
    sdks: Annotated[list[str], Meta(description="SDKs that the instances use, with their versions.")]
    series: Annotated[Use, Meta(description="Active series.")]
    rows_per_second: Annotated[Use, Meta(description="Summaries and points.")]
    lines_per_second: Annotated[Use, Meta(description="Log lines.")]
    body: Annotated[BodyLimits, Meta(description="What one request may hold, of any application.")]
    rows: Annotated[int, Meta(description="Summaries and points that were taken, repeats included.")]
    lines: Annotated[int, Meta(description="Log lines that were taken, repeats included.")]
    rejected: Annotated[int, Meta(description="Rows and lines that were left out of good bodies.")]
    refused: Annotated[int, Meta(description="Requests that came too fast and were answered with 429.")]
    dropped: Annotated[float, Meta(description="What its clients say they lost within the last hour.")]
    overhead_percent: Annotated[
        float | None, Meta(description="Share of a core that Argus takes in an instance, on average; null: unknown.")
    ]


class ApplicationChange(msgspec.Struct, forbid_unknown_fields=True):
    """What changes; what is left out stays. A limit of null is the server's."""

    name: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)] | UnsetType,
        Meta(description="Name for people; the id stays."),
    ] = UNSET
    max_series: Annotated[MostSeries | UnsetType | None, Meta(description="Most active series.")] = UNSET
    max_rows_per_second: Annotated[
        MostPerSecond | UnsetType | None, Meta(description="Most summaries per second, on average.")
    ] = UNSET
    max_lines_per_second: Annotated[
        MostPerSecond | UnsetType | None, Meta(description="Most log lines per second, on average.")
    ] = UNSET


@routes.get("/api/v1/applications/{app_id}", Access.ADMIN)
async def get_application(request: web.Request, app_id: AppId) -> ApplicationDetail:
    """Show all that the server knows of an application: keys, instances, limits and their use, losses, overhead."""
    return await _detail(request.app, await existing(request, app_id))


@routes.patch("/api/v1/applications/{app_id}", Access.ADMIN)
async def patch_application(
    request: web.Request, app_id: AppId, body: ApplicationChange, act: Act
) -> ApplicationDetail:
    """Rename an application, or give it limits of its own."""
    app = await existing(request, app_id)
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    act.detail = ", ".join(f"{name} = {value}" for name, value in given.items())
    try:
        name = name_of(given.pop("name", app.name))
    except ConfigError as error:
        raise Problem("bad_request", str(error), "$.name") from error
    changed = replace(app, name=name, limits=replace(app.limits, **given))

    def store() -> None:
        if not request.app[keys.RECORDS].change_app(changed):
            raise missing(app_id)

    await act.do(store)
    request.app[keys.AUTH].look_again()
    return await _detail(request.app, changed)


@routes.delete("/api/v1/applications/{app_id}", Access.ADMIN)
async def delete_application(request: web.Request, app_id: AppId, act: Act) -> None:
    """Revoke an application's keys and have its data deleted, within a minute."""
    app = await existing(request, app_id)

    def delete() -> None:
        if not request.app[keys.RECORDS].delete_app(app.app_id, time.time()):
            raise missing(app_id)

    await act.do(delete)
    request.app[keys.AUTH].look_again()


async def existing(request: web.Request, app_id: str) -> App:
    """Return a registered application. Raises ``Problem``."""
    apps = await asyncio.to_thread(request.app[keys.RECORDS].apps)
    found = next((app for app in apps if app.app_id == app_id), None)
    if found is None:
        raise missing(app_id)
    return found


async def _detail(app: web.Application, about: App) -> ApplicationDetail:
    now, app_id = time.time(), about.app_id
    settings, directory, sent = app[keys.SETTINGS], app[keys.SERIES], app[keys.TRAFFIC].of(app_id)
    ticks = app[keys.TRAFFIC].clock()
    instances = directory.instances_of_a_day(app_id, now)[:SHOWN_INSTANCES]
    dropped, overhead = await asyncio.to_thread(_told_by_clients, app[keys.METRICS], app_id, now)
    limits = about.limits
    return ApplicationDetail(
        app_id=app_id,
        name=about.name,
        created_at=about.created_at,
        last_seen=directory.last_seen(app_id),
        keys=await _keys(app, app_id, now),
        hosts=directory.hosts(app_id),
        instances=[InstanceInfo(one.name, one.host, one.sdk, one.last_seen) for one in instances],
        sdks=sorted({one.sdk for one in instances if one.sdk}),
        series=_use(directory.count(app_id), limits.max_series, settings.max_series),
        rows_per_second=_use(sent.rows.per_second(ticks), limits.max_rows_per_second, settings.max_rows_per_second),
        lines_per_second=_use(sent.lines.per_second(ticks), limits.max_lines_per_second, settings.max_lines_per_second),
        body=BodyLimits(settings.max_body, settings.max_decompressed, settings.max_batch, settings.max_logs),
        rows=sent.rows.total,
        lines=sent.lines.total,
        rejected=sent.rejected,
        refused=sent.refused,
        dropped=dropped,
        overhead_percent=overhead,
    )


async def _keys(app: web.Application, app_id: str, now: float) -> list[KeyInfo]:
    auth = app[keys.AUTH]
    return [
        KeyInfo(id_of(key), key.prefix, key.label, key.created_at, key.expires_at, auth.last_used(key))
        for key in await asyncio.to_thread(app[keys.RECORDS].keys)
        if key.app_id == app_id and (key.expires_at is None or key.expires_at > now)
    ]


def _use(now: float, own: float | None, general: float) -> Use:
    return Use(now=now, limit=general if own is None else own, own=own is not None)


def _told_by_clients(metrics: MetricStore, app_id: str, now: float) -> tuple[float, float | None]:
    """Return what an application's clients lost in the last hour, and the overhead they tell of."""
    lost = RangeQuery(app_id, DROPS, now - DROPPED_SECONDS, now, DROPPED_SECONDS, "sum")
    cost = RangeQuery(app_id, (OVERHEAD,), now - OVERHEAD_SECONDS, now, OVERHEAD_SECONDS, "avg")
    dropped = sum(float(value) for line in metrics.query(lost).lines for value in line.values if not math.isnan(value))
    costs = [float(value) for line in metrics.query(cost).lines for value in line.values if not math.isnan(value)]
    return dropped, costs[-1] if costs else None

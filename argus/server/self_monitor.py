"""The server is an application of its own, through the public ``argus`` API and its own HTTP address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from aiohttp import web

import argus
from argus.errors import Conflict
from argus.server import keys
from argus.server.stores.base import App, MetricStore, RecordStore

APP_ID = "argus"


async def start(app: web.Application, url: str, tags: Mapping[str, str]) -> None:
    """Register the server as an application, and begin to record. ``url`` leads to this process, for its key does.

    Raises :class:`~argus.errors.StoreUnavailable`; it may be called again then.
    """
    records, auth = app[keys.RECORDS], app[keys.AUTH]
    now = time.time()

    def register() -> str:
        _, unused = auth.new_key(APP_ID)
        with contextlib.suppress(Conflict):
            records.create_app(App(APP_ID, APP_ID, now), replace(unused, expires_at=now))
        return auth.own_key(APP_ID)

    secret = await asyncio.to_thread(register)
    figures = [(store, name) for store in (app[keys.METRICS], records) for name in await asyncio.to_thread(store.stats)]
    # ARGUS_HOST is the server's address here, not the client's name for this machine.
    host = socket.gethostname()
    argus.init(url=url, app_id=APP_ID, api_key=secret, host=host, tags=tags, log_level=logging.INFO)
    commit, logs, hub = app[keys.METRIC_COMMIT], app[keys.LOG_COMMIT], app[keys.HUB]
    argus.gauge_callback("ingest.waiting", lambda: commit.waiting + logs.waiting)
    argus.gauge_callback("ingest.commits", lambda: commit.commits + logs.commits)
    checker = app[keys.CHECKER]
    argus.gauge_callback("alerts.judged", lambda: checker.health.judged)
    argus.gauge_callback("alerts.pass_seconds", lambda: checker.health.seconds)
    argus.gauge_callback("alerts.faults", lambda: checker.observer.faults)
    argus.gauge_callback("live.sockets", lambda: len(hub.sockets))
    argus.gauge_callback("live.dropped", lambda: hub.dropped)
    leadership = app[keys.LEADERSHIP]
    argus.gauge_callback("server.leading", lambda: leadership.leading)
    if keys.NEIGHBOURS in app:
        neighbours = app[keys.NEIGHBOURS]
        argus.gauge_callback("neighbours.told", lambda: neighbours.told)
        argus.gauge_callback("neighbours.not_told", lambda: neighbours.not_told)
        argus.gauge_callback("neighbours.heard", lambda: neighbours.heard_messages)
        argus.gauge_callback("neighbours.not_understood", lambda: neighbours.not_understood)
    for store, name in figures:
        argus.gauge_callback(name, partial(_figure, store, name))


def _figure(store: MetricStore | RecordStore, name: str) -> float:
    return store.stats()[name]


async def stop() -> None:
    """Send what is left while the server still answers."""
    await asyncio.to_thread(argus.close)

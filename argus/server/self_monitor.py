"""The server is an application of its own, through the public ``argus`` API and its own HTTP address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from aiohttp import web

import argus
from argus.errors import Conflict, StoreError
from argus.server import keys
from argus.server.stores.base import App, MetricStore, RecordStore

APP_ID = "argus"
FRESH_SECONDS = 1.0
"""All gauges of a window are asked within less, and the next window comes later."""


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
    figures = [Figures(store) for store in (app[keys.METRICS], records)]
    names = [await asyncio.to_thread(one.names) for one in figures]
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
    for one, its_names in zip(figures, names, strict=True):
        for name in its_names:
            argus.gauge_callback(name, partial(one.value, name))


class Figures:
    """What a store tells of itself: read once for all its gauges. Belongs to the thread that flushes."""

    def __init__(self, store: MetricStore | RecordStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._read_at = float("-inf")
        self._figures: Mapping[str, float] = {}
        self._trouble: StoreError | None = None

    def names(self) -> list[str]:
        """Return what there is."""
        return list(self._store.stats())

    def value(self, name: str) -> float:
        """Return a figure. Raises :class:`~argus.errors.StoreError`, for all of them after one try."""
        now = self._clock()
        if now - self._read_at >= FRESH_SECONDS:
            self._read_at, self._trouble = now, None
            try:
                self._figures = self._store.stats()
            except StoreError as error:
                self._trouble = error
        if self._trouble is not None:
            raise self._trouble
        return self._figures[name]


async def stop() -> None:
    """Send what is left while the server still answers."""
    await asyncio.to_thread(argus.close)

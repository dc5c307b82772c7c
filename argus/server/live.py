"""The hub of live updates: a subscription is a query, and what it is sent is that query's answer for what changed.

After a commit the hub marks the subscriptions that the stored names touch, waits a moment for more, runs each distinct
query once over the buckets that changed and shares the answer among all sockets that asked it. A socket that reads too
slowly loses messages, is told so, and holds up nobody. Belongs to the event loop; queries run in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import msgspec

from argus.errors import QueryError, StoreError
from argus.server import parameters
from argus.server.alerts.answers import HistoryEvent
from argus.server.answers import Application
from argus.server.changes import Changes
from argus.server.problems import Code, Problem
from argus.server.query import LogsQuery, MetricsQuery, encode_lines, log_lines, log_query, range_query
from argus.server.stores.base import LogBatch, LogQuery, MetricBatch, MetricStore, RangeQuery, RecordStore

log = logging.getLogger("argus.server.live")

R = TypeVar("R")

COALESCE_SECONDS = 0.1
APPLICATIONS_SECONDS = 1.0
ALERTS_SECONDS = 1.0
MOST_SUBSCRIPTIONS = 100
QUEUE = 200
TAIL_LINES = 200
MOST_BUCKETS = 500


@dataclass(eq=False)
class Subscription:
    """What one socket wants to hear about."""

    id: Any
    topic: str
    range: RangeQuery | None = None
    logs: LogQuery | None = None


@dataclass(eq=False)
class Socket:
    """One dashboard's connection: its subscriptions, and the messages that wait to be sent."""

    subscriptions: dict[Any, Subscription] = field(default_factory=dict)
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    dropped: dict[Any, int] = field(default_factory=dict)

    def send(self, subscription: Any, message: bytes) -> None:
        """Queue a message; where the queue is full it is dropped, and the drop is told when there is room."""
        if self.dropped and self.queue.qsize() <= QUEUE // 2:
            for number, count in self.dropped.items():
                self.queue.put_nowait(encode({"op": "dropped", "id": number, "count": count}))
            self.dropped.clear()
        if self.queue.full() or subscription in self.dropped:
            self.dropped[subscription] = self.dropped.get(subscription, 0) + 1
            return
        self.queue.put_nowait(message)


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as JSON."""
    return msgspec.json.encode(message)


class Hub:
    """Knows every socket, and what has changed since it last told them."""

    def __init__(
        self,
        metrics: MetricStore,
        records: RecordStore,
        applications: Callable[[], Awaitable[list[Application]]],
        alerts: Callable[[int | None], list[HistoryEvent]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.sockets: set[Socket] = set()
        self.dropped = 0
        self._metrics = metrics
        self._records = records
        self._applications = applications
        self._alerts = alerts
        self._clock = clock
        self._changed = Changes()
        self._last_log: dict[LogQuery, int] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to tell; on the running loop."""
        self._tasks = [
            asyncio.create_task(self._tell_changes(), name="live-changes"),
            asyncio.create_task(self._tell_applications(), name="live-applications"),
            asyncio.create_task(self._tell_alerts(), name="live-alerts"),
        ]

    async def stop(self) -> None:
        """Stop telling."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def metrics_stored(self, batches: Sequence[MetricBatch]) -> None:
        """Note what changed. Called after a commit."""
        if self.sockets:
            self._changed.add_metrics(batches)
            self._wake.set()

    def logs_stored(self, batches: Sequence[LogBatch]) -> None:
        """Note who logged. Called after a commit."""
        if self.sockets:
            self._changed.add_logs(batches)
            self._wake.set()

    def changed(self, changes: Changes) -> None:
        """Note what another server's commits changed, now that it can be read here."""
        if self.sockets:
            self._changed.merge(changes)
            self._wake.set()

    async def subscribe(self, socket: Socket, message: dict[str, Any]) -> None:
        """Act on one message of a client. Raises ``Problem`` for a wrong one."""
        op, number = message.get("op"), message.get("id")
        if not isinstance(number, (int, str)) or isinstance(number, bool):
            raise Problem("bad_request", "a message needs an id: a number or text", "id")
        if op == "unsubscribe":
            socket.subscriptions.pop(number, None)
            return
        if op != "subscribe":
            raise Problem("bad_request", f"unknown op {op!r}; use subscribe or unsubscribe", "op")
        if len(socket.subscriptions) >= MOST_SUBSCRIPTIONS and number not in socket.subscriptions:
            raise Problem("too_many_requests", f"at most {MOST_SUBSCRIPTIONS} subscriptions on one connection", "id")
        subscription = await self._read(number, message)
        socket.subscriptions[number] = subscription
        socket.send(number, encode({"op": "subscribed", "id": number, "now": self._clock()}))
        if subscription.topic == "applications":
            socket.send(number, _applications_message(number, await self._applications()))

    async def _read(self, number: Any, message: dict[str, Any]) -> Subscription:
        topic, query = message.get("topic"), message.get("query", {})
        if not isinstance(query, dict):
            raise Problem("bad_request", "query must be an object", "query")
        params = parameters.of_live_query(query)
        if topic == "metrics":
            asked = parameters.read(MetricsQuery, params)
            if asked.step is None or not asked.app:
                raise Problem("bad_request", "a live query needs app and step", "query")
            wanted = range_query(asked.app, asked, self._clock())
            return Subscription(number, topic, range=replace(wanted, start=0.0, end=0.0))
        if topic == "logs":
            search = parameters.read(LogsQuery, params)
            tail = replace(
                log_query(search.app, search), limit=TAIL_LINES, start=None, end=None, cursor=None, after=None
            )
            if tail not in self._last_log:
                newest = await asyncio.to_thread(self._records.search, LogQuery(limit=1))
                self._last_log[tail] = newest.lines[0].id if newest.lines else 0
            return Subscription(number, topic, logs=tail)
        if topic in {"applications", "alerts"}:
            return Subscription(number, topic)
        raise Problem("bad_request", f"unknown topic {topic!r}; use metrics, logs, applications or alerts", "topic")

    async def _tell_changes(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            self._wake.clear()
            changed, self._changed = self._changed, Changes()
            await self._tell_points(changed)
            await self._tell_logs(changed)

    async def _tell_points(self, changed: Changes) -> None:
        wanted: dict[RangeQuery, list[tuple[Socket, Subscription]]] = {}
        for socket, subscription in self._subscriptions("metrics"):
            query = subscription.range
            if query is None:
                continue
            since = changed.since(query.app, query.names)
            if since != math.inf:
                end = self._clock() + query.step
                start = max(since, end - MOST_BUCKETS * query.step)
                wanted.setdefault(replace(query, start=start, end=end), []).append((socket, subscription))
        for query, listeners in wanted.items():
            answer = await self._ask(listeners, partial(self._metrics.query, query))
            if answer is not None:
                self._tell(listeners, {"op": "points", "series": encode_lines(answer.lines)})

    async def _tell_logs(self, changed: Changes) -> None:
        wanted: dict[LogQuery, list[tuple[Socket, Subscription]]] = {}
        for socket, subscription in self._subscriptions("logs"):
            query = subscription.logs
            if query is not None and changed.has_logs(query.app):
                wanted.setdefault(query, []).append((socket, subscription))
        for query, listeners in wanted.items():
            tail = replace(query, after=self._last_log.get(query, 0))
            page = await self._ask(listeners, partial(self._records.search, tail))
            if page is not None and page.lines:
                found = sorted(page.lines, key=lambda line: line.id)
                self._last_log[query] = found[-1].id
                self._tell(listeners, {"op": "logs", "logs": log_lines(found)})
        live = {subscription.logs for _, subscription in self._subscriptions("logs")}
        self._last_log = {query: last for query, last in self._last_log.items() if query in live}

    async def _tell_applications(self) -> None:
        told = b""
        while True:
            await asyncio.sleep(APPLICATIONS_SECONDS)
            listeners = self._subscriptions("applications")
            if not listeners:
                continue
            try:
                shown = await self._applications()
            except StoreError as error:
                self._tell_error(listeners, error)
                continue
            message = encode({"applications": shown})
            if message != told:
                told = message
                for socket, subscription in listeners:
                    socket.send(subscription.id, _applications_message(subscription.id, shown))

    async def _tell_alerts(self) -> None:
        """Tell of transitions, whichever server recorded them; those before anybody listened are history."""
        last: int | None = None
        while True:
            listeners = self._subscriptions("alerts")
            if not listeners:
                last = None
            else:
                events = await self._ask(listeners, partial(self._alerts, last))
                if events and last is not None:
                    self._tell(listeners, {"op": "alerts", "events": events[::-1]})
                if events is not None:
                    last = events[0].id if events else last or 0
            await asyncio.sleep(ALERTS_SECONDS)

    def _subscriptions(self, topic: str) -> list[tuple[Socket, Subscription]]:
        return [
            (socket, subscription)
            for socket in self.sockets
            for subscription in socket.subscriptions.values()
            if subscription.topic == topic
        ]

    def _tell(self, listeners: Sequence[tuple[Socket, Subscription]], message: dict[str, Any]) -> None:
        for socket, subscription in listeners:
            before = sum(socket.dropped.values())
            socket.send(subscription.id, encode({**message, "id": subscription.id}))
            self.dropped += max(0, sum(socket.dropped.values()) - before)

    async def _ask(self, listeners: Sequence[tuple[Socket, Subscription]], work: Callable[[], R]) -> R | None:
        """Run a query in a thread; where it fails its own listeners are told, and all others hear on."""
        try:
            return await asyncio.to_thread(work)
        except StoreError as error:
            self._tell_error(listeners, error)
        except Exception:
            log.exception("a live query failed in a way that was not foreseen")
            self._tell_error(listeners, StoreError("something went wrong here; the server's log says what"))
        return None

    def _tell_error(self, listeners: Sequence[tuple[Socket, Subscription]], error: StoreError) -> None:
        code: Code = "bad_request" if isinstance(error, QueryError) else "unavailable"
        where = error.where if isinstance(error, QueryError) else ""
        self._tell(listeners, {"op": "error", "error": Problem(code, str(error), where).body().error})


def _applications_message(number: Any, shown: list[Application]) -> bytes:
    return encode({"op": "applications", "id": number, "applications": shown})

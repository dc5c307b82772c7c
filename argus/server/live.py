"""The hub of live updates: a subscription holds queries, and what it is sent are their answers for what changed.

After a commit the hub finds the queries that the stored names touch, runs each distinct one once over the buckets that
changed and shares the answer among all sockets that asked it; what is committed in the moment after is told together.
A socket that reads too slowly loses messages, is told so, and holds up nobody. Belongs to the event loop; queries run
in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from argus.errors import QueryError, StoreError
from argus.server import parameters
from argus.server.alerts.answers import HistoryEvent
from argus.server.answers import Application
from argus.server.answers import Line as ShownLine
from argus.server.changes import Changes
from argus.server.live_messages import (
    AlertsMessage,
    ApplicationsMessage,
    DroppedMessage,
    ErrorMessage,
    LogsMessage,
    Message,
    PointsMessage,
    SubscribedMessage,
    encode,
)
from argus.server.problems import Code, Problem
from argus.server.query import LogsQuery, MetricsQuery, encode_lines, log_lines, log_query, range_query
from argus.server.stores.base import LogBatch, LogQuery, MetricBatch, MetricStore, RangeQuery, RecordStore

log = logging.getLogger("argus.server.live")

R = TypeVar("R")

COALESCE_SECONDS = 0.1
"""After changes were told: those that come meanwhile are told together. The first after a while wait for nothing."""

TOGETHER_SECONDS = 0.05
"""Answers of one view go together, but the first of them wait no longer than this for the others."""

APPLICATIONS_SECONDS = 1.0
ALERTS_SECONDS = 1.0
MOST_SUBSCRIPTIONS = 100
MOST_QUERIES = 200
"""Of one connection: far more charts than a screen has."""

QUEUE = 200
TAIL_LINES = 200
MOST_BUCKETS = 500


@dataclass(eq=False)
class Subscription:
    """What one socket wants to hear about."""

    id: int | str
    topic: str
    ranges: Mapping[str, RangeQuery] = field(default_factory=dict)
    """Of a metrics subscription its queries, by the client's names for them."""
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
                self.queue.put_nowait(encode(DroppedMessage(number, count)))
            self.dropped.clear()
        if self.queue.full() or subscription in self.dropped:
            self.dropped[subscription] = self.dropped.get(subscription, 0) + 1
            return
        self.queue.put_nowait(message)


class Listener(NamedTuple):
    """Who is told something: a subscription of a socket, or one query of it."""

    socket: Socket
    subscription: Subscription
    query: str | None = None


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
        others = sum(len(known.ranges) for known in socket.subscriptions.values() if known.id != number)
        if others + len(subscription.ranges) > MOST_QUERIES:
            raise Problem("too_many_requests", f"at most {MOST_QUERIES} queries on one connection", "queries")
        socket.subscriptions[number] = subscription
        socket.send(number, encode(SubscribedMessage(number, self._clock())))
        if subscription.topic == "applications":
            socket.send(number, encode(ApplicationsMessage(number, await self._applications())))

    async def _read(self, number: int | str, message: dict[str, Any]) -> Subscription:
        topic = message.get("topic")
        if topic == "metrics":
            queries = _object(message, "queries")
            if not queries:
                raise Problem("bad_request", "a metrics subscription needs queries, each under a name", "queries")
            return Subscription(number, topic, {name: self._range(name, asked) for name, asked in queries.items()})
        if topic == "logs":
            search = parameters.read(LogsQuery, parameters.of_live_query(_object(message, "query")))
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

    def _range(self, name: str, query: Any) -> RangeQuery:
        """Return a query without its times: those of what has changed take their place."""
        where = f"queries.{name}"
        if not isinstance(query, dict):
            raise Problem("bad_request", "a query must be an object", where)
        try:
            asked = parameters.read(MetricsQuery, parameters.of_live_query(query))
        except Problem as problem:
            raise Problem(problem.code, problem.message, f"{where}.{problem.where}") from problem
        if asked.step is None or not asked.app:
            raise Problem("bad_request", "a live query needs app and step", where)
        return replace(range_query(asked.app, asked, self._clock()), start=0.0, end=0.0)

    async def _tell_changes(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, Changes()
            await self._tell_points(changed)
            await self._tell_logs(changed)
            await asyncio.sleep(COALESCE_SECONDS)

    async def _tell_points(self, changed: Changes) -> None:
        wanted: dict[RangeQuery, list[Listener]] = {}
        for listener in self._listeners("metrics"):
            for name, query in listener.subscription.ranges.items():
                since = changed.since(query.app, query.names)
                if since != math.inf:
                    end = self._clock() + query.step
                    start = max(since, end - MOST_BUCKETS * query.step)
                    asked = replace(query, start=start, end=end)
                    wanted.setdefault(asked, []).append(listener._replace(query=name))
        answers: dict[Listener, dict[str, list[ShownLine]]] = {}
        began = time.monotonic()
        for query, listeners in wanted.items():
            answer = await self._ask(listeners, partial(self._metrics.query, query))
            if answer is not None:
                # Written once for all who asked; inside of a message it stands as it is.
                series = cast("list[ShownLine]", msgspec.Raw(msgspec.json.encode(encode_lines(answer.lines))))
                for listener in listeners:
                    answers.setdefault(listener._replace(query=None), {})[str(listener.query)] = series
            if time.monotonic() - began > TOGETHER_SECONDS:
                self._tell_answers(answers)
                began = time.monotonic()
        self._tell_answers(answers)

    def _tell_answers(self, answers: dict[Listener, dict[str, list[ShownLine]]]) -> None:
        for listener, found in answers.items():
            self._tell([listener], PointsMessage, found)
        answers.clear()

    async def _tell_logs(self, changed: Changes) -> None:
        wanted: dict[LogQuery, list[Listener]] = {}
        for listener in self._listeners("logs"):
            query = listener.subscription.logs
            if query is not None and changed.has_logs(query.app):
                wanted.setdefault(query, []).append(listener)
        for query, listeners in wanted.items():
            tail = replace(query, after=self._last_log.get(query, 0))
            page = await self._ask(listeners, partial(self._records.search, tail))
            if page is not None and page.lines:
                found = sorted(page.lines, key=lambda line: line.id)
                self._last_log[query] = found[-1].id
                self._tell(listeners, LogsMessage, log_lines(found))
        live = {listener.subscription.logs for listener in self._listeners("logs")}
        self._last_log = {query: last for query, last in self._last_log.items() if query in live}

    async def _tell_applications(self) -> None:
        told = b""
        while True:
            await asyncio.sleep(APPLICATIONS_SECONDS)
            listeners = self._listeners("applications")
            if not listeners:
                continue
            try:
                shown = await self._applications()
            except StoreError as error:
                self._tell_error(listeners, error)
                continue
            message = msgspec.json.encode(shown)
            if message != told:
                told = message
                self._tell(listeners, ApplicationsMessage, shown)

    async def _tell_alerts(self) -> None:
        """Tell of transitions, whichever server recorded them; those before anybody listened are history."""
        last: int | None = None
        while True:
            listeners = self._listeners("alerts")
            if not listeners:
                last = None
            else:
                events = await self._ask(listeners, partial(self._alerts, last))
                if events and last is not None:
                    self._tell(listeners, AlertsMessage, events[::-1])
                if events is not None:
                    last = events[0].id if events else last or 0
            await asyncio.sleep(ALERTS_SECONDS)

    def _listeners(self, topic: str) -> list[Listener]:
        return [
            Listener(socket, subscription)
            for socket in self.sockets
            for subscription in socket.subscriptions.values()
            if subscription.topic == topic
        ]

    def _tell(self, listeners: Sequence[Listener], kind: Callable[..., Message], *content: object) -> None:
        for socket, subscription, _ in listeners:
            before = sum(socket.dropped.values())
            socket.send(subscription.id, encode(kind(subscription.id, *content)))
            self.dropped += max(0, sum(socket.dropped.values()) - before)

    async def _ask(self, listeners: Sequence[Listener], work: Callable[[], R]) -> R | None:
        """Run a query in a thread; where it fails its own listeners are told, and all others hear on."""
        try:
            return await asyncio.to_thread(work)
        except StoreError as error:
            self._tell_error(listeners, error)
        except Exception:
            log.exception("a live query failed in a way that was not foreseen")
            self._tell_error(listeners, StoreError("something went wrong here; the server's log says what"))
        return None

    def _tell_error(self, listeners: Sequence[Listener], error: StoreError) -> None:
        code: Code = "bad_request" if isinstance(error, QueryError) else "unavailable"
        where = error.where if isinstance(error, QueryError) else ""
        detail = Problem(code, str(error), where).body().error
        for listener in listeners:
            self._tell([listener], ErrorMessage, detail, listener.query)


def _object(message: dict[str, Any], name: str) -> dict[str, Any]:
    value = message.get(name, {})
    if not isinstance(value, dict):
        raise Problem("bad_request", f"{name} must be an object", name)
    return value

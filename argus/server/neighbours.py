"""The other servers on the same stores: what is committed here is told to them, and what they tell is heard here.

Ingestion only notes what changed; telling happens beside it, ten times a second at most, and what cannot be told now is
added up until it can. After a gap in hearing nobody knows what was missed, so every open question is asked again and
everybody is asked to tell what they have counted. Belongs to the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from argus.errors import StoreError
from argus.server import messages
from argus.server.changes import Changes
from argus.server.errors_hour import ErrorCounts
from argus.server.leadership import Leadership
from argus.server.live import Hub
from argus.server.series import SeriesDirectory
from argus.server.stores.base import Exchange, LogBatch, MetricBatch, RecordStore
from argus.server.traffic import Traffic

log = logging.getLogger("argus.server.neighbours")

COALESCE_SECONDS = 0.1
NEWS_SECONDS = 1.0
RETRY_SECONDS = 1.0
MOST_UNTOLD = 10_000
"""Sets of names that are kept while nobody can be told; beyond that everything is said to have changed."""


class Neighbours:
    """Listens to an exchange; see :class:`~argus.server.stores.base.Listener`."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        records: RecordStore,
        hub: Hub,
        series: SeriesDirectory,
        errors: ErrorCounts,
        traffic: Traffic,
        leadership: Leadership,
        lag: float | None,
        forget: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        self.told = 0
        self.heard_messages = 0
        self.not_told = 0
        """Attempts that failed; what they were to tell is told later."""
        self.not_understood = 0
        self._me = secrets.token_hex(6)
        self._exchange = exchange
        self._records = records
        self._hub = hub
        self._series = series
        self._errors = errors
        self._traffic = traffic
        self._leadership = leadership
        self._lag = lag
        self._forget = forget
        self._changes = Changes()
        self._gone: list[str] = []
        self._joining = False
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Take part; on the running loop."""
        self._series.start_telling()
        for work in (self._exchange.run(self), self._tell_changes(), self._tell_news()):
            self._begin(work)

    async def stop(self) -> None:
        """Hear and lead no more: another server may lead at once."""
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def tell_rest(self) -> None:
        """Tell what the last commits changed."""
        await self._tell(messages.pack_changes(self._me, self._changes))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="neighbours")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error(
                "a mistake here: what other servers tell may be missed until a restart", exc_info=task.exception()
            )

    def metrics_stored(self, batches: Sequence[MetricBatch]) -> None:
        """Note what to tell. Called after a commit."""
        self._changes.add_metrics(batches)
        self._wake.set()

    def logs_stored(self, batches: Sequence[LogBatch]) -> None:
        """Note what to tell. Called after a commit."""
        self._changes.add_logs(batches)
        self._wake.set()

    def deleted(self, app: str) -> None:
        """Note that the data of an application were deleted here."""
        self._gone.append(app)
        self._wake.set()

    def leads(self, until: float | None) -> None:
        """Hear who leads."""
        self._leadership.leads(until)

    def joined(self) -> None:
        """Hear that what was told until now was missed."""
        everything = Changes()
        everything.add_everything()
        self._later(everything)
        self._joining = True
        self._wake.set()
        self._errors.tell_all()
        self._begin(self._forget_missed())

    def heard(self, message: str) -> None:
        """Hear what a server tells."""
        told = messages.read(message)
        if told is None:
            self.not_understood += 1
            if self.not_understood == 1:
                log.warning("a server tells what is not understood here; is it of another version? %.100s", message)
            return
        if told.server != self._me:
            if self._lag is None and not self.heard_messages:
                log.error(
                    "another server uses these records, but each keeps its metrics in a file of its own and shows only "
                    "them; give both the same --metrics-url (influxdb://… or victoriametrics://…)"
                )
            self.heard_messages += 1
            self._hear(told)

    def _hear(self, told: messages.Message) -> None:
        match told:
            case messages.Points():
                self._later(messages.changes_of(told))
            case messages.Logged():
                self._hub.changed(messages.changes_of(told))
            case messages.Hosts():
                self._series.hear_hosts(told.server, told.rows)
            case messages.Instances():
                self._series.hear_instances(told.rows)
            case messages.Errors():
                self._errors.hear(told.server, told.rows)
            case messages.Sent():
                self._traffic.heard(told.rows)
            case messages.Gone():
                for app in told.rows:
                    self._begin(self._forget(app))
            case messages.Joined():
                self._errors.tell_all()

    def _later(self, changes: Changes) -> None:
        """Tell the hub when what others stored can be read here."""
        asyncio.get_running_loop().call_later(self._lag or 0.0, self._hub.changed, changes)

    async def _forget_missed(self) -> None:
        """Forget applications that were deleted while nothing was heard."""
        try:
            present = {app.app_id for app in await asyncio.to_thread(self._records.apps)}
        except StoreError as error:
            log.warning("which applications were deleted meanwhile cannot be known now: %s", error)
            return
        for app in self._series.apps():
            if app not in present:
                await self._forget(app)

    async def _tell_changes(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            self._wake.clear()
            changes, self._changes = self._changes, Changes()
            gone, self._gone = self._gone, []
            joining, self._joining = self._joining, False
            made = [messages.encode(messages.Joined(self._me))] if joining else []
            made += messages.pack(messages.Gone, self._me, gone) + messages.pack_changes(self._me, changes)
            if not await self._tell(made):
                self._changes.merge(changes)
                if sum(map(len, self._changes.points.values())) > MOST_UNTOLD:
                    self._changes = Changes()
                    self._changes.add_everything()
                self._gone += gone
                self._joining = self._joining or joining
                self._wake.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def _tell_news(self) -> None:
        """Tell who sends to this server, and how much."""
        made: list[str] = []
        while True:
            await asyncio.sleep(NEWS_SECONDS)
            if not made:
                hosts, instances = self._series.news()
                made = messages.pack(messages.Hosts, self._me, hosts)
                made += messages.pack(messages.Instances, self._me, instances)
                made += messages.pack(messages.Errors, self._me, self._errors.news())
                made += messages.pack(messages.Sent, self._me, self._traffic.news())
            if await self._tell(made):
                made = []

    async def _tell(self, made: Sequence[str]) -> bool:
        """Return whether the messages were told."""
        if not made:
            return True
        try:
            await self._exchange.tell(made)
        except StoreError:
            self.not_told += 1
            return False
        self.told += len(made)
        return True

"""The delivery worker: takes what is due from the outbox, has it carried, and keeps what came of it.

A row is marked when its message was taken over. Where the process dies in between, or the leader changes, the message
goes again, with the same key: at least once, and a receiver that looks at the key has it once. Where the store can be
read and not written, nothing more is sent before what was sent is written down: a full disk makes no flood.

Every row of a page leaves it: done, given up, or with a later time. So a recipient that is away, whatever waits for it,
does not stand before others for long.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import argus
from argus.errors import StoreError
from argus.server.alerts.values import Attempt, Delivery, DeliveryState
from argus.server.notify import message as messages
from argus.server.notify.carrier import Carrier
from argus.server.notify.channels import Channel
from argus.server.notify.outcome import Outcome, Result, failed, one_line, refused
from argus.server.notify.retry import Verdict, verdict
from argus.server.stores.alerts.base import Outbox
from argus.server.stores.alerts.channels import ChannelStore

log = logging.getLogger("argus.server.notify")

PAGE = 200
MOST_FOLDED = 20_000
"""Messages that one mail may stand for: a thousand rules of twenty applications."""
HOUR = 3_600.0
REST_SECONDS = 30.0
"""How long others wait for a recipient that could not be reached just now."""
DIGEST_SECONDS = 600.0
"""Beyond the hourly cap, mails to one address come no more often than this."""

Write = Callable[[], None]
Whom = tuple[str, str]
"""Kind and target of a row: an address of e-mail, or the id of a channel."""


class Place(NamedTuple):
    """Where the messages of a recipient go."""

    kind: str
    target: str
    secret: str = ""


class DeliveryWorker:
    """Works when it is woken, one pass at a time. Belongs to the event loop; the stores are asked on threads."""

    def __init__(
        self,
        outbox: Outbox,
        channels: ChannelStore,
        carrier: Carrier,
        mail_per_hour: int,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.trouble: str | None = None
        """Why the last pass did not come to its end."""
        self._outbox = outbox
        self._channels = channels
        self._carrier = carrier
        self._mail_per_hour = mail_per_hour
        self._clock = clock
        self._chance = chance
        self._digested: dict[Whom, float] = {}
        self._unwritten: list[Write] = []
        self._writing = asyncio.Lock()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to wait for being woken."""
        self._task = asyncio.create_task(self._run(), name="delivery")

    async def stop(self) -> None:
        """Stop at once: what is under way will be tried again, with the same key."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Have everything delivered that is due."""
        self._woken.set()

    async def deliver(self) -> None:
        """Deliver everything that is due now. Raises ``StoreError`` where the outbox is away."""
        while await self._page():
            pass

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self.deliver()
            except StoreError as error:
                self._note_trouble(str(error))
            except Exception:
                log.exception("delivering failed in a way that was not foreseen")
            else:
                self.trouble = None

    def _note_trouble(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("messages cannot be delivered now: %s", trouble)
        self.trouble = trouble

    async def _page(self) -> bool:
        """Work through the oldest rows that are due; return whether there may be more."""
        await self._write()
        now = self._clock()
        rows = await asyncio.to_thread(self._outbox.due, now, PAGE)
        if not rows:
            return False
        channels = {str(channel.id): channel for channel in await asyncio.to_thread(self._channels.channels)}
        lately = await asyncio.to_thread(self._outbox.sent_since, now - HOUR)
        waiting: dict[Whom, list[Delivery]] = {}
        for row in sorted(rows, key=lambda row: row.id):  # so a resolution does not overtake its beginning
            waiting.setdefault((row.kind, row.target), []).append(row)
        work = []
        for whom, its_rows in waiting.items():
            place = _place(whom, channels)
            if place is None:
                work.append(self._keep_all(its_rows, refused("the channel was deleted")))
            elif place.kind == "email" and lately.get(whom, 0) + len(its_rows) > self._mail_per_hour:
                work.append(self._fold(whom, place, now))
            else:
                work.append(self._serve(place, its_rows))
        failures = [one for one in await asyncio.gather(*work, return_exceptions=True) if one is not None]
        if failures:  # each recipient was served as far as it goes
            raise failures[0]
        return len(rows) == PAGE

    async def _serve(self, place: Place, rows: Sequence[Delivery]) -> None:
        for index, row in enumerate(rows):
            outcome = await self._carried(self._carrier.carry(*place, messages.of(row), self._clock()))
            await self._keep(row, outcome, self._verdict(row, outcome))
            if outcome.result is Result.FAILED:
                await self._postpone(rows[index + 1 :], self._clock() + REST_SECONDS)
                return

    async def _fold(self, whom: Whom, place: Place, now: float) -> None:
        """Send one mail for all that is due, unless the last one was only just sent. The oldest row stands for it."""
        rows = sorted(await asyncio.to_thread(self._outbox.due, now, MOST_FOLDED, whom), key=lambda row: row.id)
        next_at = self._digested.get(whom, float("-inf")) + DIGEST_SECONDS
        if now < next_at or not rows:  # newer messages may have replaced them meanwhile
            await self._postpone(rows, next_at)
            return
        first, rest = rows[0], rows[1:]
        if rest:
            way = self._carrier.carry_digest(place.target, [messages.of(row) for row in rows], now)
        else:
            way = self._carrier.carry(*place, messages.of(first), now)
        outcome = await self._carried(way)
        if outcome.result is Result.SENT:
            self._digested[whom] = now
        judged = self._verdict(first, outcome)
        if not rest or judged.state is DeliveryState.FAILED:
            await self._keep_all(rows, outcome)
            return
        told = f"told in one mail with {len(rest)} more, over {self._mail_per_hour} an hour: delivery {first.id}"
        others = [row.id for row in rest]
        follows: Write = partial(self._outbox.postpone, others, judged.next_at)
        if outcome.result is Result.SENT:
            follows = partial(self._outbox.suppress, others, told)
        outcome = replace(outcome, detail=one_line(f"one mail for {len(rows)}: {outcome.detail}"))
        await self._keep(first, outcome, judged, follows)

    async def _carried(self, way: Awaitable[Outcome]) -> Outcome:
        try:
            return await way
        except Exception as error:
            # A message that nobody foresaw would otherwise be tried at every pass, for ever, before others.
            log.exception("a message could not be sent, in a way that was not foreseen")
            return failed(f"{type(error).__name__} here; the server's log says more")

    async def _keep_all(self, rows: Sequence[Delivery], outcome: Outcome) -> None:
        for row in rows:
            await self._keep(row, outcome, self._verdict(row, outcome))

    def _verdict(self, row: Delivery, outcome: Outcome) -> Verdict:
        return verdict(row, outcome, self._clock(), self._chance())

    async def _keep(self, row: Delivery, outcome: Outcome, judged: Verdict, *others: Write) -> None:
        """Keep an attempt and what it makes of the message, and whatever else follows from it."""
        attempt = Attempt(self._clock(), outcome.result is Result.SENT, outcome.detail)
        argus.increment("alerts.attempts", tags={"result": outcome.result})
        if judged.state is DeliveryState.FAILED:
            log.warning("message %d about %r is given up: %s", row.id, row.content.rule_name, judged.reason)
        await self._write(partial(self._outbox.attempted, row.id, attempt, *judged), *others)

    async def _write(self, *writes: Write) -> None:
        """Write to the outbox, what is left from before first. Raises ``StoreError``; what is not written is kept."""
        self._unwritten += writes
        async with self._writing:
            while self._unwritten:
                write = self._unwritten.pop(0)
                try:
                    await asyncio.to_thread(write)
                except StoreError:
                    self._unwritten.insert(0, write)
                    raise

    async def _postpone(self, rows: Sequence[Delivery], next_at: float) -> None:
        if rows:
            await asyncio.to_thread(self._outbox.postpone, [row.id for row in rows], next_at)


def _place(whom: Whom, channels: Mapping[str, Channel]) -> Place | None:
    """Return where a recipient's messages go now, ``None`` where its channel is gone."""
    kind, target = whom
    if kind != "channel":
        return Place(kind, target)
    channel = channels.get(target)
    return None if channel is None else Place(channel.kind, channel.target, channel.secret)

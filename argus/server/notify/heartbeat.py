"""A dead man's switch: an address that is asked after every pass of the checker that succeeded.

Where it is not asked for a while, whoever keeps that address raises the alarm: a server that has died cannot say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

import aiohttp

import argus
from argus.errors import ConfigError
from argus.server.notify.carrier import Carrier
from argus.server.notify.outcome import Outcome, Result, failed
from argus.server.notify.web_addresses import checked
from argus.server.notify.webhook import judge, without_address

TIMEOUT = aiohttp.ClientTimeout(total=5.0)
"""Short, for the next one waits for it."""

log = logging.getLogger("argus.server.notify")


class Heartbeat:
    """Asks the address; a failure is said once, until it works again."""

    def __init__(self, url: str, carrier: Carrier) -> None:
        """Raises :class:`ConfigError` for an address that cannot be asked."""
        self.trouble: str | None = None
        self._url = _checked(url)
        self._carrier = carrier
        self._beating: asyncio.Task[None] | None = None

    def begin(self, now: float) -> None:
        """Ask, and let the caller go on: whoever is slow to answer holds up no alert. One beat at a time."""
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self.beat(now), name="heartbeat")

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._beating is not None:
            self._beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beating

    async def beat(self, now: float) -> None:
        """Ask, if there is an address. Never raises."""
        if not self._url:
            return
        outcome = await self._ask(now)
        argus.increment("alerts.heartbeats", tags={"result": outcome.result})
        trouble = None if outcome.result is Result.SENT else outcome.detail
        if trouble is not None and self.trouble is None:
            log.warning("the heartbeat could not be given: %s", trouble)
        self.trouble = trouble

    async def _ask(self, now: float) -> Outcome:
        try:
            async with self._carrier.http.get(self._url, allow_redirects=False, timeout=TIMEOUT) as answer:
                return judge(answer, str(answer.status), now)
        except TimeoutError:
            return failed(f"no answer within {TIMEOUT.total:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return failed(without_address(error))


def _checked(url: str) -> str:
    try:
        return checked(url) if url else ""
    except ConfigError as error:
        raise ConfigError(f"--heartbeat-url cannot be asked: {error}") from error

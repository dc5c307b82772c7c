"""``argus serve --workers N``: a parent that starts N server processes on one port, and keeps N of them alive.

Each worker is a server of its own (``worker.py``) and opens the port with SO_REUSEPORT, so the kernel spreads the
connections. A worker that ends is followed by another, after a pause that grows while they keep ending. SIGTERM and
SIGINT drain all of them; a second one ends them at once. Workers end by themselves when their parent is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from argus.errors import ConfigError
from argus.server import listening
from argus.server.settings import Settings
from argus.server.stores import opening

log = logging.getLogger("argus.server.supervisor")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0
SOUND_SECONDS = 10.0
"""A worker that lived so long was sound: the pause after it is short again."""

DRAIN_SECONDS = 18.0
"""Longer than a worker takes to answer open requests and to store what it has accepted; less than systemd waits."""


class Orders(msgspec.Struct, frozen=True):
    """What a worker is told, in one line on its standard input; where that ends, so does the worker."""

    number: int
    settings: Settings
    password: str | None


class Ready(msgspec.Struct, frozen=True, tag=True):
    """What a worker says in one line on its standard output; the password is there if it has made one."""

    url: str
    password: str | None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """What a worker says that cannot serve."""

    message: str


_TOLD = msgspec.json.Decoder(Ready | Failed)


def encode(line: Orders | Ready | Failed) -> bytes:
    """Return a line."""
    return msgspec.json.encode(line, enc_hook=str) + b"\n"


def orders_of(line: bytes) -> Orders:
    """Read a worker's orders."""
    return msgspec.json.decode(line, type=Orders, dec_hook=_path)


def _path(_: type[Any], text: Any) -> Path:
    return Path(text)


def check(settings: Settings) -> None:
    """Raise :class:`ConfigError` where several processes cannot serve."""
    if opening.is_embedded(settings):
        raise ConfigError(
            f"--workers {settings.workers} needs stores that several processes can share, and an embedded store is a "
            "file of one: set --metrics-url (influxdb://… or victoriametrics://…) and --records-url (postgresql://…), "
            "or leave --workers at 1"
        )
    if sys.platform != "linux":
        raise ConfigError(
            f"--workers {settings.workers} needs Linux, which spreads connections over processes; elsewhere start "
            "several servers, each on a port of its own, behind a balancer"
        )


class Worker:
    """One of the processes, and those that follow it."""

    def __init__(
        self, orders: Orders, told: Callable[[int, Ready | Failed], None], has_started: Callable[[], bool]
    ) -> None:
        self._orders = orders
        self._told = told
        self._has_started = has_started
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def keep(self) -> int:
        """Return the last process' exit status: when told to stop, or when the first one could not start."""
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            status = await self._live()
            if self._stopping.is_set() or (status == 1 and not self._has_started()):
                return status
            if time.monotonic() - began >= SOUND_SECONDS:
                pause = FIRST_PAUSE
            log.warning("worker %d %s; another one starts in %.1f s", self._orders.number, _said(status), pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return 0
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _live(self) -> int:
        """Run one process to its end."""
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "argus.server.worker", str(self._orders.number)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        except OSError as error:  # no memory, or too many processes
            log.error("worker %d cannot be started: %s", self._orders.number, error)  # noqa: TRY400  # says it all
            return 1
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(encode(self._orders))
        if self._stopping.is_set():
            self.send(signal.SIGTERM)
        async for line in process.stdout:
            self._told(self._orders.number, _TOLD.decode(line))
        return await process.wait()

    def stop(self) -> None:
        """Let the process drain, and none follow it."""
        self._stopping.set()
        self.send(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process that lives now."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def _said(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


class Supervisor:
    """``started`` gets the address, and a password if one was made, when every worker has been ready once."""

    def __init__(self, settings: Settings, started: Callable[[str, str | None], None], password: str | None) -> None:
        self._settings = settings
        self._started = started
        self._password = password
        self._ready: set[int] = set()
        self._failed: set[str] = set()
        self._made_password: str | None = None
        self._told_to_stop = asyncio.Event()
        self._workers: list[Worker] = []

    async def run(self) -> int:
        """Serve until a signal; return the exit status: 0 where every worker has drained."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        with listening.reserved(self._settings) as port:
            settings = replace(self._settings, port=port)
            numbers = range(1, settings.workers + 1)
            self._workers = [
                Worker(Orders(number, settings, self._password), self._hear, self._has_started) for number in numbers
            ]
            keepers = [asyncio.create_task(worker.keep(), name="worker") for worker in self._workers]
            stop = asyncio.create_task(self._told_to_stop.wait(), name="stop")
            await asyncio.wait([*keepers, stop], return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            for worker in self._workers:
                worker.stop()
            _, late = await asyncio.wait(keepers, timeout=DRAIN_SECONDS)
            if late:
                log.warning("%d workers have not drained in %.0f s and are ended", len(late), DRAIN_SECONDS)
                self._kill()
            statuses = await asyncio.gather(*keepers)
        return int(any(status not in {0, -signal.SIGTERM} for status in statuses))  # SIGTERM: it had not begun to serve

    def _has_started(self) -> bool:
        return len(self._ready) == self._settings.workers

    def _hear(self, number: int, told: Ready | Failed) -> None:
        if isinstance(told, Ready):
            log.info("worker %d is ready", number)
            self._on_ready(number, told)
        elif self._has_started():
            log.error("worker %d: %s", number, told.message)
        elif told.message not in self._failed:  # all of them have the same settings and stores
            self._failed.add(told.message)
            sys.stderr.write(f"argus: {told.message}\n")

    def _on_ready(self, number: int, ready: Ready) -> None:
        if self._has_started():
            return  # it follows one that had been ready
        self._ready.add(number)
        self._made_password = ready.password or self._made_password  # its maker may be gone when it is shown
        if self._has_started():
            self._started(ready.url, self._made_password)

    def _on_signal(self) -> None:
        if self._told_to_stop.is_set():
            log.warning("told to stop once more: the workers are ended at once")
            self._kill()
        self._told_to_stop.set()

    def _kill(self) -> None:
        for worker in self._workers:
            worker.send(signal.SIGKILL)

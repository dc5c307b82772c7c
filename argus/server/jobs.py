"""Jobs: what the server does by a timetable, by APScheduler, and what is known of their last runs.

A part of the server that has one registers it with ``app[keys.JOBS].add(Job(…))``. That is all it takes to be run on
time, never twice at once, by one server of several, logged when it fails, timed on the server's own charts and
shown in ``/api/v1/status``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

import argus
from argus.errors import StoreError

log = logging.getLogger("argus.server.jobs")

Work = Callable[[web.Application, float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """One job. Its work gets the time at which it runs; what it writes to a store, it writes on that store's writer."""

    name: str
    does: str
    """A few words for people: what it is good for."""
    work: Work
    trigger: BaseTrigger
    everywhere: bool = False
    """Whether each of several servers does it, because it is about that server; else the one that leads."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run that is over. ``error`` is ``None`` where it went well."""

    began: float
    seconds: float
    error: str | None


@dataclass(slots=True)
class Timetable:
    """What is known of a job in this process."""

    job: Job
    last: Run | None = None
    running_since: float | None = None
    runs: int = 0
    failures: int = 0
    next: float | None = None
    """When it is due; ``None`` while the server is starting or stopping."""


def every(seconds: float) -> BaseTrigger:
    """Return the trigger of a job that runs after each ``seconds``."""
    return IntervalTrigger(seconds=seconds)


class Jobs:
    """The registered jobs. Belongs to the event loop."""

    def __init__(self, app: web.Application, clock: Callable[[], float] = time.time) -> None:
        self.leads: Callable[[], bool] = lambda: True
        """Whether this server does what one of several has to do. Who elects a leader says so here."""
        self._app = app
        self._clock = clock
        self._known: dict[str, Timetable] = {}
        self._scheduler: AsyncIOScheduler | None = None

    def add(self, job: Job) -> None:
        """Register a job, before or after the start."""
        if job.name in self._known:
            raise ValueError(f"there is a job {job.name!r} already")
        self._known[job.name] = Timetable(job)
        if self._scheduler is not None:
            self._schedule(self._scheduler, job)

    def start(self) -> None:
        """Begin to run them when they are due; on the running loop."""
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = AsyncIOScheduler()
        for known in self._known.values():
            self._schedule(self._scheduler, known.job)
        self._scheduler.start()

    def _schedule(self, scheduler: AsyncIOScheduler, job: Job) -> None:
        scheduler.add_job(
            self.run,
            job.trigger,
            args=[job.name],
            id=job.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,  # late is better than not at all
        )

    def stop(self) -> None:
        """Begin no more runs."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    async def run(self, name: str) -> None:
        """Run a job now, unless it runs or is another server's; what goes wrong is logged and kept, never raised."""
        known = self._known[name]
        if known.running_since is not None or not (known.job.everywhere or self.leads()):
            return
        known.running_since, began = self._clock(), time.perf_counter()
        error: str | None = "it was interrupted"
        try:
            await known.job.work(self._app, known.running_since)
        except StoreError as caught:
            error = str(caught)
            log.warning("%s could not be done now: %s", name, error)
        except Exception as caught:
            error = f"{type(caught).__name__}: not foreseen; the server's log says more"
            log.exception("%s failed in a way that was not foreseen", name)
        else:
            error = None
        finally:
            seconds = time.perf_counter() - began
            known.last = Run(known.running_since, seconds, error)
            known.running_since = None
            known.runs += 1
            known.failures += error is not None
            argus.timing("jobs.run", seconds, {"job": name, "outcome": "failed" if error else "done"})

    def timetables(self) -> Iterator[Timetable]:
        """Yield what is known of each job."""
        for name, known in self._known.items():
            scheduled = self._scheduler.get_job(name) if self._scheduler is not None else None
            due = scheduled.next_run_time if scheduled is not None else None
            known.next = due.timestamp() if due is not None else None
            yield known

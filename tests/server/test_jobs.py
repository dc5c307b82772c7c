"""Scheduled jobs: when they run, what is known of them, and that one that fails hurts nobody."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from argus.errors import StoreUnavailable
from argus.server import keys, maintenance
from argus.server.jobs import Job, Jobs, Run, Timetable, every

NOW = 1_763_900_000.0


class Work:
    """Counts its runs; fails, or waits, as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times: list[float] = []
        self.error = error
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self, _: web.Application, now: float) -> None:
        self.times.append(now)
        await self.go_on.wait()
        if self.error is not None:
            raise self.error


def jobs_of(*jobs: Job) -> Jobs:
    made = Jobs(web.Application(), lambda: NOW)
    for job in jobs:
        made.add(job)
    return made


def known(jobs: Jobs) -> Timetable:
    (only,) = jobs.timetables()
    return only


async def test_a_run_is_remembered_with_its_time_and_its_end() -> None:
    work = Work()
    jobs = jobs_of(Job("backup", "copies", work, every(60)))
    assert known(jobs).last is None
    await jobs.run("backup")
    last = known(jobs).last
    assert work.times == [NOW]
    assert last is not None
    assert last == Run(NOW, last.seconds, None)
    assert (known(jobs).runs, known(jobs).failures, known(jobs).running_since) == (1, 0, None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StoreUnavailable("disk full"), "disk full"),
        (OverflowError("the password is peacock"), "OverflowError: not foreseen; the server's log says more"),
    ],
)
async def test_a_failure_is_remembered_and_said_and_the_next_run_may_go_well(error, told, caplog) -> None:
    work = Work(error)
    jobs = jobs_of(Job("backup", "copies", work, every(60)))
    await jobs.run("backup")
    last = known(jobs).last
    assert last is not None
    assert last.error == told
    assert "backup" in caplog.text
    work.error = None
    await jobs.run("backup")
    last = known(jobs).last
    assert last is not None
    assert (last.error, known(jobs).runs, known(jobs).failures) == (None, 2, 1)


async def test_a_job_never_runs_twice_at_once() -> None:
    work = Work()
    work.go_on.clear()
    jobs = jobs_of(Job("backup", "copies", work, every(60)))
    first = asyncio.create_task(jobs.run("backup"))
    await asyncio.sleep(0)
    assert known(jobs).running_since == NOW
    await jobs.run("backup")
    work.go_on.set()
    await first
    assert (work.times, known(jobs).runs) == ([NOW], 1)


async def test_a_run_that_is_broken_off_says_so() -> None:
    work = Work()
    work.go_on.clear()
    jobs = jobs_of(Job("backup", "copies", work, every(60)))
    run = asyncio.create_task(jobs.run("backup"))
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    last = known(jobs).last
    assert last is not None
    assert last.error == "it was interrupted"


async def test_of_several_servers_the_leading_one_runs_a_job_and_each_runs_what_is_about_itself() -> None:
    shared, own = Work(), Work()
    jobs = jobs_of(Job("alerts", "looks", shared, every(60)), Job("files", "looks", own, every(60), everywhere=True))
    jobs.leads = lambda: False
    for name in ("alerts", "files"):
        await jobs.run(name)
    assert (shared.times, own.times) == ([], [NOW])
    jobs.leads = lambda: True
    await jobs.run("alerts")
    assert shared.times == [NOW]


async def test_jobs_run_when_they_are_due_also_those_that_are_added_later() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def note_first(*_: object) -> None:
        first.set()

    async def note_second(*_: object) -> None:
        second.set()

    jobs = jobs_of(Job("first", "notes", note_first, every(0.01)))
    jobs.start()
    jobs.add(Job("second", "notes", note_second, every(0.01)))
    async with asyncio.timeout(10):
        await first.wait()
        await second.wait()
    assert all(known.next is not None for known in jobs.timetables())
    jobs.stop()
    assert all(known.next is None for known in jobs.timetables())


def test_a_name_stands_for_one_job() -> None:
    with pytest.raises(ValueError, match="'backup'"):
        jobs_of(Job("backup", "copies", Work(), every(60)), Job("backup", "copies", Work(), every(60)))


async def test_a_server_schedules_the_upkeep_of_its_stores_every_minute(server) -> None:
    found = {known.job.name: known for known in server.app[keys.JOBS].timetables()}
    assert set(found) >= {job.name for job in maintenance.JOBS}
    for job in maintenance.JOBS:
        assert str(job.trigger) == "interval[0:01:00]"
        assert found[job.name].next is not None

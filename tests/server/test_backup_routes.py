"""Backups of a running server: asked for, scheduled, fetched, deleted, and what is said when one fails."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest

from argus.errors import StoreUnavailable
from argus.server import keys, maintenance
from argus.server.backup import folder as folders
from argus.server.backup import schedule
from argus.server.backup import state as states
from argus.server.backup.archive import Archive
from argus.server.backup.make import make

ADMIN = {"Authorization": "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="}  # admin:correct horse
DAY = 86_400.0
GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden"


async def made(server) -> list[str]:
    """Return the backups once none is being made."""
    backups = server.app[keys.BACKUPS]
    if backups._task is not None:
        await backups._task
    _, answer = await server.get("/api/v1/backups")
    assert answer["running"] is None
    return [one["name"] for one in answer["backups"]]


async def begin(server) -> int:
    async with server.http.post(f"{server.url}/api/v1/backups", headers=ADMIN) as answer:
        return answer.status


@pytest.fixture
def held(monkeypatch):
    """A backup that waits, half done, until the test lets it go on."""
    reached, go_on = threading.Event(), threading.Event()

    def slowly(settings, folder, progress):
        progress("copying records.db", 1, 2)
        reached.set()
        assert go_on.wait(30)
        return make(settings, folder, progress)

    monkeypatch.setattr(schedule, "make", slowly)
    yield reached, go_on
    go_on.set()


async def test_a_backup_is_made_listed_fetched_and_deleted(server, tmp_path: Path) -> None:
    assert await begin(server) == 202
    (name,) = await made(server)
    _, answer = await server.get("/api/v1/backups")
    (shown,) = answer["backups"]
    assert shown["stores"]["records"]["rows"]["apps"] == 2
    assert not folders.is_locked(server.app[keys.BACKUPS].folder)
    wanted = json.loads((GOLDEN / "answer_backups.json").read_text())
    assert answer.keys() == wanted.keys()
    assert shown.keys() == wanted["backups"][0].keys()
    assert shown["stores"].keys() == wanted["backups"][0]["stores"].keys()
    assert (answer["failed"], answer["last_error"]) == (0, None)
    async with server.http.get(f"{server.url}/api/v1/backups/{name}", headers=ADMIN) as got:
        assert got.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        (tmp_path / "fetched.tar").write_bytes(await got.read())
    with Archive(tmp_path / "fetched.tar") as archive:
        archive.verify(lambda *_: None)
        assert archive.manifest.created_at == shown["created_at"]
    async with server.http.delete(f"{server.url}/api/v1/backups/{name}", headers=ADMIN) as answer:
        assert answer.status == 204
    assert await made(server) == []
    acts = [entry.act for entry in server.app[keys.RECORDS].audit(100, None)]
    assert {"post_backup", "get_backup", "delete_backup"} <= set(acts)


async def test_while_one_is_made_its_progress_is_told_and_another_refused(server, held) -> None:
    reached, go_on = held
    assert await begin(server) == 202
    await asyncio.to_thread(reached.wait, 30)
    _, answer = await server.get("/api/v1/backups")
    assert {**answer["running"], "started_at": 0} == {
        "started_at": 0,
        "step": "copying records.db",
        "done": 1,
        "total": 2,
    }
    assert await begin(server) == 409
    go_on.set()
    assert len(await made(server)) == 1


async def test_a_backup_that_another_process_makes_is_seen_and_in_the_way(server) -> None:
    folder = server.app[keys.BACKUPS].folder
    now = [0.0]
    with states.reported(folder) as report:
        assert await begin(server) == 409
        shown = (await server.get("/api/v1/backups"))[1]["running"]
        assert (shown["step"], shown["done"]) == ("starting", 0)
        report._clock = lambda: now[0]
        for step, done, seen in (("pg_dump", 1, 1), ("pg_dump", 2, 1), ("packing", 3, 3)):
            report(step, done, 9)
            assert (await server.get("/api/v1/backups"))[1]["running"]["done"] == seen
        now[0] += states.WRITE_SECONDS
        report("packing", 4, 9)
        assert (await server.get("/api/v1/backups"))[1]["running"]["done"] == 4
    assert (await server.get("/api/v1/backups"))[1]["running"] is None


async def test_what_a_killed_process_was_making_is_not_shown(server) -> None:
    folder = server.app[keys.BACKUPS].folder
    with states.reported(folder):
        left = (folder / states.FILE).read_bytes()
    (folder / states.FILE).write_bytes(left)
    assert (await server.get("/api/v1/backups"))[1]["running"] is None
    (folder / states.FILE).write_text("{")
    assert (await server.get("/api/v1/backups"))[1]["failed"] == 0


async def test_that_a_backup_failed_is_told_by_every_server_until_one_is_made(server) -> None:
    with pytest.raises(StoreUnavailable), states.reported(server.app[keys.BACKUPS].folder) as report, report.outcome():
        raise StoreUnavailable("the disk is full")
    _, answer = await server.get("/api/v1/backups")
    assert (answer["failed"], answer["last_error"]["message"]) == (1, "the disk is full")
    assert answer["next_at"] == pytest.approx(time.time() + schedule.RETRY_SECONDS, abs=60)
    assert await begin(server) == 202
    await made(server)
    _, answer = await server.get("/api/v1/backups")
    assert (answer["failed"], answer["last_error"]) == (0, None)


async def test_a_folder_that_cannot_be_made_is_told_by_who_tried(make_server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    server = await make_server(backup_dir=str(tmp_path / "file" / "backups"))
    await maintenance.back_up(server.app, time.time())
    _, answer = await server.get("/api/v1/backups")
    assert (answer["failed"], answer["running"]) == (1, None)
    assert "ARGUS_BACKUP_DIR" in answer["last_error"]["message"]


async def test_a_server_that_stops_gives_the_backup_up(server, held) -> None:
    reached, go_on = held
    await begin(server)
    await asyncio.to_thread(reached.wait, 30)
    stopped = asyncio.create_task(server.app[keys.BACKUPS].stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopped
    assert folders.listed(server.app[keys.BACKUPS].folder) == []
    assert (await server.get("/api/v1/backups"))[1]["failed"] == 0


async def test_nothing_but_backups_can_be_reached(server) -> None:
    names = (
        "argus-20200101T000000Z.tar",
        "records.db",
        "..%2Frecords.db",
        "%2Fetc%2Fpasswd",
        "argus-20200101T000000Z.tar%00",
    )
    for name in names:
        for method in ("get", "delete"):
            async with server.http.request(method, f"{server.url}/api/v1/backups/{name}", headers=ADMIN) as answer:
                assert answer.status == 404
    assert (server.app[keys.SETTINGS].data / "records.db").exists()


async def test_only_the_administrator_may(server) -> None:
    for method, path in (("get", ""), ("post", ""), ("get", "/x.tar"), ("delete", "/x.tar")):
        for headers, status in (({}, 401), (server.bearer(), 403)):
            async with server.http.request(method, f"{server.url}/api/v1/backups{path}", headers=headers) as answer:
                assert answer.status == status


async def test_the_schedule_goes_by_the_newest_backup(server) -> None:
    now = time.time()
    await maintenance.back_up(server.app, now)
    first = await made(server)
    assert len(first) == 1
    await maintenance.back_up(server.app, now + 6.9 * DAY)
    assert await made(server) == first
    await maintenance.back_up(server.app, now + 7.1 * DAY)
    assert len(await made(server)) == 2


async def test_no_backup_is_due_where_none_are_scheduled(make_server) -> None:
    server = await make_server(backup_every_days=0.0)
    await maintenance.back_up(server.app, time.time())
    assert await made(server) == []
    _, answer = await server.get("/api/v1/backups")
    assert answer["next_at"] is None


async def test_the_oldest_go_beyond_those_that_are_kept(make_server) -> None:
    server = await make_server(backup_keep=2)
    names: list[str] = []
    for _ in range(3):
        await begin(server)
        names = [*names, *(name for name in await made(server) if name not in names)]
    assert await made(server) == names[:0:-1]


async def test_a_backup_that_fails_is_told_and_tried_again_later(server, monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(schedule, "make", fail)
        await maintenance.back_up(server.app, now)
        assert await made(server) == []
    _, answer = await server.get("/api/v1/backups")
    assert (answer["failed"], answer["last_error"]["message"]) == (1, "the disk is full")
    assert "the disk is full" in caplog.text
    await maintenance.back_up(server.app, now + 60)
    assert await made(server) == []
    await maintenance.back_up(server.app, now + 3_700)
    assert len(await made(server)) == 1
    assert (await server.get("/api/v1/backups"))[1]["last_error"] is None

"""What ``argus doctor`` makes of given facts: each broken situation, without breaking this machine."""

from __future__ import annotations

import os
import sqlite3
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argus.aggregate.with_numpy import NumpyAggregator
from argus.doctor import clock, machine, server, stores, web
from argus.doctor.result import Result, State, ok, run
from argus.doctor.stores import Facts
from argus.errors import ConfigError

GIB = 1024**3
HERE = Path("/data")
HEALTHY = Facts(server=150_004, version=3, known=3, read_only=False, may_make=True)
NEEDED = ["aiohttp<4,>=3.10; extra == 'server'", "psutil<8,>=5.9", 'psycopg[binary]<4,>=3.2; extra == "server"']


def told(result: Result, state: State, words: str, fix: str = "") -> None:
    assert (result.state, words in result.seen, fix in result.fix) == (state, True, True), result
    assert bool(result.fix) == (state in {State.WARNING, State.FAILURE}), "whatever is wrong has a fix, nothing else"


def test_an_old_python_is_a_failure() -> None:
    told(machine.python((3, 9, 2)), State.FAILURE, "3.9.2 is too old", "3.11")
    told(machine.python(), State.OK, "argus")


@pytest.mark.parametrize(
    ("versions", "wrong"),
    [
        ({"aiohttp": "3.10.1", "psutil": "6.0", "psycopg": "3.2"}, []),
        ({"aiohttp": "3.9.5", "psutil": "6.0", "psycopg": "3.2"}, ["aiohttp is 3.9.5, needed is <4,>=3.10"]),
        ({"aiohttp": "4.0.0a1", "psutil": "6.0", "psycopg": "3.2"}, ["aiohttp is 4.0.0a1, needed is <4,>=3.10"]),
        ({"aiohttp": "3.10", "psutil": "6.0"}, ["psycopg is missing"]),
    ],
)
def test_packages_that_are_missing_or_do_not_fit_are_named(versions: dict[str, str], wrong: list[str]) -> None:
    assert machine.unmet(NEEDED, ("server",), versions.get) == wrong


def test_a_client_needs_no_package_of_the_server() -> None:
    assert machine.unmet(NEEDED, (), {"psutil": "7.0"}.get) == []
    told(machine.packages(installed=lambda _: None), State.FAILURE, "aiohttp is missing", "pip install")
    told(machine.packages(), State.OK, "fits")


def test_without_the_compiled_core_recording_is_slow_or_impossible() -> None:
    def nothing() -> Callable[..., object]:
        raise ConfigError("no aggregation backend can be loaded")

    told(machine.native(lambda: NumpyAggregator), State.WARNING, "NumpyAggregator", "compiler")
    told(machine.native(nothing), State.FAILURE, "no aggregation backend", "pip install")


def test_who_may_enter_the_data_folder(tmp_path: Path) -> None:
    me, folder = os.geteuid(), tmp_path / "data"
    told(machine.folder(folder), State.OK, "made at the first start")
    folder.mkdir(mode=0o700)
    told(machine.folder(folder), State.OK, "alone")
    told(machine.folder(folder, me + 4_000_000), State.WARNING, "belongs to", "chown -R")
    folder.chmod(0o755)
    told(machine.folder(folder), State.WARNING, "mode 755", f"chmod 700 {folder}")
    (tmp_path / "file").touch()
    told(machine.folder(tmp_path / "file"), State.FAILURE, "is no folder", "--data")


def test_a_folder_that_cannot_be_written_or_made_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may everything, so the system is made to say no
    told(machine.folder(tmp_path), State.FAILURE, "cannot be read and written", "chown -R")
    told(machine.folder(tmp_path / "data"), State.FAILURE, "cannot be made", "chown -R")


@pytest.mark.parametrize(
    ("free", "inodes", "state"),
    [
        (50 * GIB, 1_000_000, State.OK),
        (50 * GIB, None, State.OK),
        (1 * GIB, 1_000_000, State.WARNING),
        (50 * GIB, 10_000, State.WARNING),
        (0, 1_000_000, State.FAILURE),
        (50 * GIB, 0, State.FAILURE),
    ],
)
def test_a_full_disk_is_a_failure_by_bytes_or_by_files(free: int, inodes: int | None, state: State) -> None:
    told(machine.room(HERE, free, 100 * GIB, inodes), state, f"{free / GIB:.1f} GiB of 100.0 GiB")


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above(tmp_path: Path) -> None:
    assert str(tmp_path) in machine.disk(tmp_path / "not" / "yet").seen


@pytest.mark.parametrize(
    ("limit", "state"), [(64, State.FAILURE), (1024, State.WARNING), (65_536, State.OK), (-1, State.OK)]
)
def test_few_open_files_are_too_few(limit: int, state: State) -> None:
    assert machine.open_files(limit).state is state


@pytest.mark.parametrize(
    ("files", "state", "words"),
    [
        ({"/proc/meminfo": "MemTotal:  8000000 kB"}, State.OK, "the machine"),
        (
            {"/proc/meminfo": "MemTotal: 8000000 kB", "/sys/fs/cgroup/memory.max": "268435456\n"},
            State.WARNING,
            "0.2 GiB, by its control group",
        ),
        ({"/proc/meminfo": "MemTotal: 8000000 kB", "/sys/fs/cgroup/memory.max": "max\n"}, State.OK, "the machine"),
        ({}, State.SKIPPED, "does not tell"),
    ],
)
def test_the_memory_limit_is_the_lowest_one(files: dict[str, str], state: State, words: str) -> None:
    told(machine.memory(files.get), state, words)


@pytest.mark.parametrize(
    ("offsets", "state", "words"),
    [
        ({}, State.SKIPPED, "no server"),
        ({"InfluxDB": 0.2, "the server": -0.4}, State.OK, "InfluxDB, the server"),
        ({"InfluxDB": 0.2, "PostgreSQL": -40.0}, State.WARNING, "PostgreSQL is 40.0 s behind"),
        ({"the server": 3_600.0}, State.FAILURE, "the server is 3600.0 s ahead"),
    ],
)
def test_a_clock_that_is_far_off_is_told_by_whose_it_is(offsets: dict[str, float], state: State, words: str) -> None:
    told(clock.offsets(offsets), state, words, "NTP" if state in {State.WARNING, State.FAILURE} else "")


def test_a_clock_that_nothing_sets_is_told() -> None:
    told(clock.kept_right(lambda: 5), State.WARNING, "nothing sets", "NTP")
    told(clock.kept_right(lambda: 0), State.OK, "NTP")
    assert clock.kept_right().state in {State.OK, State.WARNING, State.SKIPPED}  # whatever this kernel says


def test_a_clock_that_jumps_is_told() -> None:
    wall, counter = [1000.0], [10.0]
    steady = clock.Steadiness(lambda: wall[0], lambda: counter[0])
    counter[0], wall[0] = 20.0, 1010.1
    told(steady.check(), State.OK, "no jump within 10.0 s")
    wall[0] = 950.0
    told(steady.check(), State.WARNING, "jumped by -60.0 s", "NTP")


def test_a_date_is_compared_with_our_clock() -> None:
    date = "Wed, 25 Nov 2026 21:15:39 GMT"
    at = 1_795_641_339.0
    assert web.offset(date, at + 0.5) == 0
    assert web.offset(date, at - 99.5) == 100
    assert web.offset(None, at) is web.offset("yesterday", at) is None


@pytest.mark.parametrize(
    ("changes", "state", "words", "fix"),
    [
        ({}, State.OK, "up to date", ""),
        ({"version": 0}, State.OK, "empty", ""),
        ({"server": 130_002}, State.FAILURE, "version 13 is too old", "PostgreSQL to 14"),
        ({"read_only": True}, State.FAILURE, "read-only", "primary"),
        ({"may_make": False}, State.FAILURE, "no tables", "owner"),
        ({"version": 4}, State.FAILURE, "migration 4", "update Argus"),
        ({"version": 2}, State.WARNING, "migration 2 of 3", "next start"),
    ],
)
def test_a_databases_version_rights_and_schema(changes: dict[str, Any], state: State, words: str, fix: str) -> None:
    told(
        stores.schema("records", "postgresql://db/argus", HEALTHY._replace(**changes), has_dump=True), state, words, fix
    )


def test_a_migration_needs_pg_dump() -> None:
    found = stores.schema("records", "postgresql://db/argus", HEALTHY._replace(version=2), has_dump=False)
    told(found, State.FAILURE, "pg_dump is missing", "postgresql-client")


@pytest.mark.parametrize(
    ("retention", "days", "state"),
    [
        ("30d", 30, State.OK),
        ("1", 30, State.OK),
        ("1w", 30, State.WARNING),
        ("100h", 4, State.OK),
        ("1y", 400, State.WARNING),
        (None, 30, State.OK),
    ],
)
def test_an_engine_that_drops_metrics_too_early_is_told(retention: str | None, days: float, state: State) -> None:
    told(stores.kept("metrics", "victoriametrics://h:8428", retention, days), state, retention or "can be written")


def made(path: Path, version: int) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(f"CREATE TABLE t (x); PRAGMA user_version = {version};")
    connection.close()
    return path


def test_a_database_file_that_is_missing_stays_so(tmp_path: Path) -> None:
    told(stores.sqlite("metrics", tmp_path / "m.db", 1), State.OK, "first start")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("version", "state", "fix"), [(2, State.OK, ""), (1, State.WARNING, "brings it to 2"), (3, State.FAILURE, "update")]
)
def test_a_database_files_version(tmp_path: Path, version: int, state: State, fix: str) -> None:
    told(stores.sqlite("metrics", made(tmp_path / "m.db", version), 2), state, f"version {version}", fix)


def test_a_database_file_that_is_none_is_locked_or_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.db").write_text("peacock " * 500)
    told(stores.sqlite("metrics", tmp_path / "text.db", 1), State.FAILURE, "not a database", "restore")
    told(stores.sqlite("metrics", tmp_path, 1), State.FAILURE, "unable to open", "chown")
    monkeypatch.setattr(stores, "LOCK_SECONDS", 0.05)
    other = sqlite3.connect(made(tmp_path / "m.db", 1), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told(stores.sqlite("metrics", tmp_path / "m.db", 1), State.FAILURE, "locked by another process", "fuser")
    other.close()


@pytest.mark.parametrize(
    ("status", "words", "fix"),
    [
        (403, "origin is refused", "ARGUS_PUBLIC_URL"),
        (401, "login did not arrive", "cookies"),
        (400, "in place of a WebSocket", "Upgrade"),
        (502, "in place of a WebSocket", "Upgrade"),
    ],
)
def test_a_handshake_that_fails_tells_why(status: int, words: str, fix: str) -> None:
    told(server.refused("live connection", "https://argus.example.org", status), State.FAILURE, words, fix)


def test_a_certificate_near_its_end_was_not_renewed() -> None:
    told(server.lifetime("https://h", 80 * 86_400), State.OK, "80 more days")
    told(server.lifetime("https://h", 3 * 86_400), State.WARNING, "3 more days", "renew")


def test_an_error_is_said_as_a_person_would() -> None:
    assert web.reason(TimeoutError()) == "no answer in time"
    assert web.reason(ConnectionRefusedError(111, "Connection refused")) == "connection refused"
    refused = ssl.SSLCertVerificationError("certificate verify failed")
    refused.verify_message = "certificate has expired"
    assert web.reason(refused) == "its certificate is refused: certificate has expired"


def test_a_check_that_breaks_is_a_failure_and_the_others_follow() -> None:
    def broken() -> Result:
        raise OverflowError("too much")

    first, second = run([("memory", broken), ("clock", lambda: ok("clock", f"{time.time():.0f}"))])
    told(first, State.FAILURE, "OverflowError: too much", "report")
    assert second.state is State.OK

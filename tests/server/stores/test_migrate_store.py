"""Moving a server to other engines: the same rows, the same answers, also when it is killed on the way."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import kept
import pytest
from backing_up import ROOT, silent
from metric_backends import InfluxBackend, VictoriaBackend
from postgres import Postgres
from summaries import one

from argus.errors import ConfigError, Conflict, StoreError, StoreLocked
from argus.server import data_folder
from argus.server.migrate.choose import migrate
from argus.server.settings import Settings
from argus.server.stores.base import Appended, AuditEntry, LogBatch, LogQuery
from argus.wire.columns import LogLine

DYING = """
import os, signal, sys
from pathlib import Path
from argus.server.migrate.choose import migrate
from argus.server.settings import Settings

data, source, target, step, number = sys.argv[1:]
left = int(number)

def progress(what, done, total):
    global left
    left -= what == step
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(Settings(data=Path(data)), (source, target), progress)
"""


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "here")
    settings.data.mkdir()
    kept.fill(settings)
    return settings


ENGINES = ["influxdb 1.6", "influxdb 1.8", "victoriametrics"]


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty place in an engine."""
    if request.param == "victoriametrics":
        return VictoriaBackend(request.getfixturevalue("victoria").port).url
    return InfluxBackend(request.getfixturevalue("influx" if request.param.endswith("6") else "front_of_18").port).url


def url_of(settings: Settings, name: str = "metrics") -> str:
    return f"sqlite://{settings.data / name}.db"


def killed(settings: Settings, source: str, target: str, step: str, number: int) -> None:
    """Move in a process that is killed at the so-and-so-manieth time that it tells of a step."""
    command = [sys.executable, "-c", DYING, str(settings.data), source, target, step, str(number)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(command, env=environment, check=False, timeout=60).returncode == -signal.SIGKILL


def test_metrics_move_into_an_engine_and_back(here: Settings, engine_url: str, tmp_path: Path) -> None:
    there, back = replace(here, metrics_url=engine_url), Settings(data=tmp_path / "back", records_url="")
    before = kept.answers(here)
    moved = migrate(here, (url_of(here), engine_url), silent)
    assert {tier: sum(apps.values()) for tier, apps in moved.counts.items()} == {"raw": 602, "5m": 180}
    assert kept.same(before, kept.answers(there)) == []
    with kept.stores(there) as (metrics, _):
        assert metrics.append([one(kept.T0, seq=30, instance="i2")]) == [Appended.DUPLICATE]
        metrics.maintain(time.time())
    assert kept.same(before, kept.answers(there)) == []
    assert migrate(back, (engine_url, url_of(back)), silent).counts == moved.counts
    again = replace(here, metrics_url=url_of(back))
    assert kept.same(before, kept.answers(again)) == []
    with kept.stores(again) as (metrics, _):
        assert metrics.append([one(kept.T0, seq=30, instance="i2")]) == [Appended.DUPLICATE]
        metrics.maintain(time.time() + 2 * kept.HOUR)
    assert kept.same(before, kept.answers(again)) == []


@pytest.mark.parametrize(
    ("engine_url", "step", "number"),
    [(ENGINES[0], "copying metrics", 30), (ENGINES[1], "comparing metrics", 9), (ENGINES[2], "copying metrics", 158)],
    indirect=["engine_url"],
)
def test_a_move_of_metrics_that_is_killed_goes_on(here: Settings, engine_url: str, step: str, number: int) -> None:
    before = kept.answers(here)
    killed(here, url_of(here), engine_url, step, number)
    with pytest.raises(Conflict, match=r"--resume goes on"):
        migrate(here, (url_of(here), engine_url), silent)
    moved = migrate(here, (url_of(here), engine_url), silent, resume=True)
    assert {tier: sum(apps.values()) for tier, apps in moved.counts.items()} == {"raw": 602, "5m": 180}
    assert kept.same(before, kept.answers(replace(here, metrics_url=engine_url))) == []


@pytest.mark.parametrize("engine_url", ENGINES[1:], indirect=True)
def test_an_engine_that_is_not_empty_is_replaced_by_force_alone(here: Settings, engine_url: str) -> None:
    there = replace(here, metrics_url=engine_url)
    with kept.stores(there) as (metrics, _):
        metrics.append([one(kept.T0, seq=1, app="third")])
    with pytest.raises(Conflict, match=r"not empty; --force deletes"):
        migrate(here, (url_of(here), engine_url), silent)
    before = kept.answers(here)
    migrate(here, (url_of(here), engine_url), silent, force=True)
    assert kept.same(before, kept.answers(there)) == []
    with kept.stores(there) as (metrics, _):
        assert list(metrics.series("third")) == []


def test_records_move_into_postgresql_with_their_ids(here: Settings, postgres: Postgres) -> None:
    url = postgres.new_database()
    before = kept.answers(here)
    moved = migrate(here, (url_of(here, "records"), url), silent)
    assert moved.counts["log_lines"] == {"shop": 20, "lager 7, øst": 20}
    there = replace(here, records_url=url)
    assert kept.same(before, kept.answers(there)) == []
    with kept.stores(there) as (_, records):
        again = LogBatch("shop", "web-1", [LogLine(kept.T0, "INFO", "new")], "web:1", 1)
        assert records.append([again, replace(again, seq=2)]) == [Appended.DUPLICATE, Appended.STORED]
        assert records.search(LogQuery(limit=1)).lines[0].id == 41
        records.add_audit(AuditEntry(9.0, "admin", "there", "delete_backup", "/api/v1/backups/x"))
        assert [entry.at for entry in records.audit(100)] == [9.0, 8.0]


def test_a_move_of_records_that_is_killed_goes_on(here: Settings, postgres: Postgres) -> None:
    url = postgres.new_database()
    killed(here, url_of(here, "records"), url, "copying log lines", 2)
    with pytest.raises(Conflict, match=r"--resume goes on"):
        migrate(here, (url_of(here, "records"), url), silent)
    moved = migrate(here, (url_of(here, "records"), url), silent, resume=True)
    assert moved.counts["log_lines"] == {"shop": 20, "lager 7, øst": 20}
    with pytest.raises(Conflict, match=r"not empty"):
        migrate(here, (url_of(here, "records"), url), silent)
    migrate(here, (url_of(here, "records"), url), silent, force=True)


def test_a_table_that_postgresql_does_not_know_is_an_error(here: Settings, postgres: Postgres) -> None:
    url = postgres.new_database()
    with sqlite3.connect(here.data / "records.db") as file:
        file.execute("CREATE TABLE alert_things (app TEXT, what INTEGER)")
    file.close()
    with pytest.raises(StoreError, match="no table alert_things"):
        migrate(here, (url_of(here, "records"), url), silent)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite:///a/metrics.db", "sqlite:///b/metrics.db"),
        ("postgresql://h/d", "sqlite:///a/records.db"),
        ("influxdb://h/d", "postgresql://h/d"),
        ("mysql://h/d", "sqlite:///a/b"),
    ],
)
def test_two_addresses_that_nothing_leads_between_are_refused(source: str, target: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be moved"):
        migrate(Settings(data=tmp_path), (source, target), silent)


@pytest.mark.parametrize("engine_url", ENGINES[:1], indirect=True)
def test_a_chunk_that_cannot_be_read_is_counted_and_the_rest_moves(here: Settings, engine_url: str) -> None:
    with sqlite3.connect(here.data / "metrics.db") as file:
        (rows,) = file.execute("SELECT sum(rows) FROM chunk WHERE tier = 0 AND series = 1").fetchone()
        file.execute("UPDATE chunk SET body = zeroblob(20) WHERE tier = 0 AND series = 1")
        chunks = file.execute("SELECT changes()").fetchone()[0]
    file.close()
    moved = migrate(here, (url_of(here), engine_url), silent)
    assert moved.unreadable == chunks
    assert sum(moved.counts["raw"].values()) == 602 - rows


@pytest.mark.parametrize("engine_url", ENGINES[:1], indirect=True)
def test_without_a_beginning_there_is_nothing_to_resume(here: Settings, engine_url: str) -> None:
    with pytest.raises(Conflict, match="leave --resume out"):
        migrate(here, (url_of(here), engine_url), silent, resume=True)


@pytest.mark.parametrize("engine_url", ENGINES[:1], indirect=True)
def test_while_a_server_runs_on_the_source_nothing_moves(here: Settings, engine_url: str) -> None:
    held = data_folder.lock(here.data)
    try:
        with pytest.raises(StoreLocked, match="stop it"):
            migrate(here, (url_of(here), engine_url), silent)
    finally:
        os.close(held)


@pytest.mark.parametrize(
    "urls",
    [
        ("influxdb://localhost:8086/argus", "influxdbs://u:p@127.0.0.1/argus/"),
        ("victoriametrics://h:1", "victoriametricss://h:1/"),
    ],
)
def test_a_store_is_not_emptied_to_be_filled_from_itself(urls: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the same store"):
        migrate(Settings(data=tmp_path), urls, silent, force=True)


@pytest.mark.parametrize(("name", "target"), [("records", "influxdb://127.0.0.1:1/a"), ("metrics", "postgresql://h/a")])
def test_the_wrong_one_of_the_two_files_is_told_and_stays_as_it_is(here: Settings, name: str, target: str) -> None:
    before = (here.data / f"{name}.db").read_bytes()
    with pytest.raises(StoreError, match=r"another store's: metrics move between"):
        migrate(here, (url_of(here, name), target), silent)
    assert (here.data / f"{name}.db").read_bytes() == before


@pytest.mark.parametrize("target", ["influxdb://127.0.0.1:1/argus", "postgresql://127.0.0.1:1/argus"])
def test_a_source_that_is_not_there_is_not_made(target: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        migrate(Settings(data=tmp_path), (f"sqlite://{tmp_path}/none.db", target), silent)
    assert not (tmp_path / "none.db").exists()

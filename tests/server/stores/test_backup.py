"""A backup of each kind of stores, brought back into an empty place: every count and every answer is the same."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import kept
import psycopg
import pytest
from backing_up import backup, bring_back
from metric_backends import InfluxBackend, VictoriaBackend
from summaries import one, total

from argus.server.settings import Settings
from argus.server.stores.base import Appended, LogBatch, LogQuery, RangeQuery
from argus.wire.columns import LogLine

EMBEDDED, POSTGRES = "embedded", "postgresql and victoriametrics"
KINDS = [EMBEDDED, POSTGRES, "influxdb 1.6", "influxdb 1.8"]


class Places:
    """A place to back up and one to restore into. ``ready`` makes the second empty: VictoriaMetrics is one place."""

    def __init__(self, kind: str, folder: Path, request: pytest.FixtureRequest) -> None:
        self._victoria: int | None = None
        self.here, self.there = (self._settings(kind, folder / name, request) for name in ("here", "there"))

    def _settings(self, kind: str, data: Path, request: pytest.FixtureRequest) -> Settings:
        data.mkdir()
        if kind == EMBEDDED:
            return Settings(data=data)
        if kind.startswith("influxdb"):
            engine = request.getfixturevalue("influx" if kind.endswith("6") else "front_of_18")
            return Settings(data=data, metrics_url=InfluxBackend(engine.port).url)
        self._victoria = request.getfixturevalue("victoria").port
        url = VictoriaBackend(self._victoria).url
        return Settings(data=data, metrics_url=url, records_url=request.getfixturevalue("postgres").new_database())

    def ready(self) -> Settings:
        if self._victoria is not None:
            VictoriaBackend(self._victoria)
        return self.there


@pytest.fixture(params=KINDS)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    return Places(request.param, tmp_path, request)


def test_everything_comes_back(places: Places, tmp_path: Path) -> None:
    kept.fill(places.here)
    path, manifest = backup(places.here, tmp_path / "backups")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    before = kept.answers(places.here)
    assert bring_back(places.ready(), path) == manifest
    assert kept.same(before, kept.answers(places.there)) == []
    rows = {table: sum(apps.values()) for facts in manifest.stores.values() for table, apps in facts.counts.items()}
    assert (rows["apps"], rows["keys"], rows["admin"]) == (2, 2, 1)
    assert rows.get("lines", rows.get("log_lines")) == 40
    assert rows.get("raw", 602) == 602


@pytest.mark.parametrize("places", KINDS[:3], indirect=True)
def test_whatever_is_written_meanwhile_what_is_restored_belongs_together(places: Places, tmp_path: Path) -> None:
    """All that was sent is sent once more, as senders do who got no answer: nothing is lost then, nothing doubled."""
    stop, enough = threading.Event(), threading.Event()
    sent: list[float] = []

    def send() -> None:
        with kept.stores(places.here) as (metrics, records):
            while not stop.is_set():
                sent.append(kept.T0 + len(sent))
                metrics.append([one(sent[-1], seq=len(sent))])
                line = LogLine(sent[-1], "INFO", f"line {len(sent)}")
                records.append([LogBatch("shop", "web", [line], "web:1", len(sent))])
                if len(sent) > 20:
                    enough.set()

    sender = threading.Thread(target=send)
    sender.start()
    assert enough.wait(30)
    path, _ = backup(places.here, tmp_path / "backups")
    stop.set()
    sender.join()
    bring_back(places.ready(), path)
    with kept.stores(places.there) as (metrics, records):
        found = [line.line.message for line in records.search(LogQuery(limit=100_000)).lines]
        assert found == [f"line {number}" for number in range(len(found), 0, -1)]
        for number, at in enumerate(sent, 1):
            known = records.append([LogBatch("shop", "web", [LogLine(at, "INFO", "again")], "web:1", number)])
            assert known == [Appended.DUPLICATE if number <= len(found) else Appended.STORED]
        metrics.append([one(at, seq=number) for number, at in enumerate(sent, 1)])
        query = RangeQuery("shop", ("n",), kept.T0, kept.T0 + len(sent), 1.0, "sum")
        assert total(metrics, query) == len(sent)


@pytest.mark.parametrize("places", [EMBEDDED, POSTGRES], indirect=True)
def test_a_table_that_somebody_adds_is_in_the_backup(places: Places, tmp_path: Path) -> None:
    kept.fill(places.here)
    make, fill = "CREATE TABLE alert_things (app TEXT, what BIGINT)", "INSERT INTO alert_things VALUES ('shop', 7)"
    if places.here.records_url:
        with psycopg.connect(places.here.records_url) as connection:
            connection.execute(make)
            connection.execute(fill)
        path, manifest = backup(places.here, tmp_path / "backups")
        bring_back(places.ready(), path)
        assert kept.postgres_tables(places.there.records_url) == kept.postgres_tables(places.here.records_url)
    else:
        with sqlite3.connect(places.here.data / "records.db") as file:
            file.execute(make)
            file.execute(fill)
        file.close()
        path, manifest = backup(places.here, tmp_path / "backups")
        bring_back(places.there, path)
        here, there = (kept.sqlite_tables(one.data / "records.db") for one in (places.here, places.there))
        assert there == here
        assert "lines_1" in here
    assert manifest.stores["records"].counts["alert_things"] == {"shop": 1}


@pytest.mark.parametrize("places", KINDS[:3], indirect=True)
def test_force_replaces_what_is_there(places: Places, tmp_path: Path) -> None:
    kept.fill(places.here)
    path, _ = backup(places.here, tmp_path / "backups")
    before = kept.answers(places.here)
    with kept.stores(places.ready()) as (metrics, records):
        metrics.append([one(kept.T0 + 5, seq=1000 + i, app=app) for i, app in enumerate(("shop", "third"))])
        records.set_admin_hash("another")
        records.append([LogBatch("third", "h", [LogLine(kept.T0, "INFO", "of the third")])])
    bring_back(places.there, path, force=True)
    assert kept.same(before, kept.answers(places.there)) == []
    with kept.stores(places.there) as (metrics, records):
        assert list(metrics.series("third")) == []
        assert records.search(LogQuery(q="third")).lines == []

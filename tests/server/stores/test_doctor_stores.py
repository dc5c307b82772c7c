"""``argus doctor`` on stores: each engine whole, dead, with a wrong password; and a database that must not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from http_double import Double
from influx import Influx
from postgres import ESCAPED, Postgres
from victoria import Victoria

from argus.doctor import stores
from argus.doctor.result import Result, State
from argus.server.settings import Settings
from argus.server.stores import opening


def told(result: Result, state: State, words: str) -> None:
    assert (result.state, words in result.seen) == (state, True), result
    assert bool(result.fix) == (state in {State.WARNING, State.FAILURE})
    assert not {"peacock", ESCAPED} & set("".join(result).split("@"))


def test_an_influxdb_that_can_be_written_tells_its_version_and_the_time(influx: Influx) -> None:
    clocks: dict[str, float] = {}
    settings = Settings(metrics_url=f"influxdb://127.0.0.1:{influx.port}/doctor")
    told(stores.metrics(settings, clocks), State.OK, "can be written and read, version 1.6")
    assert abs(clocks["InfluxDB"]) < 5
    (result,) = json.loads(influx.query("SHOW MEASUREMENTS", database="doctor"))["results"]
    assert result["series"][0]["values"] == [["argus_facts"]], "no metric of anybody's"


def test_a_victoriametrics_that_can_be_written_tells_the_time(victoria: Victoria) -> None:
    clocks: dict[str, float] = {}
    settings = Settings(metrics_url=f"victoriametrics://127.0.0.1:{victoria.port}")
    told(stores.metrics(settings, clocks), State.OK, "can be written and read, keeps 10y")
    assert abs(clocks["VictoriaMetrics"]) < 5
    longer = Settings(metrics_url=settings.metrics_url, rollup_retention_days=3650)
    told(stores.metrics(longer, clocks), State.OK, "keeps 10y")


@pytest.mark.parametrize("scheme", ["influxdb", "victoriametrics"])
def test_an_engine_that_is_dead_or_refuses_the_password_is_told(scheme: str) -> None:
    path = "/argus" if scheme == "influxdb" else ""
    dead = Settings(metrics_url=f"{scheme}://argus:peacock@127.0.0.1:1{path}")
    told(stores.metrics(dead, {}), State.FAILURE, "127.0.0.1:1 does not answer")
    with Double(lambda *_: (401, {"error": "no"}), {"X-Influxdb-Version": "1.8.10"}) as double:
        refusing = Settings(metrics_url=f"{scheme}://argus:peacock@127.0.0.1:{double.port}{path}")
        told(stores.metrics(refusing, {}), State.FAILURE, "refuses the user, password or token")


def test_an_influxdb_that_is_too_old_and_an_address_that_is_none_are_told() -> None:
    with Double(lambda *_: (200, {"results": []}), {"X-Influxdb-Version": "1.5.4"}) as double:
        old = Settings(metrics_url=f"influxdb://127.0.0.1:{double.port}/argus")
        told(stores.metrics(old, {}), State.FAILURE, "is version 1.5")
    told(stores.metrics(Settings(metrics_url="influxdb://host"), {}), State.FAILURE, "names one database")


def test_a_postgresql_is_looked_at_and_not_changed(postgres: Postgres, tmp_path: Path) -> None:
    clocks: dict[str, float] = {}
    settings = Settings(records_url=postgres.new_database(), data=tmp_path)
    for _ in range(2):
        told(stores.records(settings, clocks), State.OK, "is empty")
    opening.open_records(settings).close()
    told(stores.records(settings, clocks), State.OK, "up to date")
    assert abs(clocks["PostgreSQL"]) < 5


def test_a_postgresql_that_is_dead_or_refuses_the_password_is_told(postgres: Postgres) -> None:
    wrong = Settings(records_url=postgres.url(password="peacock"))
    told(stores.records(wrong, {}), State.FAILURE, "password authentication failed")
    dead = Settings(records_url="postgresql://argus:peacock@127.0.0.1:1/argus")
    told(stores.records(dead, {}), State.FAILURE, "127.0.0.1:1/argus: ")
    told(stores.records(Settings(records_url="postgresql://a:pea@cock@h/db"), {}), State.FAILURE, "cannot be read")


def test_a_database_whose_role_may_nothing_is_told(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'peacock'")
    guest = Settings(records_url=postgres.url(user="guest", password="peacock"))
    told(stores.records(guest, {}), State.FAILURE, "may make no tables")

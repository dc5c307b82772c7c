"""What is particular to InfluxDB: versions, databases, users, slots, and an engine that goes away."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engine_failures import append_while, full_disk, restart
from http_double import Double
from influx import FrontOf18, Influx
from metric_backends import InfluxBackend
from summaries import one, total

from argus.errors import ConfigError, StoreError, StoreUnavailable
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.base import Appended, MetricStore, RangeQuery
from argus.server.stores.influx import slots
from argus.server.stores.influx.engine import InfluxEngine
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.store import RemoteMetricStore
from argus.wire.columns import Kind

DAY = 86_400.0
T0 = time.time() // DAY * DAY - 2 * DAY
FINE = RangeQuery("shop", ("n",), T0, T0 + DAY, 60.0, "sum")


def policies(influx: Influx, database: str, user: str = "") -> dict[str, tuple[str, bool]]:
    answer = json.loads(influx.query(f"SHOW RETENTION POLICIES ON {database}", user))
    rows = answer["results"][0]["series"][0]["values"]
    return {row[0]: (row[1], row[4]) for row in rows}


def test_anyone_can_query_value_by_hand(influx) -> None:
    backend = InfluxBackend(influx.port)
    store = backend.open()
    store.append([one(T0, 2.5, seq=1)])
    asked = "SELECT value, count, sum, min, max FROM metrics WHERE app_id = 'shop' GROUP BY metric_name, host, kind"
    (series,) = json.loads(influx.query(asked, database=backend.database))["results"][0]["series"]
    assert series["tags"] == {"metric_name": "n", "host": "h", "kind": "counter"}
    assert series["values"][0][1:] == [2.5, 1, 2.5, 2.5, 2.5]
    store.close()


def test_policies_are_made_with_the_settings_retention_and_follow_it(influx) -> None:
    backend = InfluxBackend(influx.port)
    for days in (7, 3):
        store = backend.open(raw_retention=days * DAY)
        store.append([one(time.time())])
        made = policies(influx, backend.database)
        assert (made["raw"], made["5m"]) == ((f"{days * 24}h0m0s", True), ("720h0m0s", False))
        store.close()


def test_a_database_that_was_dropped_is_made_again(influx) -> None:
    backend = InfluxBackend(influx.port)
    store = backend.open()
    store.append([one(T0, seq=1)])
    influx.query(f"DROP DATABASE {backend.database}")
    with pytest.raises(StoreUnavailable, match="not found"):
        store.append([one(T0, seq=2)])
    assert store.append([one(T0, seq=2)]) == [Appended.STORED]
    assert total(store, FINE) == 1.0
    store.close()


def test_rows_past_retention_are_counted_and_keep_nobody_from_storing(influx) -> None:
    store = InfluxBackend(influx.port).open()
    assert store.append([one(T0 - 30 * DAY, seq=1), one(T0, seq=2)]) == [Appended.STORED] * 2
    assert total(store, FINE) == 1.0
    assert store.stats()["store.metrics.expired_rows"] == 1.0
    store.close()


def test_a_damaged_sketch_and_points_of_others_are_left_out(influx, caplog) -> None:
    backend = InfluxBackend(influx.port)
    store = backend.open()
    store.append([one(T0, 2.0, seq=1, kind=Kind.TIMING), one(T0 + 10, 2.0, seq=2, kind=Kind.TIMING)])
    tags = "metrics,app_id=shop,metric_name=n,host=h"
    damaged = f'{tags},kind=timing count=1i,min=9,max=9,sketch="gA==" {round(T0 + 20)}\n{tags} count=5i {round(T0)}'
    influx.write(damaged, backend.database)
    assert total(store, replace(FINE, agg="p99")) == pytest.approx(2.0, rel=1 / 128)
    assert "1 of 3 stored sketches are damaged" in caplog.text
    assert total(store, replace(FINE, agg="count")) == 3.0
    store.close()


def test_18_is_written_by_the_v2_path(front_of_18) -> None:
    store = InfluxBackend(front_of_18.port).open()
    before = front_of_18.writes
    store.append([one(T0, seq=1)])
    assert front_of_18.writes > before
    store.close()


def test_two_senders_with_the_same_slot_part_also_when_they_come_through_two_servers(influx, monkeypatch) -> None:
    monkeypatch.setattr(slots, "slot_of", lambda app, sender, attempt: (len(sender) + attempt) % 50)
    backend = InfluxBackend(influx.port)
    stores = [backend.open() for _ in range(2)]
    for number in range(20):
        stores[number % 2].append([one(T0, seq=1, instance=f"i{number:02}")])
    assert total(stores[0], FINE) == 20.0
    again = backend.open()
    assert isinstance(again, RemoteMetricStore)
    monkeypatch.setattr(
        again._facts, "learn", lambda topic, wanted: None
    )  # marks unknown: every batch is taken for new
    for number in range(20):
        again.append([one(T0, seq=1, instance=f"i{number:02}")])
    assert total(again, FINE) == 20.0
    for store in (*stores, again):
        store.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """An engine that asks for a password."""
    with Influx(tmp_path_factory.mktemp("guarded"), auth=True) as engine:
        engine.query("CREATE USER admin WITH PASSWORD 'feathers' WITH ALL PRIVILEGES")
        yield engine


@pytest.mark.parametrize("fronted", [False, True])
def test_wrong_credentials_are_said_without_the_secret_and_right_ones_work(guarded, fronted: bool) -> None:
    front = FrontOf18(guarded.port)
    backend = InfluxBackend(front.port if fronted else guarded.port)
    address = backend.url
    backend.url = address.replace("//", "//admin:pea%40cock@")
    store = backend.open()
    for use in (lambda: store.append([one(T0)]), lambda: store.query(FINE), lambda: store.maintain(T0), store.check):
        with pytest.raises(StoreUnavailable, match=r"refuses the user, password or token \(401\)") as refused:
            use()
        assert "cock" not in str(refused.value)
    store.close()
    backend.url = address.replace("//", "//admin:feathers@")
    store = backend.open()
    store.append([one(T0, 3.0)])
    assert total(store, FINE) == 3.0
    store.close()
    front.stop()


def test_a_user_who_may_not_make_databases_uses_those_that_are_there(guarded, caplog) -> None:
    backend = InfluxBackend(guarded.port)
    database, admin = backend.database, "admin:feathers"
    guarded.query(f"CREATE DATABASE {database}", admin)
    guarded.query(f'CREATE RETENTION POLICY "raw" ON {database} DURATION 7d REPLICATION 1 DEFAULT', admin)
    guarded.query(f'CREATE RETENTION POLICY "5m" ON {database} DURATION 30d REPLICATION 1', admin)
    guarded.query("CREATE USER plain WITH PASSWORD 'quill'", admin)
    guarded.query(f"GRANT ALL ON {database} TO plain", admin)
    backend.url = backend.url.replace("//", "//plain:quill@")
    store = backend.open()
    store.append([one(T0, 3.0, seq=1)])
    assert total(store, FINE) == 3.0
    assert "may not" in caplog.text
    assert "quill" not in caplog.text
    store.close()


def test_nothing_acknowledged_is_lost_or_doubled_when_the_engine_is_killed_under_load(tmp_path) -> None:
    with Influx(tmp_path) as engine:
        store = InfluxBackend(engine.port).open()
        stored, failures = append_while(store, T0, lambda: restart(engine, 9, 15, 9))
        assert failures > 0
        assert total(store, FINE) == stored
        assert total(store, replace(FINE, step=300.0)) == stored
        store.close()


def test_a_full_disk_is_said_and_the_store_recovers_when_there_is_room(tmp_path) -> None:
    with full_disk(tmp_path / "small", 128) as disk, Influx(disk.folder) as engine:
        store = InfluxBackend(engine.port).open()
        store.append([one(T0, seq=1)])
        with disk.filled(), pytest.raises(StoreUnavailable, match="no space left on device"):
            fill(store)
        assert store.append([one(T0 + 10, seq=2)]) == [Appended.STORED]
        assert store.append([one(T0 + 10, seq=2)]) == [Appended.DUPLICATE]
        store.close()


def fill(store: MetricStore) -> None:
    for seq in range(2, 200):
        store.append([one(T0 + 10 * n, seq=seq, instance=f"i{n}") for n in range(500)])


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v2.7.1", [("argus", 7 * 86_400), ("argus/5m", 30 * 86_400)]),
        ("3.0.1", [("argus", 604_800), ("argus/5m", 2_592_000)]),
    ],
)
def test_newer_versions_get_a_bucket_or_database_per_tier(version: str, expected: list[tuple[str, int]]) -> None:
    """Against a double, for neither 2.x nor 3 Core can be had here: what is asked of them, not what they make of it."""
    made: list[tuple[str, int]] = []
    written: list[str] = []

    def answer(method: str, path: str, body: bytes) -> tuple[int, object]:
        if path.startswith("/api/v2/orgs"):
            return 200, {"orgs": [{"id": "0f", "name": "o"}]}
        if path.startswith("/api/v2/buckets") and method == "GET":
            return 200, {"buckets": []}
        if path == "/api/v2/buckets":
            asked = json.loads(body)
            made.append((asked["name"], asked["retentionRules"][0]["everySeconds"]))
            return 201, {**asked, "id": "0a"}
        if path == "/api/v3/configure/database":
            asked = json.loads(body)
            made.append((asked["db"], int(asked["retention_period"].removesuffix("s"))))
            return 200, {}
        if path.startswith("/api/v2/write"):
            written.append(path)
            return 204, None
        return (200, {"results": []}) if path.startswith("/query") else (204, None)

    with Double(answer, {"X-Influxdb-Version": version}) as double:
        url = f"influxdb://127.0.0.1:{double.port}/argus?org=o&token=feather"
        engine = InfluxEngine(url, {Tier.RAW: 7 * DAY, Tier.ROLLUP: 30 * DAY})
        store = RemoteMetricStore(engine, raw_retention=7 * DAY, rollup_retention=30 * DAY)
        store.append([one(T0, seq=1)])
        store.close()
        assert set(double.authorizations) == {"Token feather"}
    assert made == expected
    assert {path.partition("bucket=")[2].partition("&")[0] for path in written} == {"argus", "argus%2F5m"}


def test_3_core_says_that_it_will_never_delete_one_applications_rows() -> None:
    with Double(lambda method, path, body: (200, {"results": []}), {"X-Influxdb-Version": "3.0.1"}) as double:
        store = InfluxBackend(double.port).open()
        with pytest.raises(StoreError, match="they expire") as refused:
            store.delete_app("shop")
        assert not isinstance(refused.value, StoreUnavailable)  # that would be tried again for ever
        store.close()


def test_what_is_no_influxdb_is_said() -> None:
    with Double(lambda method, path, body: (200, {}), {}) as double:
        store = InfluxBackend(double.port).open()
        with pytest.raises(StoreUnavailable, match="is no InfluxDB"):
            store.append([one(T0)])
        store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("influxdb://argus:peacock@host:8086", "names one database"),
        ("influxdb://argus:peacock@host:8086/a/b", "names one database"),
        ("influxdb:///argus", "names no host"),
        ("influxdb://argus:peacock@host:port/argus", "port"),
        ("influxdbs://host/argus?token=peacock&orgg=x", "no option 'orgg'"),
    ],
)
def test_a_wrong_address_is_refused_with_an_example_and_no_secret(url: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told) as refused:
        opening.open_metrics(Settings(data=tmp_path, metrics_url=url))
    assert "influxdb://user:password@host:8086/DATABASE" in str(refused.value)
    assert "peacock" not in str(refused.value)


def test_a_url_opens_the_store_without_asking_the_engine(tmp_path: Path) -> None:
    threads = threading.active_count()
    store = opening.open_metrics(Settings(data=tmp_path, metrics_url="influxdbs://127.0.0.1:1/argus"))
    assert store.stats()["store.metrics.appended_rows"] == 0.0
    store.close()
    assert threading.active_count() == threads

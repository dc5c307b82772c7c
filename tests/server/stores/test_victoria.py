"""What is particular to VictoriaMetrics: rows that show late or are lost with the engine, a cluster's paths, labels."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from engine_failures import append_while, restart
from metric_backends import VictoriaBackend
from summaries import one, section, total
from victoria import FrontOfCluster, Victoria

from argus.errors import ConfigError, StoreUnavailable
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.base import Appended, MetricBatch, MetricStore, RangeQuery
from argus.server.stores.metrics.rows import EMPTY
from argus.server.stores.remote.engine import Reading, Tier
from argus.server.stores.remote.lines import Block
from argus.server.stores.remote.store import RemoteMetricStore
from argus.server.stores.victoria.engine import VictoriaEngine
from argus.server.stores.victoria.recent import HELD_SECONDS, Recent
from argus.server.stores.victoria.routes import routes
from argus.wire.columns import Kind, SeriesKey

DAY = 86_400.0
T0 = time.time() // DAY * DAY - 2 * DAY
FINE = RangeQuery("shop", ("n",), T0, T0 + DAY, 60.0, "sum")


def opened(url: str) -> MetricStore:
    return RemoteMetricStore(VictoriaEngine(url), raw_retention=7 * DAY, rollup_retention=30 * DAY)


def asked(victoria: Victoria, question: str) -> list[tuple[dict[str, str], float]]:
    victoria.get("/internal/force_flush")
    answer = json.loads(victoria.get(f"/api/v1/query?query={quote(question)}&time={T0 + 3600:.0f}&nocache=1"))
    return [(found["metric"], float(found["value"][1])) for found in answer["data"]["result"]]


def test_anyone_can_query_value_by_hand(victoria) -> None:
    store = VictoriaBackend(victoria.port).open()
    store.append([one(T0, 2.5, seq=1), one(T0 + 10, 4.0, seq=2)])
    assert asked(victoria, 'sum by (metric_name, host, kind) (sum_over_time(metrics_value{app_id="shop"}[61m]))') == [
        ({"metric_name": "n", "host": "h", "kind": "counter"}, 6.5)
    ]
    store.close()


def test_what_was_written_twice_counts_once(victoria) -> None:
    backend = VictoriaBackend(victoria.port)
    for _ in range(2):
        store = backend.open()
        store._beside.note = lambda facts: None  # type: ignore[attr-defined]  # each dies before the mark is written
        store.append([one(T0, 2.5, seq=1)])
        store.close()
    assert asked(victoria, 'sum(count_over_time(metrics_value{app_id="shop"}[61m]))')[0][1] == 2.0
    store = backend.open()
    assert total(store, FINE) == 2.5
    store.close()


def test_a_sketch_with_many_bins_comes_back_whole(victoria) -> None:
    values = [1e-6 * 1.02**n for n in range(1200)]
    made = (section(Kind.TIMING, [(SeriesKey("n"), values), (SeriesKey("n", (("a", "b"),)), [5.0])]),)
    backend = VictoriaBackend(victoria.port)
    store = backend.open()
    store.append([MetricBatch("shop", "h", T0, T0 + 10, made, "i", 1)])
    store.close()
    again = backend.open()
    for quantile in (50, 90, 99):
        answer = again.query(replace(FINE, agg=f"p{quantile}", group_by=("a",)))
        whole = next(line for line in answer.lines if not line.tags)
        assert whole.values[0] == pytest.approx(values[quantile * 12 - 1], rel=1 / 128)
    again.close()


def test_nothing_acknowledged_is_lost_or_doubled_when_the_engine_is_ended_under_load(tmp_path) -> None:
    """Also where it is killed: what it had not on the disk is written once more."""
    with Victoria(tmp_path) as engine:
        store = VictoriaBackend(engine.port).open()
        stored, failures = append_while(store, T0, lambda: restart(engine, 15, 9, 15, 9))
        assert failures > 0
        assert total(store, FINE) == stored
        assert total(store, replace(FINE, step=300.0)) == stored
        assert store.stats()["store.metrics.rewritten_rows"] > 0
        store.close()
        fresh = opened(f"victoriametrics://127.0.0.1:{engine.port}")
        assert total(fresh, FINE) == stored
        assert fresh.append([one(T0, seq=int(stored))]) == [Appended.DUPLICATE]
        fresh.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """An engine that asks for a password, and lives under a prefix."""
    folder = tmp_path_factory.mktemp("guarded")
    options = ("-httpAuth.username=argus", "-httpAuth.password=feathers", "-http.pathPrefix=/tenant/7")
    engine = Victoria(folder, *options)
    engine.health = "/tenant/7/health"
    with engine:
        yield engine


def test_wrong_credentials_are_said_without_the_secret_and_right_ones_work(guarded) -> None:
    store = opened(f"victoriametrics://argus:pea%40cock@127.0.0.1:{guarded.port}/tenant/7")
    for use in (lambda: store.append([one(T0)]), lambda: store.query(FINE), lambda: store.maintain(T0), store.check):
        with pytest.raises(StoreUnavailable, match=r"refuses the user, password or token \(401\)") as refused:
            use()
        assert "cock" not in str(refused.value)
    store.close()
    store = opened(f"victoriametrics://argus:feathers@127.0.0.1:{guarded.port}/tenant/7")
    store.append([one(T0, 3.0)])
    assert total(store, FINE) == 3.0
    store.maintain(T0 + DAY)
    store.delete_app("shop")
    assert store.series("shop") == []
    store.close()


def test_an_engine_that_only_reads_is_said(tmp_path) -> None:
    with Victoria(tmp_path, "-storage.minFreeDiskSpaceBytes=1000000000000000") as engine:
        store = opened(f"victoriametrics://127.0.0.1:{engine.port}")
        for use in (lambda: store.append([one(T0)]), store.check):
            with pytest.raises(StoreUnavailable, match="read-only"):
                use()
        assert store.query(FINE).lines == ()
        store.close()


def test_a_cluster_is_written_read_and_deleted_by_its_paths(victoria, monkeypatch) -> None:
    monkeypatch.setattr(VictoriaEngine, "lag", 0.0)  # what is behind the paths is a single node
    VictoriaBackend(victoria.port)
    insert, select = FrontOfCluster(victoria.port), FrontOfCluster(victoria.port)
    store = opened(f"victoriametrics://127.0.0.1:{insert.port}/insert/7/influx?select=127.0.0.1:{select.port}")
    store.append([one(T0, 3.0, seq=1)])
    assert total(store, FINE) == 3.0
    victoria.get("/internal/force_flush")
    store.delete_app("shop")
    assert store.series("shop") == []
    assert set(insert.paths) == {"/insert/7/influx/api/v2/write"}
    assert {path.rpartition("/api/")[0] for path in select.paths if "/api/" in path} == {
        "/select/7/prometheus",
        "/delete/7/prometheus",
    }
    store.close()
    insert.stop()
    select.stop()


@pytest.mark.parametrize(
    ("url", "written", "read"),
    [
        ("victoriametrics://h", "http://h:8428", "http://h:8428"),
        ("victoriametricss://h:443/vm/", "https://h:443/vm", "https://h:443/vm"),
        ("victoriametrics://h:8480/insert/0", "http://h:8480/insert/0/influx", "http://h:8481/select/0/prometheus"),
        (
            "victoriametricss://h:443/x/insert/1:2/influx?select=r:444",
            "https://h:443/x/insert/1:2/influx",
            "https://r:444/x/select/1:2/prometheus",
        ),
    ],
)
def test_an_address_leads_to_the_paths_for_writing_and_reading(url: str, written: str, read: str) -> None:
    found = routes(url)
    assert found.insert.root + found.insert.path == written
    assert found.select.root + found.read_path == read


@pytest.mark.parametrize("url", ["victoriametrics://h/x?select=r:1", "victoriametrics://h/insert/0?select=peacock"])
def test_a_wrong_address_is_refused_with_an_example_and_no_secret(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"an address is victoriametrics://user:password@host:8428") as refused:
        opening.open_metrics(Settings(data=tmp_path, metrics_url=url))
    assert "peacock" not in str(refused.value)


def test_rows_are_held_until_the_engine_certainly_shows_them_and_longer_while_it_is_away(victoria) -> None:
    store = VictoriaBackend(victoria.port).open()
    store.append([one(T0, seq=1)])
    block = store._engine._recent._written[0].block  # type: ignore[attr-defined]
    store.close()
    now = [100.0]
    recent, reading = Recent(lambda: now[0]), Reading(("shop",), round(T0 * 1000), round(T0 * 1000) + 1, ("sum",), 0)

    def held() -> int:
        return len(list(recent.rows(Tier.RAW, reading)))

    recent.add(Tier.RAW, "i", block)
    recent.add(Tier.RAW, "i", block)  # sent again, because writing the mark failed
    now[0] += HELD_SECONDS - 1
    assert held() == 1
    assert recent.to_write_again()[:2] == ([], [])
    recent.engine_is_away()
    now[0] += 1000
    assert held() == 1
    blocks, _, failures = recent.to_write_again()
    assert len(blocks) == 2
    recent.engine_is_away()  # while they are written once more, it goes away once more
    recent.engine_is_back(failures)
    assert held() == 1
    recent.engine_is_back(recent.to_write_again()[2])
    assert held() == 0


def test_more_tags_than_the_engine_keeps_are_told(victoria, caplog) -> None:
    store = VictoriaBackend(victoria.port).open()
    key = SeriesKey("n", tuple((f"t{number:02}", "x") for number in range(32)))
    store.append([one(T0, key=key), one(T0, key=key, host="b")])
    assert caplog.text.count("docs/storage.md names its flag") == 1
    assert store.series("shop")[0].tags == dict(key.tags)
    store.close()


def test_a_series_that_was_asked_for_before_it_existed_is_seen_by_another_server_within_the_lag(victoria) -> None:
    backend = VictoriaBackend(victoria.port)
    asking, storing = backend.open(), backend.open()
    now = time.time() // 10 * 10
    young = RangeQuery("shop", ("new",), now - 600, now + 10, 10.0, "sum")
    for _ in range(2):
        assert asking.query(young).lines == ()
    storing.append([one(now, 7.0, key=SeriesKey("new"), seq=1)])
    victoria.get("/internal/force_flush")
    assert total(asking, young) == 7.0
    asking.close()
    storing.close()


def test_what_a_server_with_a_fast_clock_noted_is_known_to_the_others(victoria, monkeypatch) -> None:
    backend = VictoriaBackend(victoria.port)
    fast, now = backend.open(), time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: int((now + 600) * 1e9))
        fast.append([one(T0, seq=1)])
        fast.close()
    other = backend.open()
    assert other.append([one(T0, seq=1)]) == [Appended.DUPLICATE]
    other.close()


def test_what_is_being_written_when_the_engine_turns_out_to_be_away_is_written_once_more() -> None:
    """One writer has its answer and has not noted the rows yet, when another finds the engine gone."""
    recent = Recent()
    whole, real = np.zeros(1, np.int64), np.zeros(1)
    block = Block((), (), whole, whole, real, real, real, real, None, EMPTY.flat)
    with ThreadPoolExecutor(1) as threads:
        with recent.writing():
            recent.engine_is_away()
            again = threads.submit(recent.to_write_again)
            with pytest.raises(TimeoutError):
                again.result(0.05)
            recent.add(Tier.RAW, "i", block)
        written, _, failures = again.result(60)
    assert [one.sender for one in written] == ["i"]
    recent.engine_is_back(failures)
    with recent.writing():
        assert recent.to_write_again()[:2] == ([], [])  # nobody waits while the engine is there

"""What the stores in engines of their own promise besides the contract: who overwrites whom, and what outlives what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from metric_backends import Backend
from summaries import one, section, total

from argus.errors import StoreUnavailable
from argus.server.stores.base import Appended, MetricBatch, MetricStore, RangeQuery
from argus.server.stores.remote import lines
from argus.wire.columns import Kind, SeriesKey

HOUR, DAY = 3600.0, 86_400.0
T0 = time.time() // DAY * DAY - 2 * DAY
FINE = RangeQuery("shop", ("n",), T0, T0 + DAY, 60.0, "sum")
COARSE = replace(FINE, step=3600.0)


@pytest.fixture
def store(remote: Backend) -> Iterator[MetricStore]:
    made = remote.open(clock=lambda: T0 + DAY)
    yield made
    made.close()


HOSTILE = (
    "it's",
    'say "x"',
    "back\\slash",
    "ends\\",
    "two\nlines",
    "a,b=c d",
    "🦚 π",
    "'; DROP SERIES FROM metrics; --",
    '"} or {__name__=~".+',
    "%41",
    "$1 ${x} .* [a-z]",
    "\ttab\r",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_tags_are_stored_found_and_told_apart(store, text: str) -> None:
    key, other = SeriesKey(text, ((text, text),)), SeriesKey(text, ((text, text + "x"),))
    store.append([one(T0, 2.0, app=text, key=key, host=text), one(T0, 5.0, app=text, key=other, host=text)])
    store.append([one(T0, 7.0, app="shop", key=key)])
    question = RangeQuery(text, (text,), T0, T0 + HOUR, 60.0, "sum", (text, "host"), ((text, text),))
    answer = store.query(question)
    assert [(line.name, line.tags, float(np.nansum(line.values))) for line in answer.lines] == [
        (text, {text: text, "host": text}, 2.0)
    ]
    assert store.query(replace(question, names=("other",))).lines == ()
    assert [(info.name, info.tags, info.host) for info in store.series(text)] == [
        (text, dict(key.tags), text),
        (text, dict(other.tags), text),
    ]
    store.maintain(T0 + DAY)
    assert total(store, replace(question, step=300.0)) == 2.0
    store.delete_app(text)
    assert store.series(text) == []
    assert len(store.series("shop")) == 1


RESERVED = ("value", "sum", "time", "app_id", "metric_name", "kind", "instance", "machine", "tag_value", "__name__")


@pytest.mark.parametrize("name", RESERVED)
def test_a_users_tag_may_have_a_name_of_ours(store, name: str) -> None:
    store.append([one(T0, 2.0, key=SeriesKey("n", ((name, "x"),))), one(T0, 5.0, key=SeriesKey("n", ((name, "y"),)))])
    answer = store.query(replace(FINE, group_by=(name,), tags=((name, "x"),)))
    assert [(line.tags, float(np.nansum(line.values))) for line in answer.lines] == [({name: "x"}, 2.0)]


def test_a_users_host_tag_is_what_queries_mean_by_host(store) -> None:
    store.append([one(T0, 2.0, key=SeriesKey("n", (("host", "mine"),)), host="a"), one(T0, 5.0, host="a")])
    by_host = store.query(replace(FINE, group_by=("host",))).lines
    assert {line.tags["host"]: float(np.nansum(line.values)) for line in by_host} == {"mine": 2.0, "a": 5.0}
    assert [(info.tags, info.host) for info in store.series("shop")] == [({}, "a"), ({"host": "mine"}, "a")]


def test_two_instances_on_one_host_never_overwrite_each_other(store) -> None:
    store.append([one(T0, 1.0, seq=1, instance=f"i{number}") for number in range(300)])
    assert total(store, FINE) == 300.0


def test_points_of_scripts_at_the_same_moment_all_count(remote, store) -> None:
    second = remote.open(clock=lambda: T0 + DAY)
    for _ in range(5):
        store.append([one(T0), one(T0)])
        second.append([one(T0)])
    second.close()
    again = remote.open(clock=lambda: T0 + DAY)
    assert total(again, FINE) == 15.0
    again.close()


def test_a_batch_that_is_sent_again_overwrites_exactly_its_own_points(remote, store) -> None:
    """The process dies when the data are stored, before the mark is: nothing is doubled, nothing else is touched."""
    store.append([one(T0, 1.0, seq=1), one(T0, 1.0, seq=1, instance="k")])
    store._beside.flush()
    store._facts.note = refuse  # the engine goes away between the two writes
    with pytest.raises(StoreUnavailable):
        store.append([one(T0 + 10, 2.0, seq=2), one(T0 + 10, 4.0, seq=2, instance="k")])
    second = remote.open(clock=lambda: T0 + DAY)
    assert total(second, FINE) == 8.0
    repeated = [one(T0, 1.0, seq=1), one(T0 + 10, 2.0, seq=2), one(T0 + 10, 4.0, seq=2, instance="k")]
    assert second.append(repeated) == [Appended.DUPLICATE, Appended.STORED, Appended.STORED]
    assert total(second, FINE) == 8.0
    assert second.append(repeated) == [Appended.DUPLICATE] * 3
    second.maintain(T0 + DAY)
    assert total(second, COARSE) == 8.0
    second.close()


def refuse(_: object) -> None:
    raise StoreUnavailable("the engine went away")


def test_two_writers_at_once_store_everything_once(remote, store) -> None:
    """Each with senders of its own, as the server sees to; half of the batches come twice."""
    assert store.writers == 2

    def write(writer: int) -> list[Appended]:
        found: list[Appended] = []
        for seq in range(1, 21):
            batches = [one(T0 + 10 * seq, 1.0, seq=seq, instance=f"w{writer}i{number}") for number in range(3)]
            found += store.append(batches)
            if seq % 2:
                found += store.append(batches[:1])
        return found

    with ThreadPoolExecutor(2) as threads:
        for found in threads.map(write, range(2)):
            assert (found.count(Appended.STORED), found.count(Appended.DUPLICATE)) == (60, 10)
    assert total(store, FINE) == 120.0
    store._beside.flush()
    again = remote.open(clock=lambda: T0 + DAY)
    assert again.append([one(T0 + 200, 1.0, seq=20, instance="w1i2")]) == [Appended.DUPLICATE]
    assert total(again, FINE) == 120.0
    again.close()


def test_an_instance_whose_clock_was_set_back_keeps_both_windows(store) -> None:
    store.append([one(T0, 1.0, seq=1)])
    store.append([one(T0, 2.0, seq=2)])
    assert total(store, FINE) == 3.0


def test_a_late_row_is_in_long_views_at_once_and_after_it_is_rolled_up_elsewhere(remote, store) -> None:
    """Two servers: one keeps ingesting, the other one rolls up."""
    other = remote.open(clock=lambda: T0 + DAY)
    store.append([one(T0, 1.0, seq=1)])
    other.maintain(T0 + DAY)
    store.maintain(T0 + DAY)
    store.append([one(T0 + 10, 2.0, seq=2)])
    assert total(store, COARSE) == 3.0
    other.maintain(T0 + DAY)
    assert total(other, COARSE) == 3.0
    other.close()
    fresh = remote.open(clock=lambda: T0 + 8 * DAY)  # the raw rows are past retention: only the rollups answer
    assert total(fresh, COARSE) == 3.0
    fresh.close()


def test_rolling_up_twice_changes_nothing(remote, store) -> None:
    store.append([timings([0.1, 0.2, 3.0], 1), timings([0.2], 2)])
    median = replace(COARSE, agg="p50")
    before = total(store, median)
    store.maintain(T0 + DAY)
    store._facts.note = lambda facts: None  # the process dies before it has written down how far it has come
    again = remote.open(clock=lambda: T0 + DAY)
    again.append([timings([0.2], 3)])
    again.maintain(T0 + DAY)
    again.maintain(T0 + DAY)
    assert total(again, replace(COARSE, agg="count")) == 5.0
    assert total(again, median) == pytest.approx(0.2, rel=1 / 128)
    assert before == pytest.approx(0.2, rel=1 / 128)
    again.close()


def timings(values: list[float], seq: int) -> MetricBatch:
    at = T0 + 10 * seq
    return MetricBatch("shop", "h", at, at + 10, (section(Kind.TIMING, [(SeriesKey("n"), values)]),), "i", seq)


def test_the_store_opens_while_the_engine_is_away_and_says_so_at_every_use(remote) -> None:
    engine = remote.away()
    for use in (
        lambda: engine.append([one(T0)]),
        lambda: engine.query(FINE),
        lambda: engine.query(COARSE),
        lambda: engine.series("shop"),
        lambda: engine.maintain(T0),
        lambda: engine.delete_app("shop"),
        engine.check,
    ):
        with pytest.raises(StoreUnavailable, match=r"at 127\.0\.0\.1:1 does not answer") as away:
            use()
        assert "peacock" not in str(away.value)
    engine.close()


def test_no_body_is_larger_than_others_however_many_lines_come_at_once() -> None:
    made = [[b"a"] * 10, [b"b"] * 5_000, [b"c"] * 3]
    assert [body.count(b"\n") + 1 for body in lines.bodies(made)] == [2_000, 2_000, 1_013]

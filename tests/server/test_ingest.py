"""What comes in: stored whole, refused with its place, never stored twice."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import threading
import time
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argus.aggregate.sketch import LOWEST_INDEX
from argus.errors import StoreUnavailable, WireError
from argus.server import ingest, keys, readiness
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.wire import decode
from argus.wire.sections import KeyCache

GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden"


def golden(name: str):
    return json.loads((GOLDEN / f"{name}.json").read_text())


def batch(seq: int = 1, at: float | None = None, **more):
    end = at or time.time()
    return {**golden("ingest_batch"), "seq": seq, "start": end - 10, "end": end, **more}


async def test_the_golden_batch_is_stored_and_read_back(server) -> None:
    body = batch()
    assert await server.post("/api/v1/metrics", body) == (200, {"accepted": 3, "duplicate": False, "rejected": []})
    _, answer = await server.get("/api/v1/metrics/series", app="shop")
    assert [(s["name"], s["kind"], s["tags"], s["host"]) for s in answer["series"]] == [
        ("cpu_percent", "gauge", {}, "web-1"),
        ("http.request", "timing", {"route": "/"}, "web-1"),
        ("orders", "counter", {"shop": "oslo"}, "web-1"),
    ]
    for agg, expected in (("sum", 17.0), ("rate", 1.7), ("count", 17.0)):
        _, answer = await server.get("/api/v1/metrics", app="shop", name="orders", step=10, agg=agg, group_by="shop")
        (line,) = answer["series"]
        assert line["tags"] == {"shop": "oslo"}
        assert [value for value in line["values"] if value is not None] == [expected]
    _, answer = await server.get("/api/v1/metrics", app="shop", name="http.request", agg="p99")
    (value,) = [v for v in answer["series"][0]["values"] if v is not None]
    assert 0.0 < value <= 0.03


async def test_golden_points_and_lines_are_stored(server) -> None:
    points = golden("ingest_points")
    points["metrics"][0]["timestamp"] = time.time() - 5
    assert (await server.post("/api/v1/metrics", points))[1]["accepted"] == 3
    assert sorted(await server.names()) == ["fps", "orders", "pay"]
    lines = golden("ingest_logs")
    lines["logs"][0]["timestamp"] = time.time()
    assert (await server.post("/api/v1/logs", lines))[1]["accepted"] == 1
    _, answer = await server.get("/api/v1/logs", app="shop", q="payment order=991")
    assert [(line["message"], line["metadata"], line["host"]) for line in answer["logs"]] == [
        ("payment failed", {"order": 991}, "web-1")
    ]


async def test_a_repeated_batch_is_acknowledged_and_counted_once(server) -> None:
    body = batch()
    await server.post("/api/v1/metrics", body)
    assert (await server.post("/api/v1/metrics", body))[1]["duplicate"] is True
    older = await server.post("/api/v1/metrics", {**body, "seq": 1})
    assert older[1]["duplicate"] is True
    _, answer = await server.get("/api/v1/metrics", app="shop", name="orders", agg="sum")
    assert sum(value or 0 for value in answer["series"][0]["values"]) == 17.0


async def test_batches_that_come_together_share_commits_and_each_is_answered(server) -> None:
    bodies = [batch(1, instance=f"i{number}") for number in range(40)]
    answers = await asyncio.gather(*(server.post("/api/v1/metrics", body) for body in bodies))
    assert [status for status, _ in answers] == [200] * 40
    assert server.app[keys.METRIC_COMMIT].commits < 40
    _, answer = await server.get("/api/v1/metrics", app="shop", name="orders", agg="sum")
    assert sum(value or 0 for value in answer["series"][0]["values"]) == 17.0 * 40


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstandard.ZstdCompressor().compress)],
)
async def test_compressed_bodies_are_understood(server, encoding, encode) -> None:
    status, _ = await server.post(
        "/api/v1/metrics", encode(json.dumps(batch()).encode()), headers={"Content-Encoding": encoding}
    )
    assert status == 200


def without(name: str):
    return lambda body: {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        (lambda b: b"{", 400, "$"),
        (lambda b: b"[]", 400, "$"),
        (lambda b: b"\xff\xfe", 400, "$"),
        (lambda b: b"[" * 100_000, 400, "$"),
        (without("start"), 400, "$"),
        (without("seq"), 400, "$"),
        (lambda b: {**b, "seq": 0}, 400, "$.seq"),
        (lambda b: {**b, "seq": "one"}, 400, "$.seq"),
        (lambda b: {**b, "end": b["end"] - 200_000}, 400, "$.end"),
        (lambda b: {**b, "end": b["end"] + 5_000}, 400, "$.end"),
        (lambda b: {**b, "start": b["end"] + 1}, 400, "$.start"),
        (lambda b: {**b, "host": "h" * 500}, 400, "$.host"),
        (lambda b: {**b, "counters": {**b["counters"], "sum": [1, 2]}}, 400, "$.counters.sum"),
        (lambda b: {**b, "counters": {**b["counters"], "sum": ["x"]}}, 400, "$.counters.sum[0]"),
        (lambda b: {**b, "counters": {**b["counters"], "keys": [1]}}, 400, "$.counters.keys[0]"),
        (lambda b: {**b, "counters": {**b["counters"], "count": [2**70]}}, 400, "$.counters.count"),
        (lambda b: {**b, "timings": {**b["timings"], "bins": []}}, 400, "$.timings.bins"),
        (lambda b: {"metrics": [{"name": "n"}]}, 400, "$.metrics[0]"),
        (lambda b: {"metrics": [{"name": "n", "value": 1, "type": "set"}]}, 400, "$.metrics[0].type"),
        (lambda b: {"metrics": [{"name": "n", "value": 1}] * 20_001}, 400, "$.metrics"),
    ],
)
async def test_a_malformed_body_is_refused_with_its_place_and_stores_nothing(server, change, status, where) -> None:
    found, answer = await server.post("/api/v1/metrics", change(batch()))
    assert (found, answer["error"]["code"], answer["error"]["where"]) == (status, "bad_request", where)
    assert await server.names() == []


@pytest.mark.parametrize(
    ("section", "column", "value", "reason"),
    [
        ("counters", "sum", [-1.0], "do not fit"),
        ("counters", "count", [0], "do not fit"),
        ("counters", "keys", ["orders{shop"], "no series key"),
        ("counters", "keys", ["x" * 300], "300 bytes"),
        ("gauges", "min", [99.0], "do not fit"),
        ("timings", "bins", [[LOWEST_INDEX, 9]], "do not fit"),
        ("timings", "bins", [[LOWEST_INDEX, 1, 0, 1]], "do not fit"),
        ("timings", "bins", [[1, 1]], "do not fit"),
        ("timings", "bins", [[LOWEST_INDEX]], "do not fit"),
        ("timings", "min", [-0.5], "do not fit"),
    ],
)
async def test_one_wrong_row_costs_only_itself(server, section, column, value, reason) -> None:
    body = batch()
    body[section][column] = value
    status, answer = await server.post("/api/v1/metrics", body)
    assert (status, answer["accepted"]) == (200, 2)
    (rejected,) = answer["rejected"]
    assert reason in rejected["reason"]
    assert len(await server.names()) == 2


async def test_a_decompression_bomb_is_refused_before_it_is_unpacked(make_server) -> None:
    server = await make_server(max_decompressed=1_000_000)
    bomb = gzip.compress(b" " * 50_000_000)
    status, answer = await server.post("/api/v1/metrics", bomb, headers={"Content-Encoding": "gzip"})
    assert (status, answer["error"]["code"]) == (413, "too_large")
    assert "1,000,000" in answer["error"]["message"]


async def test_bodies_over_the_limit_cut_short_or_of_unknown_encoding_are_refused(make_server) -> None:
    server = await make_server(max_body=1024)
    assert (await server.post("/api/v1/metrics", b" " * 2000))[0] == 413
    whole = gzip.compress(json.dumps(batch()).encode())
    for body, encoding, status in ((whole[:-9], "gzip", 400), (b"{}", "br", 415), (b"{}", "gzip", 400)):
        found, _ = await server.post("/api/v1/metrics", body, headers={"Content-Encoding": encoding})
        assert found == status


async def test_a_body_that_does_not_come_is_given_up(server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(
        f"POST /api/v1/metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n"
        "Content-Length: 100\r\n\r\n{".encode()
    )
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert b"408" in answer


async def test_over_the_series_limit_only_new_series_are_rejected(make_server) -> None:
    server = await make_server(max_series=3)
    await server.post("/api/v1/metrics", batch(1))
    body = {"metrics": [{"name": "new", "value": 1}, {"name": "cpu_percent", "value": 2}], "host": "web-1"}
    _, answer = await server.post("/api/v1/metrics", body)
    assert (answer["accepted"], answer["rejected"]) == (1, [{"key": "new", "reason": "series limit of 3 reached"}])


async def test_while_the_store_is_away_senders_are_asked_to_wait_and_readiness_says_why(server, monkeypatch) -> None:
    def away(*_):
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(readiness, "LOOK_SECONDS", 0)
    with monkeypatch.context() as fault:
        fault.setattr(server.app[keys.METRIC_COMMIT], "_append", away)
        fault.setattr(SqliteMetricStore, "check", away)
        async with server.http.post(f"{server.url}/api/v1/metrics", json=batch(), headers=server.bearer()) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        status, ready = await server.get("/readyz")
        assert (status, ready["troubles"]) == (503, {"metrics": "disk full"})
    assert (await server.get("/readyz"))[0] == 200  # a balancer sends nothing until it hears this
    assert (await server.post("/api/v1/metrics", batch()))[0] == 200
    assert (await server.get("/readyz"))[0] == 200


async def test_a_store_that_falls_silent_keeps_no_sender_waiting_and_what_it_stores_after_all_counts_once(
    server, monkeypatch
) -> None:
    monkeypatch.setattr(ingest, "PATIENCE_SECONDS", 0.1)
    commit, go_on = server.app[keys.METRIC_COMMIT], threading.Event()
    append = commit._append

    def silent(batches):
        assert go_on.wait(30)
        return append(batches)

    monkeypatch.setattr(commit, "_append", silent)
    sent = [batch(1), {**batch(1), "instance": "other"}]
    for body in sent:  # the one is with the store, the other waits for its turn
        async with server.http.post(f"{server.url}/api/v1/metrics", json=body, headers=server.bearer()) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            assert "does not answer" in (await answer.json())["error"]["message"]
    assert commit.waiting == 0
    monkeypatch.setattr(ingest, "PATIENCE_SECONDS", 30)
    again = [asyncio.create_task(server.post("/api/v1/metrics", body)) for body in sent]
    go_on.set()
    assert [(await one)[1]["duplicate"] for one in again] == [True, False]
    assert commit.trouble is None


async def test_wrong_lines_are_rejected_and_long_ones_cut(server) -> None:
    now = time.time()
    lines = [
        {"timestamp": now, "level": "LOUD", "message": "a"},
        {"timestamp": 5.0, "message": "b"},
        {"timestamp": now, "message": "x" * 100_000, "level": "fatal", "metadata": {"k": "v" * 100_000, "small": 1}},
    ]
    _, answer = await server.post("/api/v1/logs", {"logs": lines})
    assert (answer["accepted"], [row["key"] for row in answer["rejected"]]) == (1, ["a", "b"])
    _, found = await server.get("/api/v1/logs", app="shop")
    (line,) = found["logs"]
    assert (line["level"], line["metadata"]) == ("ERROR", {"level": "FATAL", "argus_cut": True})
    assert line["message"].endswith("… (cut)")


async def test_a_line_needs_a_message_alone(server) -> None:
    before = time.time()
    _, answer = await server.post("/api/v1/logs", {"logs": [{"message": "deployed"}]})
    assert (answer["accepted"], answer["rejected"]) == (1, [])
    (line,) = (await server.get("/api/v1/logs", app="shop"))[1]["logs"]
    assert (line["level"], line["message"]) == ("INFO", "deployed")
    assert before <= line["timestamp"] <= time.time()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("instance", "seq", "start", "end", "counters", "gauges", "timings", "metrics", "host", "sent_at"), JSON
    ),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60) | (JSON | SHAPED).map(lambda value: json.dumps(value).encode()))
def test_no_body_brings_the_decoder_down(body: bytes) -> None:
    for read in (
        lambda: decode.metrics(body, KeyCache(), 1e9, decode.Limits()),
        lambda: decode.logs(body, 1e9, decode.Limits()),
    ):
        with contextlib.suppress(WireError):
            read()

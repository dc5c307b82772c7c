"""What was recorded arrives, once, whatever the server does: of the Python and the C++ client."""

from __future__ import annotations

import json
import logging
import random
import socket
import time
from pathlib import Path
from typing import NoReturn

import pytest

from argus.aggregate.summary import Counters, Gauges, Timings, Window
from argus.client.delivery import Delivery
from argus.client.logs import LogBuffer, LogLine
from argus.client.spool import Folder, LogStream, MetricStream
from argus.client.transport import HttpTransport, TransportError
from argus.wire import encode

GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden"


def test_a_flush_sends_metrics_and_lines_and_says_that_all_arrived(server, make_client) -> None:
    client = make_client(server.url, tags={"env": "test"})
    client.increment("orders", 2)
    client.event("deploy", "v1.4")
    assert client.flush() is True
    assert server.counter("orders") == 2
    assert server.stored[0][1]["counters"]["keys"] == ["orders{env=test}"]
    assert server.lines()[0]["metadata"] == {"event": "deploy"}
    assert server.headers[0]["Authorization"] == "Bearer key"


def test_the_connection_is_kept_between_flushes(server, make_client) -> None:
    client = make_client(server.url)
    for _ in range(3):
        client.increment("n")
        assert client.flush()
    assert len(server.connections) == 1
    assert server.counter("n") == 3


@pytest.mark.parametrize("wish", [503, 429, 401, 404, 500, "cut", "lose"])
def test_a_batch_is_kept_until_it_is_acknowledged(server, make_client, wish) -> None:
    server.behave = lambda number, path: wish if number < 2 else None
    client = make_client(server.url)
    client.increment("orders", 5)
    for _ in range(4):
        client.flush()
    assert server.counter("orders") == 5
    first = server.requests[0][1]
    assert server.requests[1][1] == first, "a repeat has the same number and content"


@pytest.mark.parametrize(
    "answer",
    [(200, b"<html>please log in</html>"), (200, b"{}"), (502, b'{"error": "no upstream"}'), (503, b"[]")],
    ids=["login page", "empty object", "error as text", "list"],
)
def test_an_answer_of_something_else_is_no_acknowledgement(server, make_client, answer) -> None:
    server.behave = lambda number, path: answer if number < 2 else None
    client = make_client(server.url)
    client.increment("orders", 5)
    assert client.flush() is False
    client.flush()
    assert client.flush() is True
    assert server.counter("orders") == 5


def test_the_flush_thread_survives_what_nobody_foresaw(server, make_python_client, monkeypatch, caplog) -> None:
    client = make_python_client(server.url)
    with monkeypatch.context() as broken:
        broken.setattr(Delivery, "run", lambda *_, **__: 1 / 0)
        client.increment("orders", 5)
        assert client.flush() is False
    assert client.flush() is True
    assert server.counter("orders") == 5
    assert server.counter("argus.client.flush_errors") == 1
    assert "ZeroDivisionError" in caplog.text


def test_random_faults_lose_and_double_nothing(server, make_client) -> None:
    chance = random.Random(7)
    server.behave = lambda number, path: chance.choice([None, None, 503, "cut", "lose", 500])
    client = make_client(server.url)
    for _ in range(60):
        client.increment("orders", 3)
        client.event("tick")
        client.flush()
    server.behave = lambda number, path: None
    assert client.flush()
    assert server.counter("orders") == 180
    assert len(server.lines()) == 60


def test_a_refused_batch_is_dropped_counted_and_said_once(server, make_client, caplog) -> None:
    server.behave = lambda number, path: 400 if number == 0 else None
    client = make_client(server.url)
    client.increment("orders")
    with caplog.at_level(logging.ERROR, "argus.client"):
        client.flush()
    assert "as the test wished" in caplog.text
    assert caplog.text.count("dropped") == 1
    client.flush()
    assert server.counter("argus.client.batches_dropped") == 1
    assert server.counter("argus.client.records_dropped") >= 1


def test_a_batch_that_is_too_large_arrives_in_halves(server, make_client) -> None:
    server.behave = lambda number, path: (
        413
        if path.endswith("metrics") and len(server.requests[-1][1].get("counters", {"keys": []})["keys"]) > 30
        else None
    )
    client = make_client(server.url)
    for i in range(100):
        client.increment(f"n{i}")
    assert client.flush()
    assert sum(server.counter(f"n{i}") for i in range(100)) == 100


def test_log_batches_grow_again_after_one_was_too_large(server, make_client) -> None:
    server.behave = lambda number, path: 413 if path.endswith("logs") and not server.lines() and number < 2 else None
    client = make_client(server.url)
    for count in (600, 600):
        for _ in range(count):
            client.event("tick")
        assert client.flush(5)
    assert [len(body["logs"]) for path, body in server.stored if path.endswith("logs")] == [300, 300, 600]


def test_windows_merge_while_the_server_is_away_and_no_count_is_lost(server, make_client) -> None:
    server.behave = lambda number, path: "cut"
    client = make_client(server.url)
    for _ in range(150):
        client.increment("orders")
        client.flush(5)
    server.behave = lambda number, path: None
    assert client.flush(5)
    client.flush()
    assert server.counter("orders") == 150
    assert server.counter("argus.client.merged_windows") > 0


def test_a_server_that_is_away_is_said_once_and_its_return_too(server, make_client, caplog) -> None:
    server.behave = lambda number, path: "cut" if number < 6 else None
    client = make_client(server.url)
    with caplog.at_level(logging.INFO, "argus.client"):
        for _ in range(10):
            client.increment("n")
            client.flush()
    assert caplog.text.count("does not answer") == 1
    assert caplog.text.count("answers again") == 1


def test_closing_with_a_server_that_hangs_takes_no_longer_than_it_may(make_python_client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        client = make_python_client(f"http://127.0.0.1:{black_hole.getsockname()[1]}")
        client.increment("n")
        began = time.monotonic()
        assert client.close(1.0) is False
        assert time.monotonic() - began < 2.0


def test_an_error_is_sent_without_waiting_for_the_window(server, make_python_client) -> None:
    make_python_client(server.url, capture_logs=True)
    logging.getLogger("shop").error("card refused")
    server.wait_for(lambda: bool(server.lines()))
    assert server.lines()[0]["message"] == "card refused"


def test_what_argus_itself_logs_does_not_loop_back(server, make_python_client) -> None:
    server.behave = lambda number, path: 503 if number < 3 else None
    client = make_python_client(server.url, capture_logs=True, log_level=logging.DEBUG)
    for _ in range(6):
        client.increment("n")
        client.flush()
    assert [line for line in server.lines() if line["logger"].startswith("argus")] == []


class TestSpoolFolder:
    def test_a_batch_survives_the_process_and_is_not_doubled(self, server, make_client, tmp_path) -> None:
        server.behave = lambda number, path: "lose" if number == 0 else "cut"
        folder = tmp_path / "spool"
        client = make_client(server.url, spool_dir=str(folder))
        for _ in range(3):
            client.increment("orders")
            client.flush()
        client.close(1)
        assert len(list(folder.glob("*/*.json"))) >= 3
        server.behave = lambda number, path: None
        later = make_client(server.url, spool_dir=str(folder))
        assert later.flush(5)
        assert server.counter("orders") == 3
        assert list(folder.glob("*/*.json")) == []

    def test_a_folder_in_use_is_left_alone(self, tmp_path) -> None:
        owner = Folder(tmp_path, "a:1:x", 10**6)
        stream = MetricStream({"instance": "a:1:x"})
        stream.add(counter_window("n", 1))
        batch = stream.next()
        assert batch is not None
        owner.save(batch)
        assert list(Folder(tmp_path, "b:2:y", 10**6).orphans()) == []
        owner.close()
        assert len(list(Folder(tmp_path, "b:2:y", 10**6).orphans())) == 1

    def test_over_the_limit_old_log_files_go_and_metrics_stay(self, tmp_path) -> None:
        folder = Folder(tmp_path, "a:1:x", 1500)
        metrics, logs = MetricStream({"instance": "i"}), LogStream({"instance": "i"}, buffer := LogBuffer())
        for number in range(4):
            metrics.add(counter_window("n" * 200, number))
            buffer.put(LogLine(0.0, "INFO", "x" * 200, "l", {}))
            for stream in (metrics, logs):
                batch = stream.next()
                assert batch is not None
                folder.save(batch)
                stream.done()
        names = [path.name for path in tmp_path.glob("*/*.json")]
        assert folder.size() <= 1500
        assert folder.dropped == 8 - len(names)
        assert sum("-metrics-" in name for name in names) == 4

    def test_a_file_that_is_not_ours_stays_and_stops_nothing(self, server, make_client, tmp_path) -> None:
        stray = tmp_path / "spool" / "gone-1-x" / "notes.json"
        stray.parent.mkdir(parents=True)
        stray.write_text("mine")
        client = make_client(server.url, spool_dir=str(tmp_path / "spool"))
        client.increment("orders")
        assert client.flush()
        assert stray.read_text() == "mine"

    def test_a_batch_that_cannot_be_read_stays_is_counted_and_said(self, server, make_client, tmp_path, caplog) -> None:
        unreadable = tmp_path / "spool" / "gone-1-x" / "000000001-metrics-1-7.json"
        unreadable.mkdir(parents=True)
        client = make_client(server.url, spool_dir=str(tmp_path / "spool"))
        with caplog.at_level(logging.ERROR, "argus.client"):
            assert client.flush()
        assert client.flush()
        assert server.counter("argus.client.spool_files_unreadable") == 1
        assert caplog.text.count("cannot be read") == 1
        assert unreadable.exists()

    @pytest.mark.parametrize(("seconds", "sending"), [(0.2, 0.1), (2.0, 1.0), (8.0, 7.0)])
    def test_a_round_tries_to_send_and_keeps_time_to_save(self, tmp_path, monkeypatch, seconds, sending) -> None:
        tried: list[float] = []

        def time_out(path: str, body: bytes, timeout: float) -> NoReturn:  # noqa: ARG001  # the place it stands in for
            tried.append(timeout)
            raise TransportError("timed out")

        transport = HttpTransport("http://127.0.0.1:9", None)
        monkeypatch.setattr(transport, "send", time_out)
        monkeypatch.setattr(time, "monotonic", lambda: 100.0)
        metrics = MetricStream({"instance": "i"})
        metrics.add(counter_window("n", 1))
        logs = LogStream({"instance": "i"}, LogBuffer())
        delivery = Delivery(transport, metrics, logs, Folder(tmp_path, "i", 10**6))
        assert delivery.run(100.0 + seconds) is False
        delivery.close()
        assert tried == [pytest.approx(sending)]
        assert len(list(tmp_path.glob("*/*.json"))) == 1

    def test_over_the_limit_metrics_merge_in_memory_and_arrive(self, server, make_client, tmp_path) -> None:
        server.behave = lambda number, path: "cut"
        client = make_client(server.url, spool_dir=str(tmp_path / "spool"), spool_bytes=2000)
        for _ in range(90):
            client.increment("orders")
            client.flush()
        server.behave = lambda number, path: None
        assert client.flush(5)
        assert server.counter("orders") == 90


def counter_window(name: str, value: float) -> Window:
    counters = Counters([name], [value], [1])
    return Window(0.0, 1.0, counters, Gauges([], [], [], [], [], []), Timings([], [], [], [], [], []))


def test_encoding_writes_the_golden_batch() -> None:
    golden = json.loads((GOLDEN / "ingest_batch.json").read_text())
    window = Window(
        golden["start"],
        golden["end"],
        Counters(**golden["counters"]),
        Gauges(**golden["gauges"]),
        Timings(**{**golden["timings"], "bins": [[(65058, 1), (65101, 1), (65146, 1)]]}),
    )
    sender = {key: golden[key] for key in ("instance", "host", "sdk")}
    assert json.loads(encode.metrics_body(sender, golden["seq"], window)) == golden


def test_encoding_writes_the_golden_lines() -> None:
    golden = json.loads((GOLDEN / "ingest_logs.json").read_text())
    lines = [LogLine(**line) for line in golden["logs"]]
    sender = {key: golden[key] for key in ("instance", "host")}
    assert json.loads(encode.logs_body(sender, golden["seq"], lines)) == golden

"""The C++ client in processes of its own: exit, fork, signals, threads. Twin of ``tests/client/test_processes.py``."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import libargus
import pytest

posix = pytest.mark.skipif(libargus.WINDOWS, reason="Windows has neither fork nor POSIX signals")
EXIT = 8.0
"""Seconds an exit may take here: the client's two, and what a busy machine adds. Waiting for an answer would be ten."""
KILLED = 9 if libargus.WINDOWS else -signal.SIGKILL


def test_every_verb_arrives_on_the_wire(server, drive) -> None:
    answer = drive("one-of-each", ARGUS_TAGS="env=ci", ARGUS_HOST="web-1")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    path, batch = server.stored[0]
    assert path == "/api/v1/metrics"
    assert batch["host"] == "web-1"
    assert batch["instance"].startswith("web-1:")
    assert batch["sdk"].startswith("cpp/")
    counters = dict(zip(batch["counters"]["keys"], batch["counters"]["sum"], strict=True))
    assert counters == {"orders{env=ci}": 3, "orders{env=ci,shop=oslo}": 1}
    gauges = dict(zip(batch["gauges"]["keys"], batch["gauges"]["last"], strict=True))
    assert gauges["fps{env=ci}"] == 60
    timings = dict(zip(batch["timings"]["keys"], batch["timings"]["count"], strict=True))
    assert timings == {"frame{env=ci}": 1, "scope{env=ci}": 1}
    texture, deploy = server.lines()
    assert (texture["level"], texture["message"], texture["logger"]) == ("WARN", "texture missing", "terrain.textures")
    assert texture["metadata"] == {"path": "rock.png", "tries": 3, "ms": 1.5, "fatal": False}
    assert (deploy["message"], deploy["logger"]) == ("v1.4", "argus.event")
    assert deploy["metadata"] == {"event": "deploy", "env": "test"}
    assert abs(texture["timestamp"] - time.time()) < 60


def test_batches_travel_compressed_over_one_connection_with_the_key(server, drive) -> None:
    assert drive("log-flood").returncode == 0
    assert len(server.requests) > 1
    assert len(server.connections) == 1
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer k"}
    assert "gzip" in {headers.get("Content-Encoding") for headers in server.headers}


def test_the_machine_and_the_process_are_measured_without_asking(server, drive) -> None:
    assert drive("system-metrics").stdout == "1\n"
    names = set(server.stored[0][1]["gauges"]["keys"])
    assert names >= {
        *("cpu_percent", "memory_percent", "memory_used", "memory_available", "disk_percent", "disk_used"),
        *("process.cpu_percent", "process.memory_rss", "process.threads", "process.open_files", "process.uptime"),
        *("argus.overhead_percent", "argus.client.series"),
    }
    gauges = server.stored[0][1]["gauges"]
    values = dict(zip(gauges["keys"], gauges["last"], strict=True))
    assert values["process.threads"] == 2 or (libargus.WINDOWS and values["process.threads"] > 2)  # WinHTTP has its own
    assert 1e6 < values["process.memory_rss"] < 1e9
    assert 0 <= values["process.uptime"] < 60
    assert 0 < values["memory_percent"] < 100


def test_what_was_recorded_is_sent_at_exit(server, drive) -> None:
    assert drive("exit-in-the-middle").returncode == 0
    assert server.counter("orders") == 3


def test_an_exit_with_a_hanging_server_takes_two_seconds_at_most(server, drive) -> None:
    server.behave = lambda number, path: "hang"
    began = time.monotonic()
    assert drive("exit-in-the-middle").returncode == 0
    assert time.monotonic() - began < EXIT


def test_an_exit_while_a_batch_is_under_way_takes_two_seconds_at_most(server, drive) -> None:
    server.behave = lambda number, path: "hang"
    began = time.monotonic()
    answer = drive("one-of-each", ARGUS_FLUSH_INTERVAL="0.1")
    assert answer.returncode == 0
    assert time.monotonic() - began < EXIT
    assert answer.stderr.count("does not answer") == 1


def test_static_objects_may_record_until_the_very_end(server, drive) -> None:
    answer = drive("late-static")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert (server.counter("orders"), server.counter("late")) == (1, 1)


def test_without_a_server_nothing_is_sent_and_nothing_breaks(server, drive) -> None:
    answer = drive("without-url", ARGUS_URL="")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "0\n", "")
    assert server.requests == []


def test_a_wrong_option_is_an_error_that_says_what_is_wrong(drive) -> None:
    answer = drive("wrong-option")
    assert answer.returncode == 0
    assert answer.stdout == 'option url must be an address like http://127.0.0.1:8000, not "localhost:8000"\n'


def test_a_wrong_variable_is_said_and_does_not_stop_the_program(server, drive) -> None:
    answer = drive("one-of-each", ARGUS_FLUSH_INTERVAL="soon")
    assert answer.returncode == 0
    assert "ARGUS_FLUSH_INTERVAL must be a number of seconds from 0.1 to 3600" in answer.stderr
    assert server.counter("orders") == 4


def test_a_server_that_is_away_is_said_once(drive) -> None:
    answer = drive("one-of-each", ARGUS_URL="http://127.0.0.1:9")
    assert answer.returncode == 0
    assert answer.stderr.count("\n") == 1
    assert "the server does not answer" in answer.stderr


@posix
def test_a_forked_child_sends_its_own_and_the_parent_its_own(server, drive) -> None:
    answer = drive("fork")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "0\n", "")
    assert server.counter("orders") == 8
    assert len(server.instances("orders")) == 2
    assert sorted(line["message"] for line in server.lines()) == ["before the fork", "in the child"]


@posix
def test_forks_amid_recording_threads_lose_and_double_nothing(server, drive) -> None:
    answer = drive("fork-storm", ARGUS_FLUSH_INTERVAL="0.1")
    assert answer.returncode == 0, answer.stderr
    recorded, failed, complete = map(int, answer.stdout.split())
    assert (failed, complete) == (0, 1), answer.stderr
    assert server.counter("orders") == recorded
    assert server.counter("children") == 20
    assert len(server.lines()) + server.counter("argus.client.log_lines_dropped") >= recorded


@posix
def test_a_signal_handler_may_record_at_any_moment(server, drive) -> None:
    answer = drive("signal-storm")
    assert answer.returncode == 0, answer.stderr
    handled, recorded, complete = map(int, answer.stdout.split())
    assert complete == 1
    assert handled >= 2000
    assert server.counter("signals") == handled + recorded
    assert server.counter("loop") == recorded
    timed = sum(
        dict(zip(batch["timings"]["keys"], batch["timings"]["count"], strict=True)).get("signal_times", 0)
        for path, batch in server.stored
        if "timings" in batch
    )
    assert timed == handled


def test_memory_stays_flat_over_a_hundred_thousand_short_threads(server, drive) -> None:
    threads = 3_000 if libargus.WINDOWS else 100_000  # Wine takes some milliseconds for each
    grown, complete = map(int, drive(f"{threads}-short-threads").stdout.split())
    assert complete == 1
    assert server.counter("orders") == threads
    assert grown <= 256, "KiB of greatest resident size, after the first tenth"


def test_lines_of_a_flood_arrive_or_are_counted(server, drive) -> None:
    assert drive("log-flood").returncode == 0
    arrived = [line["metadata"]["i"] for line in server.lines()]
    assert len(arrived) == len(set(arrived))
    assert len(arrived) + server.counter("argus.client.log_lines_dropped") == 40_000
    assert len(arrived) > 1_000


def test_after_a_kill_the_next_start_sends_what_lay_in_the_spool(server, drive, tmp_path: Path) -> None:
    server.behave = lambda number, path: 503
    spool = tmp_path / "späne ž"
    assert drive("spool-then-die", ARGUS_SPOOL_DIR=str(spool)).returncode == KILLED
    assert len(list(spool.glob("*/*.json"))) == 1
    assert server.counter("orders") == 0
    server.behave = lambda number, path: None
    answer = drive("without-url", ARGUS_SPOOL_DIR=str(spool))
    assert answer.stdout == "1\n"
    assert "1 undelivered batches of an earlier process will be sent" in answer.stderr
    assert server.counter("orders") == 5
    assert list(spool.iterdir()) == []

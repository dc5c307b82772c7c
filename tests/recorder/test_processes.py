"""What becomes of flight files when processes fork, exec, end, start again, or meet what is no flight file."""

from __future__ import annotations

import errno
import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from program import ROOT
from program import run_program as run

import argus
from argus import recorder
from argus.aggregate.with_python import PythonAggregator
from argus.client.config import Config
from argus.client.spool import Folder
from argus.recorder import dead, place

INIT = """argus.init(url=os.environ['URL'], api_key='k', flight_recorder=os.environ['FOLDER'], flush_interval=3600,
                        system_metrics=False, capture_logs=False)"""
DIE = "os.kill(os.getpid(), 9)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "flights"


def flights(folder: Path) -> list[Path]:
    return sorted(folder.rglob("flight*"))


def die(server: Any, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run the lines, with ``START`` in them replaced, to their death."""
    return run(f"{program.replace('START', INIT)}\n{DIE}", server.url, FOLDER=str(folder))


def test_the_next_start_delivers_what_a_killed_process_had(server, folder, settings) -> None:
    answer = die(server, folder, "early = argus.counter('orders'); early.increment(2)\nSTART\nearly.increment(3)")
    assert (answer.returncode, answer.stderr) == (-9, "")
    assert server.stored == []
    (left,) = flights(folder)
    assert (left.stat().st_mode & 0o777, left.parent.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"api_key" not in left.read_bytes()
    client = argus.Client(**settings_of(settings))
    assert client.flush(5)
    client.close()
    assert server.counter("orders") == 5
    assert len(server.instances("orders")) == 1
    assert flights(folder) == []
    assert list(folder.iterdir()) == [], "the dead process' folder, one's own and the application's are gone"


def test_the_last_takes_the_application_s_folder_away_while_others_come_and_go(tmp_path) -> None:
    def come_and_go(name: str) -> None:
        for _ in range(60):
            folder = Folder(tmp_path / "application", name, 10**6, shared=True)
            assert folder.claim().is_dir()
            folder.close()

    with ThreadPoolExecutor() as pool:
        list(pool.map(come_and_go, ("a", "b", "c")))
    assert list(tmp_path.iterdir()) == []


def settings_of(settings: Config) -> dict[str, Any]:
    names = ("url", "api_key", "flight_recorder", "flush_interval", "system_metrics", "capture_logs")
    return {name: getattr(settings, name) for name in names}


def test_lines_and_everything_before_the_last_window_arrive_once(server, folder, settings) -> None:
    program = """
START
argus.increment('orders'); argus.event('first'); argus.flush()
argus.increment('orders'); argus.event('second')
argus.increment('orders'); argus.timing('pay', 0.25); argus.gauge('queue', 7)
"""
    die(server, folder, program)
    assert recorder.recover(settings) == recorder.Recovered(2, complete=True)
    assert server.counter("orders") == 3
    assert [line["metadata"]["event"] for line in server.lines()] == ["first", "second"]
    last = [content for path, content in server.stored if path.endswith("metrics")][-1]
    assert (last["timings"]["count"], last["timings"]["sum"]) == ([1], [0.25])
    assert last["gauges"]["last"][last["gauges"]["keys"].index("queue")] == 7
    assert 0 <= last["end"] - last["start"] <= 3600
    assert recorder.recover(settings) == recorder.Recovered(0, complete=True)


@pytest.mark.parametrize("lost", ["cut", "lose"])
def test_a_batch_on_its_way_when_its_process_died_is_stored_once(server, folder, settings, lost) -> None:
    server.behave = lambda number, path: lost
    die(server, folder, "START\nargus.increment('orders', 3); argus.flush(1)\nargus.increment('orders', 4)")
    server.behave = lambda number, path: None
    assert recorder.recover(settings).complete
    assert server.counter("orders") == 7


def test_what_cannot_be_sent_stays_for_the_next(server, folder, settings) -> None:
    die(server, folder, "START\nargus.increment('orders', 3)")
    server.behave = lambda number, path: 503
    assert recorder.recover(settings, 1.0) == recorder.Recovered(0, complete=False)
    assert flights(folder) == []
    server.behave = lambda number, path: None
    assert recorder.recover(settings).complete
    assert server.counter("orders") == 3


def test_a_living_process_is_left_alone(server, settings, folder) -> None:
    client = argus.Client(**settings_of(settings))
    client.increment("orders")
    assert recorder.recover(settings) == recorder.Recovered(0, complete=True)
    assert len(flights(folder)) == 1
    assert client.close(5)
    assert server.counter("orders") == 1


def test_a_forked_child_has_a_file_of_its_own(server, folder, settings) -> None:
    program = f"""
START
argus.increment('orders', 1); argus.event('parent')
if os.fork() == 0:
    argus.increment('orders', 10); argus.event('child')
    {DIE}
os.wait()
argus.increment('orders', 100)
"""
    die(server, folder, program)
    assert recorder.recover(settings).complete
    assert server.counter("orders") == 111
    assert len(server.instances("orders")) == 2
    assert sorted(line["metadata"]["event"] for line in server.lines()) == ["child", "parent"]


def test_a_child_that_lives_on_does_not_keep_its_dead_parents_file(server, folder, settings) -> None:
    program = """
START
argus.increment('orders', 3)
child = os.fork()
if child == 0:
    os.close(1)
    os.close(2)
    time.sleep(60)
print(child, flush=True)
"""
    child = int(die(server, folder, program).stdout)
    try:
        assert recorder.recover(settings).complete
        assert server.counter("orders") == 3
    finally:
        os.kill(child, 9)


def test_a_program_that_execs_another_is_recovered_by_it(server, folder) -> None:
    again = f"import os, argus\\n{INIT.replace(chr(10), ' ')}\\nargus.increment('orders', 4)\\nargus.flush(5)"
    program = f"""
START
argus.increment('orders', 3)
os.execv(sys.executable, [sys.executable, '-c', {again!r}.replace(chr(92) + 'n', chr(10))])
"""
    answer = run(program.replace("START", INIT), server.url, FOLDER=str(folder))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert server.counter("orders") == 7
    assert flights(folder) == []


def test_a_process_that_ends_by_itself_leaves_nothing(server, folder) -> None:
    answer = run(f"{INIT}\nargus.increment('orders', 3)", server.url, FOLDER=str(folder))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert server.counter("orders") == 3
    assert not list(folder.glob("*/*"))


def test_a_client_that_starts_again_takes_its_records_along(server, settings) -> None:
    first = argus.Client(**settings_of(settings))
    orders = first.counter("orders")
    orders.increment()
    first.close(5)
    second = argus.Client(aggregator=first.aggregator, logs=first.logs, **settings_of(settings))
    orders.increment()
    second.event("again")
    assert second.close(5)
    assert server.counter("orders") == 2
    assert [line["metadata"]["event"] for line in server.lines()] == ["again"]


def test_a_file_that_is_none_is_moved_aside_and_said(server, folder, settings, caplog) -> None:
    die(server, folder, "START\nargus.increment('orders', 3)")
    (left,) = flights(folder)
    left.write_bytes(b"x" * 5000)
    with caplog.at_level(logging.WARNING, "argus.client"):
        assert recorder.recover(settings).complete
    assert "it does not begin as a flight file does" in caplog.text
    assert [file.name for file in flights(folder)] == [dead.REFUSED]
    caplog.clear()
    assert recorder.recover(settings).complete
    assert caplog.text == ""


def test_a_file_from_before_the_machine_was_started_anew_is_not_believed(
    server, folder, settings, caplog, monkeypatch
) -> None:
    die(server, folder, "START\nargus.increment('orders', 3)")
    monkeypatch.setattr("argus.aggregate._native.boot_name", lambda: "another")
    with caplog.at_level(logging.WARNING, "argus.client"):
        assert recorder.recover(settings).complete
    assert "the machine was started anew" in caplog.text
    assert flights(folder) == []
    assert server.stored == []


def test_a_folder_that_others_can_write_is_refused_and_recording_goes_on(server, folder, settings, caplog) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    with caplog.at_level(logging.WARNING, "argus.client"):
        client = argus.Client(**settings_of(settings))
    assert f"the flight recorder is off: {folder} is not a folder that only you can write" in caplog.text
    client.increment("orders")
    assert client.close(5)
    assert server.counter("orders") == 1
    assert flights(folder) == []


def test_a_full_folder_is_said_as_an_error_that_is_the_same_in_all_processes(
    server, folder, settings, caplog, monkeypatch
) -> None:
    def full(**given: Any) -> None:
        raise OSError(errno.ENOSPC, f"cannot map {given['path']}")  # as the recorder says it

    monkeypatch.setattr("argus.aggregate._native.Recorder", full)
    client = argus.Client(**settings_of(settings))
    (record,) = caplog.records
    root = place.root(settings)
    assert record.levelno == logging.ERROR  # what programs under argus run say
    assert record.getMessage() == f"the flight recorder is off: No space left on device: {root}"
    client.increment("orders")
    assert client.close(5)
    assert server.counter("orders") == 1
    assert list(folder.iterdir()) == []


def test_a_backend_that_cannot_says_so_in_one_line(server, settings, caplog) -> None:
    with caplog.at_level(logging.WARNING, "argus.client"):
        client = argus.Client(aggregator=PythonAggregator(), **settings_of(settings))
    assert "the flight recorder is off: it needs the native backend, not PythonAggregator" in caplog.text
    client.increment("orders")
    assert client.close(5)
    assert server.counter("orders") == 1


def test_without_room_for_files_windows_go_on_in_their_cells(server, folder, settings) -> None:
    server.behave = lambda number, path: 503
    client = argus.Client(**settings_of(settings), spool_bytes=200_000)
    for number in range(8):
        client.increment("orders")
        client.increment(f"filler.{number}." + "x" * 200, tags={f"tag{i}": "y" * 200 for i in range(30)})
        for other in range(10):
            client.increment(f"filler.{number}.{other}." + "x" * 200, tags={f"tag{i}": "y" * 200 for i in range(30)})
        client.flush(0.5)
    kept = sum(file.stat().st_size for file in folder.rglob("*.json"))
    assert kept <= 200_000
    server.behave = lambda number, path: None
    assert not client.flush(5), "what is in the cells has room only now"
    assert client.flush(5)
    client.close(5)
    assert server.counter("orders") == 8
    assert server.counter("argus.client.merged_windows") > 0


def test_a_disk_without_room_ends_the_recorder_and_not_the_sending(
    server, folder, settings, caplog, monkeypatch
) -> None:
    client = argus.Client(**settings_of(settings))
    client.increment("orders", 3)

    def full(*_: Any) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("argus.client.spool.write_batch", full)
    with caplog.at_level(logging.WARNING, "argus.client"):
        assert client.flush(5)
    assert "the flight recorder is off: its folder has no room" in caplog.text
    assert flights(folder) == []
    client.event("later")
    assert client.close(5)
    assert server.counter("orders") == 3
    assert [line["metadata"]["event"] for line in server.lines()] == ["later"]


def test_two_who_recover_at_once_deliver_once(server, folder, settings) -> None:
    for _ in range(3):
        die(server, folder, "START\nargus.increment('orders', 3); argus.event('x')")
    code = (
        "import sys, json; from argus import recorder; from argus.client import config;"
        "sys.exit(not recorder.recover(config.load(json.loads(sys.argv[1])), 20).complete)"
    )
    command = [sys.executable, "-c", code, json.dumps(settings_of(settings))]
    both = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert server.counter("orders") == 9
    assert len(server.lines()) == 3
    assert flights(folder) == []


def test_a_flood_of_lines_is_saved_before_the_window_ends(server, settings) -> None:
    client = argus.Client(**settings_of(settings))
    for number in range(200):
        client.event("big", f"{number} " + "x" * 5000)
    server.wait_for(lambda: len(server.lines()) > 0)
    assert client.close(5)
    assert len(server.lines()) == 200


def test_every_application_has_a_folder_of_its_own(settings: Config) -> None:
    name = place.application_name("http://127.0.0.1:8000", "shop")
    assert name == "47f8b13189ad021c"  # as libargus has it in settings_test.cc
    names = {
        place.root(settings._replace(url=url, app_id=app, api_key=key)).name
        for url in ("http://a", "http://b")
        for app, key in (("shop", "k"), ("shop", "other"), (None, "k"), (None, "other"))
    }
    assert len(names) == 6
    assert place.root(settings._replace(spool_dir="/var/spool/shop")) == Path("/var/spool/shop")
    assert place.root(settings._replace(flight_recorder=True)).parent == recorder.default_folder()

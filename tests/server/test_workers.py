"""``argus serve --workers``: what the parent does with its workers; and two real ones on one port."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import encode_basic_auth
from metric_backends import VictoriaBackend
from server_process import Process

from argus.errors import ConfigError
from argus.server import listening, supervisor
from argus.server.backup import state as states
from argus.server.settings import Settings
from argus.server.supervisor import Failed, Orders, Ready, Supervisor, Worker, orders_of

SHARED = Settings(
    port=0, workers=2, metrics_url="victoriametrics://127.0.0.1:1", records_url="postgresql://argus@127.0.0.1:1/argus"
)

STUB = """#!{python}
import os, signal, sys
number = sys.argv[-1]
path = "{folder}/" + number
lives = int(open(path).read()) + 1 if os.path.exists(path) else 1
open(path, "w").write(str(lives))
sys.stdin.readline()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0) if number != "{deaf}" else None)
if number == "{broken}":
    sys.exit(1)
password = '"made by 1"' if number == "1" else "null"
if number == "{refused}":
    print('{{"type": "Failed", "message": "update Argus"}}', flush=True)
    sys.exit(1)
print('{{"type": "Ready", "url": "http://here", "password": ' + password + "}}", flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a small program in the place of a worker: it says that it is ready, and waits for its end."""

    def make(deaf: str = "", broken: str = "", refused: str = "") -> None:
        program = tmp_path / "worker"
        text = STUB.format(python=sys.executable, folder=tmp_path, deaf=deaf, broken=broken, refused=refused)
        program.write_text(text)
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return make


class Run:
    """A supervisor in this process, and what it has greeted with."""

    def __init__(self) -> None:
        self.greeted: list[tuple[str, str | None]] = []
        self.ready = asyncio.Event()
        self.supervisor = Supervisor(SHARED, self.greet, None)
        self.task = asyncio.create_task(self.supervisor.run())

    def greet(self, url: str, password: str | None) -> None:
        self.greeted.append((url, password))
        self.ready.set()

    def processes(self) -> list[Any]:
        return [worker._process for worker in self.supervisor._workers]


async def test_it_greets_once_when_all_are_ready_and_a_signal_drains_them(stub) -> None:
    stub()
    run = Run()
    await asyncio.wait_for(run.ready.wait(), 10)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(run.task, 10) == 0
    assert run.greeted == [("http://here", "made by 1")]
    assert [process.returncode for process in run.processes()] == [0, 0]


async def test_a_worker_that_is_killed_is_followed_by_another_and_nobody_is_greeted_again(stub, tmp_path) -> None:
    stub()
    run = Run()
    await asyncio.wait_for(run.ready.wait(), 10)
    killed = run.processes()[1]
    killed.kill()
    async with asyncio.timeout(10):
        while (tmp_path / "2").read_text() != "2" or run.processes()[1] is killed:  # noqa: ASYNC110  # it tells by its file
            await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
    assert await asyncio.wait_for(run.task, 10) == 0
    assert ((tmp_path / "1").read_text(), len(run.greeted)) == ("1", 1)


async def test_a_second_signal_ends_a_worker_that_does_not_drain(stub) -> None:
    stub(deaf="2")
    run = Run()
    await asyncio.wait_for(run.ready.wait(), 10)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(run.processes()[0].wait(), 10)
    assert not run.task.done()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(run.task, 10) == 1


async def test_a_worker_that_does_not_drain_in_time_is_ended(stub, monkeypatch) -> None:
    monkeypatch.setattr(supervisor, "DRAIN_SECONDS", 0.2)
    stub(deaf="2")
    run = Run()
    await asyncio.wait_for(run.ready.wait(), 10)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(run.task, 10) == 1


async def test_where_a_worker_cannot_start_nobody_serves(stub) -> None:
    stub(broken="1")
    run = Run()
    assert await asyncio.wait_for(run.task, 10) == 1
    assert run.greeted == []


async def test_why_none_can_serve_is_said_once(stub, capsys) -> None:
    stub()
    run = Run()
    for number in (1, 2):
        run.supervisor._hear(number, Failed("update Argus"))
    assert capsys.readouterr().err == "argus: update Argus\n"
    run.task.cancel()


async def test_a_worker_says_why_it_cannot_serve(stub, capsys) -> None:
    stub(refused="1")
    assert await asyncio.wait_for(Run().task, 10) == 1
    assert capsys.readouterr().err == "argus: update Argus\n"


async def test_a_worker_that_keeps_dying_is_started_after_longer_and_longer_pauses(monkeypatch, caplog) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.04)
    worker = Worker(Orders(1, SHARED, None), lambda number, ready: None, lambda: True)
    lives: list[int] = []

    async def live() -> int:
        lives.append(1)
        if len(lives) == 5:
            worker.stop()
        return -signal.SIGKILL

    monkeypatch.setattr(worker, "_live", live)
    assert await worker.keep() == -signal.SIGKILL
    assert [record.args for record in caplog.records] == [
        (1, "was ended by SIGKILL", pause) for pause in (0.01, 0.02, 0.04, 0.04)
    ]


def test_orders_arrive_as_they_were_given() -> None:
    orders = Orders(2, SHARED, "pass\nword")
    assert orders_of(supervisor.encode(orders)) == orders
    assert supervisor.encode(Ready("http://here", None)).count(b"\n") == 1


def test_a_port_that_is_taken_is_said_also_where_others_would_share_it() -> None:
    with listening.reserved(SHARED) as port:
        taken = listening.reserved(Settings(port=port))
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}"), taken:
            pass


def test_embedded_stores_are_refused_in_one_line_that_names_the_remedy(tmp_path: Path) -> None:
    refused = Process(tmp_path, ARGUS_RECORDS_URL=SHARED.records_url).cli("serve", "--workers", "2")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "--workers 2 needs stores" in refused.stderr
    assert "--metrics-url" in refused.stderr


def test_a_wrong_setting_is_said_once_before_a_store_is_opened(tmp_path: Path) -> None:
    stores = {"ARGUS_METRICS_URL": SHARED.metrics_url, "ARGUS_RECORDS_URL": SHARED.records_url}
    server = Process(tmp_path / "data", **stores, ARGUS_SMTP_URL="smtp://mail.example.org")
    for workers in ("1", "2"):
        refused = server.cli("serve", "--workers", workers)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert "--mail-from is missing" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_where_the_kernel_spreads_no_connections_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ConfigError, match=r"needs Linux.*behind a balancer"):
        supervisor.check(SHARED)


@pytest.fixture
def server(tmp_path: Path, postgres, victoria) -> Iterator[Process]:
    made = Process(
        tmp_path / "data",
        ARGUS_WORKERS="2",
        ARGUS_METRICS_URL=VictoriaBackend(victoria.port).url,
        ARGUS_RECORDS_URL=postgres.new_schema(),
    )
    made.start()
    yield made
    if made.runs():
        made.stop(signal.SIGTERM)


def test_two_workers_share_the_port_one_that_is_killed_is_replaced_and_a_signal_ends_all(server) -> None:
    parent = psutil.Process(server.process.pid)
    first = parent.children()
    assert serving(server) == {child.pid for child in first}
    with states.reported(server.data / "backups") as report:  # as `argus backup` does, or one of the workers
        report("copying", 1, 2)
        assert all(told["running"]["done"] == 1 for told in everybody_on_backups(server))
    assert all(told["running"] is None for told in everybody_on_backups(server))
    first[0].kill()
    wait_for(lambda: len(serving(server) - {first[0].pid}) == 2)
    workers = parent.children()
    assert server.stop(signal.SIGTERM) == 0
    assert not any(worker.is_running() for worker in workers)


def test_a_worker_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    orders = Orders(1, Settings(port=0, data=tmp_path, self_monitoring=False), "peacock feathers")
    command = [sys.executable, "-m", "argus.server.worker", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(supervisor.encode(orders))
        worker.stdin.flush()
        assert b"http://127.0.0.1:" in worker.stdout.readline()
        worker.stdin.close()
        assert worker.wait(15) == 0


def serving(server: Process) -> set[int]:
    """Return the processes that answered when forty connections were open at once."""
    connections = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(40)]
    for one in connections:
        with contextlib.suppress(ConnectionError):  # it waited for the process that was killed
            one.request("GET", "/healthz")
            assert one.getresponse().read() == b"ok\n"
    found = {child.pid for child in psutil.Process(server.process.pid).children() if holds(child, server.port)}
    for one in connections:
        one.close()
    return found


def everybody_on_backups(server: Process) -> list[dict[str, Any]]:
    """Return what is said of backups on so many connections at once that every worker has some."""
    connections = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(20)]
    for one in connections:
        one.request("GET", "/api/v1/backups", headers={"Authorization": encode_basic_auth("admin", "peacock feathers")})
    told = [json.loads(one.getresponse().read()) for one in connections]
    for one in connections:
        one.close()
    return told


def holds(process: psutil.Process, port: int) -> bool:
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:  # it has just ended
        return False
    return any(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in connections)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)

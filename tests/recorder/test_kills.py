"""SIGKILL at random moments, against a real server: it holds what the processes had recorded, no more and no less.

``ARGUS_KILLS`` says how many times; a release is proven with 200.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libargus
import pytest
import recording
from server_process import ROOT, Process

from argus import recorder
from argus.client import config

ADMIN = "Basic YWRtaW46cGVhY29jayBmZWF0aGVycw=="  # admin:peacock feathers
KILLS = int(os.environ.get("ARGUS_KILLS", "20"))
LONGEST = 0.35
"""Seconds that a program lives at most; a window is 0.1 s."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path / "data", ARGUS_MAX_ROWS_PER_SECOND="1000000")
    made.start()
    yield made
    if made.runs():
        made.stop(signal.SIGKILL)


class PythonPrograms:
    """Forks a recording program for each that is wanted, from one interpreter."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, recording.__file__]
        self.parent = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.parent.stdin is not None
        assert self.parent.stdout is not None
        self.wishes, self.answers = self.parent.stdin, self.parent.stdout

    def start(self, wish: dict[str, str], truth: Path, run: int) -> int:
        self.wishes.write(json.dumps({**wish, "truth": str(truth), "run": str(run)}) + "\n")
        self.wishes.flush()
        return int(self.answers.readline())

    def wait(self) -> None:
        """Return when the program is gone, and its lock with it."""
        assert self.answers.readline() == "dead\n"

    def close(self) -> None:
        self.wishes.close()
        self.parent.wait(10)
        self.answers.close()


class NativePrograms:
    """Starts libargus' recording program."""

    def __init__(self) -> None:
        self.command = str(libargus.build("recording"))

    def start(self, wish: dict[str, str], truth: Path, run: int) -> int:
        settings = {f"ARGUS_{name.upper()}": value for name, value in wish.items()}
        self.process = subprocess.Popen(
            [self.command, str(truth), str(run)], env={**os.environ, **settings}, stderr=subprocess.DEVNULL
        )
        return self.process.pid

    def wait(self) -> None:
        self.process.wait(10)

    def close(self) -> None:
        """Do nothing: each program is gone."""


@pytest.fixture(params=[PythonPrograms, NativePrograms], ids=["python", "native"])
def programs(request: pytest.FixtureRequest) -> Iterator[PythonPrograms | NativePrograms]:
    made: PythonPrograms | NativePrograms = request.param()
    yield made
    made.close()


def ask(server: Process, path: str, **query: Any) -> Any:
    address = f"{server.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(address, headers={"Authorization": ADMIN})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def totals(server: Process, name: str, agg: str, began: float) -> dict[int, float]:
    """What the server holds of a metric, for each run."""
    query = {"app": "shop", "name": name, "agg": agg, "group_by": "run", "step": 10}
    answer = ask(server, "metrics", **query, start=int(began) - 60, end=int(time.time()) + 60)
    return {int(s["tags"]["run"]): sum(value or 0 for value in s["values"]) for s in answer["series"]}


def events(server: Process) -> Counter[int]:
    """How many event lines the server holds for each run; each step has one at most."""
    seen: list[str] = []
    more: dict[str, str] = {}
    while True:
        answer = ask(server, "logs", app="shop", limit=1000, **more)
        seen += [line["message"] for line in answer["logs"] if line["message"].startswith("run ")]
        if answer["next"] is None:
            break
        more = {"cursor": answer["next"]}
    assert len(set(seen)) == len(seen)
    return Counter(int(message.split()[1]) for message in seen)


@pytest.mark.timeout(60 + 2 * KILLS)
def test_what_a_killed_process_had_recorded_arrives_once(server: Process, programs, tmp_path: Path) -> None:
    key = json.loads(server.cli("app", "create", "shop", "--json").stdout)["api_key"]
    wish = {"url": server.url, "api_key": key, "flight_recorder": str(tmp_path / "flights")}
    settings = config.load(wish)
    chance, began = random.Random(2026), time.time()
    truths = []
    for run in range(KILLS):
        truth = tmp_path / f"truth-{run}"
        truth.write_bytes(bytes(8 * recording.TRUTH))
        with truth.open("r+b") as file:
            told = memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")
        program = programs.start(wish, truth, run)
        while told[1] == 0:
            time.sleep(0.001)  # real time: the program is another process
        time.sleep(chance.uniform(0, LONGEST))
        os.kill(program, signal.SIGKILL)
        programs.wait()
        truths.append(list(told))
        if run % 2:  # else the next run's client finds it, and may be killed while it recovers
            assert recorder.recover(settings, 10).complete
    assert recorder.recover(settings, 10).complete

    orders, paid, said = totals(server, "orders", "sum", began), totals(server, "pay", "count", began), events(server)
    for run, (begun, done, pay_begun, pay_done, event_begun, event_done) in enumerate(truths):
        # The record that was being made when the kill came may be in or not; every other one is.
        assert done <= orders[run] <= begun, f"run {run}"
        assert pay_done <= paid.get(run, 0) <= pay_begun, f"run {run}"
        assert event_done <= said[run] <= event_begun, f"run {run}"
    assert not list((tmp_path / "flights").rglob("flight*"))

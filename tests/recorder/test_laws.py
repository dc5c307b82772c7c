"""The law of the recorder: what the server has and what is recovered, together, is what was recorded, each record once.

Whatever moment a process is killed at leaves its folder as it is at that moment. So a copy of the folder, taken between
any two steps of recording, draining, saving, committing, sending and deleting, is a kill; and a recovery from the copy,
which may itself be killed and begun again, is what the law is held to.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.aggregate._native import NativeAggregator, Recorder
from argus.client import spool, transport
from argus.client.delivery import Delivery
from argus.client.logs import LogBuffer, LogLine
from argus.client.spool import FLIGHT, Folder, LogStream, MetricStream
from argus.client.transport import Answer, TransportError
from argus.recorder import dead
from argus.recorder.live import Flight

SENDER = {"instance": "host:1:abcd", "host": "host", "sdk": "python/test"}


class Killed(Exception):
    """The recovery ends here."""


class Model:
    """A server: deduplicates by number, adds up."""

    def __init__(self) -> None:
        self.last: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.lines: list[str] = []

    def copy(self) -> Model:
        other = Model()
        other.last, other.totals, other.lines = self.last.copy(), self.totals.copy(), list(self.lines)
        return other

    def take(self, path: str, body: bytes) -> None:
        content = json.loads(body)
        if content["seq"] <= self.last[path]:
            return
        self.last[path] = content["seq"]
        self.lines += [line["message"] for line in content.get("logs", [])]
        for section in ("counters", "gauges", "timings"):
            rows = content.get(section, {"keys": [], "count": [], "sum": []})
            for key, count, total in zip(rows["keys"], rows["count"], rows["sum"], strict=True):
                self.totals[f"{key} count"] += count
                self.totals[f"{key} sum"] += total


class World:
    """A recording process in a folder, its server, and a check at every moment at which it could be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "host-1-abcd"
        self.server = Model()
        self.recorded: Counter[str] = Counter()
        self.lines: list[str] = []
        self.mood = "ok"
        self.room = 0
        """The number of the next file for which there is none; 0: there is."""
        self.moments = 0
        own = Folder(folder, SENDER["instance"], 10**9)
        recorder = Recorder(path=str(own.claim() / FLIGHT), **SENDER, interval=10.0)
        self.aggregator = NativeAggregator()
        self.aggregator.record_into(recorder)
        self.flight = Flight(own, recorder)
        self.buffer = LogBuffer()
        self.buffer.keep_in(self.flight)
        self.metrics = MetricStream(SENDER)
        self.delivery = Delivery(self, self.metrics, LogStream(SENDER, self.buffer), own, self.flight)

    def send(self, path: str, body: bytes, timeout: float) -> Answer:
        """Be the transport: the server stores, and its answer may get lost."""
        del timeout
        self.could_be_killed()
        if self.mood == "away":
            raise TransportError("away")
        self.server.take(path, body)
        self.could_be_killed()
        if self.mood == "lost":
            raise TransportError("the answer was lost")
        return Answer(200, {"accepted": 1})

    def interrupt(self) -> None:
        """Do nothing: nothing hangs."""

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def end_window(self) -> None:
        if not self.delivery.takes_window():
            return
        now = time.time()
        window = self.aggregator.drain(now - 1, now)
        self.could_be_killed()
        self.metrics.add(window)
        self.delivery.keep_window(now)
        self.could_be_killed()

    def could_be_killed(self, breaks: int = 0) -> None:
        """Hold the law to a copy of the folder as it is now; the recovery is itself killed after ``breaks`` files."""
        self.moments += 1
        with tempfile.TemporaryDirectory() as scratch:
            left = Path(scratch) / "left"
            shutil.copytree(self.folder, left)
            server = self.server.copy()
            if breaks:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(dead, "write_batch", breaking(breaks))
                    with pytest.raises(Killed):
                        dead.into_batches(left)
            dead.into_batches(left)
            batches = spool.batches_in(left)
            for batch in batches + batches[-1:]:  # the last one's answer got lost
                assert batch.file is not None
                server.take(batch.path, batch.file.read_bytes())
            assert server.totals == self.recorded
            assert sorted(server.lines) == sorted(self.lines)


def breaking(after: int) -> Any:
    """``write_batch`` that is killed before the given file is in its place."""
    written = 0

    def write(*arguments: Any) -> Path:
        nonlocal written
        written += 1
        if written >= after:
            raise Killed
        return spool.write_batch(*arguments)

    return write


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.sampled_from("abc"), st.integers(0, 40)),
        st.tuples(st.just("line"), st.text(max_size=20), st.integers(0, 3)),
        st.tuples(st.just("window"), st.sampled_from(["room", "full"]), st.integers(1, 2)),
        st.tuples(st.just("send"), st.sampled_from(["ok", "lost", "away"]), st.just(0)),
        st.tuples(st.just("kill"), st.just(""), st.integers(0, 1)),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_whenever_a_process_is_killed_each_record_arrives_once(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        world = World(Path(folder))

        written = spool.write_batch

        def write_and_be_killed(*arguments: Any) -> Path:
            world.could_be_killed()
            world.room -= 1
            if world.room == 0:
                raise OSError(28, "no space left")
            file = written(*arguments)
            world.could_be_killed()
            record(world, "meanwhile", 1)  # another thread does not wait for the drain
            world.could_be_killed()
            return file

        patch.setattr(spool, "write_batch", write_and_be_killed)
        patch.setattr(spool, "MAX_ROWS", 2)  # so that windows are cut into several batches
        patch.setattr(transport.Backoff, "ready", lambda self: True)
        for action, text, number in steps:
            if action == "record":
                record(world, text, number)
            elif action == "line":
                world.lines.append(text)
                world.buffer.put(LogLine(1e9, "INFO", text, "law", {}))
            elif action == "window":
                # Without room and without anything to send the recorder ends: that is another test.
                world.room = number if text == "full" and world.delivery._saved else 0
                world.end_window()
                world.room = 0
            elif action == "send":
                world.mood = text
                world.delivery.run(time.monotonic() + 5, now=True)
            elif number == 0 or (world.aggregator.peek(0, 0).size == 0 and not len(world.flight)):
                world.could_be_killed()
            else:
                world.could_be_killed(breaks=1)
        world.could_be_killed()


def record(world: World, name: str, number: int) -> None:
    """Record a value that a sum of doubles keeps exactly, in a series of each kind."""
    value = number / 4
    world.aggregator.increment(name, value, {"kind": "counter"})
    world.aggregator.gauge(name, value, {"kind": "gauge"})
    world.aggregator.timing(name, value, {"kind": "timing"})
    for kind in ("counter", "gauge", "timing"):
        world.recorded[f"{name}{{kind={kind}}} count"] += 1
        world.recorded[f"{name}{{kind={kind}}} sum"] += value  # type: ignore[assignment]  # sums are no counts

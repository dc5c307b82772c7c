"""A batch that lies in a file and is too large for the server arrives in halves, each record once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from argus import recorder
from argus.client import config
from argus.client.halves import halves
from argus.client.spool import Batch, batches_in, write_batch

SENDER = {"instance": "web-1:7:a", "host": "web-1", "sdk": "python/0.1.0"}
COLUMNS = {"counters": ("sum",), "gauges": ("last", "min"), "timings": ("sum", "bins")}


def metrics(**rows: int) -> dict[str, Any]:
    sections = {
        name: {
            "keys": [f"{name}{i}" for i in range(count)],
            "count": [1] * count,
            **{column: [[i, 1] if column == "bins" else i / 3 for i in range(count)] for column in COLUMNS[name]},
        }
        for name, count in rows.items()
    }
    return {**SENDER, "seq": 7, "start": 10.0, "end": 20.0, **sections}


def logs(count: int) -> dict[str, Any]:
    return {**SENDER, "seq": 7, "logs": [{"message": f"line {i} ✓"} for i in range(count)]}


@pytest.mark.parametrize(
    "whole",
    [
        metrics(counters=3, gauges=2, timings=4),
        metrics(counters=1, timings=9),
        metrics(gauges=5),
        metrics(counters=2),
        logs(5),
    ],
)
def test_both_halves_together_are_the_whole(whole: dict[str, Any]) -> None:
    made = halves(json.dumps(whole).encode())
    assert made is not None
    first, second = (json.loads(half.body) for half in made)
    assert abs(made[0].records - made[1].records) <= 1
    assert [half["instance"] for half in (first, second)] == ["web-1:7:a~7.1", "web-1:7:a~7.2"]
    joined: dict[str, Any] = {}
    for half in (first, second):
        for name, section in half.items():
            if isinstance(section, list):
                joined[name] = joined.get(name, []) + section
            elif isinstance(section, dict):
                before = joined.get(name, {})
                joined[name] = {column: before.get(column, []) + values for column, values in section.items()}
            else:
                joined[name] = section
    assert joined == {**whole, "instance": "web-1:7:a~7.2", "seq": 1}


@pytest.mark.parametrize("body", [json.dumps(logs(1)).encode(), b"{}", b"[]", b"no JSON"])
def test_one_record_and_what_is_no_batch_cannot_be_halved(body: bytes) -> None:
    assert halves(body) is None


def test_what_a_dead_process_left_arrives_in_halves_and_once(server, tmp_path: Path) -> None:
    """Though answers are lost between them, and whoever delivers gives up and begins again."""
    folder = tmp_path / "dead"
    folder.mkdir()
    for number, whole in enumerate((metrics(counters=9), {**metrics(counters=2), "seq": 8}), 1):
        body = json.dumps(whole).encode()
        write_batch(folder, f"{number:09}", Batch("/api/v1/metrics", whole["seq"], body, 0, None))

    def rows() -> int:
        return len(server.requests[-1][1]["counters"]["keys"])

    server.behave = lambda number, path: 413 if rows() > 3 else "lose" if number % 3 == 0 else None
    settings = config.load({"url": server.url, "api_key": "k", "spool_dir": str(tmp_path)})
    for _ in range(20):
        if recorder.recover(settings).complete:
            break
    assert not folder.exists()
    sums = [server.counter(f"counters{i}") for i in range(9)]
    assert sums == pytest.approx([2 * i / 3 if i < 2 else i / 3 for i in range(9)])


def test_a_batch_of_one_record_that_is_too_large_is_dropped_and_counted(server, tmp_path: Path, caplog) -> None:
    server.behave = lambda number, path: 413
    folder = tmp_path / "dead"
    folder.mkdir()
    write_batch(folder, "000000001", Batch("/api/v1/logs", 7, json.dumps(logs(2)).encode(), 2, None))
    recorder.recover(config.load({"url": server.url, "api_key": "k", "spool_dir": str(tmp_path)}))
    assert "the server refuses a batch of 1 records (413: as the test wished $); dropped" in caplog.text
    assert not folder.exists() or not batches_in(folder)

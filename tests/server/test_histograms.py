"""What has two dimensions, over HTTP: a timing's values over time, log lines by level over time; and catching up."""

from __future__ import annotations

import time


async def test_a_distribution_holds_every_value_of_the_timing(server) -> None:
    now = time.time()
    values = [0.0, 0.010, 0.011, 0.5]
    points = [{"name": "pay", "type": "timing", "value": value, "timestamp": now - 15} for value in values]
    assert (await server.post("/api/v1/metrics", {"metrics": points}))[0] == 200
    _, answer = await server.get("/api/v1/metrics/distribution", app="shop", name="pay", start=now - 60, step=10)
    assert sum(map(sum, answer["counts"])) == len(values)
    (column,) = (counts for counts in answer["counts"] if sum(counts))
    assert column[0] == 1, "zero has a row of its own"
    assert len(column) == len(answer["bounds"]) - 1
    assert len(answer["times"]) == len(answer["counts"])


async def test_a_distribution_of_what_is_no_timing_is_refused_by_its_name(server) -> None:
    await server.post("/api/v1/metrics", {"metrics": [{"name": "fps", "value": 60}]})
    status, answer = await server.get("/api/v1/metrics/distribution", app="shop", name="fps")
    assert (status, answer["error"]["where"]) == (400, "name")
    _, nothing = await server.get("/api/v1/metrics/distribution", app="shop", name="nothing")
    assert (nothing["times"], nothing["bounds"], nothing["counts"]) == ([], [], [])


async def test_lines_are_counted_by_level_in_whole_buckets(server) -> None:
    now = time.time() // 60 * 60
    for level, at in (("ERROR", now - 90), ("INFO", now - 30), ("INFO", now - 31)):
        line = {"timestamp": at, "level": level, "message": "payment"}
        assert (await server.post("/api/v1/logs", {"logs": [line]}))[0] == 200
    range_of = {"start": now - 119.5, "end": now, "step": 60}
    _, answer = await server.get("/api/v1/logs/histogram", app="shop", q="payment", **range_of)
    assert answer == {
        "start": now - 120,
        "step": 60,
        "counts": {"DEBUG": [0, 0], "INFO": [0, 2], "WARN": [0, 0], "ERROR": [1, 0]},
        "complete": True,
    }
    _, answer = await server.get("/api/v1/logs/histogram", app="shop", level="error", **range_of)
    assert {level: sum(row) for level, row in answer["counts"].items()} == {
        "DEBUG": 0,
        "INFO": 0,
        "WARN": 0,
        "ERROR": 1,
    }
    _, answer = await server.get("/api/v1/logs/histogram", app="other", **range_of)
    assert sum(map(sum, answer["counts"].values())) == 0


async def test_who_was_away_is_given_the_lines_since_oldest_first(server) -> None:
    for number in range(4):
        await server.post("/api/v1/logs", {"logs": [{"timestamp": time.time(), "message": f"line {number}"}]})
    _, answer = await server.get("/api/v1/logs", app="shop")
    newest, _, last_seen, _ = (line["id"] for line in answer["logs"])
    _, missed = await server.get("/api/v1/logs", app="shop", after=last_seen)
    assert [line["message"] for line in missed["logs"]] == ["line 2", "line 3"]
    assert missed["next"] is None
    assert (await server.get("/api/v1/logs", app="shop", after=newest))[1]["logs"] == []

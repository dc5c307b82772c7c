"""The SDK's half of wire format v1: windows and log lines become JSON bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ujson

from argus.aggregate.summary import Window

Line = tuple[float, str, str, str, dict[str, Any]]
"""A log line: timestamp, level, message, logger, metadata."""


def metrics_body(sender: Mapping[str, Any], seq: int, window: Window) -> bytes:
    """Return the body of ``POST /api/v1/metrics``; ``sender`` holds instance, host and sdk."""
    counters, gauges, timings = window.counters, window.gauges, window.timings
    body: dict[str, Any] = {**sender, "seq": seq, "start": window.start, "end": window.end}
    if counters.keys:
        body["counters"] = counters._asdict()
    if gauges.keys:
        body["gauges"] = gauges._asdict()
    if timings.keys:
        body["timings"] = {**timings._asdict(), "bins": [flat_bins(bins) for bins in timings.bins]}
    return as_json(body)


def logs_body(sender: Mapping[str, Any], seq: int, lines: Iterable[Line]) -> bytes:
    """Return the body of ``POST /api/v1/logs``."""
    return as_json({**sender, "seq": seq, "logs": [_line(line) for line in lines]})


def log_line(line: Line) -> bytes:
    """Return one line as it is in a body."""
    return as_json(_line(line))


def joined_logs_body(sender: Mapping[str, Any], seq: int, lines: Iterable[bytes]) -> bytes:
    """Return the body of ``POST /api/v1/logs`` from lines that :func:`log_line` encoded."""
    head = as_json({**sender, "seq": seq, "logs": []})
    return head.removesuffix(b"]}") + b",".join(lines) + b"]}"


def _line(line: Line) -> dict[str, Any]:
    timestamp, level, message, logger, metadata = line
    return {"timestamp": timestamp, "level": level, "message": message, "logger": logger, "metadata": metadata}


def flat_bins(bins: Iterable[tuple[int, int]]) -> list[int]:
    """Return a sketch as the wire carries it: first index, count, then (index difference, count) pairs."""
    flat: list[int] = []
    before = 0
    for index, count in bins:
        flat += (index - before, count)
        before = index
    return flat


def as_json(body: dict[str, Any]) -> bytes:
    """Return a body, or a part of one, as it is sent."""
    # Lone surrogates are no UTF-8; they may come from file names in log messages.
    return ujson.dumps(body, ensure_ascii=False, escape_forward_slashes=False).encode("utf-8", "replace")

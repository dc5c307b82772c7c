"""Halves of a batch that lies in a file, for a server that found it too large.

A batch keeps its number and content once it was made, for the batches after it have theirs. So its halves cannot be
numbered among them: each is the first batch of an instance of its own, whose name is made of the instance and number of
the whole. Whoever halves the same batch again makes the same two, and the server recognises them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import ujson

from argus.wire import encode

SECTIONS = ("counters", "gauges", "timings")


class Half(NamedTuple):
    """A body, and how many summaries or lines are in it."""

    body: bytes
    records: int


def halves(body: bytes) -> tuple[Half, Half] | None:
    """Return both halves of a body as this SDK, or libargus, encodes it; ``None`` for what cannot be halved."""
    try:
        whole: dict[str, Any] = ujson.loads(body)
        records = len(whole["logs"]) if "logs" in whole else sum(_rows(whole, name) for name in SECTIONS)
        instance, seq = whole["instance"], whole["seq"]
    except (ValueError, KeyError, TypeError):  # a file that somebody has spoilt
        return None
    if records < 2:  # noqa: PLR2004  # halves need two
        return None
    middle = records // 2
    made = []
    for i, (low, high) in enumerate(((0, middle), (middle, records)), 1):
        part = {**whole, "instance": f"{instance}~{seq}.{i}", "seq": 1, **_cut(whole, low, high)}
        made.append(Half(encode.as_json({name: value for name, value in part.items() if value != {}}), high - low))
    return made[0], made[1]


def _rows(whole: dict[str, Any], name: str) -> int:
    return len(whole[name]["keys"]) if name in whole else 0


def _cut(whole: dict[str, Any], low: int, high: int) -> dict[str, Any]:
    """Return the sections with the rows from ``low`` to ``high`` of all; one without rows is empty."""
    if "logs" in whole:
        return {"logs": whole["logs"][low:high]}
    cut: dict[str, Any] = {}
    offset = 0
    for name in SECTIONS:
        rows = _rows(whole, name)
        begin, end = max(low - offset, 0), max(min(high - offset, rows), 0)
        if rows:
            section: dict[str, list[Any]] = whole[name]
            cut[name] = {column: values[begin:end] for column, values in section.items()} if begin < end else {}
        offset += rows
    return cut

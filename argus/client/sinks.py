"""Sinks: where windows go besides the server. For a look without one, and for files.

``console`` prints a table, ``jsonl:PATH`` appends one JSON object per window, and any callable that takes
``(window, lines)`` will do. A sink runs on the flush thread.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from argus.aggregate import sketch
from argus.aggregate.summary import Window
from argus.client.config import JSONL, Sink
from argus.client.logs import LogLine


def make_sink(wanted: str | Sink) -> Sink:
    """Return the sink that the setting names; ``config.py`` has checked it."""
    if callable(wanted):
        return wanted
    return console if wanted == "console" else jsonl(wanted.removeprefix(JSONL))


def console(window: Window, lines: Sequence[LogLine], out: TextIO | None = None) -> None:
    """Print the window as a table, then its log lines."""
    rows = [("SERIES", "COUNT", "VALUE", "MIN", "MAX", "P50", "P99"), *_rows(window)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    text = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    text += [f"{line.level:<5} {line.logger}: {line.message}" for line in lines]
    print(*text, "", sep="\n", file=out or sys.stdout, flush=True)


def _rows(window: Window) -> Iterator[tuple[str, ...]]:
    seconds = max(window.end - window.start, 1e-9)
    counters, gauges, timings = window.counters, window.gauges, window.timings
    for key, total, count in zip(*counters, strict=True):
        yield (key, str(count), f"{total / seconds:.4g}/s", "", "", "", "")
    for key, last, low, high, _, count in zip(*gauges, strict=True):
        yield (key, str(count), f"{last:.6g}", f"{low:.6g}", f"{high:.6g}", "", "")
    for key, count, total, low, high, bins in zip(*timings, strict=True):
        zeros = count - sum(n for _, n in bins)
        p50, p99 = (sketch.quantile(bins, zeros, q, low, high) for q in (0.5, 0.99))
        yield (key, str(count), *(_duration(value) for value in (total / count, low, high, p50, p99)))


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def jsonl(path: str) -> Sink:
    """Return a sink that appends each window to a file: ``{"start", "end", "counters", …, "logs"}``."""

    def write(window: Window, lines: Sequence[LogLine]) -> None:
        import ujson  # noqa: PLC0415  # on the flush thread

        record = {
            "start": window.start,
            "end": window.end,
            "counters": window.counters._asdict(),
            "gauges": window.gauges._asdict(),
            "timings": window.timings._asdict(),
            "logs": [line._asdict() for line in lines],
        }
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(ujson.dumps(record, ensure_ascii=False, escape_forward_slashes=False) + "\n")

    return write

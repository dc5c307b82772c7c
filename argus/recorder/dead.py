"""From the flight file of a dead process to the batches that it would have made.

They are written beside the file, with the process' own instance and the next numbers, and only then the file is
deleted: whoever is interrupted here leaves a folder from which the next one makes the same. Nothing is sent before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from argus.aggregate.summary import Window
from argus.client.spool import (
    FLIGHT,
    MAX_LINES,
    MAX_ROWS,
    Batch,
    LogStream,
    MetricStream,
    batches_in,
    pieces,
    write_batch,
)
from argus.wire import encode

log = logging.getLogger("argus.client")

REFUSED = "flight.refused"


class FlightRecord(NamedTuple):
    """What a flight file holds; the fields are those of ``_native.read_flight``, in its order."""

    instance: str
    host: str
    sdk: str
    interval: float
    boot: str
    metrics_seq: int
    logs_seq: int
    until: float
    overflows: int
    window: Window
    lines: list[bytes]

    @property
    def sender(self) -> dict[str, Any]:
        """Who sends the batches: the process that is dead."""
        return {"instance": self.instance, "host": self.host, "sdk": self.sdk}


def into_batches(folder: Path) -> None:
    """Turn the folder's flight file into batches. The caller holds the folder's lock. Logs what goes wrong."""
    try:
        from argus.aggregate._native import boot_name, read_flight  # noqa: PLC0415  # not every installation has it
    except ImportError:
        log.warning("%s can be read with the native backend only; it stays there", folder / FLIGHT)
        return
    file = folder / FLIGHT
    try:
        flight = FlightRecord(*read_flight(file.read_bytes()))
    except OSError as error:
        log.warning("the flight file of a dead process cannot be read, it stays there: %s", error)
        return
    except ValueError as error:
        log.warning("%s is no flight file (%s); it is %s now", file, error, REFUSED)
        file.replace(folder / REFUSED)
        return
    if flight.boot != boot_name():
        if flight.instance:
            log.warning("the machine was started anew since %s died: what it kept in memory is lost", flight.instance)
        file.unlink()
        return
    try:
        _replace(file, flight)
    except OSError as error:
        log.warning("what %s had recorded cannot be saved, its flight file stays: %s", flight.instance, error)


def _replace(file: Path, flight: FlightRecord) -> None:
    folder = file.parent
    number = 0
    for batch in batches_in(folder):
        assert batch.file is not None
        number = int(batch.file.name.partition("-")[0])
        safe = flight.logs_seq if batch.path.endswith("logs") else flight.metrics_seq
        if batch.seq > safe:  # it was never sent, and what is in it is in the flight file still
            batch.file.unlink()
    records = 0
    for batch in _batches(flight):
        number += 1
        records += batch.records
        write_batch(folder, f"{number:09}", batch)
    file.unlink()
    if flight.overflows:
        log.warning("%s had not room for all it recorded: %d refusals", flight.instance, flight.overflows)
    if records:
        log.info("%d series and log lines of %s, which was killed, will be sent", records, flight.instance)


def _batches(flight: FlightRecord) -> Iterator[Batch]:
    """Yield the batches of what the process had not made batches of."""
    start = flight.until
    end = max(start, min(time.time(), start + flight.interval))
    window = flight.window._replace(start=start, end=end)
    if window.size:
        for seq, piece in enumerate(pieces(window, MAX_ROWS), flight.metrics_seq + 1):
            yield Batch(MetricStream.path, seq, encode.metrics_body(flight.sender, seq, piece), piece.size, None)
    for seq, first in enumerate(range(0, len(flight.lines), MAX_LINES), flight.logs_seq + 1):
        lines = flight.lines[first : first + MAX_LINES]
        yield Batch(LogStream.path, seq, encode.joined_logs_body(flight.sender, seq, lines), len(lines), None)

"""What monitoring costs the terrain: the same flight with and without it, taking turns."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import server_double
import terrain

PAIRS = 15


@pytest.fixture
def server() -> Iterator[Any]:
    """Give a server that takes everything; a second is a window, ten times as many as usual."""
    double = server_double.Server()
    yield double
    double.close()


class Flight(NamedTuple):
    """What the program says of one flight."""

    frames_per_second: float
    processor_time: float  # microseconds a frame, of all threads


def fly(url: str, command: list[str], *more: str) -> Flight:
    """Fly once, as fast as it goes."""
    settings = {"ARGUS_URL": url, "ARGUS_API_KEY": "k", "ARGUS_FLUSH_INTERVAL": "1"}
    flight = [*command, *more, "--fps-cap", "0"]
    answer = subprocess.run(flight, env={**os.environ, **settings}, check=True, capture_output=True, text=True)
    found = re.search(r"([\d.]+) per second, ([\d.]+) us", answer.stdout)
    assert found is not None, answer.stdout
    return Flight(float(found[1]), float(found[2]))


def compare(what: str, claim: Callable[..., None], url: str, command: list[str]) -> None:
    """Fly in pairs, and claim the median ratio of a pair; print how far the pairs lie apart."""
    pairs: list[dict[bool, Flight]] = []
    for pair in range(PAIRS):
        order = (True, False) if pair % 2 else (False, True)
        pairs.append({monitored: fly(url, command, *([] if monitored else ["--unmonitored"])) for monitored in order})
    ratios = {}
    for field in Flight._fields:
        of_pairs = [getattr(pair[True], field) / getattr(pair[False], field) for pair in pairs]
        low, ratios[field], high = statistics.quantiles(of_pairs, n=4)
        usual = statistics.median(getattr(pair[False], field) for pair in pairs)
        print(
            f"\nterrain, {what}, {field}: unmonitored {usual:.2f}; monitored / unmonitored {ratios[field]:.3f} "
            f"(half of the pairs {low:.3f} to {high:.3f})"
        )
    claim(f"terrain {what}, frame rate with / without Argus", ratios["frames_per_second"], 0.97, "x", at_least=True)
    claim(f"terrain {what}, processor time of a frame with / without Argus", ratios["processor_time"], 1.03, "x")


def test_a_headless_flight(claim: Callable[..., None], server: Any) -> None:
    """Nothing is drawn, so a frame is a few microseconds: the hardest case."""
    compare("headless", claim, server.url, [str(terrain.program()), "--headless", "--seconds", "2"])


def test_a_flight_drawn_in_software(claim: Callable[..., None], server: Any) -> None:
    """The whole program on a virtual screen."""
    program = [str(terrain.program_with_window()), "--size", "320x180", "--seconds", "3"]
    compare("drawn in software", claim, server.url, terrain.on_a_virtual_screen(*program))

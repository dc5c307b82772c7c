"""What monitoring costs the terrain: the same flight with and without it, taking turns, ratios of the frame rates."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import server_double
import terrain

PAIRS = 9


@pytest.fixture
def server() -> Iterator[Any]:
    """Give a server that takes everything; a second is a window, ten times as many as usual."""
    double = server_double.Server()
    yield double
    double.close()


def frames_per_second(url: str, command: list[str], *more: str) -> float:
    """Fly once, and return what the program says of its pace."""
    settings = {"ARGUS_URL": url, "ARGUS_API_KEY": "k", "ARGUS_FLUSH_INTERVAL": "1"}
    flight = [*command, *more, "--fps-cap", "0"]
    answer = subprocess.run(flight, env={**os.environ, **settings}, check=True, capture_output=True, text=True)
    found = re.search(r"([\d.]+) per second", answer.stdout)
    assert found is not None, answer.stdout
    return float(found[1])


def compare(url: str, command: list[str]) -> tuple[float, str]:
    """Return the median over pairs of the monitored frame rate by the other, and a line that says it all."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for pair in range(PAIRS):
        for monitored in (True, False) if pair % 2 else (False, True):
            rates[monitored].append(frames_per_second(url, command, *([] if monitored else ["--unmonitored"])))
    ratios = [with_it / without for with_it, without in zip(rates[True], rates[False], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    noise = statistics.quantiles(rates[False], n=4)
    line = (
        f"monitored {statistics.median(rates[True]):.1f}, unmonitored {statistics.median(rates[False]):.1f} frames/s; "
        f"ratio of a pair {middle:.3f}, half of them {low:.3f} to {high:.3f}; "
        f"unmonitored alone varies by {(noise[2] - noise[0]) / noise[1]:.1%}"
    )
    return middle, line


def test_a_headless_flight(claim: Callable[..., None], server: Any) -> None:
    """Nothing is drawn, so a frame is a few microseconds: the hardest case."""
    ratio, line = compare(server.url, [str(terrain.program()), "--headless", "--seconds", "2"])
    print(f"\nterrain, headless: {line}")
    claim("terrain headless, frame rate monitored / unmonitored", ratio, 0.97, "x", at_least=True)


def test_a_flight_drawn_in_software(claim: Callable[..., None], server: Any) -> None:
    """The whole program on a virtual screen."""
    program = [str(terrain.program_with_window()), "--size", "320x180", "--seconds", "3"]
    ratio, line = compare(server.url, terrain.on_a_virtual_screen(*program))
    print(f"\nterrain, drawn in software: {line}")
    claim("terrain drawn, frame rate monitored / unmonitored", ratio, 0.97, "x", at_least=True)

"""Collects what each benchmark measured and prints one table at the end.

A benchmark calls ``claim(what, measured, reach)``; a figure out of reach is marked, never failed: machines
differ, and a benchmark is not a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest


class Claim(NamedTuple):
    """One measured figure beside the figure to reach; ``unit`` is printed after both."""

    what: str
    measured: float
    reach: float
    unit: str
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the measured figure is as good as the one to reach."""
        return self.measured >= self.reach if self.at_least else self.measured <= self.reach


Recorder = Callable[..., None]
_CLAIMS = pytest.StashKey[list[Claim]]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the run an empty list of claims."""
    config.stash[_CLAIMS] = []


@pytest.fixture
def claim(request: pytest.FixtureRequest) -> Recorder:
    """Return ``claim(what, measured, reach, unit="", *, at_least=False)``."""

    def record(what: str, measured: float, reach: float, unit: str = "", *, at_least: bool = False) -> None:
        request.config.stash[_CLAIMS].append(Claim(what, measured, reach, unit, at_least))

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of claims."""
    claims = config.stash[_CLAIMS]
    if not claims:
        return
    terminalreporter.section("claims")
    width = max(len(claim.what) for claim in claims)
    for claim in claims:
        bound = "≥" if claim.at_least else "≤"
        mark = "ok  " if claim.holds else "MISS"
        figure = f"{claim.measured:>12,.4g} {claim.unit:<12} reach"
        terminalreporter.write_line(f"{mark} {claim.what:<{width}}  {figure} {bound} {claim.reach:,.4g}")

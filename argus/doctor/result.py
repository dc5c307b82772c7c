"""What a check found, and running checks so that one that breaks is a finding too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and is going to hurt."""
    FAILURE = "failure"
    SKIPPED = "skipped"
    """There is nothing to look at."""


class Result(NamedTuple):
    """One line: what was looked at, how it is, what was seen, and the fix where that is needed."""

    name: str
    state: State
    seen: str
    fix: str = ""


Check = Callable[[], Result]


def ok(name: str, seen: str) -> Result:
    """Return a good result."""
    return Result(name, State.OK, seen)


def skipped(name: str, seen: str) -> Result:
    """Return that there was nothing to look at."""
    return Result(name, State.SKIPPED, seen)


def warning(name: str, seen: str, fix: str) -> Result:
    """Return what works still."""
    return Result(name, State.WARNING, seen, fix)


def failure(name: str, seen: str, fix: str) -> Result:
    """Return what does not work."""
    return Result(name, State.FAILURE, seen, fix)


def run(checks: Iterable[tuple[str, Check]]) -> Iterator[Result]:
    """Yield the result of each check, in their order. A check that breaks tells so, and the others follow."""
    for name, check in checks:
        try:
            yield check()
        except Exception as error:  # noqa: BLE001  # a doctor that falls over helps nobody
            told = f"the check itself broke: {type(error).__name__}: {error}"
            yield failure(name, told, "this is a mistake in Argus: please report it with this line")

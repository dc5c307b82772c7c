"""How an end is told."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from argus.client.logs import LogBuffer
from argus.run import ending


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with exit status 0"),
        (3, "ended with exit status 3"),
        (-signal.SIGSEGV, "crashed by SIGSEGV (Segmentation fault)"),
        (-signal.SIGABRT, "crashed by SIGABRT (Aborted)"),
        (-signal.SIGKILL, "was ended by SIGKILL (Killed)"),
        (-signal.SIGTERM, "was ended by SIGTERM (Terminated)"),
        (-(int(signal.SIGRTMIN) + 3), "was ended by signal 37 (Real-time signal 3)"),
    ],
)
def test_an_end_has_its_words(status: int, words: str) -> None:
    assert ending.words(status) == words


@pytest.mark.parametrize(
    ("status", "levels"), [(1, ["INFO"]), (-signal.SIGTERM, ["INFO"]), (-signal.SIGBUS, ["INFO", "ERROR"])]
)
def test_only_what_nobody_asked_for_is_an_error(status: int, levels: list[str]) -> None:
    buffer = LogBuffer()
    ending.ended(buffer, "shop", status, 1.0, ["last"], out_of_memory=False)
    assert [line.level for line in buffer.take(9)] == levels


def test_memory_that_ran_out_is_known_from_the_control_group(tmp_path: Path) -> None:
    events = tmp_path / "memory.events"
    events.write_text("low 0\noom 1\noom_kill 4\n")
    memory = ending.Memory(events)
    assert not memory.wanted()
    events.write_text("low 0\noom 2\noom_kill 5\n")
    assert memory.wanted()
    buffer = LogBuffer()
    ending.ended(buffer, "shop", -signal.SIGKILL, 1.0, [], out_of_memory=True)
    assert buffer.take(9)[-1].message.endswith("SIGKILL (Killed): the machine or its group had no memory left")

"""uvloop: its loops are told to the client, for nobody else could find them."""

from __future__ import annotations

import pytest
import uvloop

from argus.instrument import Instrumentation


def test_a_loop_is_watched_from_its_making(installed: Instrumentation, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[object] = []
    monkeypatch.setattr(installed.recorder.client, "watch_loop", watched.append)
    loop = uvloop.new_event_loop()
    try:
        assert watched == [loop]
        assert loop.run_until_complete(answer()) == 1
    finally:
        loop.close()


async def answer() -> int:
    return 1

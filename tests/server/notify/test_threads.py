"""Blocking calls on threads of their own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from argus.server.notify.threads import in_thread


async def test_what_a_call_returns_or_raises_comes_back() -> None:
    assert await in_thread(lambda: threading.current_thread().name, "mail") == "mail"
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0, "mail")


async def test_a_call_that_hangs_can_be_left_and_does_not_keep_the_process_from_ending() -> None:
    release = threading.Event()
    waiting = asyncio.ensure_future(in_thread(release.wait, "hangs"))
    await asyncio.sleep(0)
    (thread,) = [one for one in threading.enumerate() if one.name == "hangs"]
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert thread.daemon
    release.set()
    await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)  # its answer comes too late, and is dropped

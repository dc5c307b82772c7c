"""Calls that may hang, on threads that nobody waits for when the server stops."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def in_thread(call: Callable[[], Answer], name: str) -> Answer:
    """Return what a blocking call returns, or raise what it raises.

    An executor's threads are joined when the process ends: a mail server that hangs would keep it from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()

    def settle(answer: Answer | None, error: Exception | None) -> None:
        if future.done():  # whoever waited was cancelled
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(answer)  # type: ignore[arg-type]  # of the call, which did not raise

    def work() -> None:
        answer, raised = None, None
        try:
            answer = call()
        except Exception as error:  # noqa: BLE001  # raised again where it is awaited
            raised = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, answer, raised)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future

"""One of the server processes of ``argus serve --workers N``; ``supervisor.py`` starts it."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from argus.errors import ArgusError
from argus.server import app, supervisor


async def _serve(orders: supervisor.Orders) -> None:
    loop, stop, orders_end = asyncio.get_running_loop(), asyncio.Event(), sys.stdin.fileno()

    def parent_is_gone() -> None:
        loop.remove_reader(orders_end)
        stop.set()

    loop.add_reader(orders_end, parent_is_gone)  # after the orders there is only the end to read

    def started(url: str, password: str | None) -> None:
        _tell(supervisor.Ready(url, password))

    await app.run(orders.settings, started, orders.password, stop, {"worker": str(orders.number)})


def _tell(line: supervisor.Ready | supervisor.Failed) -> None:
    with contextlib.suppress(BrokenPipeError):  # the parent is gone: so are we, in a moment
        sys.stdout.buffer.write(supervisor.encode(line))
        sys.stdout.buffer.flush()


def main() -> int:
    """Serve until told to stop; return the exit status."""
    line = sys.stdin.buffer.readline()
    if not line:
        return 0  # the parent ended before it could say anything
    orders = supervisor.orders_of(line)
    app.log_to_stderr(orders.settings)
    try:
        asyncio.run(_serve(orders))
    except ArgusError as error:
        _tell(supervisor.Failed(str(error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

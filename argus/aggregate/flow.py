"""Who is running: the asyncio task, or else the thread. Tells apart the users of one shared timer."""

from __future__ import annotations

import sys
import threading


def current_flow() -> object:
    """Return something that stays equal while one task, or one thread without tasks, runs."""
    asyncio = sys.modules.get("asyncio")  # asked only if the program has imported it
    if asyncio is not None:
        try:
            task: object = asyncio.current_task()
        except RuntimeError:  # no loop runs in this thread
            task = None
        if task is not None:
            return task
    return threading.get_ident()

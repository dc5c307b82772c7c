"""Exit and fork: the two moments at which every client of the process has something to do.

At exit all clients together get two seconds for their last flush. ``multiprocessing`` ends its children without
``atexit``, so there its own finalizer does the same. After a fork each client of the child starts anew; the parent's
go on undisturbed. Clients are held weakly.
"""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argus.client.client import Client

EXIT_SECONDS = 2.0
FORK_SECONDS = 2.0

_clients: weakref.WeakSet[Client] = weakref.WeakSet()
_registered = False


def watch(client: Client) -> None:
    """Take care of this client from now on."""
    global _registered  # noqa: PLW0603  # hooks are the process', and registered once
    _clients.add(client)
    if not _registered:
        _registered = True
        atexit.register(flush_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_wait_for_imports, after_in_child=_restart_in_child)
    _watch_multiprocessing()


def forget(client: Client) -> None:
    """Do nothing more for this client: it is closed."""
    _clients.discard(client)


def flush_at_exit() -> None:
    """Give every client its last flush; all together have :data:`EXIT_SECONDS`."""
    from argus.client.flusher import finish  # noqa: PLC0415  # loaded already: the clients came with it

    released = [client.release() for client in list(_clients)]
    finish([flusher for flusher in released if flusher is not None], EXIT_SECONDS)


def _wait_for_imports() -> None:
    """Let flush threads that have just started finish their imports: a child would inherit half a module."""
    for client in list(_clients):
        flusher = client.flusher()
        if flusher is not None:
            flusher.started.wait(FORK_SECONDS)


def _restart_in_child() -> None:
    for client in list(_clients):
        client.after_fork()
    _watch_multiprocessing()


def _watch_multiprocessing() -> None:
    """In a child of ``multiprocessing``, have the last flush done by its finalizers."""
    util = sys.modules.get("multiprocessing.util")
    if util is None:
        return
    process = sys.modules["multiprocessing.process"]
    if process.parent_process() is not None:
        util.Finalize(None, flush_at_exit, exitpriority=-1000)
    # A forked child clears its finalizers before it runs, then calls these.
    util.register_after_fork(_Marker.instance, lambda _: util.Finalize(None, flush_at_exit, exitpriority=-1000))


class _Marker:
    """What ``register_after_fork`` hangs its entry on: it keeps only weak references."""

    instance: _Marker


_Marker.instance = _Marker()

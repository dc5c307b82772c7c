"""Exit and fork: the two moments at which every client of the process has something to do.

At exit all clients together get two seconds for their last flush. ``multiprocessing`` ends its children without
``atexit``, so there its own finalizer does the same. After a fork each client of the child starts anew; the parent's
go on undisturbed. Clients are held weakly.

From Python 3.12 on a fork is warned about where the process has more than one thread. Ours is not the program's, so
around a fork of a program with no other thread that warning is off.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
import threading
import warnings
import weakref
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argus.client.client import Client

EXIT_SECONDS = 2.0
FORK_SECONDS = 2.0

THREAD = "argus-flush"
"""Name of the threads that are ours."""

_FORK_WARNING = ("ignore", re.compile(r"This process \(pid=\d+\) is multi-threaded"), DeprecationWarning, None, 0)

_forking: dict[int, ExitStack] = {}
"""What ends with a fork, by the thread that forks."""

_clients: weakref.WeakSet[Client] = weakref.WeakSet()
_registered = False


def greenlets() -> bool:
    """Return whether what this starts as a thread is a greenlet, in a thread of the program's."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def watch(client: Client) -> None:
    """Take care of this client from now on."""
    global _registered  # noqa: PLW0603  # hooks are the process', and registered once
    _clients.add(client)
    if not _registered:
        _registered = True
        atexit.register(flush_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_restart_in_child)
    _watch_multiprocessing()


def forget(client: Client) -> None:
    """Do nothing more for this client: it is closed."""
    _clients.discard(client)


def flush_at_exit() -> None:
    """Give every client its last flush; all together have :data:`EXIT_SECONDS`."""
    from argus.client.flusher import finish  # noqa: PLC0415  # loaded already: the clients came with it

    released = [client.release() for client in list(_clients)]
    finish([flusher for flusher in released if flusher is not None], EXIT_SECONDS)


def _before_fork() -> None:
    """Keep flush threads from importing, and wait for one that does: a child would inherit half a module."""
    until_forked = _forking[threading.get_ident()] = ExitStack()
    for client in list(_clients):
        flusher = client.flusher()
        if flusher is not None and flusher.importing.acquire(timeout=FORK_SECONDS):
            until_forked.callback(flusher.importing.release)
    if sys.version_info >= (3, 12) and all(
        thread is threading.current_thread() or thread.name == THREAD for thread in threading.enumerate()
    ):
        _filters().insert(0, _FORK_WARNING)
        until_forked.callback(_warn_again)


def _after_fork() -> None:
    _forking.pop(threading.get_ident()).close()


def _filters() -> list[Any]:
    """Return the live list. What changes it openly makes every warning that was shown once show again."""
    return warnings.filters  # type: ignore[return-value]  # a list, though typed as a sequence


def _warn_again() -> None:
    with suppress(ValueError):  # another thread has replaced the filters
        _filters().remove(_FORK_WARNING)


def _restart_in_child() -> None:
    _after_fork()
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

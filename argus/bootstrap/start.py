"""Starts monitoring in a program that does not know of it: the client, and what finds things by itself.

Each part is started for itself: one that fails is said in one line, and takes no other with it.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from types import ModuleType
from typing import Any

from argus import instrument
from argus.bootstrap import endings, mark, uncaught, warned
from argus.bootstrap.stdlib_first import StandardLibraryFirst
from argus.client import default
from argus.client.client import Client
from argus.client.logs import ArgusHandler


def start() -> str | None:
    """Start; return what failed, if anything did. The program runs on either way."""
    _be_quiet()
    sys.meta_path.insert(0, StandardLibraryFirst(sys.path))
    client = default.init()
    default.state.found = True
    if client.flusher() is None:
        return "no server: ARGUS_URL is not set; the program runs unmonitored"
    without = client.config.without
    handler = ArgusHandler(default.log_buffer(), _wake)
    parts: dict[str, Callable[[], object]] = {
        "exceptions": lambda: uncaught.watch(handler),
        "warnings": lambda: warned.watch(handler),
    }
    install = functools.partial(instrument.install, client, without)
    works = [work for part, work in parts.items() if part not in without]
    works += [endings.watch, _make_way_for_gevent, install]
    failures = [_tried(work) for work in works]
    if _takes_logs(client):
        mark.keep()
    return "; ".join(failure for failure in failures if failure is not None) or None


def _tried(work: Callable[[], object]) -> str | None:
    try:
        work()
    except Exception as error:  # noqa: BLE001  # the program must not suffer; the caller has it said
        return f"a part of monitoring could not start: {type(error).__name__}: {error}"
    return None


def _make_way_for_gevent() -> None:
    """Have no thread while gevent patches ``threading``: it does so wholly only where there is one thread."""

    def wrap(monkey: ModuleType) -> None:
        patch = monkey.patch_thread

        @functools.wraps(patch)
        def make_way_and_patch(*arguments: Any, **more: Any) -> Any:
            flusher = default.state.client.flusher() if default.state.client is not None else None
            with flusher.without_thread() if flusher is not None else nullcontext():
                return patch(*arguments, **more)

        monkey.patch_thread = make_way_and_patch  # type: ignore[attr-defined]  # given as any module

    instrument.when_imported("gevent.monkey", wrap)


def _wake() -> None:
    """Have the current client send soon: the program may have started another one since."""
    flusher = default.state.client.flusher() if default.state.client is not None else None
    if flusher is not None:
        flusher.wake()


def _takes_logs(client: Client) -> bool:
    return client.config.capture_logs and "logging" not in client.config.without


def _be_quiet() -> None:
    """Keep what the client says out of the program's own log: an error is one line on stderr.

    That the server is away, or refuses the key, is said by the parent, once for all its children.
    """
    log = logging.getLogger("argus.client")
    log.propagate = False
    log.addHandler(_OneLine(logging.ERROR))


class _OneLine(logging.Handler):
    """Writes what happened as one line, once in a run: a wrong variable is the same in all its processes."""

    def emit(self, record: logging.LogRecord) -> None:
        cause = f": {record.exc_info[1]!r}" if record.exc_info and record.exc_info[1] is not None else ""
        text = f"{record.getMessage()}{cause}"
        if _is_news(text):
            with suppress(OSError, ValueError, AttributeError):  # closed, or none: there is no place to say it
                sys.stderr.write(f"argus: {text}\n")


def _is_news(text: str) -> bool:
    """Return whether no process of this run has said that, by leaving a file of that name."""
    folder = os.environ.get("ARGUS_RUN_DIR")
    if folder is None:
        return True
    name = "".join(letter if letter.isalnum() else "-" for letter in text)[:150]
    try:
        os.close(os.open(os.path.join(folder, f"said.{name}"), os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    except OSError:  # the run is over: better twice than never
        return True
    return True

"""Metrics of the libraries that an application uses, without a change to its code.

A library is patched when, and if, the application imports it: ``http.request`` for what it answers, ``http.client`` for
what it asks others, ``db.query`` for its databases (``docs/run-libraries.md``). A file here knows one library; what a
library returns and raises, its streaming and its signatures stay as they are.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Collection, Iterable
from functools import cached_property, partial
from types import ModuleType
from typing import TYPE_CHECKING

from argus.instrument.hook import Hook
from argus.instrument.libraries import LIBRARIES, Library

if TYPE_CHECKING:
    from argus.client.client import Client
    from argus.instrument.patching import Patch
    from argus.instrument.recorder import Recorder

__all__ = ["LIBRARIES", "Instrumentation", "Library", "install", "when_imported"]


log = logging.getLogger("argus.client")
_hook = Hook()
_installed: Instrumentation | None = None


def when_imported(name: str, callback: Callable[[ModuleType], None]) -> None:
    """Call back after each import of a module, at once where it is imported already; on the importing thread.

    The callback runs before anybody else can use the module. If it raises, that is logged: the import goes on.
    """

    def careful(module: ModuleType) -> None:
        try:
            callback(module)
        except Exception:
            log.exception("what was to happen after the import of %s failed", name)

    _hook.when_imported(name, careful)


def install(client: Client, without: Collection[str] = frozenset()) -> Instrumentation:
    """Measure the libraries that the application imports, or has imported, and record into this client.

    ``without`` are parts to leave out: ``requests_in``, ``requests_out``, ``databases``, ``event_loop``. Call it before
    the application's first line; a second call changes nothing.
    """
    global _installed  # noqa: PLW0603  # the libraries are the process', and so are their patches
    if _installed is None:
        _installed = Instrumentation(client)
        _installed.watch(library for library in LIBRARIES if library.part not in without)
    return _installed


class Instrumentation:
    """The patches of this process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._watched: list[tuple[str, Callable[[ModuleType], None]]] = []
        self._patches: list[Patch] = []

    @cached_property
    def recorder(self) -> Recorder:
        """What all patches record with. Made with the first one: a program without libraries does not wait for it."""
        from argus.instrument.recorder import Recorder  # noqa: PLC0415  # see above

        return Recorder(self._client)

    def watch(self, libraries: Iterable[Library]) -> None:
        """Patch each of these when it is imported."""
        for library in libraries:
            callback = partial(self._patch, library)
            self._watched.append((library.module, callback))
            _hook.when_imported(library.module, callback)

    def remove(self) -> None:
        """Put the libraries back as they were."""
        global _installed  # noqa: PLW0603  # see above
        for name, callback in self._watched:
            _hook.forget(name, callback)
        for patch in reversed(self._patches):
            patch.remove()
        _installed = None

    def _patch(self, library: Library, module: ModuleType) -> None:
        """Patch a library that was just imported; it stays as it is where this version is not known."""
        from argus.instrument.patching import Patch, UnknownVersionError  # noqa: PLC0415  # as the recorder

        patch = Patch()
        try:
            file, _, function = library.patch.partition(":")
            plan = getattr(importlib.import_module(f"{__package__}.{file}"), function)
            plan(module, self.recorder, patch)
            patch.apply()
        except UnknownVersionError as error:
            self.recorder.unknown(library.module, str(error))
        except Exception as error:  # noqa: BLE001  # the application's import must not fail for us
            patch.remove()
            self.recorder.trouble(library.module, error)
        else:
            self.recorder.patched.add(library.module)
            self._patches.append(patch)

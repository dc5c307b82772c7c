"""The import hook: runs a callback right after the application has imported a module that is waited for.

One finder stands first on ``sys.meta_path``. For every other module its answer is a failed look into a dictionary. For
one that is waited for it lets the real finders find, and lends the spec a loader that steps aside before the module's
first line runs: what the module, its package's resources or a debugger see is the real loader.

Thread rule: the callback runs inside the module's import, so under its import lock: whoever else imports the module
waits until it is patched. A module imported again by ``importlib.reload`` has its callback called again.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Callback = Callable[[ModuleType], None]
"""Called with the executed module; must not raise, for that would fail the application's import."""


class Hook:
    """The finder. It finds nothing itself."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Callback, ...]] = {}
        self._searches = _Searches()

    def when_imported(self, name: str, callback: Callback) -> None:
        """Call back after every import of the module; at once where it is imported already."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        self._waiting[name] = (*self._waiting.get(name, ()), callback)
        if sys.modules.get(name) is not None:
            callback(importlib.import_module(name))  # waits for a thread that is in the middle of importing it

    def forget(self, name: str, callback: Callback) -> None:
        """Call back no more."""
        self._waiting[name] = tuple(other for other in self._waiting[name] if other is not callback)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the real finders' spec of a module that is waited for, with a loader that calls back."""
        callbacks = self._waiting.get(name)
        if not callbacks or name in self._searches.names:
            return None
        self._searches.names.add(name)
        try:
            spec = self._find(name, path, target)
        finally:
            self._searches.names.discard(name)
        if spec is not None and spec.origin is not None:  # a namespace package, a mere folder, has none
            _lend_loader(spec, callbacks)
        return spec

    def _find(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                return spec
        return None


class _Searches(threading.local):
    """What this thread looks for now: another finder that asks all finders, as this one does, must not come round."""

    def __init__(self) -> None:
        self.names: set[str] = set()


def _lend_loader(spec: ModuleSpec, callbacks: tuple[Callback, ...]) -> None:
    loader: Any = spec.loader
    util = sys.modules.get("importlib.util")
    if util is not None and isinstance(loader, util.LazyLoader):
        loader.loader = _Loader(loader.loader, callbacks)  # the module's code runs later, and so do the callbacks
    elif hasattr(loader, "exec_module"):
        spec.loader = _Loader(loader, callbacks)  # type: ignore[assignment]  # keeps the protocol, not the base class


class _Loader:
    """Stands for the real loader from the finding of a module to its execution."""

    def __init__(self, real: Any, callbacks: tuple[Callback, ...]) -> None:
        self._real = real
        self._callbacks = callbacks

    def __getattr__(self, name: str) -> Any:
        """Answer as the real one, for those who look up a spec and do not import."""
        return getattr(self._real, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave that to the real one."""
        module: ModuleType | None = self._real.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Step aside, have the module executed, and call back."""
        assert module.__spec__ is not None  # importlib sets it before
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        for callback in self._callbacks:
            callback(module)

"""A room of its own for Argus in a program whose environment does not have it.

There the program's ``import argus``, ``import psutil`` or ``import numpy`` must give what it would have given: its own
module, or ``ImportError``. So ours are modules of a private package, ``_argus_run.argus.client`` and so on, and nothing
is added to ``sys.path``. Their code still says ``from argus.client import …``: a module looks ``__import__`` up in its
``__builtins__``, and these modules get ones whose ``__import__`` knows the room.

What is built for one minor version of Python serves that one: in another the backend ``python`` adds up, and the
standard library's JSON encodes. psutil serves all. Loaded from its file, before Argus is.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

PACKAGE = "_argus_run"
CARRIED = frozenset({"argus", "psutil", "ujson"})

WITHHELD = frozenset({"numpy", "argus.aggregate._cffi"})
"""Backends that would bring in packages of the program's, or need some of ours that are not carried."""


def furnish(folders: Sequence[str], name: str) -> ModuleType:
    """Set up the room, with what lies in these folders, and return the module of that name in it."""
    package = ModuleType(PACKAGE)
    package.__path__ = list(folders)
    sys.modules[PACKAGE] = package
    sys.meta_path.insert(0, _Finder())  # Python's own would find them too, and load them as anyone's
    return import_module(f"{PACKAGE}.{name}")


def _bring(
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002  # named by __import__
    locals: Mapping[str, Any] | None = None,  # noqa: A002  # see above
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Import for a module of the room: what the room has from there, all else as anyone would."""
    top = name.partition(".")[0]
    if name in WITHHELD:
        raise ModuleNotFoundError(f"{name} is not carried into other environments", name=name)
    if level or top not in CARRIED:
        return _import(name, globals, locals, fromlist or (), level)
    module = _import(f"{PACKAGE}.{name}", globals, locals, fromlist or (), 0)
    return module if fromlist else getattr(module, top)


_import = builtins.__import__
_BUILTINS = {**vars(builtins), "__import__": _bring}


class _Finder:
    """Finds the room's modules in the room's folders."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(f"{PACKAGE}."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None and name == f"{PACKAGE}.ujson":
            spec = ModuleSpec(name, _Loader(name, os.path.join(os.path.dirname(__file__), "json_instead.py")))
        elif spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loads a module whose imports are the room's."""

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = _BUILTINS
        super().exec_module(module)
        if module.__name__ == f"{PACKAGE}.psutil._common":  # looks itself up among the plain names
            module.__dict__["get_procfs_path"] = lambda: sys.modules[f"{PACKAGE}.psutil"].__dict__["PROCFS_PATH"]

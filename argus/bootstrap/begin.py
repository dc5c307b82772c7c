"""The first steps in a program: whether it is monitored, and where Argus comes from.

Loaded from its file by ``on_path/sitecustomize.py``, so it imports nothing of Argus but by way of what it finds.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType

HERE = os.path.dirname(os.path.abspath(__file__))

STARTING = "ARGUS_RUN_STARTING"
"""Set while monitoring begins: a program that is started by that is left alone, or there would be no end."""


def begin() -> str | None:
    """Begin; return what has to be said, if anything. Raises whatever stands in the way."""
    if STARTING in os.environ or _in_sub_interpreter():
        return None
    program = _beside("program")
    if not program.is_monitored(program.name(sys.argv, sys.orig_argv), os.environ):
        return None
    os.environ[STARTING] = "yes"
    try:
        said: str | None = _start_module().start()
    finally:
        del os.environ[STARTING]
    return said


def _start_module() -> ModuleType:
    """Return ``start.py`` of the Argus that the program could import itself, else of ours, out of its sight."""
    own = _find("argus")
    folder = os.path.dirname(own.origin) if own is not None and own.origin is not None else None
    has_start = folder is not None and os.path.exists(os.path.join(folder, "bootstrap", "start.py"))
    if has_start and _find("psutil") and _find("ujson"):
        return import_module("argus.bootstrap.start")
    room = _beside("room")
    start: ModuleType = room.furnish(os.environ["ARGUS_RUN_PACKAGES"].split(os.pathsep), "argus.bootstrap.start")
    return start


def _find(name: str) -> ModuleSpec | None:
    """Return what an import would find, and import nothing."""
    for finder in sys.meta_path:
        spec = finder.find_spec(name, None)
        if spec is not None:
            return spec
    return None


def _beside(name: str) -> ModuleType:
    module = ModuleType(f"_argus_{name}")
    module.__file__ = os.path.join(HERE, f"{name}.py")
    SourceFileLoader(module.__name__, module.__file__).exec_module(module)
    return module


def _in_sub_interpreter() -> bool:
    """Return whether this is an interpreter beside the main one, which has a client for the process."""
    for name in ("_interpreters", "_xxsubinterpreters"):  # from Python 3.13 on; before
        with suppress(ImportError):
            interpreters = import_module(name)
            return bool(interpreters.get_current() != interpreters.get_main())
    return False

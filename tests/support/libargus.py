"""libargus as the tests need it: built once per session, and its client with the verbs of the Python one."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tools import missing

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "native/libargus"
BUILD = ROOT / "build/native" / os.environ.get("ARGUS_NATIVE_BUILD", "gcc")
"""``native/libargus/check.sh`` runs the tests over other builds, such as a sanitizer's."""
WINDOWS = sys.platform == "win32" or BUILD.name == "windows"
WRAPPER = os.environ.get("ARGUS_NATIVE_WRAPPER", "").split()
"""What programs run under, such as valgrind; ``native/libargus/cross/check.sh`` runs the Windows build under Wine."""

log = logging.getLogger("argus.client")
LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)


def need_tools() -> None:
    """Skip the test where libargus cannot be built."""
    if shutil.which("cmake") is None or (sys.platform != "win32" and shutil.which("c++") is None):
        missing("cmake or a C++ compiler is missing; on Debian: apt-get install cmake g++")


@cache
def build(target: str) -> Path:
    """Return the built target; skip the test where the tools to build it are missing."""
    need_tools()
    if not (BUILD / "CMakeCache.txt").exists():  # else whoever builds configures again where that is needed
        configure = ["cmake", "-S", str(SOURCE), "-B", str(BUILD), "-DARGUS_BENCH=OFF"]
        # Each of our own tests is held to its own includes.
        configure.append("-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON")
        found = subprocess.run(configure, capture_output=True, text=True, check=False)
        if "Could NOT find CURL" in found.stderr:
            missing("libcurl's headers are missing; on Debian: apt-get install libcurl4-openssl-dev zlib1g-dev")
        assert found.returncode == 0, found.stderr
    command = ["cmake", "--build", str(BUILD), "--parallel", "2", "--config", "Release", "--target", target]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    name = "libargus_shared.so" if target == "argus_shared" else target + (".exe" if WINDOWS else "")
    return BUILD / "tests" / name


def driver() -> list[str]:
    """Return the command that runs a scenario of the test driver."""
    return [*WRAPPER, str(build("driver"))]


class String(ctypes.Structure):
    """``argus_string``."""

    _fields_ = (("data", ctypes.c_char_p), ("size", ctypes.c_size_t))


class Tag(ctypes.Structure):
    """``argus_tag``."""

    _fields_ = (("key", String), ("value", String))


Diagnostic = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, String)


class Options(ctypes.Structure):
    """``argus_client_options``."""

    _fields_ = (
        ("size", ctypes.c_size_t),
        ("url", String),
        ("app_id", String),
        ("api_key", String),
        ("host", String),
        ("tags", ctypes.POINTER(Tag)),
        ("tag_count", ctypes.c_size_t),
        ("flush_interval", ctypes.c_double),
        ("log_level", String),
        ("system_metrics", ctypes.c_int),
        ("spool_dir", String),
        ("spool_bytes", ctypes.c_uint64),
        ("ca_file", String),
        ("diagnostic", Diagnostic),
        ("diagnostic_context", ctypes.c_void_p),
        ("flight_recorder", String),
    )


def text(value: str) -> String:
    data = value.encode()
    return String(data, len(data))


def tag_array(tags: Mapping[str, str] | None) -> Any:
    pairs = list((tags or {}).items())
    return (Tag * len(pairs))(*(Tag(text(key), text(value)) for key, value in pairs))


@cache
def library() -> ctypes.CDLL:
    if sys.platform != "linux":
        pytest.skip("the C interface is a shared library on Linux only (tests/CMakeLists.txt)")
    lib = ctypes.CDLL(str(build("argus_shared")))
    lib.argus_client_new.restype = ctypes.c_void_p
    lib.argus_client_registry.restype = ctypes.c_void_p
    lib.argus_last_error.restype = ctypes.c_char_p
    lib.argus_client_new.argtypes = [ctypes.c_void_p]
    for name in ("argus_client_free", "argus_client_registry"):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    lib.argus_flush.argtypes = [ctypes.c_void_p, ctypes.c_double]
    lib.argus_increment.argtypes = [ctypes.c_void_p, String, ctypes.c_double, ctypes.c_void_p, ctypes.c_size_t]
    lib.argus_event.argtypes = [ctypes.c_void_p, String, String, ctypes.c_void_p, ctypes.c_size_t]
    return lib


class NativeClient:
    """The C interface's client under the names of :class:`argus.Client`; what it says goes to the same log."""

    def __init__(self, url: str | None, **settings: Any) -> None:
        self._lib = library()
        self._hear = Diagnostic(lambda _, level, message: log.log(LEVELS[level], "%s", message.data.decode()))
        tags = tag_array(settings.pop("tags", None))
        options = Options(size=ctypes.sizeof(Options), url=text(url or ""), diagnostic=self._hear)
        options.tags, options.tag_count = ctypes.cast(tags, ctypes.POINTER(Tag)), len(tags)
        options.system_metrics = 1 if settings.pop("system_metrics") else 2
        settings.pop("capture_logs")
        for name, value in settings.items():
            setattr(options, name, text(value) if isinstance(value, str) else value)
        self._client = self._lib.argus_client_new(ctypes.byref(options))
        if not self._client:
            raise ValueError(self._lib.argus_last_error().decode())
        self._registry = self._lib.argus_client_registry(self._client)

    def increment(self, name: str, value: float = 1.0, tags: Mapping[str, str] | None = None) -> None:
        row = tag_array(tags)
        self._lib.argus_increment(self._registry, text(name), value, row, len(row))

    def event(self, name: str, words: str = "", tags: Mapping[str, str] | None = None) -> None:
        row = tag_array(tags)
        self._lib.argus_event(self._client, text(name), text(words), row, len(row))

    def flush(self, timeout: float = 2.0) -> bool:
        return bool(self._lib.argus_flush(self._client, timeout))

    def close(self, timeout: float = 2.0) -> None:
        if self._client:
            self.flush(min(timeout, 0.5))
            self._lib.argus_client_free(self._client)
            self._client = None

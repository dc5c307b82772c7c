"""The compiled parts of Argus; everything else about the package is in ``setup.cfg``.

Both are optional: without a C++ compiler the build says so once and the numpy backend serves.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import Extension, setup

CORE = Path("native/libargus")
BINDING = Path("native/python")
CORE_SOURCES = [
    str(CORE / "src" / name) for name in ("collect.cc", "key.cc", "registry.cc", "sketch.cc", "thread_shards.cc")
]
FLAGS = ["-std=c++17", "-O3", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-missing-field-initializers"]

native = Extension(
    "argus.aggregate._native",
    sources=[str(BINDING / name) for name in ("_native.cc", "handles.cc", "window.cc")] + CORE_SOURCES,
    include_dirs=[str(CORE / "src")],
    depends=[*map(str, sorted(CORE.glob("src/*.h"))), *map(str, sorted(BINDING.glob("*.h")))],
    extra_compile_args=FLAGS,
    language="c++",
    optional=True,
)

setup(ext_modules=[native], cffi_modules=["argus/aggregate/cffi_build.py:builder"])

"""Build script of the cffi binding: compiles libargus' C interface into ``argus.aggregate._cffi``."""

from __future__ import annotations

import re
from pathlib import Path

import cffi

ROOT = Path(__file__).resolve().parents[2]
CORE = Path("native/libargus")
SOURCES = [str(CORE / "src/c_guard.cc"), str(CORE / "src/c_registry.cc"), "native/python/core.cc"]


def declarations(header: str) -> str:
    """Return what cffi can parse of ``argus.h``: no preprocessor lines, no export marks, no ``extern "C"``."""
    body = re.sub(r"#ifdef __cplusplus.*?#endif", "", header, flags=re.DOTALL)
    body = re.sub(r"^\s*#.*$", "", body, flags=re.MULTILINE)
    return body.replace("ARGUS_API ", "")


builder = cffi.FFI()
builder.cdef(declarations((ROOT / CORE / "include/argus/argus.h").read_text()))
builder.set_source(
    "argus.aggregate._cffi",
    "#include <argus/argus.h>",
    sources=SOURCES,
    include_dirs=[str(CORE / "include"), str(CORE / "src")],
    extra_compile_args=["-std=c++17", "-O3", "-g0", "-fvisibility=hidden"],
    source_extension=".cc",
    optional=True,
)

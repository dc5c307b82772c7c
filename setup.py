"""The built parts of Argus; everything else about the package is in ``setup.cfg``.

The extension and the cffi binding are optional: without a C++ compiler the build says so once and the numpy backend
serves. On Linux there is also the library that ``argus run`` preloads into native programs, which is no module of
Python's. A package that is built from a checkout gets the dashboard too, where Node is at hand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

CORE = Path("native/libargus")
BINDING = Path("native/python")
FLAGS = ["-std=c++17", "-O3", "-g0", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-missing-field-initializers"]
PRELOAD = CORE / "preload"
PRELOAD_FLAGS = [
    "-std=c11",
    "-O2",
    "-g0",
    "-fno-builtin",
    "-D_GNU_SOURCE",
    "-U_FORTIFY_SOURCE",
    "-fno-stack-protector",
    "-fvisibility=hidden",
]
PRELOAD_LINK_FLAGS = ["-Wl,-Bsymbolic", "-Wl,-z,now", "-Wl,-z,defs"]
"""What each is for is said in ``native/libargus/preload/CMakeLists.txt``."""
MSVC_FLAGS = ["/std:c++17", "/O2", "/EHsc", "/utf-8", "/DNOMINMAX"]

native = Extension(
    "argus.aggregate._native",
    sources=[str(BINDING / f"{name}.cc") for name in ("_native", "core", "handles", "recording", "requests", "window")],
    include_dirs=[str(CORE / "src")],
    depends=[*map(str, sorted(CORE.glob("src/core/*"))), *map(str, sorted(BINDING.glob("*.h")))],
    extra_compile_args=FLAGS,
    language="c++",
    optional=True,
)

columns = Extension(
    "argus.wire._columns",
    sources=[str(BINDING / name) for name in ("columns.cc", "sketch_columns.cc")],
    depends=[str(BINDING / name) for name in ("number_text.h", "sketch_columns.h", "sketch_text.h", "views.h")],
    extra_compile_args=FLAGS,
    language="c++",
    optional=True,
)

preload = Extension(
    "argus.run.libargus_preload",
    sources=[*map(str, sorted(PRELOAD.glob("*.c")))],
    depends=[*map(str, sorted(PRELOAD.glob("*.h")))],
    extra_compile_args=PRELOAD_FLAGS,
    extra_link_args=PRELOAD_LINK_FLAGS,
    language="c",
    optional=True,
)


class BuildByAnyCompiler(build_ext):
    """Speak to each compiler in its own words; which one it is turns out when the build begins."""

    def get_ext_filename(self, fullname: str) -> str:
        """Return where an extension goes; the preloaded library belongs to no version of Python."""
        if fullname.endswith("libargus_preload"):
            return str(Path(*fullname.split(".")).with_suffix(".so"))
        return super().get_ext_filename(fullname)

    def build_extension(self, extension: Extension) -> None:
        """Build one extension."""
        if self.compiler.compiler_type == "msvc":
            extension.extra_compile_args = MSVC_FLAGS
        super().build_extension(extension)


class BuildWithDashboard(build_py):
    """Build the dashboard before the files are gathered; a checkout's ``make`` does it by itself."""

    def run(self) -> None:
        """Build what is missing, then gather the files."""
        built = Path("argus/server/static/index.html").exists()
        if not built and not self.editable_mode and Path("dashboard/package.json").exists():
            self.build_dashboard()
        super().run()

    def build_dashboard(self) -> None:
        """Run the dashboard's own build; without it ``argus serve`` answers its API and says what is missing."""
        if shutil.which("npm") is None:
            self.warn("no npm: the package is built without the dashboard")
            return
        for words in (["ci", "--no-fund", "--no-audit"], ["run", "build"]):
            if subprocess.run([sys.executable, "dashboard/npm.py", *words], check=False).returncode:
                self.warn("the dashboard could not be built: the package is built without it")
                return


setup(
    ext_modules=[native, columns, preload] if sys.platform == "linux" else [native, columns],
    cmdclass={"build_ext": BuildByAnyCompiler, "build_py": BuildWithDashboard},
    cffi_modules=["argus/aggregate/cffi_build.py:builder"],
)

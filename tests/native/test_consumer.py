"""libargus as another project uses it: installed, found, linked, and recording."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import libargus
import pytest
from tools import missing

CONSUMER = Path(__file__).parent / "consumer"
pytestmark = pytest.mark.timeout(600)
"""Seconds: a test that compiles the library waits for a processor beside everything else that is tested."""
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror")
INCLUDE = f"-I{libargus.SOURCE / 'include'}"


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    done = subprocess.run(words, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done


def cmake(source: Path, build: Path, *options: str, target: str = "all") -> Path:
    run("cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release", *options)
    run("cmake", "--build", build, "--parallel", "2", "--target", target)
    return build


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `cmake --install` has put libargus."""
    libargus.build("argus")
    folder = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", libargus.BUILD, "--prefix", folder)
    return folder


def check_both_programs(build: Path, server: Any) -> None:
    where = {"ARGUS_URL": server.url, "ARGUS_API_KEY": "k"}
    run(build / "consumer", **where)
    assert server.counter("chunks") == 2
    run(build / "consumer_c", **where)
    assert server.counter("chunks") == 4


def test_a_project_finds_the_installed_package(prefix, server, tmp_path) -> None:
    check_both_programs(cmake(CONSUMER, tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}"), server)
    _, batch = server.stored[0]
    assert "chunks{biome=alps,env=prod}" in batch["counters"]["keys"]
    assert "process.memory_rss{env=prod}" in batch["gauges"]["keys"]


def test_a_project_builds_it_as_its_own_part(server, tmp_path) -> None:
    libargus.need_tools()
    check_both_programs(cmake(CONSUMER, tmp_path, f"-DARGUS_SOURCE={libargus.SOURCE}"), server)
    assert not (tmp_path / "_deps/argus-build/tests").exists(), "a user's build is spared Argus' tests"


def test_pkg_config_says_how_to_link(prefix, server, tmp_path) -> None:
    if shutil.which("pkg-config") is None:
        missing("pkg-config is missing; on Debian: apt-get install pkg-config")
    (folder,) = prefix.glob("lib*/**/pkgconfig")
    flags = run("pkg-config", "--cflags", "--libs", "argus", PKG_CONFIG_PATH=str(folder)).stdout.split()
    run("c++", "-std=c++17", CONSUMER / "main.cc", *flags, "-o", tmp_path / "consumer")
    run("cc", CONSUMER / "main.c", *flags, "-o", tmp_path / "consumer_c")
    check_both_programs(tmp_path, server)


def test_only_headers_library_and_package_are_installed(prefix) -> None:
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert {name for name in files if name.endswith((".h", ".hpp"))} == {
        "include/argus/argus.h",
        "include/argus/argus.hpp",
        "include/argus/client.h",
    }
    assert len([name for name in files if name.endswith("libargus.a")]) == 1
    assert {Path(name).suffix for name in files} == {".h", ".hpp", ".a", ".cmake", ".pc"}


@pytest.mark.parametrize("standard", ["c++17", "c++20"])
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_a_program_compiles_without_a_warning(compiler: str, standard: str) -> None:
    if shutil.which(compiler) is None:
        missing(f"{compiler} is missing; on Debian: apt-get install {compiler.replace('clang++', 'clang')}")
    run(compiler, f"-std={standard}", *WARNINGS, INCLUDE, "-fsyntax-only", CONSUMER / "main.cc")


@pytest.mark.parametrize("header", ["argus.h", "client.h"])
def test_the_c_headers_stand_alone_in_c99(header: str, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        missing("no C compiler; on Debian: apt-get install gcc")
    program = tmp_path / "alone.c"
    program.write_text(f"#include <argus/{header}>\nint main(void) {{ return argus_abi_version() == 0; }}\n")
    run("cc", "-std=c99", *WARNINGS, INCLUDE, "-fsyntax-only", program)


def test_the_cpp_header_brings_little_beyond_string_and_vector(tmp_path: Path) -> None:
    libargus.need_tools()

    def lines(include: str) -> list[str]:
        source = tmp_path / "some.cc"
        source.write_text(include)
        return run("c++", "-std=c++17", INCLUDE, "-E", source).stdout.splitlines()

    ours = lines("#include <argus/argus.hpp>\n")
    assert len(ours) <= 1.1 * len(lines("#include <string>\n#include <vector>\n"))
    opened = {line.split('"')[1] for line in ours if line.startswith("# ") and '"' in line}
    assert not [name for name in opened if any(word in name for word in ("curl", "zlib", "json", "chrono"))]

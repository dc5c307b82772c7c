"""The library as a file: what it exports, needs and refers to; that programs of other kinds live with it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import preload
import pytest

SOURCES = preload.libargus.SOURCE / "preload"
OF_MUSL = {"gnu_get_libc_version", "__register_atfork"}
"""What musl does not have: these references may stay open."""


def tool(*command: str) -> str:
    preload.build()
    if shutil.which(command[0]) is None:
        preload.missing(f"{command[0]} is missing; on Debian: apt-get install binutils")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_it_exports_the_hooked_functions_and_nothing_else() -> None:
    (names,) = re.findall(r"#define ARGUS_EACH_HOOK\(each\)(.*?[^\\])\n", (SOURCES / "hooks.h").read_text(), re.DOTALL)
    hooked = set(re.findall(r"each\((\w+)\)", names))
    assert {"glXSwapBuffers", "eglSwapBuffers", "SDL_GL_SwapWindow", "vkQueuePresentKHR"} < hooked
    exported = {line.split()[-1] for line in tool("nm", "-D", "--defined-only", str(preload.LIBRARY)).splitlines()}
    assert exported == hooked | {"dlsym", "epoll_create", "epoll_create1", "epoll_wait", "epoll_pwait"}


def test_it_needs_the_c_library_alone_and_an_old_one_does() -> None:
    needed = re.findall(r"NEEDED.*\[(.*)\]", tool("readelf", "-d", str(preload.LIBRARY)))
    assert needed == ["libc.so.6"]
    undefined = tool("nm", "-D", "--undefined-only", str(preload.LIBRARY))
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"@GLIBC_([\d.]+)", undefined)}
    assert max(versions) <= (2, 17)
    weak = set(re.findall(r" w (\w+)", undefined))
    assert weak >= OF_MUSL


def test_it_starts_no_thread_and_opens_no_socket() -> None:
    undefined = {line.split()[-1].partition("@")[0] for line in tool("nm", "-D", str(preload.LIBRARY)).splitlines()}
    assert undefined.isdisjoint({"pthread_create", "socket", "connect", "send", "write", "fork", "signal", "sigaction"})


def test_it_lives_in_a_program_of_musl_s_and_steps_aside(run, tmp_path: Path) -> None:
    if shutil.which("musl-gcc") is None:
        preload.missing("musl-gcc is missing; on Debian: apt-get install musl-tools")
    source = tmp_path / "program.c"
    source.write_text('#include <stdio.h>\nint main(void) { puts("alive"); return 3; }\n')
    subprocess.run(["musl-gcc", "-o", tmp_path / "program", source], check=True)
    answer = run(tmp_path / "program")
    assert (answer.returncode, answer.stdout, answer.stderr) == (3, "alive\n", "")
    assert run.files() == []
    assert "not linked with glibc" in (run.inside.why_not(str(tmp_path / "program")) or "")


def test_it_lives_in_a_static_program(run, tmp_path: Path) -> None:
    source = tmp_path / "program.c"
    source.write_text("int main(void) { return 3; }\n")
    subprocess.run(["cc", "-static", "-o", tmp_path / "program", source], check=True)
    assert run(tmp_path / "program").returncode == 3
    assert "linked statically" in (run.inside.why_not(str(tmp_path / "program")) or "")


SANITIZED = """
#include <stdlib.h>
#include <sys/epoll.h>
int main(int count, char** arguments) {
  struct epoll_event event;
  epoll_wait(epoll_create1(0), &event, 1, 0);
  char* volatile block = malloc(1);
  free(block);
  return count > 1 ? *block : 3;
}
"""


@pytest.mark.parametrize(
    ("compiler", "sanitizer"), [("gcc", "address"), ("gcc", "thread"), ("clang", "address"), ("clang", "memory")]
)
def test_it_lives_under_a_sanitizer_which_goes_on_to_find_what_is_wrong(
    run, tmp_path: Path, compiler: str, sanitizer: str
) -> None:
    source = tmp_path / "program.c"
    source.write_text(SANITIZED)
    build = [compiler, f"-fsanitize={sanitizer}", "-o", str(tmp_path / "program"), str(source)]
    if shutil.which(compiler) is None or subprocess.run(build, capture_output=True, check=False).returncode:
        preload.missing(f"{compiler} has no -fsanitize={sanitizer} here")
    assert run.inside.why_not(str(tmp_path / "program")) is None
    answer = run(tmp_path / "program")
    assert (answer.returncode, answer.stdout, answer.stderr) == (3, "", "")
    if sanitizer == "address":
        assert "heap-use-after-free" in run(tmp_path / "program", "wrong").stderr

"""Programs that nobody here wrote: what Argus says of their frames and memory agrees with what they say themselves."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import preload
import pytest
import server_double
import terrain


def need(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        preload.missing(f"{program} is missing; on Debian: apt-get install {package}")
    return found


@pytest.fixture(scope="module")
def screen() -> list[str]:
    return terrain.on_a_virtual_screen()


def test_glxgears_frames_agree_with_its_own_count(run) -> None:
    need("glxgears", "mesa-utils")
    own = preload.glxgears(run.environment(), run.collect)
    assert run.taker.frames("glxgears") == pytest.approx(int(own.split()[0]), rel=0.02)


def test_glmark2_frame_rate_agrees_with_its_own(run, screen: list[str]) -> None:
    program = need("glmark2", "glmark2-x11")
    answer = run(*screen, program, "-s", "200x150", "-b", "build:duration=2:use-vbo=true")
    own = re.search(r"FPS: (\d+)", answer.stdout)
    assert own is not None, answer.stdout + answer.stderr
    assert run.collect().frames("glmark2") == pytest.approx(2 * int(own[1]), rel=0.02, abs=3)


def test_vkcube_s_frames_are_those_it_was_told_to_show(run, screen: list[str]) -> None:
    program = need("vkcube", "vulkan-tools")
    if not list(Path("/usr/share/vulkan/icd.d").glob("lvp_icd.*")):
        preload.missing("Vulkan without a card is missing; on Debian: apt-get install mesa-vulkan-drivers")
    answer = run(*screen, program, "--c", "50", "--width", "200", "--height", "200")
    assert answer.returncode == 0, answer.stderr
    assert run.collect().frames("vkcube") == 50


def test_sdl_s_own_test_program_agrees_with_its_own_frame_rate(run) -> None:
    program = Path("/usr/libexec/installed-tests/SDL2/testgeometry")
    if not program.exists():
        preload.missing("SDL's test programs are missing; on Debian: apt-get install libsdl2-tests")
    environment = run.environment(SDL_VIDEODRIVER="dummy")
    with subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while run.collect().frames("testgeometry") < 500 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()  # which SDL takes for the closing of the window
        _, said = process.communicate(timeout=30)
    own = re.search(rb"([\d.]+) frames per second", said)
    assert own is not None, said
    count, seconds, _, _ = run.collect().times("testgeometry")
    assert count / seconds == pytest.approx(float(own[1]), rel=0.2)  # its clock begins before the first frame


@pytest.mark.timeout(600)  # where it is not built yet
def test_the_terrain_s_frames_and_textures_agree_with_its_own_books(run) -> None:
    double = server_double.Server()
    command = terrain.on_a_virtual_screen(str(terrain.program_with_window()), "--seconds", "2", "--size", "320x180")
    settings = {"ARGUS_URL": double.url, "ARGUS_API_KEY": "k", "ARGUS_FLUSH_INTERVAL": "3600"}
    seen = [0.0]
    with subprocess.Popen(command, env=run.environment(**settings), stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            seen.append(run.collect().gauges.get("texture_bytes{program=terrain}", 0))
            time.sleep(0.05)
        assert process.stdout is not None
        frames = int(process.stdout.read().split()[0])
    double.close()
    assert run.collect().frames("terrain") == frames
    gauges = next(content for path, content in double.stored if path == "/api/v1/metrics")["gauges"]
    own = dict(zip(gauges["keys"], gauges["max"], strict=True))["terrain.memory.texture_bytes"]
    assert own > 10e6
    assert max(seen) == pytest.approx(own, rel=0.05), "it looks once a second"


def test_a_pygame_game_s_frames_are_counted(run) -> None:
    game = (
        "import pygame\n"
        "pygame.display.init()\n"
        "screen = pygame.display.set_mode((64, 64))\n"
        "for i in range(100):\n"
        "    screen.fill((i, i, i))\n"
        "    pygame.display.flip()\n"
        "pygame.quit()\n"
    )
    answer = run(sys.executable, "-c", game, SDL_VIDEODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
    assert (answer.returncode, answer.stderr) == (0, "")
    (program,) = {key.partition("program=")[2].rstrip("}") for key in run.collect().window.counters.keys}
    assert program.startswith("python")
    assert run.taker.frames(program) == pytest.approx(100, abs=1), "opening the window may show one"
    assert run.taker.gauges == {}, "the heap is Python's to tell"


def allocated(connection: socket.socket) -> int:
    """What redis-server says of its allocator."""
    connection.sendall(b"INFO memory\r\n")
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(65536)
    return int(re.findall(rb"allocator_allocated:(\d+)", answer)[0])


def test_redis_s_heap_agrees_with_its_own_statistics(run) -> None:
    program = need("redis-server", "redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [program, "--port", str(port), "--save", "", "--dir", str(run.folder)]
    run.inside = preload.Inside(run.folder, library=preload.LIBRARY, clock=lambda: 100 * time.monotonic())

    def own() -> int:
        return allocated(connection)

    def seen() -> float:
        return run.collect().gauges.get("heap_bytes{program=redis-server}", 0)

    with subprocess.Popen(words, env=run.environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            next(line for line in process.stdout if "Ready to accept" in line)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"".join(b"SET key%d %s\r\n" % (i, b"x" * 1000) for i in range(10_000)))
                for _ in range(10_000):
                    assert connection.recv(5, socket.MSG_WAITALL) == b"+OK\r\n"
                wait_for(lambda: own() > 10e6 and seen() == pytest.approx(own(), rel=0.02))
        finally:
            process.kill()


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)

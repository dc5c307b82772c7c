"""Programs that nobody here wrote: what Argus says of their frames and memory agrees with what they say themselves."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import preload
import pytest
import terrain


def need(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        preload.missing(f"{program} is missing; on Debian: apt-get install {package}")
    return found


@pytest.fixture(scope="module")
def screen() -> list[str]:
    return terrain.on_a_virtual_screen()


def test_glxgears_frames_agree_with_its_own_count(run, screen: list[str]) -> None:
    program = need("glxgears", "mesa-utils")
    with subprocess.Popen([*screen, program], env=run.environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        own = next(line for line in process.stdout if "frames in" in line)  # after five seconds
        taken = run.collect()
        process.send_signal(signal.SIGTERM)
    frames = int(own.split()[0])
    assert taken.frames("glxgears") == pytest.approx(frames, rel=0.02)
    count, total, _, _ = taken.times("glxgears")
    assert count / total == pytest.approx(float(re.findall(r"= ([\d.]+) FPS", own)[0]), rel=0.02)


def test_glmark2_frame_rate_agrees_with_its_own(run, screen: list[str]) -> None:
    program = need("glmark2", "glmark2-x11")
    answer = run(*screen, program, "-s", "200x150", "-b", "build:duration=2:use-vbo=true")
    own = re.search(r"FPS: (\d+)", answer.stdout)
    assert own is not None, answer.stdout + answer.stderr
    taken = run.collect()
    count, total, _, _ = taken.times("glmark2")
    assert count / total == pytest.approx(int(own[1]), rel=0.02)


def test_the_terrain_s_frames_and_textures_agree_with_its_own_books(run) -> None:
    program = terrain.program_with_window()
    command = terrain.on_a_virtual_screen(str(program), "--seconds", "2", "--size", "320x180", "--unmonitored")
    answer = run(*command)
    assert answer.returncode == 0, answer.stderr
    assert run.collect().frames("terrain") == int(answer.stdout.split()[0])


def test_a_pygame_game_s_frames_are_counted(run) -> None:
    game = (
        "import pygame\n"
        "pygame.init()\n"
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
    assert run.taker.frames(program) == 100
    assert run.taker.gauges == {}, "the heap is Python's to tell"


def test_redis_s_heap_agrees_with_its_own_statistics(run) -> None:
    program = need("redis-server", "redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [program, "--port", str(port), "--save", "", "--daemonize", "no", "--dir", str(run.folder)]
    with subprocess.Popen(words, env=run.environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "Ready to accept" in line)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"DEBUG POPULATE 20000 key 100\r\nPING\r\nINFO memory\r\n")
            reply = b""
            while b"lazyfree_pending_objects" not in reply:
                reply += connection.recv(65536)
            own = re.search(rb"allocator_allocated:(\d+)|used_memory:(\d+)", reply)
            assert own is not None
            deadline = time.monotonic() + 10
            name = next(f"heap_bytes{{program={p}}}" for p in ("redis-server", "redis-check-rdb"))
            while name not in run.collect().gauges:
                assert time.monotonic() < deadline, run.taker.gauges
                time.sleep(0.02)
        process.terminate()
    used = int(re.findall(rb"used_memory:(\d+)", reply)[0])
    assert run.taker.gauges[name] == pytest.approx(used, rel=0.05)

"""The terrain simulation as a program: what it reports, what it refuses, what it says where it cannot draw."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import server_double
import terrain

pytestmark = pytest.mark.timeout(600)  # where it is not built yet
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def program() -> Path:
    return terrain.program()


@pytest.fixture
def server() -> Iterator[Any]:
    double = server_double.Server()
    yield double
    double.close()


@pytest.fixture
def run(program: Path, server: Any) -> Run:
    """Run the program, or a command that ends in it, until it ends; its one window is sent then."""

    def start(*arguments: str, command: list[str] | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        settings = {"ARGUS_URL": server.url, "ARGUS_API_KEY": "k", "ARGUS_FLUSH_INTERVAL": "3600", **variables}
        return subprocess.run(
            [*(command or [str(program)]), *arguments],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return start


def test_its_own_tests_hold(program: Path) -> None:
    command = ["ctest", "--test-dir", str(program.parent), "--output-on-failure"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


def test_a_headless_flight_reports_its_frames_chunks_and_memory(server, run: Run) -> None:
    answer = run("--headless", "--seconds", "1.5", "--fps-cap", "50", "--budget", "1000")
    assert (answer.returncode, answer.stderr) == (0, "")
    frames = int(answer.stdout.split()[0])
    batch = next(content for path, content in server.stored if path == "/api/v1/metrics")
    gauges = dict(zip(batch["gauges"]["keys"], batch["gauges"]["last"], strict=True))
    assert frames / 1.5 / 2 < gauges["terrain.fps"] <= 51
    assert gauges["terrain.chunks.loaded"] == server.counter("terrain.chunks.generated")
    assert gauges["terrain.memory.allocated_bytes"] > 10e6, "197 chunks of some 100 kB"
    assert gauges["terrain.memory.texture_bytes"] == 0, "nothing is drawn"
    timings = dict(zip(batch["timings"]["keys"], batch["timings"]["count"], strict=True))
    assert timings["terrain.frame_time"] == frames
    assert timings["terrain.chunks.time"] == server.counter("terrain.chunks.generated")
    assert server.counter("terrain.frames_over_budget") == 0
    assert [line["message"] for line in server.lines()] == ["the flight begins"]


def test_frames_over_budget_are_all_counted_and_rarely_told(server, run: Run) -> None:
    assert run("--headless", "--frames", "30", "--budget", "0").returncode == 0
    assert server.counter("terrain.frames_over_budget") == 30
    warnings = [line for line in server.lines() if line["level"] == "WARN"]
    assert [line["message"] for line in warnings] == ["a frame took longer than its budget"]
    assert warnings[0]["logger"] == "terrain.frames"


def test_what_an_interrupted_flight_recorded_is_sent(server, program: Path) -> None:
    settings = {"ARGUS_URL": server.url, "ARGUS_API_KEY": "k", "ARGUS_FLUSH_INTERVAL": "1"}
    command = [str(program), "--headless"]
    with subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True) as process:
        server.wait_for(lambda: bool(server.counter("terrain.chunks.generated")), 60)
        process.terminate()
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    frames = int(output.split()[0])
    timings = [content["timings"] for _, content in server.stored if "timings" in content]
    counts = [dict(zip(each["keys"], each["count"], strict=True)).get("terrain.frame_time", 0) for each in timings]
    assert sum(counts) == frames


def test_unmonitored_it_sends_nothing(server, run: Run) -> None:
    answer = run("--headless", "--frames", "2", "--unmonitored")
    assert (answer.returncode, answer.stderr, server.requests) == (0, "", [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--colour"], 'there is no option "--colour"'),
        (["--seconds"], "--seconds needs a value"),
        (["--seconds", "soon"], '--seconds takes a number of seconds over 0, not "soon"'),
        (["--frames", "1.5"], '--frames takes a number of frames over 0, not "1.5"'),
        (["--seed", "-1"], '--seed takes a whole number from 0 to 1000000000, not "-1"'),
        (["--size", "640"], '--size takes a size from 16x16 to 8192x8192, such as 1280x720, not "640"'),
        (["--hour", "25"], '--hour takes an hour from 0 to 24, not "25"'),
        (["--screenshot", "a.bmp"], '--screenshot takes the name of a file that ends in .png, not "a.bmp"'),
        (["--headless", "--screenshot", "a.png"], "--screenshot needs a window"),
    ],
)
def test_a_wrong_argument_is_refused_with_its_name_and_the_remedy(
    server, run: Run, arguments: list[str], words: str
) -> None:
    answer = run(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"terrain: {words}")
    assert server.requests == []


def test_help_lists_every_option(run: Run) -> None:
    answer = run("--help")
    assert answer.returncode == 0
    for option in ("--headless", "--seconds", "--frames", "--screenshot", "--size", "--seed", "--unmonitored"):
        assert option in answer.stdout


def test_without_a_display_it_says_so_there_and_to_the_server(server, run: Run) -> None:
    terrain.program_with_window()
    answer = run(SDL_VIDEODRIVER="x11", DISPLAY=":does-not-exist")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "there is no display" in answer.stderr
    assert "run under xvfb-run, or with --headless" in answer.stderr
    (line,) = server.lines()
    assert (line["level"], line["logger"]) == ("ERROR", "terrain.rendering")
    assert line["message"] in answer.stderr


def test_a_drawn_flight_reports_its_graphics_memory_and_keeps_a_picture(server, run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "terrain.png"
    command = terrain.on_a_virtual_screen(str(terrain.program_with_window()))
    answer = run("--seconds", "2", "--size", "320x180", "--screenshot", str(picture), command=command)
    assert answer.returncode == 0, answer.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    batch = next(content for path, content in server.stored if path == "/api/v1/metrics")
    gauges = dict(zip(batch["gauges"]["keys"], batch["gauges"]["last"], strict=True))
    assert gauges["terrain.memory.texture_bytes"] > 10e6
    assert gauges["terrain.memory.buffer_bytes"] > 5e6
    assert [line for line in server.lines() if line["level"] == "ERROR"] == []

"""The terrain in a window on a virtual screen, drawn in software, and its figures in the browser."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import terrain
from playwright.sync_api import Page, expect

from examples.terrain import build

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artifacts"
PASSWORD = "peacock feathers"
Open = Callable[..., Page]


def wait_for_metric(url: str, app: str, name: str) -> None:
    """Return when the server has it: a page looks for new metrics only now and then."""
    login = base64.b64encode(b"admin:" + PASSWORD.encode()).decode()
    request = urllib.request.Request(
        f"{url}/api/v1/metrics/series?app={app}", headers={"Authorization": f"Basic {login}"}
    )
    deadline = time.monotonic() + 60
    while True:
        with urllib.request.urlopen(request, timeout=5) as answer:
            if f'"{name}"'.encode() in answer.read():
                return
        assert time.monotonic() < deadline, f"{name} did not arrive"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def _flight(server) -> Iterator[None]:
    """A flight that lasts as long as the tests; every frame of it is over its budget of a millisecond. Its pace leaves
    the processor to the browser."""
    program = terrain.program_with_window()
    command = terrain.on_a_virtual_screen(str(program), "--size", "320x180", "--budget", "1", "--fps-cap", "8")
    with subprocess.Popen(
        command, env=server.environment("terrain"), stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            wait_for_metric(server.url, "terrain", "terrain.fps")
            yield
        finally:
            build.end(process)


@pytest.mark.usefixtures("_flight")
def test_the_frames_of_a_flight_are_on_its_charts(open_page: Open, picture) -> None:
    page = open_page("/metrics?app=terrain&last=900&q=terrain")
    fps = page.get_by_role("region", name="terrain.fps", exact=True)
    expect(fps.locator("canvas")).to_be_visible()
    expect(fps.locator(".now")).to_have_text(re.compile(r"[1-9]"))
    textures = page.get_by_role("region", name="terrain.memory.texture_bytes", exact=True)
    textures.scroll_into_view_if_needed()
    expect(textures.locator(".now")).to_have_text(re.compile(r"\d MiB"))
    frame_time = page.get_by_role("region", name="terrain.frame_time", exact=True)
    frame_time.get_by_label("Aggregation of terrain.frame_time").select_option("p99")
    expect(frame_time.locator(".now")).to_have_text(re.compile(r"\d"))
    picture(page, "terrain-metrics")


@pytest.mark.usefixtures("_flight")
def test_its_slow_frames_are_in_the_log(open_page: Open) -> None:
    page = open_page("/logs?app=terrain&q=level:warn")
    lines = page.get_by_role("region", name="Log lines")
    expect(lines.get_by_text("a frame took longer than its budget").first).to_be_visible()


def test_it_is_worth_looking_at(request: pytest.FixtureRequest) -> None:
    """Keeps a picture for a person to judge; what a test can judge is that it has many colours."""
    ARTEFACTS.mkdir(exist_ok=True)
    path = ARTEFACTS / "terrain.png"
    program = terrain.program_with_window()
    flight = (str(program), "--frames", "1", "--size", "1024x576", "--hour", "7.6", "--samples", "4", "--unmonitored")
    command = terrain.on_a_virtual_screen(*flight, "--screenshot", str(path))
    answer = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert answer.returncode == 0, answer.stderr
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame  # noqa: PLC0415  # reads the environment when it is imported

    shown = pygame.image.load(path)
    assert shown.get_size() == (1024, 576)
    sampled = {tuple(shown.get_at((x, y))[:3]) for x in range(0, 1024, 8) for y in range(0, 576, 8)}
    assert len(sampled) > 2_000, "a flat or black picture has few colours"
    sky, land = shown.get_at((512, 10)), shown.get_at((512, 400))
    assert sky.b > sky.r, "a blue sky above"
    assert land.b < land.g, "over green or brown land"
    if request.config.getoption("--pictures"):
        shutil.copy(path, ROOT / "docs" / "images" / path.name)

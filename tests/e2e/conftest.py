"""A real server process, a real program that records, a real browser."""

from __future__ import annotations

import math
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from dashboard_login import log_in
from dashboard_server import ARTEFACTS, ROOT, Server, serving
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from tools import missing

from argus.aggregate import sketch
from argus.wire import encode

PATIENCE = 15_000
"""Milliseconds that a page may take: other tests run beside it, and a first window takes ten seconds."""

expect.set_options(timeout=PATIENCE)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seconds", default="4", help="how long the dashboard's speed is measured")
    parser.addoption("--pictures", action="store_true", help="renew the pictures in docs/images")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the making of pictures out, unless it is asked for."""
    return True if collection_path.name == "test_pictures.py" and not config.getoption("--pictures") else None


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def empty_server() -> Iterator[Server]:
    """A server as it is when it was started for the first time."""
    with serving() as running:
        yield running


def send_history(server: Server, key: str) -> None:
    """Send the quarter of an hour before now, as a client of another instance would have."""
    chance, now = random.Random(3), time.time() // 10 * 10
    routes = ["http.request{route=/}", "http.request{route=/cart}", "http.request{route=/pay}"]
    names = ["cpu_percent", "disk_percent", "memory_percent", "queue"]
    for seq in range(1, 90):
        at = now - 900 + 10 * seq
        wave = math.sin(seq / 9)
        values = [35 + 20 * wave + chance.uniform(-6, 6), 24.5, 3.4 + seq / 300, 9 + 6 * wave + chance.uniform(-3, 3)]
        timings: dict[str, list[object]] = {"keys": [*routes], "count": [], "sum": [], "min": [], "max": [], "bins": []}
        for slow in (1.0, 1.6, 2.4):
            found = sorted(chance.lognormvariate(-4 + 0.2 * wave, 0.5) * slow for _ in range(60))
            bins = sketch.merge([(sketch.index_of(value), 1) for value in found])
            for name, figure in (("count", 60), ("sum", sum(found)), ("min", found[0]), ("max", found[-1])):
                timings[name].append(figure)
            timings["bins"].append(encode.flat_bins(bins))
        body = {
            "instance": "history",
            "seq": seq,
            "host": socket.gethostname(),
            "start": at - 10,
            "end": at,
            "gauges": {"keys": names, "last": values, "min": values, "max": values, "sum": values, "count": [1] * 4},
            "timings": timings,
        }
        server.post("/api/v1/metrics", key, body)


@pytest.fixture(scope="session")
def run(server: Server) -> Iterator[Callable[..., None]]:
    """Start a program that reports to the server; it ends with the tests."""
    running: list[subprocess.Popen[str]] = []

    def start(app: str, *command: str) -> None:
        environment = server.environment(app)
        if app == "shop":
            time.sleep(0.6)  # the server looks for new keys twice a second
            send_history(server, environment["ARGUS_API_KEY"])
        running.append(
            subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                text=True,
            )
        )

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def programs(run: Callable[..., None]) -> None:
    """Let a shop and a snake run."""
    run("shop", str(Path(__file__).parent / "shop.py"))
    run("snake", "-m", "examples.snake", "--autopilot", "--headless", "--speed", "4", "--seed", "2")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("no chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def logged_in(browser: Browser, server: Server) -> Path:
    """Log in once; return where the session's cookie is kept."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url)
    log_in(page)
    path = server.data / "cookies.json"
    context.storage_state(path=path)
    context.close()
    return path


@pytest.fixture
def open_page(browser: Browser, server: Server, logged_in: Path) -> Iterator[Callable[..., Page]]:
    """Logged-in pages. Fails the test for console errors and failed requests, but for what it allows for."""
    problems: list[str] = []
    allowed: list[str] = []
    contexts = []

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that is left lets its questions go
            problems.append(f"{request.method} {request.url}: {request.failure}")

    def make(  # what a browser's window may be
        path: str = "/",
        *,
        theme: str = "light",
        width: int = 1440,
        height: int = 900,
        login: bool = True,
        allow: Sequence[str] = (),
        before: Callable[[Page], object] | None = None,
        at: Server = server,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]  # "light" or "dark"
            storage_state=logged_in if login else None,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        allowed.extend(allow)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", failed)
        if before is not None:
            before(page)
        page.goto(at.url + path)
        if login:
            page.get_by_role("navigation", name="Pages").wait_for()
        return page

    yield make
    for context in contexts:
        context.close()
    assert [text for text in problems if not any(part in text for part in allowed)] == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keep a screenshot as an artefact."""

    def take(page: Page, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png")

    return take

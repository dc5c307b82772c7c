"""A real server process, a real program that records, a real browser."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tools import missing

from argus.aggregate import sketch
from argus.wire import encode

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artifacts"
PASSWORD = "peacock feathers"
PICTURES = {"overview-light", "metrics-light", "logs-dark"}
"""Screenshots that the README shows."""
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
    parser.addoption("--pictures", action="store_true", help="renew the pictures in docs/images")


@dataclass
class Server:
    """A running ``argus serve``."""

    url: str
    data: Path

    def key(self, name: str) -> str:
        command = [sys.executable, "-m", "argus", "app", "create", name, "--json", "--data", str(self.data)]
        made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return str(json.loads(made.stdout)["api_key"])

    def environment(self, name: str, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "ARGUS_URL": self.url,
            "ARGUS_API_KEY": self.key(name),
            "ARGUS_APP_ID": name,
            "ARGUS_FLUSH_INTERVAL": "1",
            **more,
        }


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        process = subprocess.Popen(
            [sys.executable, "-m", "argus", "serve", "--port", str(port), "--data", str(data)],
            cwd=ROOT,
            env={**os.environ, "ARGUS_ADMIN_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "Argus is watching" in line:
                break
        url = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            assert answer.status == 200
        yield Server(url, data)
        process.terminate()
        process.communicate(timeout=15)
        assert process.returncode == 0


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
        request = urllib.request.Request(
            f"{server.url}/api/v1/metrics", json.dumps(body).encode(), {"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.loads(answer.read())["rejected"] == []


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
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("no chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Logged-in pages. Fails the test for console errors and failed requests, unless it allows them."""
    problems: list[str] = []
    contexts = []

    def make(
        path: str = "/", *, theme: str = "light", width: int = 1440, height: int = 900, login: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]  # "light" or "dark"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(server.url + path)
        if login:
            page.get_by_label("Password of the administrator").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("navigation", name="Pages").wait_for()
        return page

    yield make
    for context in contexts:
        context.close()
    # Asking who is logged in is answered with 401 before the login: the browser logs that as an error.
    assert [text for text in problems if "401" not in text] == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a screenshot as an artefact, and with --pictures renew the README's."""

    def take(page: Page, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        path = ARTEFACTS / f"{name}.png"
        page.screenshot(path=path)
        if request.config.getoption("--pictures") and name in PICTURES:
            shutil.copy(path, ROOT / "docs" / "images" / path.name)

    return take

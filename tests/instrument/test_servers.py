"""Real servers with real frameworks, nothing of theirs changed: every request is counted once, in whichever worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import server_double
import web_servers

PATHS = [*(f"/orders/{number}" for number in range(20)), *["/broken"] * 5, *["/parts"] * 5, *["/nowhere"] * 3]


class Program(NamedTuple):
    """How a server is started, on a port, and how it names the route of an order."""

    source: str
    command: Callable[[str], list[str]]
    order: str
    timed: str = "runtime.gc_pause"
    """Another timing that comes of such a server."""


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGUS_FLUSH_INTERVAL", "0.2")


def gunicorn(*options: str) -> Callable[[str], list[str]]:
    return lambda port: ["-m", "gunicorn", *options, "--bind", f"127.0.0.1:{port}", "shop:app"]


PROGRAMS = {
    "gunicorn, sync": Program(web_servers.FLASK, gunicorn("--workers", "2"), "/orders/<int:number>"),
    "gunicorn, gthread": Program(web_servers.FLASK, gunicorn("--threads", "4"), "/orders/<int:number>"),
    "gunicorn, gevent": Program(web_servers.FLASK, gunicorn("-k", "gevent"), "/orders/<int:number>"),
    "uvicorn": Program(
        web_servers.FASTAPI,
        lambda port: ["-m", "uvicorn", "shop:app", "--port", port, "--workers", "2"],
        "/orders/{number}",
        "runtime.loop_lag",  # of uvloop, which uvicorn takes where it is installed
    ),
    "aiohttp": Program(web_servers.AIOHTTP, lambda port: ["shop.py", port], "/orders/{number}", "runtime.loop_lag"),
}


def expect(server: server_double.Server, expected: dict[str, int]) -> None:
    """Wait for as many requests as there are, and compare route by route."""
    server.wait_for(lambda: sum(server.timings("http.request").values()) >= sum(expected.values()))
    assert server.timings("http.request") == expected


def counts(order: str) -> dict[str, int]:
    return {
        f"http.request{{method=GET,route={order},status=2xx}}": 20,
        "http.request{method=GET,route=/broken,status=5xx}": 5,
        "http.request{method=GET,route=/parts,status=2xx}": 5,
        "http.request{method=GET,route=(none),status=4xx}": 3,
    }


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_request_is_counted_once(name: str, server: server_double.Server, tmp_path: Path) -> None:
    program, port = PROGRAMS[name], web_servers.free_port()
    (tmp_path / "shop.py").write_text(program.source)
    with web_servers.serving(tmp_path, program.command(str(port)), port, server.url):
        statuses = web_servers.ask(port, PATHS)
        assert statuses == [200] * 20 + [500] * 5 + [200] * 5 + [404] * 3, (tmp_path / "output").read_text()
        expect(server, counts(program.order.replace("{", "\\{").replace("}", "\\}")))
        server.wait_for(lambda: bool(server.timings(program.timed)))
    assert sum(server.timings("http.request").values()) == len(PATHS)


def test_a_django_project_on_its_own_server(server: server_double.Server, tmp_path: Path) -> None:
    start = [sys.executable, "-m", "django", "startproject", "shop", "."]
    subprocess.run(start, cwd=tmp_path, check=True, timeout=60)
    (tmp_path / "shop" / "urls.py").write_text(web_servers.DJANGO_URLS)
    port = web_servers.free_port()
    command = ["manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    with web_servers.serving(tmp_path, command, port, server.url):
        assert len(web_servers.ask(port, PATHS)) == len(PATHS)
        expect(server, counts("/orders/<int:number>"))


@pytest.mark.parametrize(
    ("source", "command"),
    [
        (web_servers.PLAIN_WSGI, gunicorn()),
        (web_servers.PLAIN_ASGI, lambda port: ["-m", "uvicorn", "shop:app", "--port", port]),
    ],
    ids=["WSGI", "ASGI"],
)
def test_an_application_without_a_framework_is_counted_by_its_server(source, command, server, tmp_path) -> None:
    port = web_servers.free_port()
    (tmp_path / "shop.py").write_text(source)
    with web_servers.serving(tmp_path, command(str(port)), port, server.url):
        web_servers.ask(port, ["/parts", "/parts", "/broken", "/nowhere"])
        expect(
            server,
            {
                f"http.request{{method=GET,route=(none),status={status}}}": n
                for status, n in (("2xx", 2), ("5xx", 1), ("4xx", 1))
            },
        )

"""What being measured costs: web servers under wrk with and without, in turns; imports; statements of sqlite3.

A minute: ``apt-get install wrk; python -m pytest -o python_files='bench_*.py' -q -s benchmarks/bench_instrument.py``.
Both servers of a pair run all the time, one worker each; wrk asks one of them for a second, then the other.
"""

from __future__ import annotations

import asyncio
import gc
import re
import shutil
import sqlite3
import statistics
import subprocess
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
import server_double
import web_frameworks
import web_servers

from argus import Client
from argus.instrument import install
from argus.instrument.hook import Hook

ROUNDS = 10
SECONDS = 1
CONNECTIONS = 8
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


class Server(NamedTuple):
    """How a server is started on a port."""

    source: str
    command: Callable[[str], list[str]]


SERVERS = {
    "gunicorn + Flask": Server(
        web_servers.FLASK.replace("time.sleep(0.005)", "pass"),
        lambda port: ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "shop:app"],
    ),
    "uvicorn + FastAPI": Server(
        web_servers.FASTAPI, lambda port: ["-m", "uvicorn", "shop:app", "--port", port, "--no-access-log"]
    ),
    "aiohttp": Server(
        web_servers.AIOHTTP.replace("print=None", "print=None, access_log=None"), lambda port: ["shop.py", port]
    ),
}


class Turn(NamedTuple):
    """What wrk saw in one turn, and what the server took for it."""

    per_second: float
    p99: float
    processor: float
    """Seconds per request, of all processes of the server: tells more than the clock on a machine with other work."""


class Running(NamedTuple):
    """A server that runs."""

    port: int
    process: psutil.Process

    def processor(self) -> float:
        """Return the processor time of the server so far, in seconds."""
        times = [process.cpu_times() for process in (self.process, *self.process.children(recursive=True))]
        return sum(used.user + used.system for used in times)


def load(server: Running) -> Turn:
    """Ask a server as fast as it answers."""
    url = f"http://127.0.0.1:{server.port}/orders/7"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", url]
    before = server.processor()
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = server.processor() - before
    number, rate = re.search(r"(\d+) requests in", text), re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    if not (number and rate and p99) or "Non-2xx" in text:
        raise AssertionError(text)
    return Turn(float(rate[1]), float(p99[1]) * UNITS[p99[2]], spent / int(number[1]))


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server of Argus that takes everything."""
    server = server_double.Server()
    yield server.url
    server.close()


@pytest.mark.parametrize("name", SERVERS)
def test_a_measured_server_answers_as_fast(name: str, url: str, claim: Callable[..., None], tmp_path: Path) -> None:
    """Both servers take turns; what counts are the medians over the turns of one run."""
    if shutil.which("wrk") is None:
        pytest.skip("wrk is missing; on Debian: apt-get install wrk")
    server, pair = SERVERS[name], []
    with ExitStack() as stack:
        for what, reports_to in (("without", None), ("measured", url)):
            folder, port = tmp_path / what, web_servers.free_port()
            folder.mkdir()
            (folder / "shop.py").write_text(server.source)
            serving = web_servers.serving(folder, server.command(str(port)), port, reports_to)
            pair.append(Running(port, psutil.Process(stack.enter_context(serving).pid)))
            load(pair[-1])  # warms up
        turns = []
        for number in range(ROUNDS):
            order = (0, 1) if number % 2 else (1, 0)
            seen = {side: load(pair[side]) for side in order}
            turns.append((seen[0], seen[1]))
    for side, what in enumerate(("without", "measured")):
        rate, p99, processor = (statistics.median(turn[side][field] for turn in turns) for field in range(3))
        figures = f"{rate:,.0f} requests/s, p99 {1000 * p99:.2f} ms, {1e6 * processor:.0f} µs of processor time each"
        print(f"\n  {name}, {what}: {figures}", end="")
    rate, p99, processor = (statistics.median(b[field] / a[field] for a, b in turns) for field in range(3))
    claim(f"{name}: requests per second, measured against not", rate, 0.95, "x", at_least=True)
    claim(f"{name}: 99th percentile, measured against not", p99, 1.1, "x")
    claim(f"{name}: processor time of a request, measured against not", processor, 1.05, "x")


def in_turns(*functions: Callable[[], object], number: int = 2_000, rounds: int = 15) -> list[float]:
    """Return the median seconds of processor time of one call of each."""
    clock = time.process_time
    found = [[timeit.timeit(call, number=number, timer=clock) / number for call in functions] for _ in range(rounds)]
    return [statistics.median(times) for times in zip(*found, strict=True)]


Ask = Callable[[int], None]
"""Has so many requests answered, one after the other."""


def one_by_one(ask: Callable[[], object]) -> Ask:
    """Return what calls that so many times."""

    def repeat(times: int) -> None:
        for _ in range(times):
            ask()

    return repeat


def wsgi_requests(app: Any) -> Ask:
    """Return what has a WSGI application answer, with no server around it."""
    from werkzeug.test import EnvironBuilder  # noqa: PLC0415  # what is not measured here need not have it

    environ = EnvironBuilder("/orders/7").get_environ()

    def ask() -> None:
        body = app(dict(environ), lambda *_: None)
        for _ in body:
            pass
        if hasattr(body, "close"):
            body.close()

    return one_by_one(ask)


def flask_requests() -> Ask:
    """Return what has Flask answer."""
    import flask  # noqa: PLC0415  # see above

    app = flask.Flask("shop")
    app.add_url_rule("/orders/<int:number>", view_func=lambda number: f"order {number}")
    return wsgi_requests(app)


def django_requests() -> Ask:
    """Return what has Django answer."""
    web_frameworks.configure_django()
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415  # see above

    return wsgi_requests(get_wsgi_application())


def fastapi_requests() -> Ask:
    """Return what has FastAPI answer."""
    import fastapi  # noqa: PLC0415  # see above

    app = fastapi.FastAPI()

    @app.get("/orders/{number}")
    async def order(number: int) -> int:
        return number

    scope = {"type": "http", "method": "GET", "path": "/orders/7", "query_string": b"", "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(_message: Any) -> None:
        """Take everything."""

    def ask() -> None:
        with suppress(StopIteration):  # nothing in it waits, so it needs no loop
            app(dict(scope), receive, send).send(None)

    return one_by_one(ask)


def aiohttp_requests() -> Ask:
    """Return what has aiohttp answer: its protocol is given bytes, and a transport that takes all it writes."""
    from aiohttp import web  # noqa: PLC0415  # see above

    async def order(request: web.Request) -> web.Response:
        return web.Response(text=request.match_info["number"])

    class Nowhere(asyncio.Transport):
        answered: asyncio.Future[None]

        def is_closing(self) -> bool:
            return False

        def write(self, _data: Any) -> None:
            self.answered.set_result(None)

        def writelines(self, _parts: Any) -> None:
            self.answered.set_result(None)

        def close(self) -> None:
            """Stay."""

    async def answer(times: int) -> None:
        app = web.Application()
        app.add_routes([web.get("/orders/{number}", order)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        assert runner.server is not None
        protocol, transport = runner.server(), Nowhere()
        protocol.connection_made(transport)
        for _ in range(times):
            transport.answered = asyncio.get_running_loop().create_future()
            protocol.data_received(b"GET /orders/7 HTTP/1.1\r\nHost: shop\r\n\r\n")
            await transport.answered
        protocol.connection_lost(None)
        await runner.cleanup()

    return lambda times: asyncio.run(answer(times))


REQUESTS = {
    "Flask": flask_requests,
    "Django": django_requests,
    "FastAPI": fastapi_requests,
    "aiohttp": aiohttp_requests,
}


@pytest.mark.parametrize("library", REQUESTS)
def test_a_measured_request_costs_a_microsecond_or_two(library: str, claim: Callable[..., None]) -> None:
    """A handler that does nothing, in turns with the library as it is and measured; by processor time."""
    ask, client = REQUESTS[library](), Client(system_metrics=False, capture_logs=False)
    found: list[tuple[float, float]] = []
    for number in range(60):
        seen = {}
        for measured in (True, False) if number % 2 else (False, True):
            installed = install(client) if measured else None
            ask(20)
            gc.collect()
            began = time.process_time()
            ask(200)
            seen[measured] = 1e6 * (time.process_time() - began) / 200
            if installed is not None:
                installed.remove()
        found.append((seen[False], seen[True]))
    plain, added = statistics.median(a for a, _ in found), statistics.median(b - a for a, b in found)
    claim(f"a request of {library}, {plain:.0f} µs without a server: measuring adds", added, 2, "µs")


def test_an_import_that_nobody_waits_for_costs_nothing_more(claim: Callable[..., None]) -> None:
    """The hook's answer beside the finding of one small module of the standard library."""
    hook = Hook()
    hook.when_imported("flask", lambda _: None)
    find = hook.find_spec
    asked, found = in_turns(lambda: find("colorsys"), lambda: PathFinder.find_spec("colorsys"))
    claim("the import hook's answer, against finding a module", asked / found, 0.02, "x")


def test_a_measured_statement_costs_little_more(claim: Callable[..., None]) -> None:
    """The least statement there is, and one that does something, on both kinds of connection."""
    plain = sqlite3.connect(":memory:")
    installed = install(Client(system_metrics=False, capture_logs=False))
    try:
        measured = sqlite3.connect(":memory:")
        for db in (plain, measured):
            db.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, name TEXT)")
            db.executemany("INSERT INTO orders (name) VALUES (?)", [(f"order {n}",) for n in range(1000)])
        for what, statement in (
            ("SELECT 1", "SELECT 1"),
            ("a row by key", "SELECT * FROM orders WHERE number = 500"),
            ("a search in 1 000 rows", "SELECT count(*) FROM orders WHERE name LIKE '%77%'"),
        ):
            without, with_ = in_turns(
                lambda statement=statement: plain.execute(statement).fetchall(),  # type: ignore[misc]  # bound here
                lambda statement=statement: measured.execute(statement).fetchall(),  # type: ignore[misc]  # bound here
            )
            claim(f"sqlite3, {what}: {1e6 * without:.1f} µs, measured against not", with_ / without, 2, "x")
    finally:
        installed.remove()

"""Web servers as programs of their own, monitored as ``argus run`` has Python programs monitored."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from argus import bootstrap

ROOT = Path(__file__).resolve().parents[2]

FLASK = """
import time
import flask
app = flask.Flask(__name__)

@app.get("/orders/<int:number>")
def order(number):
    time.sleep(0.005)  # under gevent the others go on in the meantime
    return f"order {number}"

@app.get("/broken")
def broken():
    raise RuntimeError("broken")

@app.get("/parts")
def parts():
    return flask.Response(part for part in ("one", "two", "three"))
"""

FASTAPI = """
import fastapi
from fastapi.responses import StreamingResponse
app = fastapi.FastAPI()

@app.get("/orders/{number}")
async def order(number: int):
    return number

@app.get("/broken")
def broken():
    raise RuntimeError("broken")

@app.get("/parts")
async def parts():
    return StreamingResponse(iter(["one", "two", "three"]))
"""

AIOHTTP = """
import sys
from aiohttp import web

async def order(request):
    return web.Response(text=request.match_info["number"])

async def broken(request):
    raise RuntimeError("broken")

async def parts(request):
    response = web.StreamResponse()
    await response.prepare(request)
    for part in (b"one", b"two", b"three"):
        await response.write(part)
    return response

app = web.Application()
app.add_routes([web.get("/orders/{number}", order), web.get("/broken", broken), web.get("/parts", parts)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""

DJANGO_URLS = """
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

def broken(request):
    raise RuntimeError("broken")

urlpatterns = [
    path("orders/<int:number>", lambda request, number: HttpResponse(f"order {number}")),
    path("broken", broken),
    path("parts", lambda request: StreamingHttpResponse(iter(["one", "two", "three"]))),
]
"""

PLAIN_WSGI = """
def app(environ, start_response):
    status = {"/parts": "200 OK", "/nowhere": "404 Not Found"}.get(environ["PATH_INFO"], "200 OK")
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("broken")
    start_response(status, [("Content-Type", "text/plain")])
    return iter([b"one", b"two"])
"""

PLAIN_ASGI = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    if scope["path"] == "/broken":
        raise RuntimeError("broken")
    status = 404 if scope["path"] == "/nowhere" else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"one"})
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, command: Sequence[str], port: int, url: str | None) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``python command…`` in the folder until it listens, and end it with SIGTERM afterwards.

    It reports to the server of Argus at ``url``; with ``None`` it is not monitored.
    """
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder)))}
    if url is not None:
        settings = {"ARGUS_URL": url, "ARGUS_API_KEY": "k"}
        environ = bootstrap.environment({**environ, **settings}, without={"logging"})
    with (folder / "output").open("w") as output:
        process = subprocess.Popen([sys.executable, *command], cwd=folder, env=environ, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, (folder / "output").read_text()
                    assert process.poll() is None, (folder / "output").read_text()
                    time.sleep(0.02)
            yield process
        finally:
            process.terminate()
            process.wait(20)


def ask(port: int, paths: Sequence[str], at_once: int = 4) -> list[int]:
    """Ask for each path over a connection of its own, several at a time; return the statuses."""

    def one(path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, paths))

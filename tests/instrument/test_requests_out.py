"""Requests that an application sends: each exchange counted once, by host, method and class of status."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3


class Handler(BaseHTTPRequestHandler):
    """``/ok`` answers, ``/moved`` redirects there, ``/busy`` is unavailable, ``/cut`` closes without an answer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status = {"/ok": 200, "/moved": 302, "/busy": 503}.get(self.path)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Location", "/ok")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def with_requests(method: str, url: str) -> int:
    with requests.Session() as session:
        return session.request(method, url).status_code


async def with_urllib3(method: str, url: str) -> int:
    with urllib3.PoolManager(retries=urllib3.Retry(connect=0, read=0, redirect=5)) as pool:
        status: int = pool.request(method, url).status
        return status


async def with_httpx(method: str, url: str) -> int:
    with httpx.Client(follow_redirects=True) as session:
        return session.request(method, url).status_code  # noqa: ASYNC212  # the server is in a thread of its own


async def with_httpx_async(method: str, url: str) -> int:
    async with httpx.AsyncClient(follow_redirects=True) as session:
        return (await session.request(method, url)).status_code


async def with_aiohttp(method: str, url: str) -> int:
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        return answer.status


LIBRARIES = {
    "requests": with_requests,
    "urllib3": with_urllib3,
    "httpx": with_httpx,
    "httpx, async": with_httpx_async,
    "aiohttp": with_aiohttp,
}


@pytest.fixture(params=LIBRARIES)
def ask(request: pytest.FixtureRequest) -> Callable[[str, str], Any]:
    return LIBRARIES[request.param]


@pytest.mark.parametrize(("question", "status"), [("GET /ok", 200), ("POST /ok", 200), ("GET /busy", 503)])
async def test_an_answer_is_counted_once(ask, address, counted, question, status) -> None:
    method, path = question.split()
    assert await ask(method, f"http://{address}{path}") == status
    assert counted("http.client") == {f"{address} {method} {status // 100}xx": 1}


async def test_no_answer_raises_as_ever_and_is_counted(ask, address, counted) -> None:
    with pytest.raises((requests.RequestException, urllib3.exceptions.HTTPError, httpx.HTTPError, aiohttp.ClientError)):
        await ask("POST", f"http://{address}/cut")
    assert counted("http.client") == {f"{address} POST (none)": 1}


async def test_each_exchange_of_a_redirect_is_counted_but_for_aiohttp_s(ask, address, counted) -> None:
    assert await ask("GET", f"http://{address}/moved") == 200
    redirected = {f"{address} GET 2xx": 1, f"{address} GET 3xx": 1}
    assert counted("http.client") == ({f"{address} GET 2xx": 1} if ask is with_aiohttp else redirected)


def test_each_retry_of_urllib3_is_counted(address, counted) -> None:
    with urllib3.PoolManager() as pool:
        retries = urllib3.Retry(2, status_forcelist=[503], backoff_factor=0, raise_on_status=False)
        assert pool.request("GET", f"http://{address}/busy", retries=retries).status == 503
    assert counted("http.client") == {f"{address} GET 5xx": 3}


def test_a_request_through_a_proxy_is_filed_under_the_host_that_is_meant(address, counted) -> None:
    with urllib3.ProxyManager(f"http://{address}") as proxy, pytest.raises(urllib3.exceptions.HTTPError):
        proxy.request("GET", "http://api.example.org/orders", retries=False)
    assert counted("http.client") == {"api.example.org GET (none)": 1}


async def test_an_error_status_that_aiohttp_raises_keeps_its_class(address, counted) -> None:
    async with aiohttp.ClientSession(f"http://{address}", raise_for_status=True) as session:
        with pytest.raises(aiohttp.ClientResponseError):
            await session.get("/busy")
    assert counted("http.client") == {f"{address} GET 5xx": 1}


async def test_an_address_that_is_none_is_the_library_s_to_refuse(counted, caplog) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.InvalidURL):
            await session.get("nonsense")
    assert counted("http.client") == {"(none) GET (none)": 1}
    assert caplog.records == []


def test_what_answers_inside_the_process_is_not_a_request_to_a_host(counted) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as session:
        assert session.get("http://api.example.org").status_code == 200
    assert counted("http.client") == {}


def test_a_streamed_response_is_still_streamed(address) -> None:
    with requests.get(f"http://{address}/ok", stream=True) as answer:
        assert list(answer.iter_content(1)) == [b"o", b"k"]
    with httpx.stream("GET", f"http://{address}/ok") as other:
        assert not other.is_closed
        assert b"".join(other.iter_raw(1)) == b"ok"


def test_kinds_of_functions_stay_what_they_were() -> None:
    assert inspect.iscoroutinefunction(httpx.AsyncHTTPTransport.handle_async_request)
    assert not inspect.iscoroutinefunction(httpx.HTTPTransport.handle_request)
    assert inspect.iscoroutinefunction(aiohttp.ClientSession._request)


def test_what_argus_itself_sends_is_not_measured(server, counted) -> None:
    import argus  # noqa: PLC0415  # the client that sends; the tests' own does not

    sending = argus.Client(url=server.url, api_key="key", system_metrics=False, capture_logs=False)
    sending.increment("orders")
    assert sending.close(5)
    assert server.counter("orders") == 1
    assert counted("http.client") == {}

"""An ASGI response is timed to its last part, whatever else the application does then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from argus.instrument import asgi
from argus.instrument.recorder import Recorder

START = {"type": "http.response.start", "status": 200, "headers": []}
PART = {"type": "http.response.body", "body": b"1", "more_body": True}
LAST = {"type": "http.response.body", "body": b"2"}


@pytest.fixture
def call(client) -> Callable[..., Any]:
    """Call an application as a server would."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(_message: Any) -> None:
        """Take everything."""

    async def make(app: Callable[..., Any], send: Any = send, **scope: Any) -> Any:
        return await asgi.measured_app(Recorder(client), app)({"type": "http", "method": "GET", **scope}, receive, send)

    return make


async def test_a_response_ends_with_its_last_part_and_before_what_is_done_in_the_background(call, counted) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        for message in (START, PART):
            await send(message)
        assert counted("http.request") == {}
        await send(LAST)
        assert counted("http.request") == {"GET (none) 2xx": 1}

    await call(app)
    assert counted("http.request") == {}


async def test_an_exception_in_the_middle_of_a_response_counts_as_5xx(call, counted) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(START)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await call(app)
    assert counted("http.request") == {"GET (none) 5xx": 1}


async def test_a_client_that_has_gone_is_no_failure_of_the_application(call, counted) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(START)
        await send(PART)

    async def send(message: Any) -> None:
        if message is PART:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await call(app, send)
    assert counted("http.request") == {"GET (none) 2xx": 1}


async def test_a_cancelled_request_has_no_status(call, counted) -> None:
    async def app(*_: Any) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await call(app)
    assert counted("http.request") == {"GET (none) (none)": 1}


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_what_is_no_request_is_passed_on_untouched(call, counted, kind) -> None:
    seen = []

    async def app(*given: Any) -> str:
        seen.append(given)
        return "answer"

    async def send(_message: Any) -> None:
        """Take everything."""

    assert await call(app, send, type=kind) == "answer"
    ((scope, _receive, given_send),) = seen
    assert (scope, given_send) == ({"type": kind, "method": "GET"}, send)
    assert counted("http.request") == {}

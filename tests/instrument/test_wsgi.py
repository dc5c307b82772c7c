"""A WSGI response is timed to its end, whatever ends it, and reaches the server as the application made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from argus.instrument import wsgi
from argus.instrument.recorder import Recorder


@pytest.fixture
def call(client) -> Callable[..., Any]:
    """Call an application as a server would, and return what it returned."""

    def make(app: Callable[..., Any], **environ: Any) -> Any:
        return wsgi.measured_app(Recorder(client), app)({"REQUEST_METHOD": "GET", **environ}, lambda *args: args)

    return make


def streaming(parts: Any, status: str = "200 OK") -> Callable[..., Any]:
    def app(_environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response(status, [])
        return parts

    return app


def test_a_streamed_response_ends_with_its_last_part(call, counted) -> None:
    body = call(streaming(iter([b"1", b"2"])))
    parts = iter(body)
    assert [next(parts), next(parts)] == [b"1", b"2"]
    assert counted("http.request") == {}
    assert list(parts) == []
    body.close()
    assert counted("http.request") == {"GET (none) 2xx": 1}


def test_a_body_that_begins_anew_with_every_iterator_still_does(call, counted) -> None:
    body = call(streaming(Parts()))
    parts = iter(body)
    assert [next(parts), list(parts), list(body)] == [b"1", [b"2", b"3"], [b"1", b"2", b"3"]]
    assert counted("http.request") == {"GET (none) 2xx": 1}


class Parts:
    """A body as Django's response is one."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"1", b"2", b"3"])


def test_a_response_that_is_broken_off_ends_when_the_server_closes_it(call, counted) -> None:
    class Closing:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            return b"1"

        def close(self) -> None:
            self.closed += 1

    made = Closing()
    body = call(streaming(made))
    for _ in body:
        break
    assert counted("http.request") == {}
    body.close()
    assert made.closed == 1
    assert counted("http.request") == {"GET (none) 2xx": 1}


def test_an_exception_in_the_middle_of_a_response_counts_as_5xx(call, counted) -> None:
    def parts() -> Iterator[bytes]:
        yield b"1"
        raise RuntimeError("broken")

    body = call(streaming(parts()))
    fetched = iter(body)
    next(fetched)
    with pytest.raises(RuntimeError, match="broken"):
        next(fetched)
    body.close()
    assert counted("http.request") == {"GET (none) 5xx": 1}


@pytest.mark.parametrize(("error", "status"), [(RuntimeError, "5xx"), (SystemExit, "(none)")])
def test_an_exception_instead_of_a_response_is_counted(call, counted, error, status) -> None:
    def app(*_: Any) -> Any:
        raise error

    with pytest.raises(error):
        call(app)
    assert counted("http.request") == {f"GET (none) {status}": 1}


class FileWrapper:
    """A server's own way to send a file."""


@pytest.mark.parametrize("body", [[b"whole"], (b"whole",), FileWrapper()])
def test_what_servers_send_in_ways_of_their_own_stays_the_same_object(call, counted, body) -> None:
    assert call(streaming(body), **{"wsgi.file_wrapper": FileWrapper}) is body
    assert counted("http.request") == {"GET (none) 2xx": 1}


def test_a_second_start_of_the_response_decides_and_passes_on_what_went_wrong(call, counted) -> None:
    def app(_environ: Any, start_response: Any) -> list[Any]:
        first = start_response("200 OK", [])
        return [first, start_response("503 Unavailable", [], ("exc", "info", None))]

    assert call(app) == [("200 OK", []), ("503 Unavailable", [], ("exc", "info", None))]
    assert counted("http.request") == {"GET (none) 5xx": 1}


def test_an_application_called_through_another_one_is_the_same_request(call, counted, client) -> None:
    inner = wsgi.measured_app(Recorder(client), streaming(iter([b"1"])))
    assert list(call(inner)) == [b"1"]
    assert counted("http.request") == {"GET (none) 2xx": 1}


def test_an_environ_that_a_server_uses_again_is_another_request(client, counted) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET"}
    for _ in range(2):
        wsgi.measured_app(Recorder(client), streaming([b"1"]))(environ, lambda *_: None)
    assert counted("http.request") == {"GET (none) 2xx": 2}


def test_a_switch_to_another_protocol_is_no_request(call, counted) -> None:
    assert list(call(streaming(iter([]), "101 Switching Protocols"))) == []
    assert counted("http.request") == {}

"""The SDK's HTTP: answers are read as ``http.client`` reads them, and whatever else comes is an error, never a hang."""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.client.http1 import Connection, Disconnected, ProtocolError, Response

MOST = 1_000
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server_that_sends(*answers: bytes) -> Iterator[tuple[Connection, socket.socket]]:
    """A connection on whose other side these bytes are sent, and then no more; what was posted can be read there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = Connection("127.0.0.1", listener.getsockname()[1], None, 5)
        other, _ = listener.accept()
    with other:
        other.sendall(b"".join(answers))
        other.shutdown(socket.SHUT_WR)
        try:
            yield connection, other
        finally:
            connection.close()


def answer_to(*answers: bytes, most: int = MOST) -> tuple[Response, bool]:
    with server_that_sends(*answers) as (connection, _):
        return connection.post("/x", {}, b"{}", 5, most), connection.reusable


def test_a_post_is_one_request_with_its_length_and_host() -> None:
    with server_that_sends(HEAD, b"Content-Length: 0\r\n\r\n") as (connection, other):
        connection.post("/api?x=1", {"Authorization": "Bearer k"}, b"body", 5, MOST)
        head, _, body = other.recv(10_000).partition(b"\r\n\r\n")
        port = other.getsockname()[1]
    expected = ["POST /api?x=1 HTTP/1.1", f"Host: 127.0.0.1:{port}", "Authorization: Bearer k", "Content-Length: 4"]
    assert head.decode().split("\r\n") == expected
    assert body == b"body"


@pytest.mark.parametrize(
    ("answer", "body", "reusable"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\n{}", b"{}", True),
        (HEAD + b"content-length:2\r\n\r\n{}rest", b"{}", True),
        (HEAD + b"Content-Length: 2\r\nConnection: foo, Close\r\n\r\n{}", b"{}", False),
        (HEAD + b"\r\nuntil the end", b"until the end", False),
        (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
            b"a0123456789",
            True,
        ),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
            + HEAD
            + b"Content-Length: 1\r\n\r\n.",
            b".",
            True,
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (HEAD + b"Content-Length: 2000\r\n\r\n" + b"x" * 2_000, b"x" * MOST, False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2_000 + b"\r\n0\r\n\r\n", b"x" * MOST, False),
    ],
)
def test_an_answer_is_read_to_its_end(answer: bytes, body: bytes, reusable: bool) -> None:
    response, kept = answer_to(answer)
    assert (response.body, kept) == (body, reusable)


def test_names_of_headers_are_found_in_lower_case() -> None:
    response, _ = answer_to(b"HTTP/1.1 429 Too Many\r\nRETRY-After: 7\r\nContent-Length: 0\r\n\r\n")
    assert (response.status, response.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        HEAD + b"no colon\r\n\r\n",
        HEAD + b"Content-Length: 2",
        HEAD + b"Content-Length: 5\r\n\r\n{}",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1_0\r\n\r\n" + b"x" * 10,
        HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\na",
        HEAD + b"X: y\r\n" * 101 + b"\r\n",
        HEAD + b"X: " + b"y" * 70_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10,
    ],
)
def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    with pytest.raises(ProtocolError):
        answer_to(answer)


def test_a_connection_closed_before_the_first_byte_is_told_apart() -> None:
    with pytest.raises(Disconnected):
        answer_to(b"")


def test_a_silent_server_ends_in_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = Connection("127.0.0.1", listener.getsockname()[1], None, 5)
        with pytest.raises(TimeoutError):
            connection.post("/x", {}, b"{}", 0.01, MOST)
        connection.close()


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", HEAD, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"]))
def test_any_bytes_are_an_answer_or_an_error(content: bytes, beginning: bytes) -> None:
    try:
        response, _ = answer_to(beginning, content)
    except ProtocolError:
        return
    assert 200 <= response.status <= 999
    assert len(response.body) <= MOST


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5), st.integers(200, 599), st.booleans())
def test_right_answers_are_read_as_the_standard_library_does(parts: list[bytes], status: int, chunked: bool) -> None:
    body = b"".join(parts)
    head = f"HTTP/1.1 {status} Some reason\r\nRetry-After: 3\r\n".encode()
    if chunked:
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    else:
        answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    ours, _ = answer_to(answer)
    theirs = http.client.HTTPResponse(Recorded(answer))  # type: ignore[arg-type]  # all it uses of a socket
    theirs.begin()
    assert (ours.status, ours.body) == (theirs.status, theirs.read(MOST))
    assert ours.headers["retry-after"] == theirs.headers["Retry-After"]


class Recorded:
    """A socket from which an answer can be read."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._answer)

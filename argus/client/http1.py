"""One HTTP/1.1 connection: as much of RFC 9112 as posting batches and reading short answers takes.

``http.client`` would do it too, but brings ``ssl`` and the whole of ``email`` into every program that is watched:
5 MiB, and half of what the client adds (docs/decisions/0115). Here ``ssl`` comes only with an https address.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from argus.client.held import Held

if TYPE_CHECKING:
    import ssl

MAX_LINE = 65_536
MAX_HEADERS = 100
MAX_DIGITS = 15
MAX_INTERIM = 8
"""Answers of status 1xx that may come before the one that counts."""

WITHOUT_BODY = {204, 304}


class ProtocolError(Exception):
    """What came is no answer in HTTP/1.1, or more than one may be."""


class Disconnected(ProtocolError):
    """The server closed the connection before the first byte of an answer."""


class Response(NamedTuple):
    """What the server answered; names of headers are in lower case, of repeated ones the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One connection to a server, for one thread; :meth:`shutdown` is for any.

    Opening and posting raise ``OSError`` (a timeout is one) where the network fails, posting :class:`ProtocolError`
    where the answer is none. After either the connection is of no more use.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, timeout: float) -> None:
        plain = socket.create_connection((host, port), timeout)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = plain if tls is None else tls.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
        self._held = Held(self._socket.fileno()) if os.name != "nt" else None
        self._reader: BinaryIO = self._socket.makefile("rb")
        self._host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.reusable = True
        """Whether the last answer left the connection open and at its end."""

    def post(self, target: str, headers: Mapping[str, str], body: bytes, timeout: float, most: int) -> Response:
        """Send a body and return the answer; each wait may take ``timeout`` seconds, the answer's body ``most`` bytes.

        Of a longer answer the beginning is returned. Headers must be printable ASCII.
        """
        self._socket.settimeout(timeout)
        named = {"Host": self._host, **headers, "Content-Length": str(len(body))}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        self._socket.sendall("\r\n".join(lines).encode("ascii") + body)
        status, version, fields = self._final_head()
        tokens = {token.strip().lower() for token in fields.get("connection", "").split(",")}
        self.reusable = "close" not in tokens and (version != "HTTP/1.0" or "keep-alive" in tokens)
        return Response(status, fields, b"" if status in WITHOUT_BODY else self._body(fields, most))

    def is_ours(self) -> bool:
        """Return whether the connection is what it was: a program that closes all descriptors closes this one too."""
        return self._held is None or self._held.is_ours()

    def shutdown(self) -> None:
        """Make a post that waits fail now; from any thread."""
        with contextlib.suppress(OSError):  # it was closed in this moment
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, or let go of a number that stands for something else."""
        if not self.is_ours():
            self._socket.detach()
            return
        self._reader.close()
        self._socket.close()

    def _final_head(self) -> tuple[int, str, dict[str, str]]:
        for _ in range(MAX_INTERIM + 1):
            status, version = self._status()
            fields = self._fields()
            if status >= 200:  # noqa: PLR2004  # the first class of final answers
                return status, version, fields
        raise ProtocolError(f"more than {MAX_INTERIM} interim answers")

    def _status(self) -> tuple[int, str]:
        line = self._reader.readline(MAX_LINE)
        if not line:
            raise Disconnected("the server closed the connection without an answer")
        version, _, rest = line.decode("latin-1").partition(" ")
        code = rest[:3]
        if not version.startswith("HTTP/1.") or not (code.isascii() and code.isdigit()) or rest[3:4] not in {" ", "\r"}:
            raise ProtocolError(f"no answer in HTTP/1.1: {line[:80]!r}")
        return int(code), version

    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for _ in range(MAX_HEADERS + 1):
            line = self._line()
            if not line:
                return fields
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise ProtocolError(f"a header without a colon: {line[:80]!r}")
            fields[name.strip().lower()] = value.strip()
        raise ProtocolError(f"more than {MAX_HEADERS} headers")

    def _line(self) -> bytes:
        line = self._reader.readline(MAX_LINE)
        if not line.endswith(b"\n"):
            raise ProtocolError("a line that does not end" if len(line) == MAX_LINE else "the answer was cut short")
        return line.rstrip(b"\r\n")

    def _body(self, fields: Mapping[str, str], most: int) -> bytes:
        if "transfer-encoding" in fields:
            return self._chunks(most)
        length = fields.get("content-length")
        if length is None:  # it ends with the connection
            self.reusable = False
            return self._reader.read(most)
        return self._exactly(_number(length, 10), most)

    def _chunks(self, most: int) -> bytes:
        body = b""
        while True:
            size = _number(self._line().partition(b";")[0].strip().decode("latin-1"), 16)
            if size == 0:
                self._fields()  # trailers
                return body
            body += self._exactly(size, most - len(body))
            if not self.reusable:
                return body
            if self._line():
                raise ProtocolError("a chunk that does not end where it said")

    def _exactly(self, length: int, most: int) -> bytes:
        """Read ``length`` bytes; of more than ``most`` the beginning, and then the connection is not used again."""
        wanted = min(length, most)
        content = self._reader.read(wanted)
        if len(content) < wanted:
            raise ProtocolError(f"the answer was cut short after {len(content)} of {length} bytes")
        self.reusable = self.reusable and wanted == length
        return content


def _number(digits: str, base: int) -> int:
    """Return a length; of what ``int`` takes, signs, prefixes and underscores are none."""
    if not digits.isalnum() or not digits.isascii() or len(digits) > MAX_DIGITS:
        raise ProtocolError(f"a length that is no number: {digits[:80]!r}")
    try:
        return int(digits, base)
    except ValueError:
        raise ProtocolError(f"a length that is no number: {digits[:80]!r}") from None

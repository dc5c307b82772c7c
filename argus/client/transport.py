"""HTTP to the server: one kept connection, used by the flush thread alone."""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import ujson

from argus.client.http1 import Connection, Disconnected, ProtocolError

if TYPE_CHECKING:
    import ssl

GZIP_FROM = 1024
"""Bodies of fewer bytes are sent as they are."""

MAX_ANSWER = 1024 * 1024
TIMEOUT = 10.0
"""Seconds for connecting, and for each wait for the server."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


class Answer(NamedTuple):
    """What the server said."""

    status: int
    body: Mapping[str, Any]
    retry_after: float | None = None


class TransportError(Exception):
    """No answer came. The batch may or may not have been stored."""


class Transport(Protocol):
    """Delivers bodies. ``send`` raises :class:`TransportError` when no answer came within ``timeout`` seconds."""

    def send(self, path: str, body: bytes, timeout: float) -> Answer: ...

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


class HttpTransport:
    """See :class:`Transport`. Verifies TLS, compresses, keeps the connection."""

    def __init__(self, url: str, api_key: str | None, ca_file: str | None = None) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self._address = (parts.hostname or "", parts.port or (443 if secure else 80))
        self._prefix = parts.path
        self._tls = _tls(ca_file) if secure else None
        self._headers = {"Content-Type": "application/json", "User-Agent": "argus-python"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._connection: Connection | None = None
        self._interrupted = False

    def send(self, path: str, body: bytes, timeout: float = TIMEOUT) -> Answer:
        headers = dict(self._headers)
        if len(body) >= GZIP_FROM:
            body = _gzip(body)
            headers["Content-Encoding"] = "gzip"
        kept = self._connection is not None
        try:
            return self._exchange(path, body, headers, timeout)
        except (Disconnected, ConnectionResetError, BrokenPipeError) as error:
            # A kept connection may have been closed while it lay idle: that is no sign of trouble yet.
            self.close()
            if not kept or self._interrupted:
                raise TransportError(str(error)) from error
        except (OSError, ProtocolError) as error:
            self.close()
            raise TransportError(str(error) or type(error).__name__) from error
        try:
            return self._exchange(path, body, headers, timeout)
        except (OSError, ProtocolError) as error:
            self.close()
            raise TransportError(str(error) or type(error).__name__) from error

    def interrupt(self) -> None:
        """Make a send that waits for its answer fail now; from any thread. Nothing is tried again at once after it."""
        self._interrupted = True
        connection = self._connection
        if connection is not None:
            connection.shutdown()

    def close(self) -> None:
        """Close the connection; the next send opens one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, path: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        if self._connection is not None and not self._connection.is_ours():
            self.close()
        if self._connection is None:
            self._connection = Connection(*self._address, self._tls, timeout)
        response = self._connection.post(self._prefix + path, headers, body, timeout, MAX_ANSWER)
        if not self._connection.reusable:
            self.close()
        return Answer(response.status, _json_object(response.body), _retry_after(response.headers.get("retry-after")))


def _tls(ca_file: str | None) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415  # 4 MiB that only an https address is worth

    return ssl.create_default_context(cafile=ca_file)


def _gzip(body: bytes) -> bytes:
    """Compress at the fastest level, in the gzip format (RFC 1952)."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return deflate.compress(body) + deflate.flush()


def _json_object(content: bytes) -> Mapping[str, Any]:
    try:
        body = ujson.loads(content)
    except ValueError:  # a proxy's page, say: the status speaks for itself
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header; its date form is treated as if it were missing."""
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), 3600.0)


class Backoff:
    """When to try again: exponential, with full jitter, and never before the server's own ``Retry-After``."""

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    def ready(self) -> bool:
        """Return whether the pause is over."""
        return time.monotonic() >= self._not_before

    def failed(self, retry_after: float | None = None) -> None:
        """Begin a pause, longer each time."""
        pause = random.uniform(0.5, 1.0) * self._pause  # noqa: S311  # spreads retries, keeps no secret
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._not_before = time.monotonic() + max(pause, retry_after or 0.0)

    def succeeded(self) -> None:
        """Forget past failures."""
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

"""Requests to an engine over kept connections; whatever goes wrong becomes ``StoreUnavailable`` without secrets."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

import urllib3

from argus.errors import StoreUnavailable
from argus.server.stores.remote.address import Address

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
WRITE_SECONDS = 10.0
"""A body of lines is small. One that a silent engine has not answered is sent again, and overwrites itself."""

CONNECTIONS = 16
GZIP_FROM = 1_400
"""Bytes of a body that fill a packet; smaller ones gain nothing."""

PIECE = 1 << 18
"""Bytes of a long answer that are handed on at once."""

_QUOTED = 300
_UNAUTHORIZED = (401, 403)
_ERRORS = 400

Params = Sequence[tuple[str, str]]


class Refused(StoreUnavailable):
    """The engine answered, and the answer is no."""

    def __init__(self, message: str, status: int, text: str) -> None:
        super().__init__(message)
        self.status = status
        self.text = text


def refusal(engine: str, address: Address, status: int, text: str) -> Refused:
    """Return what an answer of 400 or more means."""
    told = text.strip()[:_QUOTED]
    if status in _UNAUTHORIZED:
        return Refused(f"{engine} at {address.place} refuses the user, password or token ({status})", status, told)
    return Refused(f"{engine} at {address.place} answers {status}: {told}", status, told)


@contextlib.contextmanager
def unreachable(engine: str, address: Address) -> Iterator[None]:
    """Turn an error of the connection into ``StoreUnavailable``."""
    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        cause = getattr(error, "reason", None) or error
        raise StoreUnavailable(f"{engine} at {address.place} does not answer: {type(cause).__name__}") from error


class Http:
    """One engine's address and the connections to it; for any number of threads."""

    def __init__(self, engine: str, address: Address, authorization: str | None = None) -> None:
        self._engine = engine
        self._address = address
        self._headers = {"Authorization": authorization} if authorization else {}
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
            retries=False,
        )

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        """Return an answer, whatever its status."""
        with unreachable(self._engine, self._address):
            return self._pool.request("GET", self._address.root + path, headers=self._headers)

    def post(self, path: str, body: bytes, params: Params = (), headers: Mapping[str, str] | None = None) -> bytes:
        """Send a body and return the answer's; compressed where the network is slower than that."""
        if len(body) >= GZIP_FROM and not self._address.is_loopback:
            body, headers = gzip.compress(body, 1), {**(headers or {}), "Content-Encoding": "gzip"}
        return self._post(path + (f"?{urlencode(params)}" if params else ""), body, headers or {}, WRITE_SECONDS)

    def ask(self, path: str, params: Params) -> bytes:
        """Send a question as a form, because a long one does not fit an address. Engines take no compressed forms."""
        return self._post(path, urlencode(params).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def stream(self, path: str, params: Params) -> Iterator[bytes]:
        """Ask as :meth:`ask` does, and yield a long answer in pieces as it comes."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        with unreachable(self._engine, self._address):
            answer = self._pool.request(
                "POST",
                self._address.root + path,
                body=urlencode(params).encode(),
                headers={**self._headers, **form},
                preload_content=False,
            )
            try:
                self._check(answer)
                yield from answer.stream(PIECE)
            finally:
                answer.close()  # where the answer was not read to its end, the connection is of no use any more

    def send(self, path: str, pieces: Iterable[bytes]) -> None:
        """Send a long body in pieces."""
        with unreachable(self._engine, self._address):
            answer = self._pool.request(
                "POST", self._address.root + path, body=pieces, headers=self._headers, chunked=True
            )
        self._check(answer)

    def _check(self, answer: urllib3.BaseHTTPResponse) -> None:
        if answer.status >= _ERRORS:
            raise refusal(self._engine, self._address, answer.status, answer.data.decode("utf-8", "replace"))

    def _post(self, path: str, body: bytes, headers: Mapping[str, str], seconds: float = ANSWER_SECONDS) -> bytes:
        with unreachable(self._engine, self._address):
            answer = self._pool.request(
                "POST",
                self._address.root + path,
                body=body,
                headers={**self._headers, **headers},
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            )
        self._check(answer)
        return answer.data

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

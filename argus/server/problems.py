"""Refused requests: one shape for every error of the API, and one log line a minute for each kind."""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

log = logging.getLogger("argus.server.http")

LOG_SECONDS = 60.0
MOST_KINDS = 1_000

Code = Literal[
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "request_timeout",
    "conflict",
    "too_large",
    "unsupported_media_type",
    "too_many_requests",
    "internal",
    "unavailable",
]
STATUS: dict[Code, int] = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "conflict": 409,
    "too_large": 413,
    "unsupported_media_type": 415,
    "too_many_requests": 429,
    "internal": 500,
    "unavailable": 503,
}
CODES = {status: code for code, status in STATUS.items()}


class ProblemDetail(msgspec.Struct):
    """What is wrong with a request."""

    code: Annotated[Code, Meta(description="One word for the kind of error.")]
    message: Annotated[str, Meta(description="What is wrong, and where there is one the remedy.")]
    where: Annotated[str, Meta(description="The parameter, header or place in the body; empty for none.")]


class ApiProblem(msgspec.Struct):
    """The answer to every refused request."""

    error: Annotated[ProblemDetail, Meta(description="What is wrong.")]


class Problem(Exception):
    """A request that is answered with an error, :class:`ApiProblem`."""

    def __init__(self, code: Code, message: str, where: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.retry_after = retry_after

    def body(self) -> ApiProblem:
        """Return the error as the API shows it."""
        return ApiProblem(ProblemDetail(self.code, self.message, self.where))

    def response(self) -> web.Response:
        """Return the answer."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
        if self.code == "unauthorized":
            # Not "Basic": a browser would show its own dialog in front of the login page.
            headers["WWW-Authenticate"] = 'Bearer realm="argus"'
        return web.Response(
            body=msgspec.json.encode(self.body()),
            status=STATUS[self.code],
            content_type="application/json",
            headers=headers,
        )


class ProblemLog:
    """Logs refused requests, once a minute per code and application, with the number left out.

    Much of it is what somebody sent: a line break in it does not begin another line of the log.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.counts: Counter[str] = Counter()
        """Refused requests since the start, by code."""
        self._clock = clock
        self._kinds: dict[tuple[str, str], tuple[float, int]] = {}

    def note(self, problem: Problem, app: str, path: str) -> None:
        """Log the problem, or count it where one like it was logged within the last minute."""
        self.counts[problem.code] += 1
        now = self._clock()
        kind = (problem.code, app)
        last, hidden = self._kinds.get(kind, (float("-inf"), 0))
        if now - last < LOG_SECONDS:
            self._kinds[kind] = (last, hidden + 1)
            return
        if len(self._kinds) >= MOST_KINDS:
            self._kinds.clear()
        self._kinds[kind] = (now, 0)
        more = f" ({hidden} more like it since)" if hidden else ""
        said = f"{path} refused for {app or 'nobody'}: {problem.message} {problem.where}{more}"
        log.warning("%s", "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in said))

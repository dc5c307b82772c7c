"""Asking an HTTP server one question: its answer, or in a few words why there is none."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import ssl
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

SECONDS = 5.0


class Answer(NamedTuple):
    """What came back. ``offset`` is how far the other clock is ahead, in seconds; ``None`` where it does not tell."""

    status: int
    body: bytes
    offset: float | None


class NoAnswer(Exception):
    """Says why."""


def ask(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Return what a URL answers, to a POST where there is a body. Raises :class:`NoAnswer`."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    connection = http.client.HTTPConnection(host, parts.port, timeout=seconds)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=seconds, context=tls or ssl.create_default_context()
        )
    with contextlib.closing(connection):
        try:
            connection.request("POST" if body is not None else "GET", path, body, dict(headers or {}))
            began = time.time()
            answer = connection.getresponse()
            there, here = answer.headers.get("Date"), (began + time.time()) / 2
            return Answer(answer.status, answer.read(1024 * 1024), offset(there, here))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(reason(error)) from error


def offset(date: str | None, here: float) -> float | None:
    """Return how far a ``Date`` header is ahead of our clock. It has no fractions, so it lies half a second back."""
    try:
        return email.utils.parsedate_to_datetime(date or "").timestamp() + 0.5 - here
    except ValueError:
        return None


def reason(error: Exception) -> str:
    """Return what is wrong with a connection, as a person would say it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

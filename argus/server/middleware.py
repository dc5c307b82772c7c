"""What every request passes: errors in one shape, security headers, and the server's own measurements."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

import argus
from argus.errors import StoreError
from argus.server import keys
from argus.server.problems import CODES, Problem

log = logging.getLogger("argus.server.http")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Another site's page neither holds a window of ours nor loads what we answer, into memory that it might read.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"


def is_https(request: web.Request) -> bool:
    """Return whether browsers ask over TLS: here, or at a proxy."""
    return request.secure or request.app[keys.SETTINGS].public_url.startswith("https://")


@web.middleware
async def listen(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note that the connection speaks."""
    request.app[keys.SLOW_CLIENTS].heard(request.protocol)
    return await handler(request)


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Add the security headers to every answer."""
    response = await handler(request)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_https(request):
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer everything that goes wrong in the API's one error shape."""
    allow = None
    try:
        return await handler(request)
    except Problem as problem:
        found = problem
    except StoreError as error:
        found = Problem("unavailable", str(error), retry_after=5)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        code = CODES.get(error.status, "bad_request")
        found = Problem(code, f"{request.method} {request.path}: {error.reason}")
        allow = error.headers.get("Allow")
    except ConnectionError:
        raise  # the client is gone: there is nobody to answer
    except Exception:
        log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        found = Problem("internal", "something went wrong here; the server's log says what")
    request.app[keys.PROBLEM_LOG].note(found, request.remote or "", request.path)
    response = found.response()
    if allow is not None:
        response.headers["Allow"] = allow
    return response


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Time every request by its route and status class, through the public API as any program would."""
    began = time.perf_counter()
    response = await handler(request)
    if request.path != "/ws/dashboard":
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        tags = {"route": route, "status": f"{response.status // 100}xx"}
        argus.timing("http.request", time.perf_counter() - began, tags)
    return response

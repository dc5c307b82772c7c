"""Django: requests by the route that the URL resolver found, ``/orders/<int:number>/``; under WSGI and ASGI."""

from __future__ import annotations

import re
from functools import partial
from types import ModuleType
from typing import Any

from argus.instrument import asgi, wsgi
from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder
from argus.instrument.request import MARK

_ANCHORS = re.compile(r"(?<![\[\\])\^|\$$|\\Z$")


def patch_wsgi(handlers: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the WSGI handler."""

    def make_call(original: Any) -> Any:
        def call(self: Any, environ: Any, start_response: Any) -> Any:
            return wsgi.answer(recorder, partial(original, self), environ, start_response)

        return call

    patch.wrap(handlers.WSGIHandler, "__call__", make_call, "self", "environ", "start_response")


def patch_asgi(handlers: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the ASGI handler."""

    def make_call(original: Any) -> Any:
        async def call(self: Any, scope: Any, receive: Any, send: Any) -> Any:
            return await asgi.answer(recorder, partial(original, self), scope, receive, send)

        return call

    patch.wrap(handlers.ASGIHandler, "__call__", make_call, "self", "scope", "receive", "send")


def patch_resolver(handlers: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Name the route when it is resolved."""

    def make_resolve(original: Any) -> Any:
        def resolve(self: Any, request: Any) -> Any:
            match = original(self, request)
            recorder.attempt("django", _name_route, request)
            return match

        return resolve

    patch.wrap(handlers.BaseHandler, "resolve_request", make_resolve, "self", "request")


def _name_route(request: Any) -> None:
    carrier = request.environ if hasattr(request, "environ") else request.scope
    measured = carrier.get(MARK)
    if measured is not None:
        measured.matched(template(request.resolver_match.route))


def template(route: str) -> str:
    """Return a route as a path: ``orders/<int:number>/``; ``api/^orders/(?P<number>[^/]+)/$`` without its anchors."""
    return f"/{_ANCHORS.sub('', route)}"

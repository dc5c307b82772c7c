"""Flask: requests by the rule of the URL map, ``/orders/<int:number>``; blueprints' prefixes are part of it."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

from argus.instrument import wsgi
from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder
from argus.instrument.request import MARK


def patch(flask: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the application's call, outside its middleware; name the route when it is dispatched."""

    def make_call(original: Any) -> Any:
        def call(self: Any, environ: Any, start_response: Any) -> Any:
            return wsgi.answer(recorder, partial(original, self), environ, start_response)

        return call

    def make_dispatch(original: Any) -> Any:
        def dispatch(self: Any, *args: Any, **kwargs: Any) -> Any:
            recorder.attempt("flask", _name_route, flask.request)
            return original(self, *args, **kwargs)

        return dispatch

    patch.wrap(flask.Flask, "__call__", make_call, "self", "environ", "start_response")
    patch.wrap(flask.Flask, "full_dispatch_request", make_dispatch, "self")


def _name_route(proxy: Any) -> None:
    request = proxy._get_current_object()  # noqa: SLF001  # documented, and each access through the proxy is a search
    measured = request.environ.get(MARK)
    rule = request.url_rule
    if measured is not None and rule is not None:
        measured.matched(rule.rule)

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

    def make_dispatch(original: Any) -> Any:
        current_request = flask.request._get_current_object  # noqa: SLF001  # documented; the proxy is a search per access

        def dispatch(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                _name_route(current_request())
            except Exception as error:  # noqa: BLE001  # what is wrong here is not the application's
                recorder.trouble("flask", error)
            return original(self, *args, **kwargs)

        return dispatch

    patch.wrap(flask.Flask, "__call__", partial(wsgi.measured_call, recorder), "self", "environ", "start_response")
    patch.wrap(flask.Flask, "full_dispatch_request", make_dispatch, "self")


def _name_route(request: Any) -> None:
    measured = request.environ.get(MARK)
    rule = request.url_rule
    if measured is not None and rule is not None:
        measured.matched(rule.rule)

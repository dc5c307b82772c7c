"""Starlette, and FastAPI on it: requests by the path of the route, ``/orders/{number}``, with those of its mounts."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

from argus.instrument import asgi
from argus.instrument.patching import Patch, UnknownVersionError
from argus.instrument.recorder import Recorder
from argus.instrument.request import MARK, Request


def patch_application(applications: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the application's call, outside its middleware."""
    measured = partial(asgi.measured_call, recorder)
    patch.wrap(applications.Starlette, "__call__", measured, "self", "scope", "receive", "send")


def patch_routing(routing: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Name the route when it handles the request; a mount names what is in it as far as nobody knows better."""

    def make_handle(name: Any) -> Any:
        def make(original: Any) -> Any:
            async def handle(self: Any, scope: Any, receive: Any, send: Any) -> Any:
                if (measured := scope.get(MARK)) is not None:
                    try:
                        name(self, measured)
                    except Exception as error:  # noqa: BLE001  # what is wrong here is not the application's
                        recorder.trouble("starlette", error)
                return await original(self, scope, receive, send)

            return handle

        return make

    parameters = ("self", "scope", "receive", "send")
    patch.wrap(routing.Route, "handle", make_handle(_name_route), *parameters)
    patch.wrap(routing.Mount, "handle", make_handle(_name_mount), *parameters)


def patch_fastapi(routing: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Name the routes of included routers, which newer versions handle without Starlette's knowledge.

    Older ones copied them into the application, so that Starlette's routing named them too.
    """

    def make_selected(original: Any) -> Any:
        def selected(*, scope: Any, path: Any, mount: bool = False, **more: Any) -> Any:
            if path is not None and not mount and (measured := scope.get(MARK)) is not None:  # Starlette tells mounts
                recorder.attempt("fastapi", measured.matched, path)
            return original(scope=scope, path=path, mount=mount, **more)

        return selected

    if hasattr(routing, "_route_selected"):
        patch.wrap(routing, "_route_selected", make_selected, "scope", "path", "mount")
    elif "handle" in vars(routing.APIRoute):
        raise UnknownVersionError(
            "fastapi.routing has no function _route_selected, and APIRoute handles requests itself"
        )


def _name_route(route: Any, measured: Request) -> None:
    measured.matched(route.path_format)


def _name_mount(mount: Any, measured: Request) -> None:
    measured.mounted(mount.path_format.removesuffix("/{path}"))

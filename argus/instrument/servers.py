"""gunicorn and uvicorn: requests of an application whose framework is not known here, or that has none.

The server's call of the application is the outermost place, so a framework that is known finds the request measured and
only names its route.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from argus.instrument import asgi, wsgi
from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder

WSGI_WORKERS = frozenset({"gunicorn.workers.sync", "gunicorn.workers.gthread", "gunicorn.workers.base_async"})
"""Other workers call an application of another kind: uvicorn's, aiohttp's, gunicorn's own for ASGI."""


def patch_gunicorn(base: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the worker's call of a WSGI application."""

    def make_load(original: Any) -> Any:
        def load_wsgi(self: Any) -> Any:
            result = original(self)
            if any(kind.__module__ in WSGI_WORKERS for kind in type(self).__mro__):
                self.wsgi = wsgi.measured_app(recorder, self.wsgi)
            return result

        return load_wsgi

    patch.wrap(base.Worker, "load_wsgi", make_load, "self")


def patch_uvicorn(config: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the server's call of an ASGI application; one of WSGI is run in other threads, as if alone."""

    def make_load(original: Any) -> Any:
        def load(self: Any) -> Any:
            result = original(self)
            if self.interface != "wsgi":
                self.loaded_app = asgi.measured_app(recorder, self.loaded_app)
            return result

        return load

    patch.wrap(config.Config, "load", make_load, "self")

"""Which libraries are patched, when which of their modules is imported, and by what."""

# No "from __future__ import annotations": typing compiles the text, and the first compile() of a program takes 1 ms.
from typing import NamedTuple


class Library(NamedTuple):
    """A module that is patched, and by what."""

    part: str
    """The name by which users switch it off, with others of its kind."""
    module: str
    patch: str
    """File in this folder, and its function."""


LIBRARIES = (
    Library("requests_in", "flask", "flask:patch"),
    Library("requests_in", "django.core.handlers.wsgi", "django:patch_wsgi"),
    Library("requests_in", "django.core.handlers.asgi", "django:patch_asgi"),
    Library("requests_in", "django.core.handlers.base", "django:patch_resolver"),
    Library("requests_in", "starlette.applications", "starlette:patch_application"),
    Library("requests_in", "starlette.routing", "starlette:patch_routing"),
    Library("requests_in", "fastapi.routing", "starlette:patch_fastapi"),
    Library("requests_in", "aiohttp.web_protocol", "aiohttp_server:patch"),
    Library("requests_in", "gunicorn.workers.base", "servers:patch_gunicorn"),
    Library("requests_in", "uvicorn.config", "servers:patch_uvicorn"),
    Library("requests_out", "urllib3.connectionpool", "urllib3:patch"),
    Library("requests_out", "httpx", "httpx:patch"),
    Library("requests_out", "aiohttp.client", "aiohttp_client:patch"),
    Library("databases", "sqlite3", "sqlite:patch"),
    Library("databases", "psycopg", "psycopg:patch"),
    Library("databases", "sqlalchemy", "sqlalchemy:patch"),
    Library("event_loop", "uvloop", "uvloop:patch"),
)

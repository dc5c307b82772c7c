"""The built dashboard: static files, and the page itself for every address that it handles in the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from argus.server import keys
from argus.server.problems import Problem

STATIC = Path(__file__).resolve().parents[1] / "static"
PAGES = ("/", "/metrics", "/logs", "/alerts", "/applications", "/settings", "/login")
A_YEAR = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Argus</title>
<h1>Argus is running</h1>
<p>The dashboard has not been built into this installation. In a checkout, <code>make run</code> builds it.
The HTTP API works: <a href="/api/docs">it describes itself</a>.</p></html>
"""

routes = web.RouteTableDef()


async def page(request: web.Request) -> web.StreamResponse:
    """Serve the one page; the browser does the rest. Its base address follows the public URL's path."""
    index = STATIC / "index.html"
    if not index.is_file():
        return web.Response(text=NOT_BUILT, content_type="text/html", status=503)
    html = index.read_text(encoding="utf-8").replace('<base href="/"', f'<base href="{_prefix(request)}/"')
    return web.Response(text=html, content_type="text/html", headers={"Cache-Control": "no-cache"})


async def asset(request: web.Request) -> web.StreamResponse:
    """Serve a file of the build; those under ``assets/`` carry their hash in the name and never change."""
    name = request.match_info["name"]
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        raise Problem("not_found", f"there is nothing at /{name}")
    lasting = name.startswith("assets/")
    return web.FileResponse(path, headers={"Cache-Control": A_YEAR if lasting else "no-cache"})


@web.middleware
async def lost(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Show a person with a wrong address the page, which says so; a program is told in the API's one shape."""
    response = await handler(request)
    person = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if response.status != web.HTTPNotFound.status_code or not person or request.path.startswith("/api/"):
        return response
    shown = await page(request)
    shown.set_status(response.status)
    return shown


def _prefix(request: web.Request) -> str:
    public = request.app[keys.SETTINGS].public_url
    _, _, rest = public.partition("://")
    _, slash, path = rest.partition("/")
    return f"/{path.strip('/')}" if slash and path.strip("/") else ""


def add_to(app: web.Application) -> None:
    """Add the pages and files; last, so that they do not hide the API."""
    for path in PAGES:
        app.router.add_get(path, page)
    app.router.add_get("/{name:assets/.+|[^/]+\\.(?:svg|png|ico|webmanifest|txt)}", asset)

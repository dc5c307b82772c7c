"""``/api/openapi.json`` and ``/api/docs``: the API described, by itself."""

from __future__ import annotations

from aiohttp import web

from argus.server import api_page, keys
from argus.server.access import Access
from argus.server.api import JSON, Media, Routes, answered

routes = Routes("Documentation", "The API described, made from the code that answers it.")


@routes.get("/api/openapi.json", Access.PUBLIC, answers=Media(JSON, "The document, OpenAPI 3.1."))
async def get_openapi(request: web.Request) -> web.Response:
    """Answer the document that describes this API."""
    return answered(request.app[keys.API_DOCUMENT]())


@routes.get("/api/docs", Access.PUBLIC, answers=Media("text/html", "The page."))
async def get_docs(request: web.Request) -> web.Response:
    """Show the document as a page."""
    return web.Response(text=api_page.page(request.app[keys.API_DOCUMENT]()), content_type="text/html")


@routes.get("/api/docs.css", Access.PUBLIC, answers=Media("text/css", "The style sheet."))
async def get_docs_style(_: web.Request) -> web.Response:
    """Answer the style sheet of the page."""
    return web.Response(text=api_page.STYLE, content_type="text/css")

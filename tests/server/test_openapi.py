"""The OpenAPI document is whole, is made from what answers, and the dashboard's types are made from it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from argus.server import api_page, openapi
from argus.server.access import Access
from argus.server.api import Endpoint, Routes
from argus.server.routes import dashboard, table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = openapi.document(table.TABLE)
ENDPOINTS = [endpoint for routes in table.TABLE for endpoint in routes.endpoints]


def fields(document: Any) -> Iterator[tuple[str, Any]]:
    for name, schema in document["components"]["schemas"].items():
        for field, inner in schema.get("properties", {}).items():
            yield f"{name}.{field}", inner
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation["parameters"]:
                yield f"{method} {path} {parameter['name']}", parameter


def test_every_route_field_and_parameter_is_described() -> None:
    bare = [place for place, field in fields(DOCUMENT) if not field.get("description")]
    bare += [name for name, schema in DOCUMENT["components"]["schemas"].items() if not schema["description"]]
    bare += [f"{e.method} {e.path}" for e in ENDPOINTS if not e.summary]
    assert bare == []


def test_msgspecs_own_words_are_no_description() -> None:
    """msgspec gives a Struct without a docstring its signature as one."""
    assert [n for n, s in DOCUMENT["components"]["schemas"].items() if s["description"].startswith(f"{n}(")] == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.handler.__name__)
def test_a_declaration_says_what_is_answered(endpoint: Endpoint) -> None:
    assert (endpoint.answer is None) == (endpoint.status in {101, 204})


def test_what_is_served_is_declared(server) -> None:
    declared = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    pages = {dashboard.page, dashboard.asset}
    served = {
        (route.method, route.resource.canonical)
        for route in server.app.router.routes()
        if route.handler not in pages and route.method != "HEAD"
    }
    assert served == declared
    assert len({endpoint.handler.__name__ for endpoint in ENDPOINTS}) == len(ENDPOINTS), "names are operation ids"


async def test_the_document_and_its_page_are_open_to_all(server) -> None:
    async with server.http.get(f"{server.url}/api/openapi.json") as answer:
        assert await answer.json() == json.loads(json.dumps(DOCUMENT))
    async with server.http.get(f"{server.url}/api/docs") as answer:
        page = await answer.text()
    assert answer.content_type == "text/html"
    assert all(f'id="{endpoint.handler.__name__}"' in page for endpoint in ENDPOINTS)
    assert "<script" not in page
    assert "style=" not in page
    async with server.http.get(f"{server.url}/api/docs.css") as answer:
        assert answer.content_type == "text/css"


def test_the_page_shows_the_documents_words_as_text() -> None:
    hostile = json.loads(json.dumps(DOCUMENT).replace("Search the log lines", "<img src=x>"))
    assert "<img" not in api_page.page(hostile)


def test_the_dashboards_types_are_fresh() -> None:
    spec = importlib.util.spec_from_file_location("api_types", ROOT / "dashboard" / "api_types.py")
    assert spec is not None
    assert spec.loader is not None
    api_types = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(api_types)
    written = api_types.TARGET.read_text(encoding="utf-8")
    assert written == api_types.source(), "run python dashboard/api_types.py"


def test_a_handler_that_does_not_fit_its_path_is_seen_at_once() -> None:
    async def nothing(request: web.Request, app_id: str) -> None:
        """Do nothing."""

    routes = Routes("t", "t")
    with pytest.raises(ValueError, match="app_id"):
        routes.get("/api/v1/{id}", Access.PUBLIC)(nothing)

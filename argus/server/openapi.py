"""The OpenAPI 3.1 document, made from the route table and the msgspec types: nothing is written twice."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from argus import __version__
from argus.server.access import COOKIE, Access
from argus.server.api import JSON, Endpoint, Media, Routes
from argus.server.problems import STATUS, ApiProblem, Code

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"

SECURITY_SCHEMES: Schema = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An application's API key."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same, in a header of its own."},
    "basic": {"type": "http", "scheme": "basic", "description": "The user admin with the administrator's password."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by logging in."},
}
ADMITTED: Mapping[Access, Sequence[str]] = {
    Access.PUBLIC: (),
    Access.KEY: ("bearer", "key"),
    Access.READ: ("bearer", "key", "basic", "session"),
    Access.ADMIN: ("basic", "session"),
}
MEANINGS: Mapping[Code, str] = {
    "bad_request": "Something in the request is wrong; `where` names it.",
    "unauthorized": "Nobody known asks: the credentials are missing or wrong.",
    "forbidden": "Who asks may not.",
    "not_found": "There is no such thing.",
    "request_timeout": "The body did not come in time.",
    "conflict": "There is one already.",
    "too_large": "The body is over a limit, which is named.",
    "unsupported_media_type": "The body's encoding is unknown.",
    "too_many_requests": "Not so fast; `Retry-After` says when to come again.",
    "internal": "Something went wrong here; the server's log says what.",
    "unavailable": "Not now: a store is away. `Retry-After` says when to come again.",
}
LATER = {"too_many_requests", "unavailable"}
RETRY_AFTER: Schema = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}
SWITCHED = 101


def document(table: Iterable[Routes]) -> Schema:
    """Return the document that describes the routes."""
    groups = list(table)
    endpoints = [endpoint for routes in groups for endpoint in routes.endpoints]
    schemas = _Schemas(endpoints)
    paths: dict[str, Schema] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Argus",
            "version": __version__,
            "description": "Times are Unix seconds (UTC). Every refused request answers an `ApiProblem`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": routes.tag, "description": routes.description} for routes in groups],
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": SECURITY_SCHEMES},
    }


def errors_of(endpoint: Endpoint) -> list[Code]:
    """Return the codes of every error that a route may answer: its own, and those that follow from its declaration."""
    codes = {*endpoint.errors, "bad_request", "internal", "unavailable"}
    if endpoint.access is not Access.PUBLIC:
        codes |= {"unauthorized", "forbidden", "too_many_requests"}
    if endpoint.path_parts:
        codes |= {"not_found"}
    if endpoint.body is not None:
        codes |= {"request_timeout", "too_large", "unsupported_media_type"}
    return [code for code in STATUS if code in codes]


class _Schemas:
    """The JSON schema of every type that a route reads or answers."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        kinds: list[Any] = [ApiProblem]
        for endpoint in endpoints:
            wanted = (endpoint.body, endpoint.answer, endpoint.query, *endpoint.path_parts.values())
            wanted += tuple(endpoint.others.values())
            kinds += [kind for kind in wanted if kind is not None and not isinstance(kind, Media)]
        found, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
        self._of = {str(kind): schema for kind, schema in zip(kinds, found, strict=True)}
        queries = {endpoint.query.__name__ for endpoint in endpoints if endpoint.query is not None}
        self._queries = {name: schema for name, schema in components.items() if name in queries}
        self.components = {name: plain(schema) for name, schema in components.items() if name not in queries}

    def of(self, kind: Any) -> Schema:
        """Return the schema of a type."""
        return self._of[str(kind)]

    def query(self, kind: type[msgspec.Struct]) -> Iterator[Schema]:
        """Yield the parameters of a query."""
        schema = self._queries[kind.__name__]
        for name, inner in schema["properties"].items():
            shown = _without_null(dict(inner))
            yield {
                "name": name,
                "in": "query",
                "description": shown.pop("description", ""),
                "required": name in schema["required"],
                "schema": shown,
            }


def plain(schema: Schema) -> Schema:
    """Return a Struct's schema with its docstring as a paragraph; msgspec keeps the line breaks."""
    return {**schema, "description": inspect.cleandoc(schema.get("description", ""))}


def _without_null(schema: Schema) -> Schema:
    """Return a parameter's schema without the null that stands for its absence."""
    if schema.get("default", "") is None:
        del schema["default"]
        kept = [choice for choice in schema.pop("anyOf") if choice != {"type": "null"}]
        return {**kept[0], **schema} if len(kept) == 1 else {"anyOf": kept, **schema}
    return schema


def _operation(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    operation: Schema = {
        "operationId": endpoint.handler.__name__,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": f"{endpoint.description}\n\nFor {endpoint.access.value}.".strip(),
        "security": [{scheme: []} for scheme in ADMITTED[endpoint.access]],
        "parameters": [*_path_parameters(endpoint, schemas), *_query_parameters(endpoint, schemas)],
        "responses": {
            str(endpoint.status): _answer(endpoint, schemas),
            **_errors(endpoint, schemas),
            **{str(status): _said("Not so.", kind, schemas) for status, kind in endpoint.others.items()},
        },
    }
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(endpoint.body, schemas)}
    return operation


def _path_parameters(endpoint: Endpoint, schemas: _Schemas) -> Iterator[Schema]:
    for name, kind in endpoint.path_parts.items():
        shown = dict(schemas.of(kind))
        description = shown.pop("description", "")
        yield {"name": name, "in": "path", "required": True, "description": description, "schema": shown}


def _query_parameters(endpoint: Endpoint, schemas: _Schemas) -> Iterator[Schema]:
    if endpoint.query is not None:
        yield from schemas.query(endpoint.query)


def _answer(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    if endpoint.answer is not None:
        return _said("Done.", endpoint.answer, schemas)
    return {"description": "The WebSocket is open." if endpoint.status == SWITCHED else "Done."}


def _said(description: str, kind: Any, schemas: _Schemas) -> Schema:
    shown = kind.description if isinstance(kind, Media) else description
    return {"description": shown, "content": _content(kind, schemas)}


def _content(kind: Any, schemas: _Schemas) -> Schema:
    if isinstance(kind, Media):
        return {kind.content_type: {}}
    return {JSON: {"schema": schemas.of(kind)}}


def _errors(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    problem = {JSON: {"schema": schemas.of(ApiProblem)}}
    return {
        str(STATUS[code]): {
            "description": MEANINGS[code],
            "content": problem,
            **({"headers": RETRY_AFTER} if code in LATER else {}),
        }
        for code in errors_of(endpoint)
    }

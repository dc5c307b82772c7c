"""How a route of the API is declared: a decorator beside the path, and the handler's own signature.

::

    routes = Routes("Applications", "Programs that report, and their keys.")

    @routes.post("/api/v1/applications", Access.ADMIN, status=201, errors=("conflict",))
    async def post_application(request: web.Request, body: NewApplication) -> CreatedApplication:
        '''Register an application; its key is in this answer and never shown again.'''

What a handler asks for by name is read, checked and handed to it: ``caller`` (who asks), ``query`` (a Struct of the
query's parameters), ``body`` (a Struct, from JSON), ``act`` (what does it with an entry in the audit log, which every
call that changes something for the administrator must have); any other name is a part
of the path. What it returns is answered as JSON with ``status``; ``None`` is answered with 204. Where a handler reads
or writes the bytes itself, ``reads`` and ``answers`` say what they hold.

The declaration is the only truth: ``access`` is what admits or refuses a caller (with ``READ``, a key's application is
held against ``app`` of the query and ``app_id`` of the path), the types are what is decoded, and
``openapi.py`` makes the document from the same table. So a field's ``msgspec.Meta(description=…)`` and a handler's
docstring are what people read on ``/api/docs``.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, NamedTuple, TypedDict, TypeVar, Unpack, get_type_hints

import msgspec
from aiohttp import web

from argus.server import access, audit, keys, parameters
from argus.server.access import Access
from argus.server.body import read_body
from argus.server.problems import Code, Problem
from argus.wire.sections import wire_error

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])

JSON = "application/json"
GIVEN = ("request", "caller", "query", "body", "act")


class Media(NamedTuple):
    """An answer, or a body, that is not JSON."""

    content_type: str
    description: str


class Declared(TypedDict, total=False):
    """What a declaration may say besides method, path and access."""

    status: int
    """Of a good answer: 200, or 204 for a handler that returns ``None``, unless this says otherwise."""
    errors: tuple[Code, ...]
    """Codes of problems that the handler itself raises; those that follow from the declaration are known."""
    reads: Any
    """What the body holds that the handler reads by itself: a type, or :class:`Media`."""
    answers: Any
    """What the response holds that the handler makes by itself: a type, or :class:`Media`."""
    others: Mapping[int, Any]
    """Such answers with another status, which are no problems."""
    audited: bool
    """Whether a call that went well is an act for the audit log; what changes something for the administrator is."""


@dataclass(frozen=True)
class Endpoint:
    """One route, as it was declared."""

    method: str
    path: str
    access: Access
    tag: str
    handler: Callable[..., Awaitable[Any]]
    summary: str
    description: str
    status: int
    errors: tuple[Code, ...] = ()
    takes: Mapping[str, Any] = field(default_factory=dict)
    """The handler's parameters with their types, ``request`` left out."""
    body: Any = None
    answer: Any = None
    audited: bool = False
    others: Mapping[int, Any] = field(default_factory=dict)

    @property
    def query(self) -> type[msgspec.Struct] | None:
        """The Struct of the query's parameters."""
        found: type[msgspec.Struct] | None = self.takes.get("query")
        return found

    @property
    def path_parts(self) -> Mapping[str, Any]:
        """The parameters that are parts of the path, with their types."""
        return {name: kind for name, kind in self.takes.items() if name not in GIVEN}

    @property
    def address(self) -> str:
        """The path as aiohttp matches it: a part whose type has a pattern looks like it, or there is nothing there."""
        address = self.path
        for name, kind in self.path_parts.items():
            for meta in getattr(kind, "__metadata__", ()):
                if meta.pattern is not None:
                    address = address.replace(f"{{{name}}}", f"{{{name}:{meta.pattern.strip('^$')}}}")
        return address

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Admit the caller, read what the handler asks for, call it and answer what it returns."""
        caller = await access.admit(request, self.access)
        params = {name: request.query.getall(name) for name in request.query}
        query = parameters.read(self.query or parameters.Nothing, params)
        parts = {name: request.match_info[name] for name in self.path_parts}
        access.check_application(caller, getattr(query, "app", None) or parts.get("app_id"))
        act = audit.Act(request.app[keys.RECORDS], request, caller, self.handler.__name__)
        given: dict[str, Any] = {"caller": caller, "query": query, "act": act, **parts}
        if "body" in self.takes:
            given["body"] = decoded(await read_body(request), self.body)
        result = await self.handler(request, **{name: given[name] for name in self.takes})
        if self.audited and not act.noted:
            raise RuntimeError(f"{self.handler.__name__} is declared an act, and has not kept its entry")
        if isinstance(result, web.StreamResponse):
            return result
        return web.Response(status=self.status) if result is None else answered(result, self.status)


def decoded(body: bytes, kind: Any) -> Any:
    """Return a JSON body as its type. Raises ``Problem`` naming the place that does not fit."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        wrong = wire_error(error, "$")
        raise Problem("bad_request", str(wrong), wrong.where) from error


def answered(answer: Any, status: int = 200) -> web.Response:
    """Return an answer as JSON."""
    return web.Response(body=msgspec.json.encode(answer), status=status, content_type=JSON)


class Routes:
    """The routes of one resource, under one heading of the documentation; in aiohttp's eyes, a list of routes."""

    def __init__(self, tag: str, description: str) -> None:
        self.tag = tag
        self.description = description
        self.endpoints: list[Endpoint] = []

    def __iter__(self) -> Iterator[web.RouteDef]:
        for endpoint in self.endpoints:
            yield web.RouteDef(endpoint.method, endpoint.address, endpoint.handle, {})

    def get(self, path: str, access: Access, **more: Unpack[Declared]) -> Callable[[Handler], Handler]:
        """Declare a handler of GET; see :meth:`route`."""
        return self.route("GET", path, access, **more)

    def post(self, path: str, access: Access, **more: Unpack[Declared]) -> Callable[[Handler], Handler]:
        """Declare a handler of POST; see :meth:`route`."""
        return self.route("POST", path, access, **more)

    def put(self, path: str, access: Access, **more: Unpack[Declared]) -> Callable[[Handler], Handler]:
        """Declare a handler of PUT; see :meth:`route`."""
        return self.route("PUT", path, access, **more)

    def patch(self, path: str, access: Access, **more: Unpack[Declared]) -> Callable[[Handler], Handler]:
        """Declare a handler of PATCH; see :meth:`route`."""
        return self.route("PATCH", path, access, **more)

    def delete(self, path: str, access: Access, **more: Unpack[Declared]) -> Callable[[Handler], Handler]:
        """Declare a handler of DELETE; see :meth:`route`."""
        return self.route("DELETE", path, access, **more)

    def route(self, method: str, path: str, access: Access, **more: Unpack[Declared]) -> Callable[[Handler], Handler]:
        """Declare a handler. Raises ``ValueError`` for one whose parameters do not fit the path."""

        def declare(handler: Handler) -> Handler:
            hints = get_type_hints(handler, include_extras=True)
            returned = hints.pop("return", None)
            takes = {name: hints[name] for name in list(inspect.signature(handler).parameters)[1:]}
            in_path = {name for _, name, _, _ in Formatter().parse(path) if name}
            if in_path != takes.keys() - set(GIVEN):
                raise ValueError(f"{handler.__name__} takes {sorted(takes)}, but {path} has {sorted(in_path)}")
            raw = isinstance(returned, type) and issubclass(returned, (web.StreamResponse, type(None)))
            answer = more.get("answers") or (None if raw else returned)
            first, _, rest = inspect.cleandoc(handler.__doc__ or "").partition("\n")
            self.endpoints.append(
                Endpoint(
                    method=method,
                    path=path,
                    access=access,
                    tag=self.tag,
                    handler=handler,
                    summary=first.removesuffix("."),
                    description=rest.strip(),
                    status=more.get("status") or (204 if answer is None else 200),
                    errors=more.get("errors", ()),
                    takes=takes,
                    body=more.get("reads") or takes.get("body"),
                    answer=answer,
                    audited=more.get("audited", access is Access.ADMIN and method != "GET"),
                    others=more.get("others", {}),
                )
            )
            return handler

        return declare

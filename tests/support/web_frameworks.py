"""The same small shop in each web framework that is measured, asked in the same process.

``GET /orders/7`` answers, ``GET /broken`` raises, ``GET /parts`` is streamed in three parts, and ``GET /admin/users/3``
is in a part of the application of its own: a blueprint, an include, a mount, a sub-application. Nothing else is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

Ask = Callable[[str, str], tuple[int, bytes]]
"""Method and path → status and body."""

PARTS = (b"one", b"two", b"three")


class Shop(NamedTuple):
    """One framework's shop."""

    make: Callable[[], Ask]
    order: str
    """The template of ``/orders/7``."""
    user: str
    """The template of ``/admin/users/3``."""
    refused: str | None = None
    """The route of a method that is not allowed, where the framework does not name the one of the path."""


def ask_wsgi(app: Callable[..., Any]) -> Ask:
    """Ask a WSGI application through Werkzeug's client."""
    from werkzeug.test import Client  # noqa: PLC0415  # each shop brings its own libraries

    def ask(method: str, path: str) -> tuple[int, bytes]:
        with Client(app).open(path, method=method) as answer:
            return answer.status_code, answer.data

    return ask


def ask_asgi(app: Callable[..., Any]) -> Ask:
    """Ask an ASGI application through httpx, whose transport for that touches no network."""
    import httpx  # noqa: PLC0415  # see above

    async def once(method: str, path: str) -> tuple[int, bytes]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            answer = await client.request(method, path)
            return answer.status_code, answer.content

    return lambda method, path: asyncio.run(once(method, path))


def flask() -> Ask:
    import flask as library  # noqa: PLC0415  # see above

    app = library.Flask("shop")
    admin = library.Blueprint("admin", "admin", url_prefix="/admin")

    @app.get("/orders/<int:number>")
    def order(number: int) -> str:
        return f"order {number}"

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    @app.get("/parts")
    def parts() -> Any:
        return library.Response(iter(PARTS))

    @admin.get("/users/<int:number>")
    def user(number: int) -> str:
        return f"user {number}"

    app.register_blueprint(admin)
    return ask_wsgi(app)


def configure_django() -> None:
    """Give Django the settings of the shop, and a database in memory."""
    import django as library  # noqa: PLC0415  # see above
    from django import conf  # noqa: PLC0415  # see above

    if not conf.settings.configured:
        memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        conf.settings.configure(
            ROOT_URLCONF="django_urls",
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="s",
            LOGGING_CONFIG=None,
            DATABASES={"default": memory},
        )
        library.setup()


def django_wsgi() -> Ask:
    configure_django()
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415  # see above

    return ask_wsgi(get_wsgi_application())


def django_asgi() -> Ask:
    configure_django()
    from django.core.asgi import get_asgi_application  # noqa: PLC0415  # see above

    return ask_asgi(get_asgi_application())


async def in_parts() -> AsyncIterator[bytes]:
    """The streamed body."""
    for part in PARTS:
        yield part


def starlette() -> Ask:
    from starlette import applications, requests, responses, routing  # noqa: PLC0415  # see above

    async def order(request: requests.Request) -> responses.Response:
        return responses.PlainTextResponse(f"order {request.path_params['number']}")

    async def user(request: requests.Request) -> responses.Response:
        return responses.PlainTextResponse(f"user {request.path_params['number']}")

    async def broken(_: requests.Request) -> responses.Response:
        raise RuntimeError("broken")

    async def parts(_: requests.Request) -> responses.Response:
        return responses.StreamingResponse(in_parts())

    admin = routing.Mount("/admin", routes=[routing.Route("/users/{number:int}", user)])
    routes = [
        routing.Route("/orders/{number:int}", order, methods=["GET"]),
        routing.Route("/broken", broken),
        routing.Route("/parts", parts),
        admin,
    ]
    return ask_asgi(applications.Starlette(routes=routes))


def fastapi() -> Ask:
    import fastapi as library  # noqa: PLC0415  # see above
    from fastapi import responses  # noqa: PLC0415  # see above

    app, admin = library.FastAPI(), library.FastAPI()
    orders, users = library.APIRouter(prefix="/orders"), library.APIRouter(prefix="/users")

    @orders.get("/{number}")
    async def order(number: int) -> responses.PlainTextResponse:
        return responses.PlainTextResponse(f"order {number}")

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    @app.get("/parts")
    async def parts() -> responses.StreamingResponse:
        return responses.StreamingResponse(in_parts())

    @users.get("/{number}")
    def user(number: int) -> responses.PlainTextResponse:
        return responses.PlainTextResponse(f"user {number}")

    app.include_router(orders)
    admin.include_router(users)
    app.mount("/admin", admin)
    return ask_asgi(app)


def aiohttp() -> Ask:
    from aiohttp import test_utils, web  # noqa: PLC0415  # see above

    async def order(request: web.Request) -> web.Response:
        return web.Response(text=f"order {request.match_info['number']}")

    async def user(request: web.Request) -> web.Response:
        return web.Response(text=f"user {request.match_info['number']}")

    async def broken(_: web.Request) -> web.Response:
        raise RuntimeError("broken")

    async def parts(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for part in PARTS:
            await response.write(part)
        return response

    def make() -> web.Application:
        app, admin = web.Application(), web.Application()
        admin.router.add_get("/users/{number}", user)
        app.add_subapp("/admin", admin)
        app.router.add_get("/orders/{number}", order)
        app.router.add_get("/broken", broken)
        app.router.add_get("/parts", parts)
        return app

    async def once(method: str, path: str) -> tuple[int, bytes]:
        async with test_utils.TestClient(test_utils.TestServer(make())) as client:
            answer = await client.request(method, path)
            return answer.status, await answer.read()

    return lambda method, path: asyncio.run(once(method, path))


SHOPS = {
    "Flask": Shop(flask, "/orders/<int:number>", "/admin/users/<int:number>", "(none)"),
    "Django, WSGI": Shop(django_wsgi, "/orders/<int:number>", "/admin/users/(?P<number>[0-9]+)"),
    "Django, ASGI": Shop(django_asgi, "/orders/<int:number>", "/admin/users/(?P<number>[0-9]+)"),
    "Starlette": Shop(starlette, "/orders/{number}", "/admin/users/{number}"),
    "FastAPI": Shop(fastapi, "/orders/{number}", "/admin/users/{number}"),
    "aiohttp": Shop(aiohttp, "/orders/{number}", "/admin/users/{number}", "(none)"),
}

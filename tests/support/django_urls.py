"""The URLs of Django's shop, and what is behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.urls import include, path, re_path


def order(request: HttpRequest, number: int) -> HttpResponse:
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    return HttpResponse(f"order {number}")


def user(_request: HttpRequest, number: str) -> HttpResponse:
    return HttpResponse(f"user {number}")


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


def parts(request: HttpRequest) -> StreamingHttpResponse:
    under_asgi = hasattr(request, "scope")
    return StreamingHttpResponse(in_parts() if under_asgi else iter((b"one", b"two", b"three")))


async def in_parts() -> AsyncIterator[bytes]:
    for part in (b"one", b"two", b"three"):
        yield part


admin = [re_path("^users/(?P<number>[0-9]+)$", user)]
urlpatterns = [
    path("orders/<int:number>", order),
    path("broken", broken),
    path("parts", parts),
    path("admin/", include(admin)),
]

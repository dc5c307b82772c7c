"""Requests that an application answers: each counted once, by template, method and class of status; everywhere."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import web_frameworks
from web_frameworks import PARTS, SHOPS, Ask, Shop

from argus.instrument import django


@pytest.fixture(scope="module", params=SHOPS)
def shop(request: pytest.FixtureRequest) -> tuple[Shop, Ask]:
    made = SHOPS[request.param]
    return made, made.make()


@pytest.mark.parametrize(
    ("question", "answer", "recorded"),
    [
        ("GET /orders/7", (200, b"order 7"), "GET {order} 2xx"),
        ("GET /admin/users/3", (200, b"user 3"), "GET {user} 2xx"),
        ("GET /parts", (200, b"".join(PARTS)), "GET /parts 2xx"),
        ("GET /broken", (500, None), "GET /broken 5xx"),
        ("GET /nowhere/7", (404, None), "GET (none) 4xx"),
        ("PURGE /nowhere", (404, None), "OTHER (none) 4xx"),
        ("DELETE /orders/7", (405, None), "DELETE {refused} 4xx"),
    ],
)
def test_a_request_is_counted_once_under_its_template(shop, counted, question, answer, recorded) -> None:
    kind, ask = shop
    status, body = ask(*question.split())
    assert status == answer[0]
    assert answer[1] in {None, body}
    expected = recorded.format(order=kind.order, user=kind.user, refused=kind.refused or kind.order)
    assert counted("http.request") == {expected: 1}


def test_what_is_mounted_and_knows_no_routes_goes_by_the_mount(counted, tmp_path) -> None:
    from starlette import applications, routing, staticfiles  # noqa: PLC0415  # imported when it is watched

    (tmp_path / "style.css").write_text("body {}")
    app = applications.Starlette(routes=[routing.Mount("/static", staticfiles.StaticFiles(directory=tmp_path))])
    ask = web_frameworks.ask_asgi(app)
    assert [ask("GET", path)[0] for path in ("/static/style.css", "/static/none.css")] == [200, 404]
    assert counted("http.request") == {"GET /static/{path} 2xx": 1, "GET /static/{path} 4xx": 1}


def test_a_flask_application_in_an_asgi_one_is_counted_once_under_both_templates(counted) -> None:
    import a2wsgi  # noqa: PLC0415  # see above
    import flask  # noqa: PLC0415  # see above
    from starlette import applications, routing  # noqa: PLC0415  # see above

    inner = flask.Flask("inner")
    inner.add_url_rule("/orders/<number>", view_func=lambda number: number)
    bridge: Any = a2wsgi.WSGIMiddleware(inner)  # type: ignore[arg-type]  # its types are narrower than WSGI's
    app = applications.Starlette(routes=[routing.Mount("/old", bridge)])
    assert web_frameworks.ask_asgi(app)("GET", "/old/orders/7") == (200, b"7")
    assert counted("http.request") == {"GET /old/orders/<number> 2xx": 1}


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("orders/<int:number>/", "/orders/<int:number>/"),
        ("api/^orders/(?P<number>[^/]+)/$", "/api/orders/(?P<number>[^/]+)/"),
        (r"^caret/\^\Z", r"/caret/\^"),
        ("", "/"),
    ],
)
def test_a_route_of_django_s_is_shown_without_its_anchors(route, path) -> None:
    assert django.template(route) == path


def test_an_error_of_a_wsgi_application_in_debug_mode_passes_through_and_counts_as_5xx(counted) -> None:
    import flask  # noqa: PLC0415  # see above

    app = flask.Flask("shop")
    app.testing = True
    app.add_url_rule("/broken", view_func=lambda: str(1 / 0))
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/broken")
    assert counted("http.request") == {"GET /broken 5xx": 1}


def test_signatures_and_kinds_stay_what_they_were() -> None:
    import flask  # noqa: PLC0415  # see above
    from starlette import applications  # noqa: PLC0415  # see above

    assert list(inspect.signature(flask.Flask.__call__).parameters) == ["self", "environ", "start_response"]
    assert inspect.iscoroutinefunction(applications.Starlette.__call__)
    assert flask.Flask.__call__.__qualname__ == "Flask.__call__"

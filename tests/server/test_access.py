"""Who may do what: every route with every credential; errors in one shape; headers on every answer."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import aiohttp
import pytest
from yarl import URL

from argus.server.routes import dashboard, table

PASSWORD = "correct horse"

ROUTES = [
    # method, path, nobody, wrong key, other's key, own key, admin
    ("POST", "/api/v1/metrics", 401, 401, 200, 200, 403),
    ("POST", "/api/v1/logs", 401, 401, 200, 200, 403),
    ("GET", "/api/v1/metrics?app=shop&name=n", 401, 401, 403, 200, 200),
    ("GET", "/api/v1/metrics/series?app=shop", 401, 401, 403, 200, 200),
    ("GET", "/api/v1/metrics/distribution?app=shop&name=n", 401, 401, 403, 200, 200),
    ("GET", "/api/v1/logs?app=shop", 401, 401, 403, 200, 200),
    ("GET", "/api/v1/logs/histogram?app=shop", 401, 401, 403, 200, 200),
    ("GET", "/api/v1/applications", 401, 401, 200, 200, 200),
    ("POST", "/api/v1/applications", 401, 401, 403, 403, 201),
    ("POST", "/api/v1/applications/other/rotate-key", 401, 401, 403, 403, 200),
    ("DELETE", "/api/v1/applications/other", 401, 401, 403, 403, 204),
    ("GET", "/api/v1/applications/other", 401, 401, 403, 403, 200),
    ("PATCH", "/api/v1/applications/other", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/applications/other/keys", 401, 401, 403, 403, 201),
    ("POST", "/api/v1/applications/other/keys/KEY_ID/rotate", 401, 401, 403, 403, 201),
    ("DELETE", "/api/v1/applications/other/keys/KEY_ID", 401, 401, 403, 403, 204),
    ("GET", "/api/v1/audit", 401, 401, 403, 403, 200),
    ("GET", "/api/v1/annotations?app=shop", 401, 401, 403, 200, 200),
    ("GET", "/api/v1/alerts", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/alerts", 401, 401, 403, 403, 201),
    ("POST", "/api/v1/alerts/preview", 401, 401, 403, 403, 200),
    ("GET", "/api/v1/alerts/history", 401, 401, 403, 403, 200),
    ("GET", "/api/v1/alerts/7", 401, 401, 403, 403, 404),
    ("PUT", "/api/v1/alerts/7", 401, 401, 403, 403, 404),
    ("PATCH", "/api/v1/alerts/7", 401, 401, 403, 403, 404),
    ("DELETE", "/api/v1/alerts/7", 401, 401, 403, 403, 404),
    ("POST", "/api/v1/alerts/7/acknowledge", 401, 401, 403, 403, 404),
    ("GET", "/api/v1/silences", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/silences", 401, 401, 403, 403, 201),
    ("PUT", "/api/v1/silences/7", 401, 401, 403, 403, 404),
    ("DELETE", "/api/v1/silences/7", 401, 401, 403, 403, 404),
    ("GET", "/api/v1/channels", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/channels", 401, 401, 403, 403, 201),
    ("GET", "/api/v1/channels/7", 401, 401, 403, 403, 404),
    ("PATCH", "/api/v1/channels/7", 401, 401, 403, 403, 404),
    ("DELETE", "/api/v1/channels/7", 401, 401, 403, 403, 404),
    ("POST", "/api/v1/test-mail", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/channels/7/test", 401, 401, 403, 403, 404),
    ("GET", "/api/v1/session", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/session", 200, 200, 200, 200, 200),
    ("POST", "/api/v1/session/password", 401, 401, 403, 403, 200),
    ("DELETE", "/api/v1/session", 401, 401, 403, 403, 204),
    ("GET", "/api/openapi.json", 200, 200, 200, 200, 200),
    ("GET", "/api/docs", 200, 200, 200, 200, 200),
    ("GET", "/api/docs.css", 200, 200, 200, 200, 200),
    ("GET", "/api/v1/backups", 401, 401, 403, 403, 200),
    ("POST", "/api/v1/backups", 401, 401, 403, 403, 202),
    ("GET", "/api/v1/backups/NAME", 401, 401, 403, 403, 404),
    ("DELETE", "/api/v1/backups/NAME", 401, 401, 403, 403, 404),
    ("GET", "/api/v1/status", 401, 401, 403, 403, 200),
    ("GET", "/api/v1/settings", 401, 401, 403, 403, 200),
    ("GET", "/ws/dashboard", 401, 401, 403, 403, 400),
    ("GET", "/healthz", 200, 200, 200, 200, 200),
    ("GET", "/readyz", 200, 200, 200, 200, 200),
]
RULE = {"metric_name": "n", "threshold": 1}
BODIES = {
    "/api/v1/metrics": {"metrics": []},
    "/api/v1/logs": {"logs": []},
    "/api/v1/applications": {"name": "third"},
    "/api/v1/session": {"password": PASSWORD},
    "/api/v1/session/password": {"old": PASSWORD, "new": PASSWORD},
    "/api/v1/alerts": RULE,
    "/api/v1/alerts/preview": RULE,
    "/api/v1/alerts/7": RULE,
    "/api/v1/silences": {"ends": 9e9, "every": "week", "starts": 9e9 - 60},
    "/api/v1/silences/7": {"ends": 9e9, "every": "week", "starts": 9e9 - 60},
    "/api/v1/channels": {"name": "ops", "kind": "email", "target": "ops@example.org"},
    "/api/v1/test-mail": {"email": "ops@example.org"},
}
ADMIN = {"Authorization": f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"}


TAKES_THE_OTHER_KEY = [
    row
    for row in ROUTES
    if row[1].startswith("/api/v1/applications/other") and (row[0] == "DELETE" or "rotate" in row[1])
]


async def test_each_route_admits_whom_it_should(server) -> None:
    shared = [row for row in ROUTES if row not in TAKES_THE_OTHER_KEY]
    found = [(method, path, *await statuses(server, method, path)) for method, path, *_ in shared]
    assert found == shared


@pytest.mark.parametrize("route", TAKES_THE_OTHER_KEY, ids=lambda route: f"{route[0]} {route[1]}")
async def test_each_route_that_ends_a_key_admits_whom_it_should(server, route) -> None:
    method, path, *expected = route
    assert await statuses(server, method, path) == expected


async def statuses(server, method: str, path: str) -> list[int]:
    """Ask as nobody, with a wrong key, another application's, its own, and as the administrator."""
    callers = [
        {},
        {"headers": server.bearer("argus_beef_unknown")},
        {"headers": {"X-API-Key": server.other_key}},
        {"headers": server.bearer()},
        {"headers": ADMIN},
    ]
    body = BODIES.get(path.partition("?")[0], {}) if method in {"POST", "PUT", "PATCH"} else None
    path = path.replace("KEY_ID", hashlib.sha256(server.other_key.encode()).digest()[:8].hex())
    found = []
    for caller in callers:
        async with server.http.request(method, server.url + path, json=body, **caller) as answer:
            found.append(answer.status)
            if answer.status >= 400 and path != "/ws/dashboard":
                error = (await answer.json())["error"]
                assert set(error) == {"code", "message", "where"}
    return found


def test_every_declared_route_has_its_row() -> None:
    rows = {(method, declared(path)) for method, path, *_ in ROUTES}
    assert rows == {(one.method, one.path) for routes in table.TABLE for one in routes.endpoints}


def declared(path: str) -> str:
    parts = {"/other": "/{app_id}", "KEY_ID": "{key_id}", "NAME": "{name}", "/alerts/7": "/alerts/{rule_id}"}
    parts |= {"/silences/7": "/silences/{silence_id}", "/channels/7": "/channels/{channel_id}"}
    path = path.partition("?")[0]
    for shown, part in parts.items():
        path = path.replace(shown, part)
    return path


async def test_a_key_reads_only_its_own_application(server) -> None:
    async with server.http.get(f"{server.url}/api/v1/applications", headers=server.bearer()) as answer:
        assert [app["app_id"] for app in (await answer.json())["applications"]] == ["shop"]


async def test_logging_in_sets_a_cookie_that_scripts_cannot_read_and_logging_out_ends_it(server) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.post(f"{server.url}/api/v1/session", json={"password": PASSWORD}) as answer:
            assert answer.status == 200
            assert set(await answer.json()) == {"user", "expires_at", "version"}
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        async with browser.get(f"{server.url}/api/v1/applications") as answer:
            assert answer.status == 200
        async with browser.delete(f"{server.url}/api/v1/session") as answer:
            assert answer.status == 204
        async with browser.get(f"{server.url}/api/v1/session") as answer:
            assert answer.status == 401


async def test_wrong_passwords_are_refused_and_soon_have_to_wait(server) -> None:
    statuses = []
    for _ in range(5):
        async with server.http.post(f"{server.url}/api/v1/session", json={"password": "wrong"}) as answer:
            statuses.append(answer.status)
            retry = answer.headers.get("Retry-After")
    assert statuses[:3] == [401, 401, 401]
    assert statuses[-1] == 429
    assert retry is not None


async def test_guessing_by_basic_has_to_wait_too(server) -> None:
    wrong = {"Authorization": f"Basic {base64.b64encode(b'admin:guess').decode()}"}
    statuses = []
    for _ in range(5):
        async with server.http.get(f"{server.url}/api/v1/applications", headers=wrong) as answer:
            statuses.append(answer.status)
    assert (statuses[:3], statuses[-1]) == ([401, 401, 401], 429)


async def test_an_application_lives_from_registration_to_deletion(server) -> None:
    async with server.http.post(f"{server.url}/api/v1/applications", json={"name": "My Game"}, headers=ADMIN) as answer:
        made = await answer.json()
    assert (made["app_id"], made["name"]) == ("my-game", "My Game")
    point = {"metrics": [{"name": "fps", "value": 60}]}
    assert (await server.post("/api/v1/metrics", point, headers=server.bearer(made["api_key"])))[0] == 200
    async with server.http.post(f"{server.url}/api/v1/applications", json={"name": "my game"}, headers=ADMIN) as answer:
        assert (answer.status, (await answer.json())["error"]["where"]) == (409, "$.name")
    async with server.http.delete(f"{server.url}/api/v1/applications/my-game", headers=ADMIN) as answer:
        assert answer.status == 204
    assert (await server.post("/api/v1/metrics", point, headers=server.bearer(made["api_key"])))[0] in {200, 401}
    _, listed = await server.get("/api/v1/applications")
    assert [app["app_id"] for app in listed["applications"]] == ["other", "shop"]


async def test_a_name_that_gives_no_id_is_refused(server) -> None:
    for name in ("", "   ", "日本", "x" * 200):
        async with server.http.post(f"{server.url}/api/v1/applications", json={"name": name}, headers=ADMIN) as answer:
            assert (answer.status, (await answer.json())["error"]["where"]) == (400, "$.name"), name


WRONG_PARAMETERS: list[tuple[str, dict[str, Any], str]] = [
    ("/api/v1/metrics", {"name": "n"}, "app"),
    ("/api/v1/metrics", {"app": "shop"}, "name"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "step": "-1"}, "step"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "start": "yesterday"}, "start"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "start": "null"}, "start"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "start": "nan"}, "start"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "agg": "p101"}, "agg"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "start": "9", "end": "3"}, "end"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "step": "1e300"}, "step"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "start": "-1e300"}, "start"),
    ("/api/v1/metrics/series", {"app": "shop", "nam": "n"}, "nam"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "agg": "median"}, "agg"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "tag": "env"}, "tag"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "stepp": "1"}, "stepp"),
    ("/api/v1/logs", {"level": "loud"}, "level"),
    ("/api/v1/logs", {"limit": "5000"}, "limit"),
    ("/api/v1/logs", {"q": "level:loud"}, "q"),
    ("/api/v1/logs", {"cursor": "zzz"}, "cursor"),
    ("/api/v1/logs", {"cursor": "9", "after": "3"}, "after"),
    ("/api/v1/metrics", {"app": "shop", "name": "n", "step": "0.1"}, "step"),
    ("/api/v1/metrics/distribution", {"app": "shop", "name": "n", "agg": "p99"}, "agg"),
    ("/api/v1/metrics/distribution", {"app": "shop", "name": ["n", "m"]}, "name"),
    ("/api/v1/metrics/distribution", {"app": "shop", "name": "n", "step": "1"}, "step"),
    ("/api/v1/logs/histogram", {"step": "0"}, "step"),
    ("/api/v1/logs/histogram", {"step": "1"}, "step"),
    ("/api/v1/logs/histogram", {"step": "1e-310"}, "step"),
    ("/api/v1/logs/histogram", {"start": "9", "end": "3"}, "end"),
    ("/api/v1/logs/histogram", {"cursor": "9"}, "cursor"),
    ("/api/v1/logs/histogram", {"q": "level:loud"}, "q"),
]


async def test_a_wrong_parameter_is_named(server) -> None:
    for path, params, where in WRONG_PARAMETERS:
        status, answer = await server.get(path, **params)
        assert (status, answer["error"]["where"]) == (400, where), params


async def test_unknown_addresses_and_methods_have_the_one_error_shape(server) -> None:
    for method, path, status in (("GET", "/api/v1/nothing", 404), ("PUT", "/api/v1/metrics", 405)):
        async with server.http.request(method, server.url + path) as answer:
            assert answer.status == status
            assert set((await answer.json())["error"]) == {"code", "message", "where"}


async def test_nobody_writes_a_line_of_the_log_by_what_they_ask_for(server, caplog) -> None:
    address = URL(server.url + "/api/v1/x%0A2026-01-01%20INFO%20all%20is%20well%1B%5B31m", encoded=True)
    async with server.http.get(address) as answer:
        assert answer.status == 404
    (line,) = [record.getMessage() for record in caplog.records if "all is well" in record.getMessage()]
    assert line.isprintable()


async def test_every_answer_carries_the_security_headers(server) -> None:
    for path in ("/", "/api/v1/session", "/nothing"):
        async with server.http.get(server.url + path) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "camera=()" in answer.headers["Permissions-Policy"]
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


async def test_pages_are_served_and_files_outside_are_not(server) -> None:
    for page in dashboard.PAGES:
        async with server.http.get(server.url + page) as answer:
            assert answer.content_type == "text/html"
    for path in ("/assets/../../app.py", "/assets/%2e%2e/%2e%2e/app.py", "/assets/nothing.js"):
        async with server.http.get(server.url + path) as answer:
            assert answer.status == 404


async def test_a_wrong_address_is_told_to_a_person_by_the_page_and_to_a_program_as_an_error(
    server, monkeypatch, tmp_path
) -> None:
    (tmp_path / "index.html").write_text("<p>the page</p>")
    monkeypatch.setattr(dashboard, "STATIC", tmp_path)
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    told = []
    for path, asking in (("/metric", browser), ("/metric", {}), ("/api/v1/metric", browser)):
        async with server.http.get(server.url + path, headers=asking) as answer:
            told.append((answer.status, answer.content_type))
    assert told == [(404, "text/html"), (404, "application/json"), (404, "application/json")]


async def test_under_a_path_prefix_the_page_says_where_it_lives(make_server, monkeypatch, tmp_path) -> None:
    (tmp_path / "index.html").write_text('<base href="/" />')
    monkeypatch.setattr(dashboard, "STATIC", tmp_path)
    server = await make_server(public_url="https://example.org/tools/argus")
    async with server.http.get(server.url) as answer:
        assert await answer.text() == '<base href="/tools/argus/" />'

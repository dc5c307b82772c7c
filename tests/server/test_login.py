"""Logging in through HTTP: cookies, the password's change, proxies, and pages of other sites."""

from __future__ import annotations

import aiohttp
import pytest

from argus.server.access import COOKIE

PASSWORD = "correct horse"
SESSION = "/api/v1/session"


async def log_in(server, password: str = PASSWORD, **headers: str) -> aiohttp.ClientResponse:
    async with server.http.post(server.url + SESSION, json={"password": password}, headers=headers) as answer:
        await answer.read()
    server.http.cookie_jar.clear()
    return answer


def cookie(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE].value}"}


async def status(server, method: str, path: str, headers: dict[str, str], **more) -> int:
    async with server.http.request(method, server.url + path, headers=headers, **more) as answer:
        return answer.status


async def test_logging_out_everywhere_ends_every_session(server) -> None:
    first, second = cookie(await log_in(server)), cookie(await log_in(server))
    assert await status(server, "DELETE", f"{SESSION}?everywhere=true", first) == 204
    assert [await status(server, "GET", SESSION, one) for one in (first, second)] == [401, 401]


async def test_a_new_password_takes_the_old_one_and_ends_all_sessions_but_one_new(server) -> None:
    own, other = cookie(await log_in(server)), cookie(await log_in(server))
    change = {"old": "wrong horse", "new": "a longer horse"}
    assert await status(server, "POST", f"{SESSION}/password", own, json=change) == 401
    assert await status(server, "POST", f"{SESSION}/password", own, json={**change, "new": "short"}) == 400
    change["old"] = PASSWORD
    async with server.http.post(f"{server.url}{SESSION}/password", json=change, headers=own) as answer:
        assert answer.status == 200
    renewed = cookie(answer)
    server.http.cookie_jar.clear()
    assert [await status(server, "GET", SESSION, one) for one in (own, other, renewed)] == [401, 401, 200]
    assert (await log_in(server)).status == 401
    assert (await log_in(server, "a longer horse")).status == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 204),
        ({"Origin": "OWN", "Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "https://argus.example"}, 204),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}, 403),
    ],
)
@pytest.mark.parametrize("credential", ["cookie", "basic"])
async def test_only_our_own_pages_may_change_something(make_server, headers, expected, credential) -> None:
    server = await make_server(public_url="https://argus.example")
    shown = {name: server.url if value == "OWN" else value for name, value in headers.items()}
    who = server.admin if credential == "basic" else cookie(await log_in(server))
    assert await status(server, "DELETE", "/api/v1/applications/other", {**who, **shown}) == expected
    assert await status(server, "GET", SESSION, {**who, **shown}) == 200, "reading is what CORS keeps from them"


async def test_a_page_of_another_site_cannot_log_somebody_in(server) -> None:
    assert (await log_in(server, Origin="https://evil.example")).status == 403


@pytest.mark.parametrize(
    ("changes", "headers", "secure"),
    [
        ({}, {}, False),
        ({"public_url": "https://argus.example"}, {}, True),
        ({}, {"X-Forwarded-Proto": "https"}, True),
        ({"trusted_proxies": "192.0.2.0/24"}, {"X-Forwarded-Proto": "https"}, False),
    ],
)
async def test_the_cookie_is_for_https_alone_where_that_is_how_the_browser_asks(
    make_server, changes, headers, secure
) -> None:
    answer = await log_in(await make_server(**changes), **headers)
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure
    assert ("Strict-Transport-Security" in answer.headers) is secure


async def test_behind_a_proxy_each_client_waits_for_its_own_guesses(server) -> None:
    guesses = [await log_in(server, "wrong", **{"X-Forwarded-For": "198.51.100.7"}) for _ in range(4)]
    assert [answer.status for answer in guesses] == [401, 401, 401, 429]
    forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    assert (await log_in(server, "wrong", **forged)).status == 429, "what the client itself claims is not believed"
    assert (await log_in(server, **{"X-Forwarded-For": "203.0.113.9"})).status == 200


async def test_where_no_proxy_is_trusted_the_header_is_a_claim(make_server) -> None:
    server = await make_server(trusted_proxies="")
    guesses = [await log_in(server, "wrong", **{"X-Forwarded-For": f"198.51.100.{i}"}) for i in range(4)]
    assert [answer.status for answer in guesses] == [401, 401, 401, 429]

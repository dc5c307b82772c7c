"""The live path when things go wrong: a connection that is cut, a proxy without sockets, a server that is away, slow or
confused, a session that ends. Each has a calm answer, and no point is lost or doubled."""

from __future__ import annotations

import csv
import io
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from dashboard_login import PASSWORD, log_in
from playwright.sync_api import Page, Route, WebSocketRoute, expect

Open = Callable[..., Page]
STEP = 10
BROWSER = ["WebSocket", "Failed to load resource"]
"""What the browser itself says of connections that fail."""


class Wire:
    """The page's WebSocket, which a test can cut, keep away, or say something on."""

    def __init__(self) -> None:
        self.open: list[WebSocketRoute] = []
        self.away = False

    def install(self, page: Page) -> None:
        page.route_web_socket("**/ws/dashboard", self._connected)

    def install_with_clock(self, page: Page) -> None:
        page.clock.install()
        self.install(page)

    def _connected(self, socket: WebSocketRoute) -> None:
        if self.away:
            socket.close(code=1011)
            return
        socket.connect_to_server()
        self.open.append(socket)

    def cut(self) -> None:
        while self.open:
            self.open.pop().close(code=1011)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture(scope="module")
def feed(server) -> Callable[[int], None]:
    """Send point number ``i`` of an application of its own: its value is its number."""
    key = server.key("pulse")
    time.sleep(0.6)  # the server looks for new keys twice a second
    start = time.time() // STEP * STEP - 60 * STEP

    def send(number: int) -> None:
        point = {"name": "beat", "value": number, "timestamp": start + number * STEP}
        server.post("/api/v1/metrics", key, {"metrics": [point]})

    return send


def now(page: Page):
    return page.get_by_role("region", name="beat", exact=True).locator(".now")


def drawn(page: Page) -> list[float]:
    """Return the values on the chart, in their order, as the page itself exports them."""
    card = page.get_by_role("region", name="beat", exact=True)
    card.get_by_role("button", name="More for beat").click()
    with page.expect_download() as download:
        card.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert len({row["unix"] for row in rows}) == len(rows), "each time is there once"
    return [float(row["beat"]) for row in rows if row["beat"]]


def test_a_cut_connection_leaves_no_gap_and_no_doubled_point(open_page: Open, wire: Wire, feed) -> None:
    for number in range(5):
        feed(number)
    page = open_page("/metrics?app=pulse&last=900", before=wire.install, allow=BROWSER)
    expect(now(page)).to_have_text("4")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/v1/metrics?" in request.url else None)
    feed(5)
    feed(6)
    expect(now(page)).to_have_text("6")
    assert asked == [], "points come over the socket"
    wire.away = True
    wire.cut()
    expect(page.get_by_role("status", name="Connection: reconnecting")).to_be_visible()
    feed(7)
    feed(8)
    wire.away = False
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()
    feed(9)
    expect(now(page)).to_have_text("9")
    assert drawn(page) == list(range(10))


def test_a_cut_connection_leaves_no_log_line_out_and_none_doubled(open_page: Open, wire: Wire, server) -> None:
    key = server.key("talk")
    time.sleep(0.6)  # the server looks for new keys twice a second

    def say(number: int) -> None:
        line = {"timestamp": time.time(), "message": f"line {number}", "level": "INFO"}
        server.post("/api/v1/logs", key, {"logs": [line]})

    say(0)
    page = open_page("/logs?app=talk&last=900", before=wire.install, allow=BROWSER)
    messages = page.locator(".log-line .message")
    expect(messages).to_have_text(["line 0"])
    say(1)
    expect(messages).to_have_text(["line 1", "line 0"])
    wire.away = True
    wire.cut()
    expect(page.get_by_role("status", name="Connection: reconnecting")).to_be_visible()
    say(2)
    say(3)
    wire.away = False
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()
    say(4)
    expect(messages).to_have_text([f"line {number}" for number in (4, 3, 2, 1, 0)])


def test_a_frame_that_cannot_be_read_costs_no_point(open_page: Open, wire: Wire, feed) -> None:
    feed(20)
    page = open_page("/metrics?app=pulse&last=900", before=wire.install)
    expect(now(page)).to_have_text("20")
    for frame in ("<html>", '{"op": "points", "id": 1}', "null"):
        wire.open[-1].send(frame)
    feed(21)
    expect(now(page)).to_have_text("21")
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()


def test_where_a_proxy_lets_no_socket_through_the_page_polls(open_page: Open, wire: Wire, feed) -> None:
    wire.away = True
    feed(30)
    page = open_page("/metrics?app=pulse&last=900", before=wire.install_with_clock, allow=BROWSER)
    expect(now(page)).to_have_text("30")
    page.clock.run_for(10_000)
    expect(page.get_by_text("There is no live connection; asking every 10 s meanwhile.")).to_be_visible()
    feed(31)
    page.clock.run_for(11_000)
    expect(now(page)).to_have_text("31")


def test_a_server_that_is_away_is_told_calmly_and_what_was_seen_stays(open_page: Open, wire: Wire, feed) -> None:
    feed(40)
    page = open_page(
        "/metrics?app=pulse&last=900",
        before=wire.install_with_clock,
        allow=[*BROWSER, "ERR_"],
    )
    page.clock.run_for(500)
    expect(now(page)).to_have_text("40")
    wire.away = True
    wire.cut()
    page.route("**/api/**", lambda route: route.abort("connectionrefused"))
    page.clock.run_for(40_000)
    expect(
        page.get_by_text("The server does not answer; what you see is kept, and goes on when it is back.")
    ).to_be_visible()
    expect(now(page)).to_have_text("40")
    page.unroute("**/api/**")
    wire.away = False
    feed(41)
    live = page.get_by_role("status", name="Connection: live")
    for _ in range(60):
        page.clock.run_for(1_000)  # second by second: a real socket opens in real time
        page.wait_for_timeout(20)
        if live.is_visible():
            break
    expect(live).to_be_visible()
    expect(now(page)).to_have_text("41")


def test_an_error_of_the_server_is_shown_in_its_place_and_tried_again(open_page: Open, feed) -> None:
    feed(50)
    problem = {"error": {"code": "internal", "message": "something went wrong here", "where": ""}}
    broken = True

    def answer(route: Route) -> None:
        if broken:
            route.fulfill(status=500, json=problem)
        else:
            route.continue_()

    page = open_page(
        "/metrics?app=pulse&last=900", before=lambda it: it.route("**/api/v1/metrics?*", answer), allow=BROWSER
    )
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("beat could not be loaded. something went wrong here")
    broken = False
    alert.get_by_role("button", name="Try again").click()
    expect(now(page)).to_have_text("50")


def test_an_answer_that_is_no_api_is_a_calm_error(open_page: Open) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=502, body="<html>Bad gateway</html>", content_type="text/html")

    page = open_page("/logs?app=pulse", before=lambda it: it.route("**/api/v1/logs?*", answer), allow=BROWSER)
    expect(page.get_by_role("alert")).to_contain_text("The log lines could not be loaded.")


def end_sessions(url: str, cookies: list[Any]) -> None:
    """Log the browser's session out from elsewhere."""
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    request = urllib.request.Request(
        f"{url}/api/v1/session", headers={"Cookie": cookie, "Origin": url}, method="DELETE"
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status in {200, 204}


def test_a_session_that_ends_leads_to_the_login_and_back_to_the_same_view(open_page: Open, server) -> None:
    page = open_page("/logs?app=pulse&q=level%3Awarn&last=900", login=False, allow=[*BROWSER, "401"])
    log_in(page)
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()
    view = page.url
    end_sessions(server.url, page.context.cookies())
    expect(page.get_by_label("Password of the administrator")).to_be_visible()
    page.get_by_label("Password of the administrator").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(view)
    expect(page.get_by_role("combobox", name="Search the logs")).to_have_value("level:warn")
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()

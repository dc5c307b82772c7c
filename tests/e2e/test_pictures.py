"""The pictures of the README and the documents: a made-up day of a shop. Collected with ``--pictures`` only."""

from __future__ import annotations

import math
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from dashboard_login import log_in
from dashboard_server import ARTEFACTS, ROOT, Server, serving
from playwright.sync_api import Browser, Page, expect

from argus.aggregate import sketch
from argus.wire import encode

DAY, HOUR = 86_400, 3_600
COARSE, FINE = 300, 10
"""Seconds of a window: of all day, and of the last hour."""

ROUTES = {"/": 1.0, "/cart": 1.7, "/pay": 3.1}
SHOPS = {"oslo": 5.0, "bergen": 3.0, "tromsø": 1.2}
APPS = {"shop": ["web-1", "web-2"], "billing": ["db-1"], "mailer": ["web-2"]}
TEMPLATES = [
    ("INFO", "shop.pay", "payment of order {order} accepted", 60),
    ("INFO", "shop.cart", "{amount} items for order {order}", 34),
    ("DEBUG", "shop.cart", "prices of {amount} items were known", 14),
    ("WARN", "shop.pay", "payment of order {order} refused: card expired", 6),
    ("WARN", "shop.mail", "receipt of order {order} waits for the mail server", 3),
    ("ERROR", "shop.pay", "bank did not answer within 5 s, order {order} is kept", 1),
]


def load(at: float, now: float) -> float:
    """Return how busy the shop is, 0 to 1: calm at night, busy by day, too busy for a quarter of the last hour."""
    daily = 0.5 + 0.35 * math.sin(2 * math.pi * (at / DAY - 0.42))
    return min(1.0, daily + (0.45 if 1_500 < now - at < 2_400 else 0.0))


def window(chance: random.Random, where: tuple[str, str], start: float, length: int, now: float) -> dict[str, Any]:
    """Return what one process, of an application on a host, would have sent for one window."""
    app, host = where
    busy = load(start, now) * (1.0 if app == "shop" else 0.45)
    gauges = {
        "cpu_percent": (12 + 62 * busy, 9.0),
        "memory_percent": (38 + 9 * busy + (start % (6 * HOUR)) / HOUR, 0.4),
        "disk_percent": (41 + 3 * (start - now + DAY) / DAY, 0.0),
        "argus.overhead_percent": (0.02, 0.004),
    }
    if app == "shop":
        gauges |= {"queue": (2 + 21 * busy**3, 2.0)}
    columns: dict[str, list[Any]] = {"keys": list(gauges), "last": [], "min": [], "max": [], "sum": [], "count": []}
    for middle, spread in gauges.values():
        seen = [max(0.0, chance.gauss(middle, spread)) for _ in range(length // FINE)]
        figures = (seen[-1], min(seen), max(seen) + spread * chance.random() * 2, sum(seen), len(seen))
        for name, figure in zip(("last", "min", "max", "sum", "count"), figures, strict=True):
            columns[name].append(figure)
    body = {"instance": f"{app}@{host}", "seq": round(start), "host": host, "start": start, "end": start + length}
    body |= {"sdk": "python/0.1.0", "gauges": columns}
    if app == "shop":
        orders = [round(length * share * busy * chance.uniform(0.8, 1.2)) for share in SHOPS.values()]
        keys = [f"orders{{shop={name}}}" for name in SHOPS]
        body["counters"] = {"keys": keys, "sum": orders, "count": orders}
        body["timings"] = timings(chance, busy)
    return body


def timings(chance: random.Random, busy: float) -> dict[str, list[Any]]:
    """Return requests of each route; one in twenty waits for something."""
    found: dict[str, list[Any]] = {name: [] for name in ("keys", "count", "sum", "min", "max", "bins")}
    for route, slow in ROUTES.items():
        times = [
            chance.lognormvariate(-4.2 + 1.1 * busy, 0.45) * slow * (4 if chance.random() < 0.05 else 1)
            for _ in range(40)
        ]
        bins = encode.flat_bins(sketch.merge([(sketch.index_of(value), 1) for value in times]))
        figures = (f"http.request{{route={route}}}", len(times), sum(times), min(times), max(times), bins)
        for name, figure in zip(found, figures, strict=True):
            found[name].append(figure)
    return found


def lines(chance: random.Random, now: float) -> list[dict[str, Any]]:
    """Return the last hour's log: a line or two a second, and more errors while the shop is too busy."""
    made = []
    at = now - HOUR
    while at < now - 0.5:
        at += chance.expovariate(0.35 + 0.9 * load(at, now))
        bad = 1_500 < now - at < 2_400
        weights = [weight * (14 if bad and level == "ERROR" else 1) for level, _, _, weight in TEMPLATES]
        level, logger, text, _ = chance.choices(TEMPLATES, weights)[0]
        order, amount = chance.randint(10_000, 99_999), chance.randint(2, 12)
        message = text.format(order=order, amount=amount)
        made.append(
            {"timestamp": at, "level": level, "logger": logger, "message": message, "metadata": {"order": order}}
        )
    return made


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Server, dict[str, str]]]:
    """A server that has watched a shop and its neighbours for a day, and their keys."""
    chance, now = random.Random(7), time.time() // FINE * FINE
    with serving() as server:
        keys = {app: server.key(app) for app in APPS}
        time.sleep(0.6)  # the server looks for new keys twice a second
        border = now // COARSE * COARSE - HOUR
        times = [(border - back, COARSE) for back in range(DAY - HOUR - 2 * COARSE, 0, -COARSE)]
        times += [(border + ahead, FINE) for ahead in range(0, int(now - border), FINE)]
        places = [(app, host) for app, hosts in APPS.items() for host in hosts]

        def send(place: tuple[str, str]) -> None:
            """Send all windows of a process, in their order, as its client does."""
            for start, length in times:
                server.post("/api/v1/metrics", keys[place[0]], window(chance, place, start, length, now))

        with ThreadPoolExecutor(len(places)) as pool:  # the server commits together what comes together
            list(pool.map(send, places))
        server.post("/api/v1/logs", keys["shop"], {"host": "web-1", "logs": lines(chance, now)})
        for back, version in ((15 * HOUR, "v1.3"), (2_700, "v1.4")):
            event = {"timestamp": now - back, "level": "INFO", "message": version, "logger": "argus.event"}
            event |= {"metadata": {"event": "deploy"}}
            server.post("/api/v1/logs", keys["shop"], {"host": "web-1", "logs": [event]})
        yield server, keys


@pytest.fixture
def look(browser: Browser, shop: tuple[Server, dict[str, str]]) -> Iterator[Callable[..., Page]]:
    """Logged-in pages of that server."""
    url, contexts = shop[0].url, []

    def make(path: str, theme: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]  # as above
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        log_in(page)
        page.goto(url + path)
        page.get_by_role("navigation", name="Pages").wait_for()
        return page

    yield make
    for context in contexts:
        context.close()


def keep(page: Page, name: str) -> None:
    page.wait_for_timeout(1_500)  # a person looks at what has settled
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    shutil.copy(ARTEFACTS / f"{name}.png", ROOT / "docs" / "images" / f"{name}.png")


def point_at(page: Page, chart: str, across: float) -> None:
    box = page.get_by_role("region", name=chart, exact=True).locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * 0.45)


def test_the_overview(look) -> None:
    page = look("/?last=86400", "light")
    expect(page.get_by_role("article", name="shop").get_by_text("up", exact=True)).to_be_visible()
    keep(page, "overview-light")


def test_the_metrics_of_a_day(look) -> None:
    page = look("/metrics?app=shop&last=86400&by.cpu_percent=", "light")
    expect(page.get_by_role("region", name="cpu_percent").locator("canvas")).to_be_visible()
    page.wait_for_timeout(1_000)
    point_at(page, "cpu_percent", 0.17)
    keep(page, "metrics-light")


def test_the_heat_map_of_a_timing(look) -> None:
    page = look("/metrics?app=shop&last=3600", "dark")
    card = page.get_by_role("region", name="http.request", exact=True)
    for what in ("Show as heat map", "Add to your charts", "Full width"):
        card.get_by_role("button", name="More for http.request").click()
        card.get_by_role("button", name=what).click()
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("img", name="http.request, distribution")).to_be_visible()
    page.wait_for_timeout(1_000)
    point_at(page, "http.request", 0.5)
    keep(page, "metrics-heat-map")


def test_the_logs(look) -> None:
    page = look("/logs?app=shop&last=3600&q=order%20-level:debug", "dark")
    page.locator(".log-line").filter(has_text="refused").first.click()
    keep(page, "logs-dark")


def test_the_alerts(look, shop: tuple[Server, dict[str, str]]) -> None:
    server, keys = shop
    page = look("/alerts", "dark")
    now = time.time() // FINE * FINE
    for host in APPS["shop"]:
        late = window(random.Random(8), ("shop", host), now - 120, 120, now - 1_700)  # a second busy time has begun
        server.post("/api/v1/metrics", keys["shop"], {**late, "instance": f"again@{host}"})
    base = page.evaluate("document.baseURI")
    for rule in (
        {"name": "Slow answers", "metric_name": "http.request", "aggregation": "p95", "threshold": 0.09, "window": 60},
        {"name": "Busy processor", "metric_name": "cpu_percent", "threshold": 90, "severity": "info"},
        {"name": "The bank is away", "query": "level:error bank", "threshold": 20, "window": 300},
    ):
        body = {"app_id": "shop", "notification_email": "ops@example.org", "severity": "critical", **rule}
        answer = page.request.post(f"{base}api/v1/alerts", data=body, headers={"Origin": base.rstrip("/")})
        assert answer.ok, answer.text()
    expect(page.get_by_role("article", name=re.compile("Slow answers"))).to_be_visible(timeout=90_000)
    keep(page, "alerts-dark")


def test_the_form_of_a_rule(look) -> None:
    page = look("/alerts?app=shop&edit=new&metric=cpu_percent", "light")
    form = page.get_by_role("dialog", name="New rule")
    form.get_by_label("Threshold").fill("62")
    form.get_by_text("More", exact=True).click()
    form.get_by_label("Looked at together").select_option("5 min")
    expect(form.get_by_role("status").filter(has_text="would")).to_be_visible()
    keep(page, "alert-form-light")

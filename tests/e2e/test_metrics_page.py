"""The metrics page in a real browser: one's own charts, heat maps, the way to the logs, exports."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("programs")


def chart(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def choose(page: Page, name: str, what: str) -> None:
    """Choose from a chart's menu."""
    chart(page, name).get_by_role("button", name=f"More for {name}").click()
    chart(page, name).get_by_role("button", name=what).click()


def drag(page: Page, canvas: Locator, start: float, end: float) -> None:
    """Drag over parts of a chart's width."""
    box = canvas.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (start + end) / 2, y, steps=3)
    page.mouse.move(box["x"] + box["width"] * end, y, steps=3)
    page.mouse.up()


def test_a_search_adds_a_chart_to_ones_own_and_it_stays(open_page: Open) -> None:
    page = open_page("/metrics?app=shop&last=900")
    search = page.get_by_role("combobox", name="Find a metric")
    search.fill("queue")
    expect(page.get_by_role("option", name="queue gauge")).to_be_visible()
    search.press("Enter")
    search.fill("orders")
    page.get_by_role("option", name="orders counter").click()
    own = page.get_by_role("region", name="Your charts")
    expect(own.get_by_role("heading", level=3)).to_have_text(["queue", "orders"])
    choose(page, "orders", "Move earlier")
    choose(page, "orders", "Full width")
    chart(page, "queue").get_by_label("Aggregation of queue").select_option("max")
    page.goto(page.url.partition("&")[0])
    expect(own.get_by_role("heading", level=3)).to_have_text(["orders", "queue"])
    expect(chart(page, "queue").get_by_label("Aggregation of queue")).to_have_value("max")
    choose(page, "queue", "Remove from your charts")
    expect(own.get_by_role("heading", level=3)).to_have_text(["orders"])


def test_a_timing_is_shown_as_a_heat_map_of_its_distribution(open_page: Open, picture) -> None:
    page = open_page("/metrics?app=shop&last=900&q=http")
    choose(page, "http.request", "Show as heat map")
    heat = chart(page, "http.request").get_by_role("img", name="http.request, distribution")
    expect(heat).to_be_visible()
    box = heat.bounding_box()
    assert box is not None
    spot = chart(page, "http.request").locator(".heat-spot")
    for height in range(10, 170, 12):
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + height)
        if re.search(r"[1-9]\d* values?", spot.inner_text()):
            break
    expect(spot).to_contain_text(re.compile(r"ms . .* values?, [\d.]+ %"))
    picture(page, "metrics-heat-map")
    drag(page, heat, 0.5, 0.8)
    expect(page).to_have_url(re.compile(r"heat\.http\.request=1.*start=\d+&end=\d+"))


def test_a_drag_with_shift_shows_the_logs_of_that_time_and_a_line_leads_back(open_page: Open) -> None:
    page = open_page("/metrics?app=shop&last=120&q=queue")
    canvas = chart(page, "queue").locator("canvas")
    expect(canvas).to_be_visible()
    page.keyboard.down("Shift")
    drag(page, canvas, 0.2, 0.99)
    page.keyboard.up("Shift")
    expect(page).to_have_url(re.compile(r"/logs\?app=shop&start=\d+&end=\d+$"))
    page.locator(".log-line").first.click()
    page.get_by_role("link", name="Charts around this time").click()
    expect(page).to_have_url(re.compile(r"/metrics\?app=shop&at=[\d.]+&start=\d+&end=\d+$"))
    expect(chart(page, "cpu_percent").locator("canvas")).to_be_visible()


def test_a_chart_is_compared_with_the_period_before_and_exported(open_page: Open, picture) -> None:
    page = open_page("/metrics?app=shop&last=300&q=queue")
    expect(chart(page, "queue").locator("canvas")).to_be_visible()
    with page.expect_response(lambda answer: "/api/v1/metrics?" in answer.url) as before:
        choose(page, "queue", "Compare with the previous period")
    assert before.value.json()["series"] != []
    expect(page).to_have_url(re.compile(r"cmp\.queue=1"))
    picture(page, "metrics-compared")
    with page.expect_download() as table:
        choose(page, "queue", "Export as CSV")
    rows = list(csv.DictReader(io.StringIO(table.value.path().read_text())))
    assert table.value.suggested_filename == "shop-queue-avg.csv"
    assert any(row["queue"] for row in rows)
    with page.expect_download() as image:
        choose(page, "queue", "Export as PNG")
    assert image.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_new_metric_is_found_soon_after_it_came(open_page: Open, server) -> None:
    key = server.key("fresh")
    time.sleep(0.6)  # the server looks for new keys twice a second
    server.post("/api/v1/metrics", key, {"metrics": [{"name": "old", "value": 1}]})
    page = open_page("/metrics?app=fresh")
    expect(chart(page, "old").locator("canvas")).to_be_visible()
    server.post("/api/v1/metrics", key, {"metrics": [{"name": "brand.new", "value": 1}]})
    expect(chart(page, "brand.new").locator("canvas")).to_be_visible(timeout=8_000)

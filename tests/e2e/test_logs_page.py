"""The logs page in a real browser: completion, levels, the histogram, lines around a line, exports, a long list."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("programs")


def test_the_search_is_completed_from_what_was_seen(open_page: Open) -> None:
    page = open_page("/logs?app=shop")
    expect(page.locator(".log-line").first).to_be_visible()
    search = page.get_by_role("combobox", name="Search the logs")
    search.press_sequentially("lev")
    search.press("ArrowDown")
    search.press("Enter")
    expect(search).to_have_value("level:")
    page.get_by_role("option", name="level:warn").click()
    search.press_sequentially("logger:sh")
    page.get_by_role("option", name="logger:shop.pay", exact=True).click()
    search.press("Enter")
    expect(search).to_have_value("level:warn logger:shop.pay ")
    expect(page).to_have_url(re.compile(r"q=level%3Awarn\+logger%3Ashop\.pay"))
    expect(page.locator(".log-line .level.WARN").first).to_be_visible()
    expect(page.locator(".log-line .level.INFO")).to_have_count(0)


def test_levels_are_counted_and_chosen_and_the_histogram_zooms(open_page: Open) -> None:
    page = open_page("/logs?app=shop&last=900")
    warn = page.get_by_role("group", name="Levels").get_by_role("button", name="WARN")
    expect(warn).to_have_text(re.compile(r"WARN\s*\d"))
    warn.click()
    expect(page.locator(".log-line .level.INFO")).to_have_count(0)
    bars = page.get_by_role("figure", name="Lines over time").locator(".bars svg")
    expect(bars.locator(".bar.WARN").first).to_be_visible()
    expect(bars.locator(".bar.INFO")).to_have_count(0)
    box = bars.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 30, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"level=WARN.*start=\d+&end=\d+"))
    expect(page.get_by_label("Live tail")).to_be_disabled()
    bars.dblclick()
    expect(page).to_have_url(re.compile("last=900"))


def test_the_lines_around_a_line_are_shown_whatever_was_searched(open_page: Open) -> None:
    page = open_page("/logs?app=shop&q=level:warn")
    page.locator(".log-line").nth(3).click()
    message = page.locator(".log-detail pre").first.inner_text()
    page.get_by_role("link", name="Lines around this one").click()
    expect(page.locator(".wanted .log-line")).to_contain_text(message)
    expect(page.locator(".wanted .log-line")).to_be_in_viewport()
    expect(page.locator(".log-line .level.INFO").first).to_be_visible()


def test_found_lines_are_exported(open_page: Open) -> None:
    page = open_page("/logs?app=shop&q=hostile")
    expect(page.locator(".log-line").first).to_be_visible()
    texts = {}
    for name in ("NDJSON", "CSV"):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=f"As {name}").click()
        texts[name] = download.value.path().read_text()
    (line,) = map(json.loads, texts["NDJSON"].splitlines())
    (row,) = csv.DictReader(io.StringIO(texts["CSV"], newline=""))
    assert line["message"] == row["message"] == "hostile <img src=x onerror=alert(1)>"


def test_a_long_list_stays_smooth_and_scrolling_pauses_the_tail(open_page: Open, server) -> None:
    key = server.key("long")
    time.sleep(0.6)  # the server looks for new keys twice a second
    for batch in range(4):
        sent = [{"timestamp": time.time(), "message": f"line {batch * 1000 + i}", "level": "INFO"} for i in range(1000)]
        server.post("/api/v1/logs", key, {"logs": sent})
    page = open_page("/logs?app=long")
    lines = page.get_by_role("region", name="Log lines")
    expect(lines.get_by_text("line 3999", exact=True)).to_be_visible()
    for _ in range(12):
        lines.evaluate("box => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(60)
        if lines.get_by_text("line 0", exact=True).count():
            break
    expect(lines.get_by_text("line 0", exact=True)).to_be_visible()
    assert page.locator(".log-line").count() < 100, "only what is seen is in the page"
    expect(page.get_by_text("The live tail is paused.")).to_be_visible()
    server.post(
        "/api/v1/logs", key, {"logs": [{"timestamp": time.time(), "message": "the very newest", "level": "INFO"}]}
    )
    page.get_by_role("button", name="Resume at the newest").click()
    expect(lines.get_by_text("the very newest")).to_be_visible()

"""The logs page in a real browser: completion, levels, the histogram, lines around a line, exports, a long list."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import urllib.request
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


MANY, BATCH = 100_000, 10_000
SCROLL = """
async () => {
  const box = document.querySelector(".logs");
  const gaps = [];
  let last = performance.now();
  for (let frame = 0; frame < 60; frame += 1) {
    box.scrollTop -= frame % 20 === 0 ? box.scrollHeight / 4 : 400;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  return gaps.sort((a, b) => a - b);
}
"""
"""Scrolls up by half a window in each frame, and three times by a quarter of all lines; the frames' lengths in ms."""


@pytest.fixture
def long_log(server) -> tuple[str, int]:
    """The key of an application with a hundred thousand lines, and the id of the oldest."""
    key = str(server.key("long"))
    time.sleep(0.6)  # the server looks for new keys twice a second
    for first in range(0, MANY, BATCH):
        now = time.time()
        sent = [{"timestamp": now, "message": f"line {first + i}", "level": "INFO"} for i in range(BATCH)]
        server.post("/api/v1/logs", key, {"logs": sent})
    asked = urllib.request.Request(
        f"{server.url}/api/v1/logs?app=long&q=%22line+0%22", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:
        (oldest,) = json.loads(answer.read())["logs"]
    return key, int(oldest["id"])


@pytest.mark.timeout(400)  # a hundred pages of lines, on a machine that may have other things to do
def test_a_hundred_thousand_lines_stay_smooth_and_scrolling_pauses_the_tail(open_page: Open, server, long_log) -> None:
    key, oldest = long_log
    page = open_page(f"/logs?app=long&line={oldest}")
    lines = page.get_by_role("region", name="Log lines")
    expect(lines.locator(".wanted .log-line")).to_contain_text("line 0", timeout=240_000)
    expect(lines.locator(".wanted .log-line")).to_be_in_viewport()
    assert page.locator(".log-line").count() < 100, "only what is seen is in the page"
    gaps = page.evaluate(SCROLL)
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    held = devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    print(f"\n100 000 lines: median frame {gaps[30]:.0f} ms, longest {gaps[-1]:.0f} ms, heap {held:.0f} MB")
    assert gaps[30] < 100, "generous, for a machine that has other things to do"
    assert held < 200
    expect(page.get_by_text("The live tail is paused.")).to_be_visible()
    server.post(
        "/api/v1/logs", key, {"logs": [{"timestamp": time.time(), "message": "the very newest", "level": "INFO"}]}
    )
    page.get_by_role("button", name="Resume at the newest").click()
    expect(lines.get_by_text("the very newest")).to_be_visible()

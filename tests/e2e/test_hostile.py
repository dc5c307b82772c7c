"""What an application sends is text, whatever it says; and the page of the API passes the same policy as all others."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable

import pytest
from dashboard_looks import violations
from playwright.sync_api import Page, expect

Open = Callable[..., Page]

NAME = "<b onclick=hacked()>Hostile</b>"
APP = "b-onclick-hacked-hostile-b"
PAYLOADS = [
    "<script>document.title='hacked'</script>",
    "<svg onload=\"document.title='hacked'\"></svg>",
    "<a href=\"javascript:document.title='hacked'\">click me</a>",
    "<iframe srcdoc=\"<script>parent.document.title='hacked'</script>\"></iframe>",
    "</div></body><style>body{display:none}</style>",
    "{{constructor.constructor('document.title=1')()}}",
]


@pytest.fixture(scope="session")
def _hostile(server) -> None:
    key = server.key(NAME)
    time.sleep(0.6)  # the server looks for new keys twice a second
    now = time.time()
    lines = [
        {"timestamp": now, "level": "ERROR", "message": text, "logger": text, "metadata": {text: {"deep": [text]}}}
        for text in PAYLOADS
    ]
    points = [{"name": "hostile", "value": 1, "tags": {"who": text}} for text in PAYLOADS]
    for path, body in (("logs", {"logs": lines, "host": PAYLOADS[0]}), ("metrics", {"metrics": points})):
        data, headers = json.dumps(body).encode(), {"Authorization": f"Bearer {key}"}
        request = urllib.request.Request(f"{server.url}/api/v1/{path}", data, headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.loads(answer.read())["rejected"] == []


def untouched(page: Page) -> None:
    assert "Argus" in page.title()
    made = page.locator("body :is(script:not([src]), iframe, style, [onload], [onclick], [href^='javascript:'])")
    assert made.evaluate_all("found => found.map(one => one.outerHTML)") == []


@pytest.mark.usefixtures("_hostile")
def test_hostile_lines_names_and_tags_are_shown_as_text_and_do_nothing(open_page: Open) -> None:
    page = open_page(f"/logs?app={APP}")
    region = page.get_by_role("region", name="Log lines")
    for text in PAYLOADS:
        line = region.get_by_role("button").filter(has_text=text).first
        expect(line).to_be_visible()
    region.get_by_role("button").filter(has_text=PAYLOADS[1]).first.click()
    untouched(page)
    base = page.url.partition("/logs")[0]
    page.goto(f"{base}/metrics?app={APP}&last=900&q=hostile")
    card = page.get_by_role("region", name="hostile", exact=True)
    card.get_by_label("Group hostile by").select_option("who")
    for text in PAYLOADS:
        expect(card.get_by_role("region", name="Legend").get_by_text(f"who={text}")).to_be_visible()
    untouched(page)
    page.goto(base)
    expect(page.get_by_role("link").filter(has_text=NAME)).to_be_visible()
    untouched(page)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_the_page_of_the_api_is_styled_accessible_and_fits(open_page: Open, picture, theme: str, width: int) -> None:
    page = open_page("/api/docs", theme=theme, width=width, login=False)
    expect(page.get_by_role("heading", name="HTTP API")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none", "the style sheet is loaded"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    page.get_by_role("link", name="LogLine").first.click()
    expect(page.locator("#shape-LogLine")).to_be_in_viewport()
    assert violations(page) == []
    picture(page, f"api-docs-{theme}")

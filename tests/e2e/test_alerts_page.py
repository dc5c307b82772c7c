"""The page of alerts in a real browser: a rule is made, fires, is looked after, silenced and told of; and ends."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from dashboard_looks import check_everywhere
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("programs")

THRESHOLD = """
(selector) => {
  const canvas = document.querySelector(selector);
  if (canvas === null) return false;
  const probe = document.createElement("i");
  probe.style.color = getComputedStyle(document.documentElement).getPropertyValue("--error");
  document.body.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const rows = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const near = Math.abs(data[i] - red) + Math.abs(data[i + 1] - green) + Math.abs(data[i + 2] - blue) < 24;
    if (near && data[i + 3] > 200) rows.set(Math.floor(i / 4 / width), (rows.get(Math.floor(i / 4 / width)) ?? 0) + 1);
  }
  return Math.max(0, ...rows.values()) > width / 3;
}
"""
"""Whether a chart has a dashed line in the colour of thresholds, from side to side."""

WINDOW = 30_000
"""Milliseconds in which a window of ten seconds ends and is judged, also on a busy machine."""


@pytest.fixture(scope="module")
def hook() -> Iterator[str]:
    """Something that takes messages of a webhook."""

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Taker) as taker:
        threading.Thread(target=taker.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{taker.server_address[1]}/"
        taker.shutdown()


def api(page: Page, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
    """Ask the API as the page that is logged in."""
    base = page.evaluate("document.baseURI")
    answer = page.request.fetch(f"{base}api/v1/{path}", method=method, data=body, headers={"Origin": base.rstrip("/")})
    assert answer.ok, answer.text()
    return answer.json() if answer.text() else None


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Rules").get_by_role("listitem", name=name, exact=True)


def more(page: Page, name: str, what: str) -> None:
    """Choose from a rule's menu."""
    row(page, name).get_by_role("button", name=f"More for {name}").click()
    row(page, name).get_by_role("button", name=what, exact=True).click()


def test_a_rule_is_previewed_made_fires_and_is_looked_after(open_page: Open, hook: str) -> None:
    page = open_page("/alerts?app=shop", allow=["400"])
    api(page, "channels", {"name": "pager", "kind": "webhook", "target": hook})
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("dialog", name="New rule")
    form.get_by_label("Metric", exact=True).fill("queue")
    form.get_by_role("button", name="Make the rule").click()
    expect(form.get_by_text("Give the number to compare with.")).to_be_visible()
    form.get_by_label("Threshold").fill("-1")
    preview = form.get_by_role("region", name="Preview")
    expect(preview.get_by_role("status")).to_have_text(re.compile("It would have fired (once|twice)"))
    expect(preview.locator("canvas")).to_be_visible()
    form.get_by_label("E-mail").fill("nobody")
    form.get_by_text("More", exact=True).click()
    form.get_by_label("Looked at together").select_option("10 s")
    form.get_by_label("Name").fill("Long queue")
    form.get_by_label("pager (webhook)").check()
    form.get_by_role("button", name="Make the rule").click()
    expect(form.get_by_text(re.compile("nobody.*@")), "the server's word stands at the field").to_be_visible()
    form.get_by_label("E-mail").fill("ops@example.org")
    form.get_by_role("button", name="Make the rule").click()
    expect(form).to_have_count(0)

    incident = page.get_by_role("article", name="Long queue, shop")
    expect(incident).to_be_visible(timeout=WINDOW)
    expect(incident.locator("canvas")).to_be_visible()
    expect(page.get_by_role("link", name="Alerts 1 active")).to_be_visible()
    incident.get_by_role("button", name="Acknowledge").click()
    expect(incident.get_by_text("acknowledged")).to_be_visible()
    incident.get_by_role("button", name="Silence").click()
    incident.get_by_role("button", name="for 1 hour").click()
    expect(incident.get_by_text("silenced")).to_be_visible()


def test_what_happened_is_told_and_a_silence_is_changed_and_ended(open_page: Open) -> None:
    page = open_page("/alerts?app=shop")
    incident = page.get_by_role("article", name="Long queue, shop")
    expect(incident).to_be_visible()
    page.get_by_role("button", name="History").click()
    event = page.get_by_role("list", name="Events").get_by_role("listitem", name="Long queue, shop: firing", exact=True)
    expect(event).to_contain_text("1 under way, 1 sent")
    event.get_by_role("button").click()
    expect(event.get_by_role("list", name="Attempts to pager")).to_contain_text("taken")
    expect(event.get_by_text("no mail server is set")).to_be_visible()
    page.get_by_role("button", name="resolved", exact=True).click()
    expect(page.get_by_text("Nothing like this happened.")).to_be_visible()

    page.get_by_role("button", name=re.compile("^Silences")).click()
    silence = page.get_by_role("list", name="Silences").get_by_role("listitem", name="Long queue, of shop")
    expect(silence.get_by_text("silent now")).to_be_visible()
    silence.get_by_role("button", name="Change").click()
    changed = page.get_by_role("dialog", name="Change the silence")
    expect(changed.get_by_label("Application")).to_have_value("shop")
    changed.get_by_label("Why").fill("until the deploy is over")
    changed.get_by_label("Again").select_option("Every day")
    changed.get_by_role("button", name="Save").click()
    expect(silence).to_contain_text("until the deploy is over")
    expect(silence).to_contain_text("every day for ")
    silence.get_by_role("button", name="End").click()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("No silence.")).to_be_visible()
    incident.get_by_role("link", name="Charts around it").click()
    expect(page).to_have_url(re.compile(r"/metrics\?app=shop&q=queue&start=\d+&end=\d+"))
    page.wait_for_function(THRESHOLD, arg='[aria-label="queue, avg"]')
    page.go_back()
    incident.get_by_role("link", name="Logs around it").click()
    expect(page.locator(".log-line").first).to_be_visible()


def test_a_rule_is_edited_duplicated_switched_off_and_deleted(open_page: Open) -> None:
    page = open_page("/alerts?app=shop")
    expect(page.get_by_role("article", name="Long queue, shop")).to_be_visible()
    more(page, "Long queue", "Edit")
    form = page.get_by_role("dialog", name="Edit rule")
    expect(form.get_by_label("E-mail")).to_have_value("ops@example.org")
    form.get_by_label("Threshold").fill("1e6")
    form.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_text("All is well: no rule is firing.")).to_be_visible()
    more(page, "Long queue", "Duplicate")
    page.get_by_role("button", name="Make the rule").click()
    copy = "Long queue (copy)"
    row(page, copy).get_by_role("checkbox").uncheck()
    expect(row(page, copy).get_by_text("off", exact=True)).to_be_visible()
    more(page, copy, "Delete")
    page.get_by_role("button", name="Delete the rule").click()
    expect(row(page, copy)).to_have_count(0)
    expect(row(page, "Long queue")).to_be_visible()


def test_the_page_and_its_form_are_accessible_and_fit_in_both_themes(open_page: Open, picture) -> None:
    page = open_page("/alerts?edit=new&metric=queue")
    form = page.get_by_role("dialog", name="New rule")
    form.get_by_text("More", exact=True).click()
    form.get_by_label("Threshold").fill("3")
    expect(form.get_by_role("status").filter(has_text="would")).to_be_visible()
    check_everywhere(page, "alert-form", picture)
    form.get_by_role("button", name="Cancel").click()
    for part, name in (("History", "alert-history"), ("Rules", "alerts")):
        page.get_by_role("button", name=re.compile(f"^{part}")).click()
        expect(page.get_by_role("list", name="Events" if part == "History" else "Rules")).to_be_visible()
        check_everywhere(page, name, picture)

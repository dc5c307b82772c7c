"""The dashboard in a real browser: log in, see what runs, watch it move, search its log."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from dashboard_looks import check_everywhere
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


pytestmark = pytest.mark.usefixtures("programs")


def chart(page: Page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def test_a_stranger_is_sent_to_the_login_and_comes_back_to_where_they_wanted(open_page: Open) -> None:
    page = open_page("/logs?q=payment", login=False, allow=["401"])
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Password of the administrator").fill("wrong password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("the password is wrong")).to_be_visible()
    page.get_by_label("Password of the administrator").fill("peacock feathers")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/logs\?q=payment"))


def test_the_overview_shows_every_application_and_that_it_is_up(open_page: Open) -> None:
    page = open_page()
    for name in ("shop", "snake", "argus"):
        expect(page.get_by_role("article", name=name).get_by_text("up", exact=True)).to_be_visible()
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()
    expect(page.get_by_text("Argus' overhead").first).to_be_visible()
    page.get_by_role("article", name="shop").get_by_role("link", name="shop").click()
    expect(page.get_by_role("heading", name="Metrics of shop")).to_be_visible()


def test_a_chart_moves_while_one_looks_and_all_are_one_subscription(open_page: Open) -> None:
    sent: list[dict[str, Any]] = []

    def listen(page: Page) -> None:
        page.on("websocket", lambda wire: wire.on("framesent", lambda frame: sent.append(json.loads(frame))))

    page = open_page("/metrics?app=shop&last=900", before=listen)
    card = chart(page, "queue")
    card.scroll_into_view_if_needed()
    expect(card.locator("canvas")).to_be_visible()
    shown = card.locator(".now")
    expect(shown).to_have_text(re.compile(r"\d"))
    requests: list[str] = []
    history = re.compile(r"/api/v1/metrics\?.*name=queue&")  # charts that scrolling brought near ask for theirs
    page.on("request", lambda request: requests.append(request.url) if history.search(request.url) else None)
    before = shown.inner_text()
    expect(shown).not_to_have_text(before)
    assert requests == [], "points came over the socket, without asking for the history again"
    asked = {(message["id"], message["topic"]) for message in sent if message["op"] == "subscribe"}
    assert sorted(topic for _, topic in asked) == ["alerts", "applications", "metrics"], "one of each"
    assert max(len(message.get("queries", {})) for message in sent) > 4, "of all charts in view"


def test_the_snakes_score_is_on_its_chart(open_page: Open) -> None:
    page = open_page("/metrics?app=snake&q=snake.score&last=900")
    card = chart(page, "snake.score")
    expect(card.locator("canvas")).to_be_visible()
    expect(card.locator(".now")).to_have_text(re.compile(r"\d"))


def test_percentiles_and_groups_can_be_chosen_and_the_link_keeps_them(open_page: Open, picture) -> None:
    page = open_page("/metrics?app=shop&last=900&q=http")
    chart(page, "http.request").get_by_label("Aggregation of http.request").select_option("p99")
    chart(page, "http.request").get_by_label("Group http.request by").select_option("route")
    legend = chart(page, "http.request").get_by_role("region", name="Legend")
    expect(legend.get_by_text("route=/pay")).to_be_visible()
    assert "agg.http.request=p99" in page.url
    page.reload()
    expect(legend.get_by_text("route=/cart")).to_be_visible()
    picture(page, "metrics-grouped")


def test_dragging_zooms_and_a_double_click_goes_back(open_page: Open) -> None:
    page = open_page("/metrics?app=shop&last=900&q=queue")
    canvas = chart(page, "queue").locator("canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, y, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"start=\d+&end=\d+"))
    chart(page, "queue").locator(".plot").dblclick()
    expect(page).to_have_url(re.compile("last=900"))


def test_a_log_search_finds_lines_and_a_click_on_metadata_filters(open_page: Open, picture) -> None:
    page = open_page("/logs?app=shop")
    page.get_by_role("combobox", name="Search the logs").fill('level:warn "card expired"')
    lines = page.get_by_role("region", name="Log lines")
    expect(lines.get_by_text("refused: card expired").first).to_be_visible()
    expect(lines.get_by_text("accepted")).to_have_count(0)
    picture(page, "logs-search")
    lines.get_by_role("button").filter(has_text="card expired").first.click()
    lines.get_by_role("button", name=re.compile(r"^order=\d+")).first.click()
    expect(page).to_have_url(re.compile(r"order%3D\d+"))
    expect(lines.get_by_text("card expired").first).to_be_visible()


def test_new_lines_arrive_on_top_while_the_tail_is_live(open_page: Open) -> None:
    page = open_page("/logs?app=shop")
    newest = page.locator(".log-line").first
    expect(newest).to_be_visible()
    before = newest.inner_text()
    expect(newest).not_to_have_text(before)


def test_hostile_names_and_lines_are_text(open_page: Open) -> None:
    page = open_page("/metrics?app=shop&last=900&q=hostile")
    expect(page.get_by_role("heading", name="hostile.<img src=x onerror=alert(1)>")).to_be_visible()
    page.goto(page.url.partition("/metrics")[0] + "/logs?app=shop&q=hostile")
    page.get_by_role("button").filter(has_text="hostile <img").first.click()
    expect(page.get_by_role("button", name="<img src=x onerror=alert(1)>=<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("img[src='x']").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_application_can_be_connected_by_a_command_of_the_page(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="Connect an application").click()
    page.get_by_label("Name of the application").fill("New Game")
    page.get_by_role("button", name="Register and get a key").click()
    page.get_by_role("button", name="C++").click()
    expect(page.get_by_text(re.compile(r"ARGUS_APP_ID=new-game ARGUS_API_KEY=argus_[\w-]+ ./hello"))).to_be_visible()
    page.get_by_role("button", name="Shell").click()
    command = page.locator("pre", has_text="curl").inner_text()
    expect(page.get_by_text("Waiting for the first data…")).to_be_visible()
    assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).returncode == 0
    page.get_by_role("link", name="Open its charts").click()
    expect(chart(page, "hello").locator("canvas")).to_be_visible()


def test_the_keyboard_jumps_searches_and_helps(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("/logs"))
    page.get_by_role("combobox", name="Search the logs").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search the logs")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 700, "y": 880})
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")


@pytest.mark.parametrize(
    ("name", "path", "shown"),
    [
        ("overview", "/", ".spark-row"),
        ("metrics", "/metrics?app=shop&last=900", ".chart-card canvas"),
        ("logs", "/logs?app=shop", ".log-line"),
    ],
)
def test_every_page_is_accessible_and_fits_its_width_in_both_themes(
    open_page: Open, picture, name: str, path: str, shown: str
) -> None:
    page = open_page(path)
    expect(page.locator(shown).first).to_be_visible()
    page.wait_for_load_state("networkidle")  # axe looks at one moment: what loads is there
    check_everywhere(page, name, picture)

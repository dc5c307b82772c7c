"""The pages of applications and settings: all that an administrator does, done by mouse and looked at from outside."""

from __future__ import annotations

import re
import tarfile
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

import pytest
from dashboard_login import PASSWORD, log_in
from dashboard_looks import check_everywhere
from http_double import Double
from playwright.sync_api import Locator, Page, Route, expect

PARTS = ["Server", "Storage", "Backups", "Channels", "Configuration", "Account", "Audit log"]
Open = Callable[..., Page]


def send(server, key: str) -> None:
    server.post("/api/v1/metrics", key, {"metrics": [{"name": "sold", "value": 1}]})


def refused(server, key: str) -> bool:
    try:
        send(server, key)
    except urllib.error.HTTPError as error:
        return error.code == 401
    return False


def expect_refused(server, key: str) -> None:
    """The server looks for revoked keys twice a second."""
    deadline = time.monotonic() + 10
    while not refused(server, key):
        assert time.monotonic() < deadline, "the key is still taken"


def dialog(page: Page, title: str) -> Locator:
    return page.get_by_role("dialog", name=title)


def copied_key(page: Page) -> str:
    """Copy the key that is shown once, and look that the snippets carry it."""
    page.get_by_role("button", name="Copy: Key").click()
    key = str(page.evaluate("navigator.clipboard.readText()"))
    for language in ("C++", "Shell", "Python"):
        page.get_by_role("button", name=language, exact=True).click()
        expect(page.locator("pre", has_text=key).nth(1)).to_be_visible()
    return key


@pytest.fixture
def till(open_page: Open, server) -> tuple[Page, str]:
    """Register an application on its page and let its first metric arrive; the page of it, and its key."""
    page = open_page("/applications")
    page.get_by_role("button", name="Register an application").click()
    asked = dialog(page, "Connect an application")
    asked.get_by_label("Name of the application").fill("Till 1")
    asked.get_by_role("button", name="Register and get a key").click()
    key = copied_key(page)
    expect(asked.get_by_text("Waiting for the first data…")).to_be_visible()
    send(server, key)
    expect(asked.get_by_text("The first data have arrived.")).to_be_visible()
    asked.get_by_role("button", name="Close").click()
    return page, key


def test_an_application_is_registered_watched_renamed_limited_and_deleted(
    till: tuple[Page, str], server, picture
) -> None:
    page, key = till
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page.get_by_role("article", name="Till 1").get_by_text("up", exact=True)).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_title("Applications · Argus")
    page.get_by_role("table", name="Applications").get_by_role("link", name="Till 1").click()
    use = page.get_by_role("region", name="Use and losses")
    expect(use.get_by_role("meter", name="Active series")).to_have_attribute("aria-valuetext", "1 of 10 k")
    picture(page, "application")

    page.get_by_role("button", name="Rename").click()
    dialog(page, "Rename Till 1").get_by_label("New name").fill("Front <b>till</b>")
    dialog(page, "Rename Till 1").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Front <b>till</b>", level=1)).to_be_visible()

    page.get_by_role("button", name="Change limits").click()
    limits = dialog(page, "Limits of Front <b>till</b>")
    limits.get_by_label("Most active series").fill("half")
    expect(limits.get_by_text("A whole number greater than zero, or nothing.")).to_be_visible()
    expect(limits.get_by_role("button", name="Save")).to_be_disabled()
    limits.get_by_label("Most active series").fill("40")
    limits.get_by_role("button", name="Save").click()
    expect(use.get_by_text("1 of 40")).to_be_visible()
    expect(use.get_by_text("a limit of its own")).to_have_count(1)

    page.get_by_role("button", name="Delete Front").click()
    asked = dialog(page, "Delete Front <b>till</b> and its data?")
    asked.get_by_label("To confirm, type till-1").fill("Till-1")
    expect(asked.get_by_role("button", name="Delete for good")).to_be_disabled()
    asked.get_by_label("To confirm, type till-1").fill("till-1")
    asked.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Applications", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Front <b>till</b>")).to_have_count(0)
    expect_refused(server, key)


def test_keys_are_made_replaced_with_an_overlap_and_revoked(open_page: Open, server) -> None:
    first = server.key("Kiosk")
    page = open_page("/applications?app=kiosk")
    keys = page.get_by_role("table", name="Keys").locator("tbody tr")
    page.get_by_role("button", name="New key").click()
    dialog(page, "New key").get_by_label("Label").fill("oslo")
    dialog(page, "New key").get_by_role("button", name="Make the key").click()
    second = copied_key(page)
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_text(second)).to_have_count(0)
    send(server, second)

    page.get_by_role("button", name="Replace oslo").click()
    page.get_by_label("The old key works on for").select_option("one hour")
    page.get_by_role("button", name="Make the new key").click()
    third = copied_key(page)
    page.get_by_role("button", name="I have it").click()
    expect(keys.filter(has_text="oslo").filter(has_text=re.compile("in 60 min|in 59 min"))).to_have_count(1)
    for key in (first, second, third):
        send(server, key)

    for prefix in (first, third):
        row = keys.filter(has_text=prefix[:10])
        row.get_by_role("button", name="Revoke").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(row).to_have_count(0)
        expect_refused(server, prefix)
    send(server, second)


def test_the_server_is_backed_up_and_its_password_changed_and_both_are_in_the_audit_log(
    empty_server, open_page: Open, tmp_path: Path
) -> None:
    page = open_page("/settings?part=backups", at=empty_server, login=False, allow=["401"])
    log_in(page)
    show_a_backup_that_takes_its_time(page)
    page.get_by_role("button", name="Back up now").click()
    made = page.get_by_role("table", name="Backups").locator("tbody tr")
    expect(made).to_contain_text("metrics sqlite")
    with page.expect_download() as fetched:
        made.get_by_role("link", name="Download").click()
    fetched.value.save_as(tmp_path / "fetched.tar")
    with tarfile.open(tmp_path / "fetched.tar") as backup:
        assert "manifest.json" in backup.getnames()
    name = fetched.value.suggested_filename
    expect(page.get_by_text(f"argus restore argus-data/backups/{name}")).to_be_visible()
    made.get_by_role("button", name="Delete").click()
    dialog(page, "Delete this backup?").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("There is no backup yet.")).to_be_visible()

    page.get_by_role("link", name="Account").click()
    page.get_by_label("Password until now").fill("guessed wrong")
    page.get_by_label("New password", exact=True).fill("ten eyes sleep")
    page.get_by_label("New password, again").fill("ten eyes sleep")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("the old password is wrong")).to_be_visible()
    page.get_by_label("Password until now").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    expect(page.get_by_role("status", name="Connection: live")).to_be_visible()

    page.get_by_role("link", name="Audit log").click()
    log = page.get_by_role("table", name="Audit log")
    for act in ("Changed the password", "Began a backup", "Fetched a backup", "Deleted a backup"):
        expect(log.get_by_role("row").filter(has_text=act)).to_have_count(1)

    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Log out everywhere").click()
    dialog(page, "Log out everywhere?").get_by_role("button", name="Log out everywhere").click()
    page.get_by_label("Password of the administrator").fill("ten eyes sleep")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("navigation", name="Pages").wait_for()


def show_a_backup_that_takes_its_time(page: Page) -> None:
    """The backups of these tests are over at once: the server's answer is shown as it is while a large one is made."""
    running = {"started_at": time.time(), "step": "copying metrics", "done": 3 * 2**20, "total": 12 * 2**20}

    def answer(route: Route) -> None:
        real = route.fetch()
        route.fulfill(response=real, json={**real.json(), "running": running})

    page.route("**/api/v1/backups", answer)
    page.reload()
    progress = page.get_by_role("progressbar", name="copying metrics")
    expect(progress).to_have_attribute("aria-valuenow", "25")
    expect(page.get_by_role("status").filter(has_text="3 MiB of 12 MiB")).to_be_visible()
    expect(page.get_by_role("button", name="Back up now")).to_be_disabled()
    running |= {"step": "writing the file", "done": 12 * 2**20}
    expect(page.get_by_role("progressbar", name="writing the file")).to_have_attribute("aria-valuenow", "100")
    page.unroute_all(behavior="wait")
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_a_setting_is_found_and_the_line_that_changes_it_is_copied(open_page: Open) -> None:
    page = open_page("/settings?part=storage")
    page.get_by_role("link", name="log_retention_days").click()
    settings = page.get_by_role("table", name="Configuration").locator("tbody tr")
    expect(settings).to_have_count(1)
    expect(settings).to_contain_text("30.0")
    expect(settings).to_contain_text("default")
    settings.get_by_role("button", name="Change log_retention_days").click()
    asked = dialog(page, "Change log_retention_days")
    asked.get_by_label("New value").fill("0")
    expect(asked.get_by_text("It must be from 0.05 to 3,650.")).to_be_visible()
    asked.get_by_label("New value").fill("14")
    asked.get_by_role("button", name=re.compile("Copy: In argus.toml")).click()
    assert page.evaluate("navigator.clipboard.readText()") == "[server]\nlog_retention_days = 14"
    asked.get_by_role("button", name="Close").click()
    page.get_by_role("searchbox", name="Find a setting").fill("alert delay")
    expect(settings).to_contain_text("ARGUS_ALERT_DELAY")


def test_a_webhook_is_made_with_a_secret_tried_changed_and_deleted(open_page: Open) -> None:
    came: list[bytes] = []
    statuses = iter([200, 410])

    def answer(_method: str, _path: str, body: bytes) -> tuple[int, object]:
        came.append(body)
        return next(statuses), {}

    with Double(answer, {}) as receiver:
        page = open_page("/settings?part=channels")
        page.get_by_role("button", name="New channel").click()
        asked = dialog(page, "New channel")
        asked.get_by_label("Name").fill("night watch")
        asked.get_by_label("Kind").select_option("Webhook")
        asked.get_by_label("Address").fill(f"http://127.0.0.1:{receiver.port}/secret-path")
        asked.get_by_role("button", name="Make the channel").click()
        expect(dialog(page, "The webhook's secret").get_by_text(re.compile("^argus_hook_"))).to_be_visible()
        page.get_by_role("button", name="I have it").click()
        rows = page.get_by_role("table", name="Channels").locator("tbody tr")
        row = rows.filter(has_text="night watch")
        expect(row).to_contain_text("http://127.0.0.1/…")
        row.get_by_role("button", name="Test").click()
        expect(row.get_by_role("status")).to_contain_text("Sent")
        row.get_by_role("button", name="Test").click()
        expect(row.get_by_role("status")).to_contain_text("Refused, as it would be again")
        assert len(came) == 2
        row.get_by_role("button", name="Change").click()
        dialog(page, "Change night watch").get_by_label("Name").fill("day watch")
        dialog(page, "Change night watch").get_by_role("button", name="Save").click()
        changed = rows.filter(has_text="day watch")
        changed.get_by_role("button", name="Delete").click()
        dialog(page, "Delete day watch?").get_by_role("button", name="Delete").click()
        expect(changed).to_have_count(0)
    page.get_by_label("Send a test mail to").fill("ops@example.org")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("no mail server is set")).to_be_visible()


def test_a_part_that_cannot_be_loaded_says_why_and_tries_again(open_page: Open) -> None:
    refusal = {"error": {"code": "unauthorized", "message": "the disk is gone", "where": ""}}
    page = open_page(
        "/settings",
        allow=["403"],
        before=lambda page: page.route("**/api/v1/status", lambda route: route.fulfill(status=403, json=refusal)),
    )
    expect(page.get_by_role("alert")).to_contain_text("The state of the server could not be loaded. the disk is gone")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table", name="Stores").get_by_text("stores", exact=True)).to_have_count(2)
    expect(page.get_by_role("table", name="Jobs")).to_contain_text("expires log lines, keys and logins")


def test_every_part_is_accessible_and_fits_its_width_in_both_themes(open_page: Open, picture) -> None:
    page = open_page("/applications")

    def check(part: Locator, name: str) -> None:
        part.first.wait_for()
        check_everywhere(page, name, picture)

    check(page.get_by_role("table", name="Applications"), "applications")
    page.get_by_role("table", name="Applications").get_by_role("link", name="argus").click()
    check(page.get_by_role("region", name="Instances"), "application")
    page.get_by_role("link", name="Settings").click()
    for part in PARTS:
        page.get_by_role("navigation", name="Parts of the settings").get_by_role("link", name=part).click()
        check(page.locator(".settings section"), f"settings-{part.lower().replace(' ', '-')}")
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Log out everywhere").click()
    check(dialog(page, "Log out everywhere?"), "settings-dialog")

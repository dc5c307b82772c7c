"""The first minutes with a new server: only what the page shows is followed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from dashboard_login import log_in
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]


def test_from_an_empty_server_to_the_first_metric_following_only_the_page(
    empty_server, open_page: Callable[..., Page], picture, tmp_path: Path
) -> None:
    page = open_page("/", login=False, at=empty_server, allow=["401"])
    log_in(page)
    expect(page.get_by_role("heading", name="Connect your first application")).to_be_visible()
    expect(page.get_by_role("article", name="argus").get_by_text("up", exact=True)).to_be_visible()
    picture(page, "first-run")
    page.get_by_label("Name of the application").fill("New Shop")
    page.get_by_role("button", name="Register and get a key").click()
    expect(page.get_by_text("This key is shown once")).to_be_visible()
    page.get_by_role("button", name="Copy: In your program; run as it is, it sends a first metric").click()
    program = page.evaluate("navigator.clipboard.readText()")
    assert 'app_id="new-shop", api_key="argus_' in program
    picture(page, "first-run-key")
    expect(page.get_by_text("Waiting for the first data…")).to_be_visible()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # stands for the page's first step, pip install
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True, timeout=60)
    page.get_by_role("link", name="Open its charts").click()
    for name in ("hello", "queue", "work"):
        chart = page.get_by_role("region", name=name, exact=True)
        chart.scroll_into_view_if_needed()
        expect(chart.locator("canvas")).to_be_visible()

"""Logging in to the dashboard, as a person does."""

from __future__ import annotations

from playwright.sync_api import Page

PASSWORD = "peacock feathers"


def log_in(page: Page) -> None:
    """Fill in the page of the login that is shown."""
    page.get_by_label("Password of the administrator").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("navigation", name="Pages").wait_for()

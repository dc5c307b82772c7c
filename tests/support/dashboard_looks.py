"""A page as everybody sees it: in both themes, on a screen and on a phone, by eye and by ear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = ((1440, 900, "light"), (1440, 900, "dark"), (390, 844, "dark"), (390, 844, "light"))

SETTLED = """
async () => {
  const ending = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ending.map(one => one.finished));
  for (let frame = 0; frame < 6; frame += 1) await new Promise(requestAnimationFrame);
}
"""
"""Colours have faded over, and charts have been drawn as large as they are now."""


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds wrong with a page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(one["id"], node["html"][:200]) for one in found["violations"] for node in one["nodes"]]


def check_everywhere(page: Page, name: str, picture: Callable[[Page, str], None]) -> None:
    """Look that a page is accessible and fits its width, in every theme and width, and keep a picture of each."""
    for width, height, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # "light" or "dark"
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        page.evaluate(SETTLED)
        assert (name, theme, width, violations(page)) == (name, theme, width, [])
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} sticks out"
        picture(page, f"{name}-{theme}{'-phone' if width == 390 else ''}")

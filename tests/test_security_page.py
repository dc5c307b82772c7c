"""``SECURITY.md`` names only files that exist, and figures that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from argus.server import throttle
from argus.server.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "SECURITY.md").read_text()


def test_every_link_of_the_page_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    settings = Settings()
    for words in (
        f"after {throttle.FREE_TRIES} wrong ones",
        f"up to {throttle.LONGEST_DELAY / 60:.0f} minutes",
        f"after {throttle.FREE_TRIES_IN_ALL} from everywhere",
        f"{settings.headers_timeout:.0f} s for its first headers",
        f"after {settings.session_absolute / 86_400:.0f} days at the latest",
    ):
        assert words in TEXT, words

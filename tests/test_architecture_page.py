"""``docs/architecture.md`` names only files that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
LINK = re.compile(r"\]\(([^)#]+)\)")


def test_every_link_of_the_page_leads_to_a_file() -> None:
    links = [link for link in LINK.findall(PAGE.read_text()) if "://" not in link]
    assert len(links) > 10
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_every_decision_has_a_number_of_its_own_and_begins_with_it() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert len({page.name[:4] for page in pages}) == len(pages)
    assert [page.name for page in pages if not page.read_text("utf-8").startswith(f"# {page.name[:4]} · ")] == []

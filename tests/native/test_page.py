"""What ``docs/cpp.md`` says is true: its programs are the consumer's, its settings the client's."""

from __future__ import annotations

import re
from pathlib import Path

import libargus

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/cpp.md").read_text()
CONSUMER = Path(__file__).parent / "consumer"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_its_programs_are_those_the_consumer_tests_build() -> None:
    assert block("cpp") in (CONSUMER / "main.cc").read_text()
    assert block("c") in (CONSUMER / "main.c").read_text()


def test_it_lists_every_option_and_variable() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
    fields = {name for name, _ in libargus.Options._fields_}
    known = fields - {"size", "tag_count", "diagnostic", "diagnostic_context"}
    assert {option for option, _ in rows} == known
    assert [variable for _, variable in rows] == [f"ARGUS_{option.upper()}" for option, _ in rows]
    header = (ROOT / "native/libargus/include/argus/client.h").read_text()
    assert all(variable in header for _, variable in rows)


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", PAGE) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []

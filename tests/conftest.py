"""For every test: in CI the properties are checked on the same examples each time, elsewhere on new ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL that all tests share; each has a schema or database of its own in it. It is never cut off: what it
    took need not be on the disk."""
    import postgres as own_postgres  # noqa: PLC0415  # brings psycopg, which few tests need

    with own_postgres.running(fsync="off", full_page_writes="off") as made:
        yield made

"""PostgreSQL's index of words takes new words from a list; the store has that done beside storing."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from postgres import Postgres

from argus.server.stores.base import LogBatch
from argus.server.stores.postgres import sweeping
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.wire.columns import LogLine

NOW = 1_763_900_000.0
LEFT = """
SELECT gin_clean_pending_list(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE relkind = 'i' AND relname LIKE '%words_idx'
"""
"""Sweeps every index of words and tells how many pages were on its list: none of one that was swept."""


@pytest.mark.parametrize(("lines", "swept"), [(sweeping.EVERY_LINES - 1, False), (sweeping.EVERY_LINES, True)])
def test_the_words_of_many_lines_are_indexed_beside_storing(
    postgres: Postgres, tmp_path: Path, lines: int, swept: bool
) -> None:
    url = postgres.new_database()
    store = PostgresRecordStore(url, tmp_path, clock=lambda: NOW)
    some = [LogLine(NOW, "INFO", f"order {number} of the day") for number in range(lines)]
    store.append([LogBatch("shop", "web-1", some, "web:1", 1)])
    store.close()
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = connection.execute(LEFT).fetchall()
    assert any(pages for (pages,) in indexes) != swept

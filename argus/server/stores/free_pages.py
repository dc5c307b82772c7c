"""Free pages of an SQLite file, given back to the file system a few at a time.

A burst of rows, a deleted application or an end of retention leaves many. The file must have been made with
``auto_vacuum = INCREMENTAL``; any other keeps them for later rows.
"""

from __future__ import annotations

import sqlite3

SPARE_SHARE = 8
"""One page in so many may lie free, ready for the next rows."""

PAGES_PER_RUN = 10_000
"""Free pages (4 KiB each) that one run gives back: a fraction of a second."""


def give_back(connection: sqlite3.Connection, most: int = PAGES_PER_RUN) -> None:
    """Give back the free pages beyond the spare share, at most ``most``. Outside a transaction."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    surplus = int(min(free - pages // SPARE_SHARE, most))
    if surplus > 0:
        connection.executescript(f"PRAGMA incremental_vacuum({surplus})")  # execute() would stop after one page

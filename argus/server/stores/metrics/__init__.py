"""The embedded metric store: SQLite as the page store, numpy columns as the payload.

``store`` is the backend, ``head`` what is not sealed yet, ``seal`` and ``codec`` turn closed hours into compressed
chunks, ``select`` answers range queries, ``catalog`` knows the series. ``docs/storage.md`` describes the file.
"""

"""Moving a server to another engine: ``argus migrate-store``.

``choose`` looks at the two addresses. ``metrics`` copies summaries between two ``ends``, of which ``embedded`` and
``engine`` are the kinds, as ``pieces``; ``records`` copies everything else from SQLite to PostgreSQL. Both note in a
``journal`` what is done, so that a migration that was killed goes on.
"""

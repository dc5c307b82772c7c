"""Backups: one file that holds both stores as they were, and the way back.

``make`` writes one and ``restore`` brings it back; what is in a store they learn from ``contents``, whose kinds are
``embedded`` (SQLite), ``postgres`` and ``engines`` (InfluxDB, VictoriaMetrics). ``archive`` is the file, ``manifest``
says what is in it, ``folder`` is where the files lie. ``schedule`` makes them inside a running server. What users need
to know is in ``docs/backup.md``, why it is so in ``docs/decisions/0063-backups.md``.
"""

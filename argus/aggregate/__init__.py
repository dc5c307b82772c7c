"""Aggregation inside the process: series, summaries, sketches and the backends that record."""

"""Carrying alerts to people: what is said (``message``), by which channel, and how it went (``outcome``)."""

"""Registering applications: from the name a person gives to the id that addresses carry."""

from __future__ import annotations

import re
import unicodedata

from argus.errors import ConfigError

LONGEST_NAME = 100
KEY_OVERLAP = 86_400.0
"""Seconds that an old key works on after a rotation."""


MOST_KEYS = 100
"""Keys of one application."""


def name_of(name: str) -> str:
    """Return a name without blanks around it. Raises :class:`ConfigError` for one that nobody could read."""
    text = name.strip()
    if not text or len(text) > LONGEST_NAME:
        raise ConfigError(f"a name has 1 to {LONGEST_NAME} characters, got {len(text)}: {text[:LONGEST_NAME]!r}")
    if not text.isprintable():
        raise ConfigError(f"a name has no control characters, got {name!r}")
    return text


def app_id_of(name: str) -> str:
    """Return ``my-shop`` for ``My Shop``. Raises :class:`ConfigError` for a name that gives no id."""
    text = name_of(name)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    app_id = re.sub(r"[^a-z0-9_.]+", "-", plain).strip("-.")
    if not app_id:
        raise ConfigError(f"a name needs a letter or digit from a to z or 0 to 9, got {name!r}")
    return app_id

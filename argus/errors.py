"""The exceptions Argus raises, and when.

::

    ArgusError
    ├── ConfigError         a setting has a wrong value (also a ValueError)
    ├── WireError           bytes that are not wire format v1 (also a ValueError)
    └── StoreError          a store could not do what was asked
        ├── StoreUnavailable   it is away or full: try again later, nothing was stored
        ├── StoreLocked        another process owns the data folder
        ├── QueryError         the question itself is wrong (also a ValueError)
        └── Conflict           the thing exists already

Recording never raises any of these. A wrong type or an empty name raises ``TypeError`` or
``ValueError`` at the call; everything that can go wrong later is counted, not raised.
"""

from __future__ import annotations


class ArgusError(Exception):
    """Root of everything Argus raises on purpose."""


class ConfigError(ArgusError, ValueError):
    """A setting has a value that cannot work; the message names it, its source and the remedy."""


class WireError(ArgusError, ValueError):
    """A body is not wire format v1.

    ``where`` is the place in the body, as a JSON path such as ``$.counters.sum[3]``.
    """

    def __init__(self, message: str, where: str = "$") -> None:
        super().__init__(message)
        self.where = where


class StoreError(ArgusError):
    """A store could not do what was asked of it."""


class StoreUnavailable(StoreError):
    """The store is away or full. Nothing was stored; the same call may work later."""


class StoreLocked(StoreError):
    """Another process owns the data folder."""


class QueryError(StoreError, ValueError):
    """The query is wrong; ``where`` names the parameter."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.where = where


class Conflict(StoreError):
    """What was to be created exists already."""

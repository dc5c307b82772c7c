"""What Argus' own thread imports is looked for where it was before the program's folder came onto the path.

The flush thread imports ``http.client``, ``random`` and others of the standard library while the program runs. A folder
with a script ``email.py`` or ``random.py`` in it would have that script run by us.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from argus.client.logs import flushing


class StandardLibraryFirst:
    """A finder for the flush thread; what it does not find, a callback's imports maybe, is left to the others."""

    def __init__(self, path: Sequence[str]) -> None:
        self._path = list(path)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or not flushing.get():
            return None
        return PathFinder.find_spec(name, self._path, target)

"""What ``argus run`` puts into Python programs (``docs/run-python.md``).

The parent sets variables (:func:`environment`) that lead every Python program below it to
``on_path/sitecustomize.py`` at its start. That hands over to ``begin.py``, which decides whether this program is
monitored (``program.py``) and where Argus comes from: the program's own environment, or ``room.py``, which keeps it out
of the program's sight. ``start.py`` then starts the client and the sources that a program does not have to ask for.

What runs before ``start.py`` is loaded from its file and imports nothing of Argus: it has no package yet. Each program
under ``argus run`` waits for what ``start.py`` imports, this file included, so nothing here brings ``pathlib``,
``urllib`` or ``inspect``, and what a library's patch needs is loaded with the first library.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "on_path")
"""What stands first on ``PYTHONPATH``. It holds ``sitecustomize.py`` alone, so it hides nothing else."""

CARRIED = ("argus", "psutil", "ujson")


def environment(environ: Mapping[str, str], without: Iterable[str] = ()) -> dict[str, str]:
    """Return the environment with which a Python program, and those that it starts, are monitored.

    ``without`` has names of parts that are left out (``argus.client.config.PARTS``). A child never repeats the
    machine's metrics, which are the parent's.
    """
    path = [part for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part != FOLDER]
    parts = {*environ.get("ARGUS_WITHOUT", "").split(","), *without, "machine"} - {""}
    return {
        **environ,
        "PYTHONPATH": os.pathsep.join([FOLDER, *path] if path != [""] else [FOLDER]),
        "ARGUS_RUN_PACKAGES": os.pathsep.join(_folders()),
        "ARGUS_WITHOUT": ",".join(sorted(parts)),
    }


def _folders() -> list[str]:
    """Return the folders in which Argus and what it needs are found; none is imported for that."""
    from importlib.util import find_spec  # noqa: PLC0415  # the parent's side alone needs it

    specs = [find_spec(name) for name in CARRIED]
    folders = [
        os.path.dirname(os.path.dirname(spec.origin) if spec.submodule_search_locations else spec.origin)
        for spec in specs
        if spec is not None and spec.origin is not None
    ]
    return list(dict.fromkeys(folders))

"""Bringing a backup back: everything is checked before anything is changed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from argus.errors import Conflict, StoreError
from argus.server import data_folder
from argus.server.backup.archive import Archive, disk_errors
from argus.server.backup.contents import Contents, contents_of
from argus.server.backup.manifest import Counts, Manifest, Progress, differences
from argus.server.settings import Settings
from argus.server.stores import opening


def restore(settings: Settings, path: Path, progress: Progress, *, force: bool) -> Manifest:
    """Bring both stores back from a file; return its manifest, whose counts they have.

    Raises :class:`Conflict` where a store is not empty, unless ``force``; ``StoreLocked`` while a server runs on the
    data folder; ``StoreError`` for a file that is no whole backup of these kinds of stores.
    """
    with disk_errors(settings.data), contextlib.ExitStack() as stack:
        archive = stack.enter_context(Archive(path))
        stores = contents_of(settings)
        for contents in stores.values():
            stack.callback(contents.close)
        _check_kinds(archive, stores)
        archive.verify(progress)
        if opening.is_embedded(settings):
            data_folder.prepare(settings.data)
            stack.callback(os.close, data_folder.lock(settings.data))
        full = [name for name, contents in stores.items() if not contents.is_empty()]
        if full and not force:
            raise Conflict(f"there is something in the store of {' and of '.join(full)} already; --force replaces it")
        facts = archive.manifest.stores
        for name, contents in stores.items():
            _compare(name, facts[name].counts, contents.load(archive, facts[name], progress))
        for contents in stores.values():
            contents.adopt()
        return archive.manifest


def _check_kinds(archive: Archive, stores: dict[str, Contents]) -> None:
    for name, contents in stores.items():
        facts = archive.manifest.stores.get(name)
        if facts is None or facts.kind != contents.kind:
            held = facts.kind if facts is not None else "missing"
            raise StoreError(
                f"{archive.path}: its {name} are {held}, and the settings' store is {contents.kind}; restore it where "
                f"--{name}-url is {held}, then move with argus migrate-store"
            )


def _compare(name: str, expected: Counts, found: Counts) -> None:
    differing = differences(expected, found)
    if differing:
        shown = "; ".join(differing[:5])
        more = f"; and {len(differing) - 5} more" if len(differing) > 5 else ""  # noqa: PLR2004  # as many as are shown
        raise StoreError(
            f"the restored {name} differ from the backup: {shown}{more}. An engine drops rows past its retention: "
            "where the backup is older than that, start the engine with a longer one, and Argus with longer "
            "--raw-retention-days and --rollup-retention-days"
        )

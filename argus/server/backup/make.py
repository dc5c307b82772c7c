"""Making a backup of the settings' stores."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import argus
from argus.server.backup import folder as folders
from argus.server.backup.archive import Writing, disk_errors
from argus.server.backup.contents import contents_of
from argus.server.backup.folder import Found
from argus.server.backup.manifest import FORMAT, Manifest, Progress, StoreFacts
from argus.server.settings import Settings


def make(settings: Settings, folder: Path, progress: Progress) -> Found:
    """Write a backup into a folder that is :func:`~argus.server.backup.folder.locked`; return it.

    Raises ``StoreError``; then nothing of it stays.
    """
    now = time.time()
    stores = contents_of(settings)
    with contextlib.ExitStack() as stack:
        for contents in stores.values():
            stack.callback(contents.close)
        stack.enter_context(disk_errors(folder))
        archive = stack.enter_context(Writing(folder, folders.new_name(folder, now), now))
        facts = {}
        for name, contents in stores.items():
            counts = contents.save(archive, progress)
            facts[name] = StoreFacts(contents.kind, archive.taken_parts(), counts)
        manifest = Manifest(FORMAT, argus.__version__, now, facts)
        path = archive.finish(manifest)
        return Found(path, path.stat().st_size, manifest)

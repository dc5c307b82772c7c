"""``argus backup`` and ``argus restore``: both stores in one file, whether the server runs or not, and back."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argus.cli import chosen
from argus.cli.progress import Bar, size

if TYPE_CHECKING:
    from argus.server.backup.manifest import Manifest


def add_to(commands: Any) -> None:
    """Add the commands and their options."""
    backup = commands.add_parser(
        "backup",
        help="copy everything the server keeps into one file",
        description="Copy everything the server keeps into one file, also while it runs. The file holds secrets: keep "
        "it as you keep the data folder.",
    )
    chosen.add_stores(backup)
    backup.add_argument("--to", metavar="DIR", help="folder for it (ARGUS_BACKUP_DIR, or backups in the data folder)")
    backup.add_argument("--list", action="store_true", help="list the backups that there are")
    backup.add_argument("--json", action="store_true", help="print JSON, for scripts")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser(
        "restore",
        help="bring a backup back",
        description="Bring a backup back into empty stores. It is checked before anything is changed.",
    )
    chosen.add_stores(restore)
    restore.add_argument("file", type=Path)
    restore.add_argument("--force", action="store_true", help="replace what is in the stores")
    restore.set_defaults(run=_restore)


def _backup(options: argparse.Namespace) -> int:
    from argus.server.backup import folder as folders  # noqa: PLC0415  # part of the server extra
    from argus.server.backup import state as states  # noqa: PLC0415  # part of the server extra
    from argus.server.backup.make import make  # noqa: PLC0415  # part of the server extra

    settings = chosen.settings(options)
    folder = Path(options.to) if options.to else folders.folder_of(settings)
    if options.list:
        return _list(folder, as_json=options.json)
    bar = Bar(size)
    try:
        with states.reported(folder) as report, report.outcome():

            def progress(step: str, done: int, total: int | None) -> None:
                bar(step, done, total)
                report(step, done, total)

            made = make(settings, folder, progress)
            removed = [] if options.to else folders.prune(folder, settings.backup_keep)
    finally:
        bar.end()
    assert made.manifest is not None  # it was written just now
    if options.json:
        print(json.dumps({"file": str(made.path), "size": made.size}))
        return 0
    print(f"{made.path}  {size(made.size)}")
    _show_counts(made.manifest)
    for path in removed:
        print(f"removed {path.name}, for {settings.backup_keep} are kept")
    return 0


def _list(folder: Path, *, as_json: bool) -> int:
    from argus.server.backup import folder as folders  # noqa: PLC0415  # part of the server extra

    found = folders.listed(folder)
    if as_json:
        rows = [
            {
                "file": str(one.path),
                "size": one.size,
                "created_at": one.manifest.created_at if one.manifest else None,
            }
            for one in found
        ]
        print(json.dumps(rows))
        return 0
    for one in found:
        if one.manifest is None:
            print(f"{one.path}  {size(one.size)}  cannot be read")
            continue
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.manifest.created_at))
        kinds = ", ".join(facts.kind for facts in one.manifest.stores.values())
        print(f"{one.path}  {size(one.size)}  of {made}  {kinds}")
    if not found:
        print(f"no backup in {folder}; argus backup makes one", file=sys.stderr)
    return 0


def _restore(options: argparse.Namespace) -> int:
    from argus.server.backup.restore import restore  # noqa: PLC0415  # part of the server extra

    bar = Bar(size)
    try:
        manifest = restore(chosen.settings(options), options.file, bar, force=options.force)
    finally:
        bar.end()
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(manifest.created_at))
    print(f"restored as of {made}; every count is that of the backup:")
    _show_counts(manifest)
    return 0


def _show_counts(manifest: Manifest) -> None:
    for name, facts in manifest.stores.items():
        rows = ", ".join(f"{table} {sum(apps.values()):,}" for table, apps in facts.counts.items() if apps)
        print(f"  {name} ({facts.kind}): {rows or 'nothing'}")

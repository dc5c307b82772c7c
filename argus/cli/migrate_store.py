"""``argus migrate-store``: move what a server keeps to another engine, while the server stands still."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from argus.cli import chosen
from argus.cli.progress import Bar, number


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    move = commands.add_parser(
        "migrate-store",
        help="copy a store into another engine",
        description="Copy metrics, or everything else, from one store into another: sqlite:///folder/metrics.db to "
        "influxdb://… or victoriametrics://… and back, sqlite:///folder/records.db to postgresql://…. Stop the server "
        "first. The source stays as it is. @FILE reads an address from a file, so that no password is in the list of "
        "processes.",
        fromfile_prefix_chars="@",
    )
    move.add_argument("source", metavar="FROM_URL")
    move.add_argument("target", metavar="TO_URL")
    move.add_argument("--data", help="folder for the journal, by which --resume goes on (ARGUS_DATA, or ./argus-data)")
    begun = move.add_mutually_exclusive_group()
    begun.add_argument("--resume", action="store_true", help="go on with a migration that was interrupted")
    begun.add_argument("--force", action="store_true", help="delete what is in the target, and begin anew")
    move.set_defaults(run=_move)


def _move(options: argparse.Namespace) -> int:
    from argus.server.migrate.choose import migrate  # noqa: PLC0415  # part of the server extra

    settings = chosen.settings(options)
    bar = Bar(number)
    try:
        moved = migrate(settings, (options.source, options.target), bar, resume=options.resume, force=options.force)
    finally:
        bar.end()
    print("moved; both have the same number of rows:")
    for table, apps in moved.counts.items():
        if apps:
            print(f"  {table}: {sum(apps.values()):,}")
    if moved.unreadable:
        print(f"argus: {moved.unreadable} damaged chunks of the source could not be copied", file=sys.stderr)
    return 0

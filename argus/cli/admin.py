"""``argus admin``: manage the administrator, whether the server runs or not."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from argus.cli import chosen
from argus.errors import ConfigError


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    admin = commands.add_parser("admin", help="manage the administrator")
    admin.set_defaults(parser=admin)
    verbs = admin.add_subparsers(title="commands", metavar="COMMAND")
    password = verbs.add_parser("set-password", help="choose a new password; every session ends")
    chosen.add_store(password)
    password.add_argument("--stdin", action="store_true", help="read the password from the standard input")
    password.set_defaults(run=_set_password)


def _set_password(options: argparse.Namespace) -> int:
    from argus.server import audit  # noqa: PLC0415  # part of the server extra
    from argus.server.auth import Auth  # noqa: PLC0415  # part of the server extra

    if options.stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("New password: ")
        if getpass.getpass("Once more: ") != password:
            raise ConfigError("the two passwords differ; nothing was changed")
    records, settings = chosen.open_records(options)
    try:
        auth = Auth(records, settings)
        encoded = auth.hashed(password)
        audit.by_command_line(records, "argus admin set-password", "admin", lambda: auth.set_hash(encoded))
    finally:
        records.close()
    print("the password is changed; every session has ended")
    return 0

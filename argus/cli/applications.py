"""``argus app``: register applications and manage their keys, whether the server runs or not."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from argus.cli import chosen
from argus.errors import StoreError

if TYPE_CHECKING:
    from argus.server.stores.base import RecordStore


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    app = commands.add_parser("app", help="register applications and manage their keys")
    app.set_defaults(parser=app)
    verbs = app.add_subparsers(title="commands", metavar="COMMAND")

    def verb(name: str, text: str, run: Callable[[argparse.Namespace], int]) -> Any:
        made = verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        chosen.add_store(made)
        made.set_defaults(run=run)
        return made

    create = verb("create", "register an application and print its key, once", _create)
    create.add_argument("name", help="a name for people; the id is made from it")
    rotate = verb("rotate-key", "make a new key; the old ones work for one more day", _rotate)
    rotate.add_argument("app_id")
    listing = verb("list", "list the applications", _list)
    for command in (create, rotate, listing):
        command.add_argument("--json", action="store_true", help="print JSON, for scripts")
    delete = verb("delete", "revoke an application's keys and delete its data", _delete)
    delete.add_argument("app_id")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def _create(options: argparse.Namespace) -> int:
    from argus.server import audit  # noqa: PLC0415  # part of the server extra
    from argus.server.auth import Auth  # noqa: PLC0415  # part of the server extra
    from argus.server.registration import app_id_of  # noqa: PLC0415  # part of the server extra
    from argus.server.stores.base import App  # noqa: PLC0415  # part of the server extra

    records, settings = chosen.open_records(options)
    try:
        app = App(app_id_of(options.name), options.name.strip(), time.time())
        secret, key = Auth(records, settings).new_key(app.app_id)
        audit.by_command_line(records, "argus app create", app.app_id, lambda: records.create_app(app, key))
    finally:
        records.close()
    return _show_key(options, app.app_id, secret)


def _rotate(options: argparse.Namespace) -> int:
    from argus.server import audit  # noqa: PLC0415  # part of the server extra
    from argus.server.auth import Auth  # noqa: PLC0415  # part of the server extra
    from argus.server.registration import KEY_OVERLAP  # noqa: PLC0415  # part of the server extra

    records, settings = chosen.open_records(options)
    try:
        secret, key = Auth(records, settings).new_key(options.app_id)
        now = time.time()

        def rotate() -> None:
            if not records.rotate_key(key, now, now + KEY_OVERLAP):
                raise StoreError(_unknown(records, options.app_id))

        audit.by_command_line(records, "argus app rotate-key", options.app_id, rotate)
    finally:
        records.close()
    return _show_key(options, options.app_id, secret)


def _show_key(options: argparse.Namespace, app_id: str, secret: str) -> int:
    if options.json:
        print(json.dumps({"app_id": app_id, "api_key": secret}))
    else:
        print(f"app_id   {app_id}\napi_key  {secret}\n\nThe key is shown this once.")
    return 0


def _list(options: argparse.Namespace) -> int:
    records, _ = chosen.open_records(options)
    try:
        apps, keys = records.apps(), records.keys()
    finally:
        records.close()
    shown: list[dict[str, Any]] = [
        {
            "app_id": app.app_id,
            "name": app.name,
            "created_at": app.created_at,
            "key_prefixes": [key.prefix for key in keys if key.app_id == app.app_id],
        }
        for app in apps
    ]
    if options.json:
        print(json.dumps(shown))
    elif not shown:
        print("no application yet; argus app create NAME makes one")
    for row in shown if not options.json else ():
        created = time.strftime("%Y-%m-%d", time.localtime(row["created_at"]))
        print(f"{row['app_id']:<24} since {created}  keys {', '.join(row['key_prefixes']) or 'none'}")
    return 0


def _delete(options: argparse.Namespace) -> int:
    from argus.server import audit  # noqa: PLC0415  # part of the server extra

    records, _ = chosen.open_records(options)
    try:
        if options.app_id not in {app.app_id for app in records.apps()}:
            raise StoreError(_unknown(records, options.app_id))
        if not options.yes and input(f"Delete {options.app_id} and all its data? Type its id: ") != options.app_id:
            print("nothing was deleted")
            return 1
        audit.by_command_line(
            records, "argus app delete", options.app_id, lambda: records.delete_app(options.app_id, time.time())
        )
    finally:
        records.close()
    print(f"{options.app_id} is deleted; the server removes its data within a minute, or when it next starts")
    return 0


def _unknown(records: RecordStore, app_id: str) -> str:
    known = ", ".join(app.app_id for app in records.apps()) or "none"
    return f"there is no application {app_id!r}; there are: {known}"

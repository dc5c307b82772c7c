"""The command line: ``argus serve``, ``argus app``, ``argus admin``.

``app`` and ``admin`` work on the data folder, whether its server runs or not.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import argus
from argus.errors import ArgusError, ConfigError, StoreError

if TYPE_CHECKING:
    from argus.server.settings import Settings
    from argus.server.stores.base import RecordStore

REMEDY = "argus serve needs more than the SDK: pip install 'argus-monitor[server]'"

EXAMPLES = """examples:
  argus serve                          start the server on http://127.0.0.1:8000
  argus serve --port 9000 --data /var/lib/argus
  argus app create shop                register an application, print its key
  argus app rotate-key shop            a new key; the old one works for one more day
  argus admin set-password             choose a new password
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 done, 1 could not be done, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        (options.parser or parser).print_help()
        return 2
    try:
        return int(options.run(options))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("argus"):
            raise
        print(f"argus: {REMEDY} (missing: {error.name})", file=sys.stderr)
    except ArgusError as error:
        print(f"argus: {error}", file=sys.stderr)
    except EOFError:
        print("argus: nobody answered the question; in a script use --yes or --stdin", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="argus",
        description="Argus watches your programs from the inside.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"argus {argus.__version__}")
    parser.set_defaults(run=None, parser=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_serve(commands)
    _add_app(commands)
    _add_admin(commands)
    return parser


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser(
        "serve",
        help="run the server",
        description="Run the server: it stores what programs send and serves the dashboard. Every option can also be "
        "an ARGUS_ variable or a key of [server] in argus.toml.",
    )
    serve.set_defaults(run=_serve)
    try:
        from argus.server import settings  # noqa: PLC0415  # part of the server extra
    except ModuleNotFoundError:
        return  # `_serve` says what to install
    for name, default, doc in settings.described():
        serve.add_argument(settings.flag(name), dest=name, metavar="VALUE", help=f"{doc} ({default})")


def _add_app(commands: Any) -> None:
    app = commands.add_parser("app", help="register applications and manage their keys")
    app.set_defaults(parser=app)
    verbs = app.add_subparsers(title="commands", metavar="COMMAND")

    def verb(name: str, text: str, run: Callable[[argparse.Namespace], int]) -> Any:
        made = verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        _add_store(made)
        made.set_defaults(run=run)
        return made

    create = verb("create", "register an application and print its key, once", _app_create)
    create.add_argument("name", help="a name for people; the id is made from it")
    rotate = verb("rotate-key", "make a new key; the old ones work for one more day", _app_rotate)
    rotate.add_argument("app_id")
    listing = verb("list", "list the applications", _app_list)
    for command in (create, rotate, listing):
        command.add_argument("--json", action="store_true", help="print JSON, for scripts")
    delete = verb("delete", "revoke an application's keys and delete its data", _app_delete)
    delete.add_argument("app_id")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def _add_admin(commands: Any) -> None:
    admin = commands.add_parser("admin", help="manage the administrator")
    admin.set_defaults(parser=admin)
    verbs = admin.add_subparsers(title="commands", metavar="COMMAND")
    password = verbs.add_parser("set-password", help="choose a new password; every session ends")
    _add_store(password)
    password.add_argument("--stdin", action="store_true", help="read the password from the standard input")
    password.set_defaults(run=_admin_set_password)


def _add_store(command: Any) -> None:
    command.add_argument("--data", help="the server's data folder (ARGUS_DATA, or ./argus-data)")
    command.add_argument("--records-url", help="its record store, where that lies elsewhere (ARGUS_RECORDS_URL)")


def _settings(options: argparse.Namespace) -> Settings:
    from argus.server import settings  # noqa: PLC0415  # part of the server extra

    return settings.load(vars(options), os.environ)


def _open_records(options: argparse.Namespace) -> tuple[RecordStore, Settings]:
    from argus.server import data_folder  # noqa: PLC0415  # part of the server extra
    from argus.server.stores import opening  # noqa: PLC0415  # part of the server extra

    chosen = _settings(options)
    if opening.is_embedded(chosen):
        data_folder.prepare(chosen.data)
    return opening.open_records(chosen), chosen


def _serve(options: argparse.Namespace) -> int:
    from argus.server.app import serve  # noqa: PLC0415  # part of the server extra

    chosen = _settings(options)

    def greet(url: str, password: str | None) -> None:
        _greet(_greeting(url, chosen.data, password))

    return serve(chosen, greet, os.environ.get("ARGUS_ADMIN_PASSWORD"))


def _greet(text: str) -> None:
    """Print the greeting; that nobody reads it any more is no reason to stop serving."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _greeting(url: str, data: Path, password: str | None) -> str:
    shown = [
        "",
        f"  Argus is watching:  {url}",
        f"  Data folder:        {data.resolve()}",
    ]
    if password is not None:
        shown += [
            "",
            f"  Password of admin:  {password}",
            "                      (shown this once; argus admin set-password changes it)",
        ]
    hello = f"""argus.init(url="{url}", app_id="shop", api_key="…"); argus.increment("hello")"""
    shown += [
        "",
        "  Next: log in and connect a program, or do it from here:",
        f"    {_command('argus')} app create shop --data {data}",
        f"    {_command('python')} -c 'import argus; {hello}'",
        "",
        "  Ctrl-C stops the server; nothing that was acknowledged is lost.",
        "",
    ]
    return "\n".join(shown)


def _command(name: str) -> str:
    """Return how the reader can call a program: by its name, or by its path where it is not on the PATH."""
    beside = Path(sys.argv[0]).parent / name
    return name if shutil.which(name) == str(beside.resolve()) or not beside.exists() else str(beside)


def _app_create(options: argparse.Namespace) -> int:
    from argus.server.auth import Auth  # noqa: PLC0415  # part of the server extra
    from argus.server.registration import app_id_of  # noqa: PLC0415  # part of the server extra
    from argus.server.stores.base import App  # noqa: PLC0415  # part of the server extra

    records, chosen = _open_records(options)
    try:
        app = App(app_id_of(options.name), options.name.strip(), time.time())
        secret, key = Auth(records, chosen).new_key(app.app_id)
        records.create_app(app, key)
    finally:
        records.close()
    return _show_key(options, app.app_id, secret)


def _app_rotate(options: argparse.Namespace) -> int:
    from argus.server.auth import Auth  # noqa: PLC0415  # part of the server extra
    from argus.server.registration import KEY_OVERLAP  # noqa: PLC0415  # part of the server extra

    records, chosen = _open_records(options)
    try:
        secret, key = Auth(records, chosen).new_key(options.app_id)
        now = time.time()
        if not records.rotate_key(key, now, now + KEY_OVERLAP):
            raise StoreError(_unknown(records, options.app_id))
    finally:
        records.close()
    return _show_key(options, options.app_id, secret)


def _show_key(options: argparse.Namespace, app_id: str, secret: str) -> int:
    if options.json:
        print(json.dumps({"app_id": app_id, "api_key": secret}))
    else:
        print(f"app_id   {app_id}\napi_key  {secret}\n\nThe key is shown this once.")
    return 0


def _app_list(options: argparse.Namespace) -> int:
    records, _ = _open_records(options)
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


def _app_delete(options: argparse.Namespace) -> int:
    records, _ = _open_records(options)
    try:
        if options.app_id not in {app.app_id for app in records.apps()}:
            raise StoreError(_unknown(records, options.app_id))
        if not options.yes and input(f"Delete {options.app_id} and all its data? Type its id: ") != options.app_id:
            print("nothing was deleted")
            return 1
        records.delete_app(options.app_id, time.time())
    finally:
        records.close()
    print(f"{options.app_id} is deleted; the server removes its data within a minute, or when it next starts")
    return 0


def _unknown(records: RecordStore, app_id: str) -> str:
    known = ", ".join(app.app_id for app in records.apps()) or "none"
    return f"there is no application {app_id!r}; there are: {known}"


def _admin_set_password(options: argparse.Namespace) -> int:
    from argus.server.auth import Auth  # noqa: PLC0415  # part of the server extra

    if options.stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("New password: ")
        if getpass.getpass("Once more: ") != password:
            raise ConfigError("the two passwords differ; nothing was changed")
    records, chosen = _open_records(options)
    try:
        Auth(records, chosen).set_password(password)
    finally:
        records.close()
    print("the password is changed; every session has ended")
    return 0

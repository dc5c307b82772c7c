"""``argus serve``: run the server, and say where it is."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argus.cli import chosen

if TYPE_CHECKING:
    from argus.server.settings import Settings


def add_to(commands: Any) -> None:
    """Add the command and its options."""
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


def _serve(options: argparse.Namespace) -> int:
    from argus.server.app import serve  # noqa: PLC0415  # part of the server extra
    from argus.server.settings import admin_password  # noqa: PLC0415  # part of the server extra

    settings = chosen.settings(options)

    def greet(url: str, password: str | None) -> None:
        _greet(greeting(url, settings, password))

    return serve(settings, greet, admin_password(os.environ))


def _greet(text: str) -> None:
    """Print the greeting; that nobody reads it any more is no reason to stop serving."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def greeting(url: str, settings: Settings, password: str | None) -> str:
    """Return what a start says: where the server is, where it keeps what it gets, and what to do next."""
    from argus.server.stores import opening  # noqa: PLC0415  # part of the server extra

    shown = ["", f"  Argus is watching:  {url}"]
    if opening.is_embedded(settings):
        shown.append(f"  Data folder:        {settings.data.resolve()}")
    for role, store in (("metrics", settings.metrics_url), ("records", settings.records_url)):
        if store:
            shown.append(f"  {f'{role.capitalize()} in:':<18}  {opening.shown(role, store, settings)[1]}")
    # An address may hold a password: who starts a command has to have it from where the server has it.
    where = "  (with the server's ARGUS_RECORDS_URL)" if settings.records_url else f" --data {settings.data}"
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
        f"    {_command('argus')} app create shop{where}",
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

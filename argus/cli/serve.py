"""``argus serve``: run the server, and say where it is."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from argus.cli import chosen


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
        _greet(_greeting(url, settings.data, password))

    return serve(settings, greet, admin_password(os.environ))


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

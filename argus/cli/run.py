"""``argus run``: watch any program, without touching it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from argus.client.config import PARTS, SETTINGS
from argus.errors import ConfigError

WRONG_USAGE = 2
ABOUT = """Run a program and watch it: its processes, the lines it prints, its start and its end; what a Python
program does inside, and how fast a program draws. Options that are not given come from ARGUS_ variables
or [client] in argus.toml."""
EXAMPLES = """examples:
  argus run python app.py              a Python program: its requests, its logs, its runtime
  argus run gunicorn shop:app          with all its workers
  argus run --app-id terrain -- ./terrain --seed 7
  ARGUS_URL=http://127.0.0.1:8000 ARGUS_API_KEY=argus_… argus run redis-server

The program finds its arguments, streams, signals and terminal as if it had been started alone, and its exit status
comes back. Where nothing can be reported, one line says why and the program runs all the same.
"""


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    run = commands.add_parser(
        "run",
        help="run a program and watch it, without touching it",
        usage="argus run [--url URL] [--app-id ID] [--api-key KEY] [--without PARTS] [--] COMMAND [ARGUMENT …]",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    run.add_argument("--url", type=_checked("url"), help="address of the server (ARGUS_URL)")
    run.add_argument("--app-id", metavar="ID", help="the application (ARGUS_APP_ID)")
    run.add_argument(
        "--api-key",
        metavar="KEY",
        type=_checked("api_key"),
        help="its key; everybody on the machine can read it here, so better give it in a variable (ARGUS_API_KEY)",
    )
    run.add_argument(
        "--without",
        metavar="PARTS",
        type=_checked("without"),
        help=f"what is left out, with commas in between, of {', '.join(PARTS)} (ARGUS_WITHOUT)",
    )
    run.add_argument("words", metavar="COMMAND", nargs=argparse.REMAINDER, help="the program and its arguments")
    run.set_defaults(run=_run, parser=run)


def _checked(name: str) -> Callable[[str], Any]:
    """Return what reads an option as the client would, and refuses what the client would pass over."""

    def read(value: str) -> Any:
        try:
            return SETTINGS[name].read(value)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read


def _run(options: argparse.Namespace) -> int:
    from argus.run.not_started import NotStarted  # noqa: PLC0415  # the other commands do without

    command = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not command:
        print("argus: there is no command to run; for example: argus run python app.py", file=sys.stderr)
        return WRONG_USAGE
    if os.name == "nt":
        from argus.run import windows as parent  # noqa: PLC0415  # its twin is POSIX alone
    else:
        from argus.run import parent  # type: ignore[no-redef]  # noqa: PLC0415  # see above
    try:
        given: Any = {name: getattr(options, name) for name in ("url", "app_id", "api_key", "without")}
        return parent.run(command, given, os.environ)
    except NotStarted as error:
        print(f"argus: {error}", file=sys.stderr)
        return error.status

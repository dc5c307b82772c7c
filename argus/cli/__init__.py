"""The command line: one module per command, each with ``add_to(commands)``, which gives it its options.

What a command needs of the server is imported when it runs, for the SDK alone has no server.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import argus
from argus.errors import ArgusError

REMEDY = "argus serve needs more than the SDK: pip install 'argus-monitor[server]'"

RUN = "run"
COMMANDS = ("serve", RUN, "applications", "admin", "backup", "migrate_store", "doctor")
"""Modules of this package, in the order in which ``argus --help`` lists them."""

EXAMPLES = """examples:
  argus serve                          start the server on http://127.0.0.1:8000
  argus serve --port 9000 --data /var/lib/argus
  argus run python app.py              run a program and watch it, without touching it
  argus app create shop                register an application, print its key
  argus app rotate-key shop            a new key; the old one works for one more day
  argus admin set-password             choose a new password
  argus backup                         copy everything into one file
  argus restore FILE                   bring a backup back
  argus doctor                         find out what is wrong, and how to mend it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 done, 1 could not be done, 2 wrong usage."""
    words = sys.argv[1:] if arguments is None else arguments
    # A program waits for its parent, which is started for this one command.
    parser = _parser((RUN,) if words[:1] == [RUN] else COMMANDS)
    options, unknown = parser.parse_known_args(words)
    if unknown:
        (options.parser or parser).error(f"there is no {unknown[0]}")
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


def _parser(known: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="argus",
        description="Argus watches your programs from the inside.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"argus {argus.__version__}")
    parser.set_defaults(run=None, parser=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in known:
        import_module(f"{__name__}.{name}").add_to(commands)
    return parser

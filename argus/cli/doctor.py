"""``argus doctor``: look at everything that keeps a server or a client from working; one line each, with the fix."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from argus.doctor.result import Check, Result, State, failure, ok, run

if TYPE_CHECKING:
    from argus.client.config import Config
    from argus.server.settings import Settings

COLOURS = {State.OK: "32", State.WARNING: "33", State.FAILURE: "31", State.SKIPPED: "2"}
MARKS = {State.OK: "ok", State.WARNING: "warn", State.FAILURE: "FAIL", State.SKIPPED: "-"}


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    doctor = commands.add_parser(
        "doctor",
        help="find out what keeps the server, or a program that reports to one, from working",
        description="Look at this machine, the stores, the server and the way to it; say what is wrong and how to mend "
        "it. Takes the settings of argus serve, from the same places. Where a program's settings are found "
        "(ARGUS_URL, [client]), looks at what it needs too. The exit status is 1 where something fails.",
    )
    doctor.add_argument("--client", action="store_true", help="look at what a program that reports needs, and no more")
    doctor.add_argument("--json", action="store_true", help="print JSON, for scripts")
    doctor.set_defaults(run=_doctor)
    try:
        from argus.server import settings  # noqa: PLC0415  # part of the server extra
    except ModuleNotFoundError:
        return  # without the server there is the client to look at
    for name, default, doc in settings.described():
        doctor.add_argument(settings.flag(name), dest=name, metavar="VALUE", help=f"{doc} ({default})")


def _doctor(options: argparse.Namespace) -> int:
    found = []
    for result in run(_checks(options)):
        found.append(result)
        if not options.json:
            print(_line(result, colours=_wants_colours(sys.stdout)), flush=True)
    failures = sum(result.state is State.FAILURE for result in found)
    warnings = sum(result.state is State.WARNING for result in found)
    if options.json:
        checks = [{**result._asdict(), "state": result.state.value} for result in found]
        print(json.dumps({"healthy": not failures, "failures": failures, "warnings": warnings, "checks": checks}))
    else:
        print(f"\n{len(found)} checks: {failures} failed, {warnings} to look after")
    return 1 if failures else 0


def _wants_colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _line(result: Result, *, colours: bool) -> str:
    mark = f"{MARKS[result.state]:<5}"
    if colours:
        mark = f"\x1b[{COLOURS[result.state]}m{mark}\x1b[0m"
    fix = f"  →  {result.fix}" if result.fix else ""
    return f"{mark} {result.name:<22} {result.seen}{fix}"


def _checks(options: argparse.Namespace) -> Iterator[tuple[str, Check]]:
    from argus.doctor import client  # noqa: PLC0415  # the other commands do without

    config, wrong = client.configured()
    is_client = options.client or config.url is not None
    is_server = not options.client and (not is_client or _has_server(options))
    from argus.doctor import machine  # noqa: PLC0415  # POSIX alone

    yield "python", machine.python
    yield "packages", lambda: machine.packages(("server",) if is_server else ())
    yield "native core", machine.native
    yield "open files", machine.open_files
    if is_server:
        yield from _server_checks(options)
    if is_client:
        yield from _client_checks(config, wrong)


def _has_server(options: argparse.Namespace) -> bool:
    """Return whether anything here says that a server is kept on this machine, besides a client."""
    from argus.errors import ConfigError  # noqa: PLC0415  # only where both may be
    from argus.server.settings import Settings, sources  # noqa: PLC0415  # part of the server extra

    try:
        given = sources(vars(options), os.environ)
    except ConfigError:
        return True  # the check of the settings says what is wrong
    about_clients_too = {"ARGUS_HOST", "ARGUS_LOG_LEVEL"}
    return bool(set(given) - about_clients_too) or Settings().data.exists()


def _client_checks(config: Config, wrong: list[str]) -> Iterator[tuple[str, Check]]:
    from argus.doctor import client  # noqa: PLC0415  # as above

    yield "client settings", lambda: client.settings(config, wrong)
    yield "way to the server", lambda: client.reachable(config)
    yield "key", lambda: client.key(config)
    yield "spool", lambda: client.spool(config)
    yield "clock", lambda: client.clocks(config)


def _server_checks(options: argparse.Namespace) -> Iterator[tuple[str, Check]]:
    from argus.doctor import backups, clock, machine, mail, stores  # noqa: PLC0415  # part of the server extra
    from argus.errors import ConfigError  # noqa: PLC0415  # as above
    from argus.server.settings import load, sources  # noqa: PLC0415  # as above

    steady = clock.Steadiness()
    yield "memory", machine.memory
    try:
        settings = load(vars(options), os.environ)
        given = sources(vars(options), os.environ)
    except ConfigError as error:
        told = str(error)
        yield "settings", lambda: failure("settings", told, "the other checks of the server wait for this one")
        return
    yield "settings", lambda: ok("settings", f"from {', '.join(given)}" if given else "every default")
    clocks: dict[str, float] = {}
    yield "data folder", lambda: machine.folder(settings.data)
    yield "disk", lambda: machine.disk(settings.data)
    yield "metrics", lambda: stores.metrics(settings, clocks)
    yield "records", lambda: stores.records(settings, clocks)
    yield "backups", lambda: backups.backups(settings)
    yield from _way_to(settings, clocks)
    yield "mail", lambda: mail.mail(settings)
    yield "clock", lambda: clock.offsets(clocks)
    yield "clock setting", clock.kept_right
    yield "clock steadiness", steady.check


def _way_to(settings: Settings, clocks: dict[str, float]) -> Iterator[tuple[str, Check]]:
    from argus.doctor import server  # noqa: PLC0415  # part of the server extra

    yield "server", lambda: server.alive(settings, clocks)
    yield "public address", lambda: server.public(settings, clocks)
    yield "live connection", lambda: server.live(settings)
    yield "certificate", lambda: server.certificate(settings)

"""A program that reports: its settings, the way to the server, its key, and the clocks."""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path

from argus.client.config import Config, load
from argus.doctor import clock, web
from argus.doctor.result import Result, failure, ok, skipped, warning

OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403


class _Heard(logging.Handler):
    """Keeps what the client would log about its settings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def configured() -> tuple[Config, list[str]]:
    """Return the settings a client would have here, and what is wrong with them."""
    heard, logger = _Heard(), logging.getLogger("argus.client")
    before = logger.propagate
    logger.addHandler(heard)
    logger.propagate = False
    try:
        return load({}), heard.lines
    finally:
        logger.removeHandler(heard)
        logger.propagate = before


def settings(config: Config, wrong: list[str]) -> Result:
    """Look at the client's settings."""
    fix = "see docs/settings.md, Settings of a client"
    if wrong:
        return failure("client settings", "; ".join(wrong), fix)
    if config.url is None:
        return failure("client settings", "no url: nothing is sent", "set ARGUS_URL, or url in [client] of argus.toml")
    return ok("client settings", f"reports to {config.url}")


def _trust(config: Config) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=config.ca_file)


def reachable(config: Config) -> Result:
    """Ask the server whether it is there, and compare the clocks: data from far off are refused."""
    name = "way to the server"
    if config.url is None:
        return skipped(name, "no url")
    try:
        answer = web.ask(f"{config.url}/healthz", tls=_trust(config))
    except web.NoAnswer as error:
        fix = "does it run, is ARGUS_URL right, is a firewall between? for an authority of your own: ARGUS_CA_FILE"
        return failure(name, f"{config.url}: {error}", fix)
    if (answer.status, answer.body) != (OK, b"ok\n"):
        return failure(name, f"what answers at {config.url} is no Argus ({answer.status})", "correct ARGUS_URL")
    return ok(name, f"{config.url} is Argus")


def clocks(config: Config) -> Result:
    """Compare the server's clock with ours."""
    try:
        answer = web.ask(f"{config.url}/healthz", tls=_trust(config)) if config.url else None
    except web.NoAnswer:
        answer = None
    return clock.offsets({"the server": answer.offset} if answer is not None and answer.offset is not None else {})


def key(config: Config) -> Result:
    """Send an empty batch with the key."""
    name = "key"
    if config.url is None:
        return skipped(name, "no url")
    if config.api_key is None:
        return failure(
            name, "there is none: the server refuses what is sent", "set ARGUS_API_KEY; argus app create prints one"
        )
    headers = {"Authorization": f"Bearer {config.api_key}", "Content-Type": "application/json"}
    try:
        answer = web.ask(f"{config.url}/api/v1/metrics", body=b'{"metrics":[]}', headers=headers, tls=_trust(config))
    except web.NoAnswer as error:
        return skipped(name, f"cannot be tried: {error}")
    if answer.status in {UNAUTHORIZED, FORBIDDEN}:
        fix = "argus app rotate-key APP prints a new one; set it as ARGUS_API_KEY"
        return failure(name, f"the server refuses it ({answer.status})", fix)
    if answer.status != OK:
        return warning(name, f"the server answers {answer.status} now", "argus doctor on the server says why")
    return ok(name, "the server takes it")


def spool(config: Config) -> Result:
    """Look at the folder that keeps what could not be sent."""
    if config.spool_dir is None:
        return skipped("spool", "none is set (ARGUS_SPOOL_DIR): what is unsent when a program ends is lost")
    folder = Path(config.spool_dir).absolute()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return failure("spool", f"{there} cannot be written", "choose another ARGUS_SPOOL_DIR, or give it to this user")
    return ok("spool", f"{folder} keeps what is unsent")

"""Slack, Discord, Telegram, PagerDuty, SendGrid, Mailgun and a hundred others, by the library apprise.

It is an extra, for most of its weight is services that a server never calls. Its addresses, such as ``slack://…``,
hold the tokens of those services. It blocks, and writes what went wrong to its log; both are dealt with here. So are
the connections it makes: like those of webhooks, they follow nothing and lead to no forbidden address.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from functools import partial
from typing import Any

from argus.errors import ConfigError
from argus.server.alerts.values import State
from argus.server.notify.forbidden import is_forbidden, watched
from argus.server.notify.mail_page import facts, links
from argus.server.notify.message import Message
from argus.server.notify.outcome import Outcome, failed, one_line, sent, without_secrets
from argus.server.notify.threads import in_thread

MISSING = "this kind of channel needs the library apprise: pip install 'argus-monitor[notify]'"
log = logging.getLogger("apprise")


class Services:
    """Calls apprise, one call at a time: its log, which holds the reasons, then tells of one message."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def check(self, url: str) -> None:
        """Raise :class:`ConfigError` for an address that apprise does not know, without showing it."""
        async with self._turn:
            await in_thread(partial(_plugin, url), "services")

    async def send(self, url: str, message: Message) -> Outcome:
        """Hand a message to the service that the address names."""
        async with self._turn:
            return await in_thread(partial(_notify, url, message), "services")


class _Heard(logging.Handler):
    """Keeps what apprise says while it works."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _plugin(url: str) -> Any:
    if importlib.util.find_spec("apprise") is None:
        raise ConfigError(MISSING)
    import apprise  # noqa: PLC0415  # an extra, and slow to load

    log.propagate = False  # its lines become outcomes; some hold parts of addresses
    asset = apprise.AppriseAsset(http_redirects=False)
    found = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if found is None:
        raise ConfigError("apprise knows no such address; its documentation has one for each service, like slack://…")
    if is_forbidden(str(getattr(found, "host", "")).strip("[]")):
        raise ConfigError(f"{found.host} is a link-local address, where nothing is sent to")
    return found


def _notify(url: str, message: Message) -> Outcome:
    try:
        plugin = _plugin(url)
    except ConfigError as error:
        return failed(str(error))
    heard = _Heard()
    log.addHandler(heard)
    refused: list[str] = []
    try:
        with watched() as refused:
            done = plugin.notify(title=one_line(message.headline), body=body(message), notify_type=_tone(message))
    except Exception as error:  # noqa: BLE001  # a hundred plug-ins of others: whatever they raise is their failure
        return failed(without_secrets(f"{type(error).__name__}: {error}", url))
    finally:
        log.removeHandler(heard)
    said = without_secrets("; ".join([*refused, *heard.lines]), url)
    return sent("taken over by the service") if done else failed(said or "the service did not take it")


def body(message: Message) -> str:
    """Return the text for a chat: short, for the title says what happened."""
    told = [f"{name}: {one_line(value)}" for name, value in facts(message)]
    return "\n".join([message.sentence, "", *told, *(f"{name}: {link}" for name, link in links(message))])


def _tone(message: Message) -> str:
    if message.test:
        return "info"
    return {State.FIRING: "failure", State.RESOLVED: "success"}.get(message.notice.state, "warning")

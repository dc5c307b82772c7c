"""Carries one message by whatever kind of channel it goes, and says how that ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from functools import partial

import aiohttp

from argus.errors import ConfigError
from argus.server.notify import addresses, mail, smtp, webhook
from argus.server.notify.message import Message
from argus.server.notify.outcome import Outcome, failed, refused
from argus.server.notify.services import Services
from argus.server.notify.threads import in_thread
from argus.server.settings import Settings

MAILS_AT_ONCE = 4
NO_SERVER = "no mail server is set: ARGUS_SMTP_URL and ARGUS_MAIL_FROM say which"


class Carrier:
    """The ways out. Belongs to the event loop; ``close`` it there."""

    def __init__(self, settings: Settings) -> None:
        """Raises :class:`ConfigError` for a mail server or sender that cannot work."""
        self._server = smtp.server_of(settings.smtp_url) if settings.smtp_url else None
        self._sender = sender_of(settings, self._server) if self._server else ""
        self._services = Services()
        self._mails = asyncio.Semaphore(MAILS_AT_ONCE)
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        """The session of webhooks and heartbeats, made when it is first needed."""
        if self._http is None:
            self._http = webhook.make_session()
        return self._http

    async def check(self, kind: str, target: str) -> None:
        """Raise :class:`ConfigError` where a channel of this kind could never carry anything."""
        if kind == "apprise":
            await self._services.check(target)

    async def carry(self, kind: str, target: str, secret: str, message: Message, now: float) -> Outcome:
        """Send a message; every way it can go wrong is an outcome."""
        if kind == "email":
            return await self._mail(target, partial(mail.compose, message))
        if kind == "webhook":
            return await webhook.post(self.http, target, secret, message, now)
        if kind == "apprise":
            return await self._services.send(target, message)
        return refused(f"this Argus knows no channel of the kind {kind!r}")

    async def carry_digest(self, address: str, messages: Sequence[Message], now: float) -> Outcome:
        """Send one mail that stands for many messages."""
        return await self._mail(address, partial(mail.compose_digest, messages, now))

    async def close(self) -> None:
        """End the connections."""
        if self._http is not None:
            await self._http.close()

    async def _mail(self, address: str, compose: partial[EmailMessage]) -> Outcome:
        server, sender = self._server, self._sender
        if server is None:
            return failed(NO_SERVER)
        try:
            recipient = addresses.checked(address)
        except ConfigError as error:
            return refused(str(error))

        def hand_in() -> Outcome:
            return smtp.send(server, compose(sender, recipient), sender, recipient)

        async with self._mails:
            return await in_thread(hand_in, "mail")


def sender_of(settings: Settings, server: smtp.Server) -> str:
    """Return the address that mails come from: the one that is set, or the login's where that is one."""
    try:
        return addresses.checked(settings.mail_from or server.user)
    except ConfigError as error:
        given = f"--mail-from is {settings.mail_from!r}" if settings.mail_from else "--mail-from is missing"
        raise ConfigError(f"{given}; mails need a sender like argus@example.org") from error

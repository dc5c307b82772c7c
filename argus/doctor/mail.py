"""The mail server: connect, encrypt, log in, as an alert's mail does. No mail is sent."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import replace

from argus.doctor.result import Result, failure, ok, skipped
from argus.doctor.web import SECONDS, reason
from argus.errors import ConfigError
from argus.server.notify import smtp
from argus.server.notify.carrier import sender_of
from argus.server.settings import Settings

NAME = "mail"
EXAMPLE = "smtp://user:password@host:587?starttls=1 or smtps://user:password@host"


def mail(settings: Settings, tls: ssl.SSLContext | None = None) -> Result:
    """Look at the server that alerts are mailed by."""
    if not settings.smtp_url:
        return skipped(NAME, "not configured (ARGUS_SMTP_URL)")
    try:
        server = replace(smtp.server_of(settings.smtp_url), wait=SECONDS)
    except ConfigError as error:
        return failure(NAME, str(error), f"correct ARGUS_SMTP_URL; it looks like {EXAMPLE}")
    try:
        sender_of(settings, server)
    except ConfigError as error:
        return failure(NAME, str(error), "set ARGUS_MAIL_FROM: without it the server does not start")
    place = f"{server.host}:{server.port}"
    try:
        with smtp.opened(replace(server, context=tls) if tls else server) as session:
            session.noop()
    except (OSError, smtplib.SMTPException) as error:
        return failure(NAME, f"{place}: {_told(error)}", _remedy(error))
    return ok(NAME, f"{place} takes our mail, {'encrypted' if server.tls or server.starttls else 'not encrypted'}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses the user or password ({error.smtp_code})"  # its own text may quote what was sent
    return str(error) if isinstance(error, smtplib.SMTPNotSupportedError) else reason(error)


def _remedy(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "correct user and password in ARGUS_SMTP_URL (special characters as %XX)"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "add or leave out ?starttls=1; smtps:// is for port 465"
    return "is the host right, is the port open from here, and is it smtp:// or smtps://?"

"""The mail server: connect, encrypt, log in. No mail is sent."""

from __future__ import annotations

import smtplib
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from argus.doctor.result import Result, failure, ok, skipped
from argus.doctor.web import SECONDS, reason

NAME = "mail"
EXAMPLE = "smtp://user:password@host:587?starttls=1 or smtps://user:password@host"


def mail(url: str, tls: ssl.SSLContext | None = None) -> Result:
    """Look at the server that alerts are mailed by."""
    if not url:
        return skipped(NAME, "not configured (ARGUS_SMTP_URL)")
    try:
        parts = urlsplit(url)
        place = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 587)}"
        right = parts.scheme in {"smtp", "smtps"} and parts.hostname
    except ValueError:  # a port that is no number
        right = False
    if not right:
        return failure(NAME, "ARGUS_SMTP_URL names no mail server", f"it looks like {EXAMPLE}")
    try:
        return ok(NAME, f"{place} takes our mail, {_converse(url, tls or ssl.create_default_context())}")
    except (OSError, smtplib.SMTPException) as error:
        return failure(NAME, f"{place}: {_told(error)}", _remedy(error))


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


def _converse(url: str, tls: ssl.SSLContext) -> str:
    """Go as far as a mail would; return how safe that was."""
    parts = urlsplit(url)
    starttls = parse_qs(parts.query).get("starttls", ["0"])[-1] in {"1", "true", "yes", "on"}
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    with server:
        if starttls:
            server.starttls(context=tls)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.noop()
    return "encrypted" if starttls or parts.scheme == "smtps" else "not encrypted"

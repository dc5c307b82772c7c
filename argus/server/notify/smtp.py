"""Handing a mail to a server: ``smtp://user:password@host:587?starttls=1`` or ``smtps://…``, always verified.

Blocking; called on a thread of its own. Each wait for the server is bounded, and so is the whole session after its
greeting: a server that sends a byte now and then would never meet the first bound alone.
"""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from argus.errors import ConfigError
from argus.server.notify.outcome import Outcome, failed, refused, sent

WAIT_SECONDS = 20.0
WHOLE_SECONDS = 60.0
PORTS = {"smtp": 25, "smtps": 465}
READY, DONE, FORWARDED = 220, 250, 251
PERMANENT = 500
"""From here on an SMTP code says: do not send this again."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed in. ``repr`` shows no password."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = False
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    wait: float = WAIT_SECONDS
    whole: float = WHOLE_SECONDS


def server_of(url: str) -> Server:
    """Return the server that a URL names. Raises :class:`ConfigError`, which never shows the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(
            "the address of the mail server cannot be read; write % @ : / in a password as %25 %40 %3A %2F"
        ) from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigError(
            f"the address of the mail server begins with {parts.scheme!r}; "
            "it must be like smtp://user:password@host:587?starttls=1 or smtps://user:password@host:465"
        )
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    wished = options.pop("starttls", "0").lower()
    if options or wished not in {"0", "1", "false", "true", "no", "yes"}:
        raise ConfigError("the address of the mail server takes one option, ?starttls=1")
    starttls = wished in {"1", "true", "yes"}
    if starttls and parts.scheme == "smtps":
        raise ConfigError("a mail server is reached by smtps:// or by smtp://…?starttls=1, not by both")
    if parts.username and not starttls and parts.scheme == "smtp" and not _is_here(parts.hostname):
        raise ConfigError(f"the password would go to {parts.hostname} unencrypted; add ?starttls=1, or use smtps://")
    return Server(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=starttls,
    )


def send(server: Server, mail: EmailMessage, sender: str, recipient: str) -> Outcome:
    """Hand in one mail for one recipient; every way it can go wrong is an outcome, not an exception."""
    began = time.monotonic()
    try:
        with opened(server) as session:
            return _hand_in(session, mail, sender, recipient)
    except smtplib.SMTPAuthenticationError as error:
        return failed(f"{server.host} refused the login: {_answer(error.smtp_code, error.smtp_error)}")
    except smtplib.SMTPDataError as error:
        return _judged("mail", error.smtp_code, error.smtp_error)
    except smtplib.SMTPResponseException as error:
        return failed(f"{server.host}: {_answer(error.smtp_code, error.smtp_error)}")
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: TLS that was cut off
        late = time.monotonic() - began >= server.whole
        why = f"it took longer than {server.whole:g} s" if late else str(error) or type(error).__name__
        return failed(f"{server.host}:{server.port}: {why}")


@contextlib.contextmanager
def opened(server: Server) -> Iterator[smtplib.SMTP]:
    """Yield a session that is encrypted and logged in as the settings wish."""
    if server.tls:
        session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.wait, context=server.context)
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=server.wait)
    limit = threading.Timer(server.whole, _cut, [session])
    limit.daemon = True
    limit.start()
    try:
        if server.starttls and (reply := session.starttls(context=server.context))[0] != READY:
            raise smtplib.SMTPResponseException(*reply)
        if server.user:
            session.login(server.user, server.password)
        yield session
    finally:
        limit.cancel()
        session.close()


def _cut(session: smtplib.SMTP) -> None:
    """End a session's waiting from another thread. Not by the TLS layer, which belongs to the thread that waits."""
    if session.sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(session.sock, socket.SHUT_RDWR)


def _hand_in(session: smtplib.SMTP, mail: EmailMessage, sender: str, recipient: str) -> Outcome:
    """Send the envelope and the mail. Their answer to the mail is kept: it often names their queue's number."""
    session.ehlo_or_helo_if_needed()
    code, text = session.mail(sender)
    if code != DONE:
        return failed(f"the sender {sender} was refused: {_answer(code, text)}")  # it may be put right in our settings
    code, text = session.rcpt(recipient)
    if code not in {DONE, FORWARDED}:
        return _judged("recipient", code, text)
    code, text = session.data(mail.as_bytes())
    if code != DONE:
        return _judged("mail", code, text)
    with contextlib.suppress(smtplib.SMTPException, OSError):  # they have it; how they say goodbye changes nothing
        session.quit()
    return sent(_answer(code, text))


def _judged(what: str, code: int, text: bytes | str) -> Outcome:
    detail = f"the {what} was refused: {_answer(code, text)}"
    return refused(detail) if code >= PERMANENT else failed(detail)


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

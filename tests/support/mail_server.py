# ruff: noqa: ARG001, ARG002  # the arguments are those that aiosmtpd calls with
"""A real SMTP server on the test's event loop, and a scripted one for what no real server does on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import email
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "argus", "p@ss:w/rd"


class MailServer:
    """Keeps what it took. ``answers_to_recipients`` are given in turn, then every recipient is fine."""

    def __init__(self) -> None:
        self.port = 0
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.sessions: list[Any] = []
        self.answers_to_recipients: list[str] = []
        self.answers_to_data: list[str] = []
        self.before_answering: Callable[[], None] = lambda: None

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Sequence[str]
    ) -> str:
        answer = self.answers_to_recipients.pop(0) if self.answers_to_recipients else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        answer = self.answers_to_data.pop(0) if self.answers_to_data else "250 OK queued as 4711"
        self.sessions.append(session)
        if answer.startswith("250"):
            self.raw.append(envelope.content)
            self.recipients += envelope.rcpt_tos
        self.before_answering()
        return answer


def _authenticate(server: SMTP, session: Any, envelope: Any, mechanism: str, login: LoginPassword) -> AuthResult:
    right = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)  # the server says 535 itself


@contextlib.asynccontextmanager
async def running(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, login: bool = False
) -> AsyncIterator[MailServer]:
    """Run it on a free port: over TLS, with STARTTLS demanded, with a login checked, or neither."""
    mail_server = MailServer()
    options: dict[str, Any] = {"tls_context": starttls, "require_starttls": starttls is not None}
    if login:
        options |= {"authenticator": _authenticate}
        options |= dict.fromkeys(("auth_required", "auth_require_tls"), starttls is not None)

    protocols: list[SMTP] = []

    def make() -> SMTP:
        protocols.append(SMTP(mail_server, hostname="mail.test", loop=asyncio.get_running_loop(), **options))
        return protocols[-1]

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=tls)
    mail_server.port = server.sockets[0].getsockname()[1]
    try:
        yield mail_server
    finally:
        server.close()
        for protocol in protocols:
            if isinstance(protocol.transport, asyncio.Transport):
                protocol.transport.abort()
        await asyncio.sleep(0)  # an aborted transport closes in the next turn of the loop


@contextlib.asynccontextmanager
async def scripted(answers: dict[str, str | None], *, after_data: str | None = None) -> AsyncIterator[int]:
    """Run a server that answers each command from a table, ``None`` by silence, and a mail as ``after_data`` says.

    ``after_data`` is the answer to a mail, ``None`` to break the connection in its middle.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 scripted\r\n")
        with contextlib.suppress(ConnectionError):
            while line := (await reader.readline()).decode().strip():
                command = line.split(maxsplit=1)[0].upper()
                answer = answers.get(command, "250 fine")
                if answer is None:
                    await reader.read()  # until the other side gives up
                    break
                writer.write(f"{answer}\r\n".encode())
                if command == "DATA":
                    await reader.readline()
                    if after_data is None:
                        break
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(f"{after_data}\r\n".encode())
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()

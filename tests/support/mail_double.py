"""A mail server that takes one user's login, with or without STARTTLS, or TLS from the beginning."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SECRET = base64.b64encode(b"\0alerts\0peacock").decode()


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext, *, offers_tls: bool = True, wrapped: bool = False) -> AsyncIterator[int]:
    """Run one; yield its port."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        encrypted = wrapped
        while line := (await reader.readline()).decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                may = "STARTTLS" if offers_tls and not encrypted else "AUTH PLAIN"
                writer.write(f"250-here\r\n250 {may}\r\n".encode())
            elif verb == "STARTTLS":
                writer.write(b"220 go on\r\n")
                await writer.start_tls(tls)
                encrypted = True
            elif verb.startswith("AUTH PLAIN"):
                right = line.endswith(SECRET)
                writer.write(b"235 welcome\r\n" if right else b"535 wrong user or password\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 fine\r\n")
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls if wrapped else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()

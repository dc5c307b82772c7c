"""Reading a request's body within the limits: size, size after decompression, and time."""

from __future__ import annotations

import asyncio
import zlib

import zstandard
from aiohttp import web

from argus.server import keys
from argus.server.problems import Problem

CHUNK = 64 * 1024


async def read_body(request: web.Request) -> bytes:
    """Return the decompressed body. Raises ``Problem`` where it is too large, too slow or not what it says."""
    settings = request.app[keys.SETTINGS]
    length = request.content_length
    if length is not None and length > settings.max_body:
        raise _too_large("the body", length, settings.max_body)
    try:
        async with asyncio.timeout(settings.body_timeout):
            body = await _read(request, settings.max_body)
    except TimeoutError as error:
        raise Problem("request_timeout", f"the body did not come within {settings.body_timeout:g} s") from error
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    return decompress(body, encoding, settings.max_decompressed)


async def _read(request: web.Request, most: int) -> bytes:
    parts, total = [], 0
    async for part in request.content.iter_any():
        total += len(part)
        if total > most:
            raise _too_large("the body", total, most)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def decompress(body: bytes, encoding: str, most: int) -> bytes:
    """Return the body without its encoding, never making more than ``most`` bytes of it. Raises ``Problem``."""
    if encoding in {"identity", ""}:
        return body
    try:
        if encoding in {"gzip", "deflate"}:
            inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
            plain = inflater.decompress(body, most + 1)
            whole = inflater.eof
        elif encoding == "zstd":
            with zstandard.ZstdDecompressor().stream_reader(body) as reader:
                plain = reader.read(most + 1)
            whole = True
        else:
            raise Problem(
                "unsupported_media_type", f"unknown encoding {encoding!r}; use gzip or zstd", "Content-Encoding"
            )
    except (zlib.error, zstandard.ZstdError) as error:
        raise Problem("bad_request", f"the body is no {encoding}: {error}", "Content-Encoding") from error
    if len(plain) > most:
        raise _too_large("the decompressed body", len(plain), most)
    if not whole:
        raise Problem("bad_request", f"the body is cut short: its {encoding} does not end", "Content-Encoding")
    return plain


def _too_large(what: str, size: int, most: int) -> Problem:
    return Problem("too_large", f"{what} has {size:,} bytes or more; at most {most:,} are allowed", "$")

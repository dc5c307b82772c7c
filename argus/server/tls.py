"""HTTPS without a proxy: the certificate, read again when its files change, as they do when it is renewed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from argus.errors import ConfigError
from argus.server.settings import Settings

log = logging.getLogger("argus.server.tls")

LOOK_SECONDS = 10.0


class Certificate:
    """A certificate with its chain and its key, as PEM files. ``context`` serves the newest that could be read."""

    def __init__(self, chain: Path, key: Path) -> None:
        self._files = (chain, key)
        self._read = self._stamps()
        self._refused = self._read
        try:
            _context().load_cert_chain(chain, key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--tls-cert {chain} and --tls-key {key} cannot be used: {error}") from error
        self.context = _context()
        self.context.load_cert_chain(chain, key)

    def renew(self) -> bool:
        """Read the files again if they changed; return whether there is a new certificate.

        One that cannot be used, such as a new certificate beside the old key, is said once and the old one goes on.
        """
        stamps = self._stamps()
        if stamps in (self._read, self._refused):
            return False
        try:
            _context().load_cert_chain(*self._files)  # a load that fails leaves a context unusable, so not the live one
        except (OSError, ssl.SSLError) as error:
            log.error("the new certificate cannot be used (%s); the old one is served", error)  # noqa: TRY400  # whole
            self._refused = stamps
            return False
        self.context.load_cert_chain(*self._files)
        self._read = stamps
        log.info("the certificate %s is served anew", self._files[0])
        return True

    def _stamps(self) -> tuple[float, ...]:
        return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in self._files)


def certificate_of(settings: Settings) -> Certificate | None:
    """Return the certificate that the settings name, ``None`` for plain HTTP. Raises :class:`ConfigError`."""
    if not settings.tls_cert and not settings.tls_key:
        return None
    if not settings.tls_cert or not settings.tls_key:
        raise ConfigError("HTTPS needs both --tls-cert and --tls-key")
    return Certificate(Path(settings.tls_cert).expanduser(), Path(settings.tls_key).expanduser())


@contextlib.asynccontextmanager
async def renewing(certificate: Certificate) -> AsyncIterator[None]:
    """Look for a renewed certificate now and then, while the block runs."""

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            certificate.renew()

    task = asyncio.create_task(look(), name="certificate")
    try:
        yield
    finally:
        task.cancel()


def _context() -> ssl.SSLContext:
    return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)

"""HTTPS without a proxy: served, renewed without a restart, and refused with the remedy where it cannot be."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import trustme

from argus.errors import ConfigError
from argus.server import app as server_app
from argus.server.settings import Settings
from argus.server.tls import Certificate, certificate_of


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> tuple[Path, Path]:
    issue(authority, tmp_path, 1)
    return tmp_path / "chain.pem", tmp_path / "key.pem"


def issue(authority: trustme.CA, folder: Path, moment: int) -> None:
    """Write a new certificate and its key, as a renewal at that moment would."""
    made = authority.issue_cert("127.0.0.1")
    chain = b"".join(blob.bytes() for blob in made.cert_chain_pems)
    for name, content in (("chain.pem", chain), ("key.pem", made.private_key_pem.bytes())):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (moment, moment))


@pytest.fixture
async def https(files: tuple[Path, Path], tmp_path: Path) -> AsyncIterator[str]:
    """The address of a server with the certificate."""
    settings = Settings(port=0, data=tmp_path / "data", tls_cert=str(files[0]), tls_key=str(files[1]))
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    started = server_app.run(settings, lambda url, password: address.set_result(url), stop=stop)
    running = asyncio.create_task(started)
    yield await address
    stop.set()
    await running


async def test_the_server_speaks_https_and_still_monitors_itself(https: str, authority: trustme.CA) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    assert https.startswith("https://127.0.0.1:")
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{https}/healthz", ssl=trusting) as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await http.get(f"{https}/healthz")
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"{https.replace('https', 'http')}/healthz")
    import argus  # noqa: PLC0415  # the server's own client is made when it starts

    assert await asyncio.to_thread(argus.flush, 5.0)


async def serial(context: ssl.SSLContext, authority: trustme.CA) -> int:
    """The serial number of the certificate that a new connection is shown."""
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="127.0.0.1")
    shown = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    server.close()
    return int(shown, 16)


async def test_a_renewed_certificate_is_served_without_a_restart(
    files: tuple[Path, Path], authority: trustme.CA, tmp_path: Path
) -> None:
    certificate = Certificate(*files)
    before = await serial(certificate.context, authority)
    assert not certificate.renew()
    issue(authority, tmp_path, 2)
    assert certificate.renew()
    assert await serial(certificate.context, authority) != before


async def test_half_a_renewal_leaves_the_old_certificate_and_is_said_once(
    files: tuple[Path, Path], authority: trustme.CA, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = Certificate(*files)
    before = await serial(certificate.context, authority)
    old_key = files[1].read_bytes()
    issue(authority, tmp_path, 2)
    new_key = files[1].read_bytes()
    files[1].write_bytes(old_key)
    with caplog.at_level(logging.INFO, "argus.server.tls"):
        assert not certificate.renew()
        assert not certificate.renew()
    assert caplog.text.count("the old one is served") == 1
    assert await serial(certificate.context, authority) == before
    files[1].write_bytes(new_key)
    os.utime(files[1], (3, 3))
    assert certificate.renew()
    assert await serial(certificate.context, authority) != before


def test_a_certificate_that_cannot_be_used_is_refused_with_its_file(files: tuple[Path, Path]) -> None:
    chain, key = files
    with pytest.raises(ConfigError, match=r"both --tls-cert and --tls-key"):
        certificate_of(Settings(tls_cert=str(chain)))
    with pytest.raises(ConfigError, match=r"--tls-cert /no/such\.pem.*cannot be used"):
        certificate_of(Settings(tls_cert="/no/such.pem", tls_key=str(key)))
    with pytest.raises(ConfigError, match=r"cannot be used"):
        certificate_of(Settings(tls_cert=str(chain), tls_key=str(chain)))
    assert certificate_of(replace(Settings(), tls_cert="", tls_key="")) is None

"""What is Windows' own: its certificates decide whom the client trusts. Runs where a Windows build runs under Wine."""

from __future__ import annotations

import hashlib
import ssl
import struct
import subprocess
from collections.abc import Callable, Iterator

import libargus
import pytest
import server_double
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

pytestmark = pytest.mark.skipif(
    not libargus.WINDOWS or not libargus.WRAPPER,
    reason="for a Windows build under Wine: a test does not touch the certificates of a machine (the stage `cross`)",
)
ROOT_STORE = r"HKCU\Software\Microsoft\SystemCertificates\Root\Certificates"
SHA1_PROPERTY, CERTIFICATE_PROPERTY = 3, 32
"""Of a serialised certificate: each property is its number, a 1, its length, and its bytes."""


@pytest.fixture(scope="module")
def trusted() -> Iterator[trustme.CA]:
    """An authority that is among the roots of Wine's user while the tests run."""
    authority = trustme.CA()
    der = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).public_bytes(Encoding.DER)
    digest = hashlib.sha1(der).digest()
    blob = b"".join(
        struct.pack("<III", number, 1, len(value)) + value
        for number, value in ((SHA1_PROPERTY, digest), (CERTIFICATE_PROPERTY, der))
    )
    key = rf"{ROOT_STORE}\{digest.hex().upper()}"
    registry = [*libargus.WRAPPER, "reg"]
    subprocess.run([*registry, "add", key, "/v", "Blob", "/t", "REG_BINARY", "/d", blob.hex(), "/f"], check=True)
    yield authority
    subprocess.run([*registry, "delete", key, "/f"], check=True)


@pytest.fixture
def serve() -> Iterator[Callable[[trustme.CA, str], server_double.Server]]:
    """A server whose certificate, signed by an authority, is for the given name."""
    made: list[server_double.Server] = []

    def start(authority: trustme.CA, name: str) -> server_double.Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        made.append(server_double.Server(context))
        return made[-1]

    yield start
    for server in made:
        server.close()


def by_name(server: server_double.Server) -> str:
    """The server's address with a name, for Wine compares certificates with names only."""
    return server.url.replace("127.0.0.1", "localhost")


def test_a_server_that_a_root_of_the_system_vouches_for_is_sent_to(serve, drive, trusted) -> None:
    secure = serve(trusted, "localhost")
    answer = drive("system-metrics", ARGUS_URL=by_name(secure))
    assert (answer.stdout, answer.stderr) == ("1\n", "")
    assert secure.stored


def test_a_server_whose_certificate_nobody_vouches_for_is_sent_nothing(serve, drive) -> None:
    stranger = serve(trustme.CA(), "localhost")
    answer = drive("system-metrics", ARGUS_URL=by_name(stranger))
    assert "certificate" in answer.stderr
    assert stranger.requests == []


def test_a_server_with_a_certificate_for_another_name_is_sent_nothing(serve, drive, trusted) -> None:
    other = serve(trusted, "argus.example.org")
    answer = drive("system-metrics", ARGUS_URL=by_name(other))
    assert "certificate" in answer.stderr
    assert other.requests == []


def test_a_file_of_certificates_is_said_to_be_of_no_use_and_ignored(server, drive) -> None:
    answer = drive("one-of-each", ARGUS_CA_FILE="ca.pem")
    assert answer.returncode == 0
    assert "ARGUS_CA_FILE must be empty on Windows" in answer.stderr
    assert server.counter("orders") == 4

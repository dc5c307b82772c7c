"""HTTPS: a server that cannot prove who it is gets nothing, and nothing is lost; of the Python and the C++ client."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libargus
import pytest
import server_double
import trustme

QUIET = {"api_key": "key", "system_metrics": False, "capture_logs": False}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Callable[[str], Any]]:
    """A server whose certificate, signed by the authority, is for the given name."""
    made: list[server_double.Server] = []

    def start(name: str) -> server_double.Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        made.append(server_double.Server(context))
        return made[-1]

    yield start
    for server in made:
        server.close()


def test_a_server_with_a_certificate_of_the_given_authority_is_sent_to(serve, make_client, ca_file) -> None:
    server = serve("127.0.0.1")
    client = make_client(server.url, ca_file=ca_file)
    client.increment("orders")
    assert client.flush(5)
    assert server.counter("orders") == 1


def test_a_certificate_of_an_unknown_authority_is_refused_and_said(serve, make_client, caplog) -> None:
    server = serve("127.0.0.1")
    client = make_client(server.url)
    client.increment("orders")
    with caplog.at_level(logging.WARNING, "argus.client"):
        assert not client.flush(5)
    assert server.requests == []
    assert "certificate" in caplog.text


def test_a_certificate_for_another_name_is_refused(serve, make_client, ca_file, caplog) -> None:
    server = serve("argus.example.org")
    client = make_client(server.url, ca_file=ca_file)
    client.increment("orders")
    with caplog.at_level(logging.WARNING, "argus.client"):
        assert not client.flush(5)
    assert server.requests == []
    assert "127.0.0.1" in caplog.text


def test_a_file_of_certificates_that_cannot_be_read_is_said_and_ignored(make_python_client, tmp_path, caplog) -> None:
    with caplog.at_level(logging.ERROR, "argus.client"):
        make_python_client("https://127.0.0.1:1", ca_file=str(tmp_path / "missing.pem"))
    assert "argument ca_file must be a file that can be read" in caplog.text
    assert "missing.pem" in caplog.text


def test_a_file_of_certificates_that_cannot_be_read_is_an_error_in_cpp(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"ca_file must be a file that can be read, not \".*missing.pem\""):
        libargus.NativeClient("https://127.0.0.1:1", **QUIET, ca_file=str(tmp_path / "missing.pem"))

"""Where nothing is sent, however it is written."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from argus.server.notify import forbidden
from argus.server.notify.forbidden import Forbidden, is_forbidden, watched


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"),
        *("2002:a9fe:a9fe::1", "fd00:ec2::254", "100.100.100.200"),
    ],
)
def test_an_address_where_clouds_hand_out_credentials_is_forbidden(host: str) -> None:
    assert is_forbidden(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd12::1", "example.org", "", "None"])
def test_the_own_network_and_names_are_not(host: str) -> None:
    assert not is_forbidden(host)


@pytest.fixture
def loopback_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing leaves this machine should the guard fail."""
    monkeypatch.setattr(forbidden, "is_forbidden", "127.0.0.1".__eq__)


def connect(host: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect((host, 9))


@pytest.mark.usefixtures("loopback_is_forbidden")
def test_a_thread_that_is_watched_makes_no_forbidden_connection() -> None:
    with watched() as refused, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for reach in (connect, lambda: connect("localhost"), lambda: one.sendto(b"", ("127.0.0.1", 9))):
            with pytest.raises(Forbidden):
                reach()
        connect("127.0.0.2")
    assert [why.partition(" ")[0] for why in refused] == ["127.0.0.1", "localhost", "127.0.0.1"]


@pytest.mark.usefixtures("loopback_is_forbidden")
def test_other_threads_and_what_comes_later_are_not_watched() -> None:
    with watched() as refused, ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(connect).result()
    connect()
    assert refused == []

"""The Caddyfile in a real Caddy, with a certificate of a real ACME server: Pebble, Let's Encrypt's own for tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
import trustme
from server_process import Process
from tools import missing

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "argus.example.org"
TOOLS = {"caddy": "caddy", "pebble": "pebble", "pebble-challtestsrv": "pebble"}


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def running(*command: object, port: int, log: Path, **variables: str) -> Iterator[None]:
    """Run a program while the block does; the block begins when it listens."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )
        try:
            deadline = time.monotonic() + 30
            while not listens(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)  # real time: another program starts
            yield
        finally:
            process.terminate()
            process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def argus_server(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path / "data", ARGUS_PUBLIC_URL=f"https://{DOMAIN}")
    made.start()
    yield made
    made.stop(signal.SIGTERM)


@pytest.fixture
def proxy(argus_server: Process, tmp_path: Path) -> Iterator[int]:
    """The HTTPS port of Caddy before the server, once it has its certificate."""
    absent = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if absent:
        missing(f"{absent[0]} is missing; on Debian: apt-get install {absent[0]}")
    http, https, acme, management, names, names_control = free_ports(6)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "acme-ca.pem")
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "acme.pem")
    issued.private_key_pem.write_to_path(tmp_path / "acme.key")
    pebble = {
        "listenAddress": f"127.0.0.1:{acme}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(tmp_path / "acme.pem"),
        "privateKey": str(tmp_path / "acme.key"),
        "httpPort": http,
        "tlsPort": https,
    }
    (tmp_path / "pebble.json").write_text(json.dumps({"pebble": pebble}))
    # What a test needs and production does not: other ports, and the authority. The site is the project's own file.
    (tmp_path / "Caddyfile").write_text(
        f"{{\n admin off\n http_port {http}\n https_port {https}\n default_bind 127.0.0.1\n"
        f" acme_ca https://localhost:{acme}/dir\n acme_ca_root {tmp_path}/acme-ca.pem\n}}\n"
        f"import {ROOT}/deploy/Caddyfile\n"
    )
    caddy_home = str(tmp_path / "caddy")
    with (
        running(
            *("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""),
            *("-dns01", f"127.0.0.1:{names}", "-management", f"127.0.0.1:{names_control}"),
            *("-http01", "", "-https01", "", "-tlsalpn01", ""),
            port=names_control,
            log=tmp_path / "names.log",
        ),
        running(
            *("pebble", "-config", tmp_path / "pebble.json", "-dnsserver", f"127.0.0.1:{names}"),
            port=acme,
            log=tmp_path / "pebble.log",
            PEBBLE_VA_NOSLEEP="1",
        ),
        running(
            *("caddy", "run", "--adapter", "caddyfile", "--config", tmp_path / "Caddyfile"),
            port=https,
            log=tmp_path / "caddy.log",
            ARGUS_DOMAIN=DOMAIN,
            ARGUS_UPSTREAM=f"127.0.0.1:{argus_server.port}",
            XDG_DATA_HOME=caddy_home,
            XDG_CONFIG_HOME=caddy_home,
        ),
    ):
        deadline = time.monotonic() + 60
        while not list(Path(caddy_home).glob(f"**/{DOMAIN}.crt")):
            assert time.monotonic() < deadline, (tmp_path / "caddy.log").read_text()[-3000:]
            time.sleep(0.1)  # real time: other programs negotiate
        yield https


class Here(aiohttp.abc.AbstractResolver):
    """Every name leads to this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Hold nothing."""


def certificate_words(port: int) -> set[str]:
    """Who issued the certificate that is shown for the domain, and for what."""
    trusting = ssl._create_unverified_context()  # Pebble makes a new root each time: the issuer is looked at instead
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusting.wrap_socket(plain, server_hostname=DOMAIN) as s,
    ):
        shown = s.getpeercert(binary_form=True)
    assert shown is not None
    read = subprocess.run(
        ["openssl", "x509", "-noout", "-issuer", "-ext", "subjectAltName"],
        input=ssl.DER_cert_to_PEM_cert(shown),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(read.stdout.split())


async def test_api_and_websocket_work_through_https_with_an_issued_certificate(proxy: int) -> None:
    context = ssl._create_unverified_context()  # see above
    url = f"https://{DOMAIN}:{proxy}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, resolver=Here())) as http:
        async with http.get(f"{url}/healthz") as answer:
            assert answer.status == 200
        assert await asyncio.to_thread(certificate_words, proxy) >= {"Pebble", f"DNS:{DOMAIN}"}
        async with http.post(f"{url}/api/v1/session", json={"password": "peacock feathers"}) as answer:
            assert answer.status == 200
            assert answer.cookies["argus_session"]["secure"]
        async with http.ws_connect(f"{url}/ws/dashboard", origin=f"https://{DOMAIN}") as socket_:
            await socket_.send_json({"op": "subscribe", "id": 3, "topic": "applications"})
            assert (await socket_.receive_json(timeout=10))["op"] == "subscribed"

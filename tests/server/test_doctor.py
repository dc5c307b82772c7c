"""``argus doctor`` on real parts: a server, a proxy, certificates and a mail server, whole and broken."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from mail_double import mail_server

from argus.cli import doctor as command
from argus.cli import main
from argus.doctor import client, mail
from argus.doctor import server as reached
from argus.doctor.result import Result, State, failure
from argus.server import keys
from argus.server.settings import Settings

NO_SERVER = "http://127.0.0.1:1"


def told(result: Result, state: State, words: str) -> None:
    assert (result.state, words in result.seen) == (state, True), result
    assert bool(result.fix) == (state in {State.WARNING, State.FAILURE})
    assert "peacock" not in "".join(result)


def of(server: Any, tmp_path: Path, **more: Any) -> Settings:
    """Return the settings of the running server."""
    return Settings(data=tmp_path, port=int(server.url.rpartition(":")[2]), **more)


async def test_a_server_that_runs_is_alive_ready_and_live_and_tells_the_time(server, tmp_path) -> None:
    settings = of(server, tmp_path)
    clocks: dict[str, float] = {}
    told(await asyncio.to_thread(reached.alive, settings, clocks), State.OK, "alive and ready")
    assert abs(clocks["the server"]) < 5
    told(await asyncio.to_thread(reached.live, settings), State.OK, "passes WebSockets on")
    told(await asyncio.to_thread(reached.public, settings, clocks), State.SKIPPED, "none is set")
    told(await asyncio.to_thread(reached.certificate, settings), State.SKIPPED, "not encrypted")


async def test_the_login_of_the_check_does_not_stay(server, tmp_path) -> None:
    await asyncio.to_thread(reached.live, of(server, tmp_path))
    with server.app[keys.RECORDS]._database.read() as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


async def test_a_server_that_cannot_store_is_told_with_its_reason(server, tmp_path) -> None:
    server.app[keys.STARTUP].trouble = "the disk is full"
    told(await asyncio.to_thread(reached.alive, of(server, tmp_path), {}), State.FAILURE, "start: the disk is full")


def test_where_nothing_answers_the_start_is_the_fix_and_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, host="0.0.0.0", port=1)
    found = reached.alive(settings, {})
    told(found, State.FAILURE, f"nothing answers at {NO_SERVER}: connection refused")
    assert "argus serve" in found.fix
    told(reached.live(settings), State.SKIPPED, "connection refused")
    told(reached.public(Settings(public_url=NO_SERVER), {}), State.FAILURE, "connection refused")
    assert list(tmp_path.iterdir()) == []


@asynccontextmanager
async def proxy(server: Any, old: bytes, new: bytes) -> AsyncIterator[str]:
    """Pass everything on to the server, with one text of the requests replaced."""
    host, _, port = server.url.removeprefix("http://").rpartition(":")

    async def pump(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Callable[[bytes], bytes]
    ) -> None:
        while data := await reader.read(65_536):
            writer.write(change(data))
            await writer.drain()
        writer.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        ways: list[Awaitable[None]] = [
            pump(reader, there_writer, lambda data: data.replace(old, new)),
            pump(there_reader, writer, lambda data: data),
        ]
        await asyncio.gather(*ways)

    listening = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


@pytest.mark.parametrize(
    ("replaced", "state", "words"),
    [
        ((b"\0", b"\0"), State.OK, "passes WebSockets on"),
        ((b"Upgrade: websocket", b"X-Dropped: it"), State.FAILURE, "in place of a WebSocket"),
        ((b"Host: ", b"Host: inside."), State.FAILURE, "origin is refused"),
        ((b"Cookie: ", b"X-Dropped: "), State.FAILURE, "login did not arrive"),
    ],
)
async def test_what_a_proxy_does_to_live_connections_is_found_out(server, tmp_path, replaced, state, words) -> None:
    async with proxy(server, *replaced) as url:
        settings = of(server, tmp_path, public_url=url)
        told(await asyncio.to_thread(reached.public, settings, {}), State.OK, "leads to Argus")
        told(await asyncio.to_thread(reached.live, settings), state, words)


async def test_a_public_address_that_leads_elsewhere_is_told(server, tmp_path) -> None:
    async with proxy(server, b"/healthz", b"/no/such") as url:
        settings = of(server, tmp_path, public_url=url)
        told(await asyncio.to_thread(reached.public, settings, {}), State.FAILURE, "answers 404")


@pytest.fixture(scope="module")
def certificates() -> tuple[trustme.CA, ssl.SSLContext]:
    """An authority, and what trusts it."""
    authority, context = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(context)
    return authority, context


def serving(authority: trustme.CA, days: float) -> ssl.SSLContext:
    now = dt.datetime.now(dt.UTC)
    made = authority.issue_cert(
        "127.0.0.1",
        not_before=now - dt.timedelta(days=100),
        not_after=now + dt.timedelta(days=days, hours=1),
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("days", "trusted", "state", "words"),
    [
        (80, True, State.OK, "valid for 80 more days"),
        (3, True, State.WARNING, "valid for 3 more days"),
        (-1, True, State.FAILURE, "certificate has expired"),
        (80, False, State.FAILURE, "unable to get local issuer certificate"),
    ],
)
async def test_a_certificate_is_looked_at_as_browsers_do(certificates, days, trusted, state, words) -> None:
    authority, trust = certificates
    context = serving(authority, days)
    listening = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    settings = Settings(public_url=f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # that the handshake fails is the test
    told(await asyncio.to_thread(reached.certificate, settings, trust if trusted else None), state, words)
    listening.close()


def test_a_certificate_without_its_key_is_a_failure(tmp_path: Path) -> None:
    told(reached.certificate(Settings(tls_cert=str(tmp_path))), State.FAILURE, "both --tls-cert and --tls-key")


def mailing(url: str) -> Settings:
    return Settings(smtp_url=url, mail_from="argus@example.org")


@pytest.mark.parametrize(
    ("url", "server_does", "state", "words"),
    [
        ("smtp://alerts:peacock@HERE?starttls=1", {}, State.OK, ", encrypted"),
        ("smtps://alerts:peacock@HERE", {"wrapped": True}, State.OK, ", encrypted"),
        ("smtp://HERE", {"offers_tls": False}, State.OK, "not encrypted"),
        ("smtp://alerts:peacock1@HERE?starttls=1", {}, State.FAILURE, "refuses the user or password (535)"),
        ("smtp://alerts:peacock@HERE?starttls=1", {"offers_tls": False}, State.FAILURE, "STARTTLS"),
    ],
)
async def test_a_mail_server_is_tried_as_far_as_a_mail_goes(certificates, url, server_does, state, words) -> None:
    authority, trust = certificates
    async with mail_server(serving(authority, 80), **server_does) as port:
        told(await asyncio.to_thread(mail.mail, mailing(url.replace("HERE", f"127.0.0.1:{port}")), trust), state, words)


@pytest.mark.parametrize(
    ("url", "state", "words"),
    [
        ("", State.SKIPPED, "not configured"),
        ("smtp://alerts:peacock@127.0.0.1:1", State.FAILURE, "127.0.0.1:1: connection refused"),
        ("smtp://alerts:peacock@host:port", State.FAILURE, "cannot be read"),
        ("https://alerts:peacock@host", State.FAILURE, "begins with 'https'"),
        ("smtp://alerts:peacock@mail.example.org", State.FAILURE, "would go to mail.example.org unencrypted"),
    ],
)
def test_no_mail_server_or_a_wrong_address_is_told(url: str, state: State, words: str) -> None:
    told(mail.mail(mailing(url)), state, words)


def test_mails_need_a_sender() -> None:
    told(mail.mail(Settings(smtp_url="smtps://alerts@127.0.0.1:1")), State.FAILURE, "--mail-from is missing")


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An empty working directory and none of our variables."""
    for name in [name for name in os.environ if name.startswith("ARGUS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


async def test_a_client_learns_whether_its_key_and_the_way_are_right(server, clean) -> None:
    clean.setenv("ARGUS_URL", server.url)
    clean.setenv("ARGUS_API_KEY", server.key)
    config, wrong = client.configured()
    told(client.settings(config, wrong), State.OK, server.url)
    told(await asyncio.to_thread(client.reachable, config), State.OK, "is Argus")
    told(await asyncio.to_thread(client.key, config), State.OK, "takes it")
    told(await asyncio.to_thread(client.clocks, config), State.OK, "agrees with the server")
    told(
        await asyncio.to_thread(client.key, config._replace(api_key="argus_0000_x")), State.FAILURE, "refuses it (401)"
    )
    told(client.key(config._replace(api_key=None)), State.FAILURE, "there is none")


def test_a_clients_wrong_settings_and_a_dead_server_are_told(clean, tmp_path: Path) -> None:
    clean.setenv("ARGUS_URL", NO_SERVER)
    clean.setenv("ARGUS_FLUSH_INTERVAL", "soon")
    config, wrong = client.configured()
    told(client.settings(config, wrong), State.FAILURE, "ARGUS_FLUSH_INTERVAL must be a number")
    told(client.reachable(config), State.FAILURE, "connection refused")
    told(client.key(config._replace(api_key="k")), State.SKIPPED, "cannot be tried")
    told(client.settings(config._replace(url=None), []), State.FAILURE, "nothing is sent")
    told(client.spool(config), State.SKIPPED, "none is set")
    told(client.spool(config._replace(spool_dir=str(tmp_path / "spool"))), State.OK, "keeps")
    (tmp_path / "file").touch()
    told(client.spool(config._replace(spool_dir=str(tmp_path / "file" / "spool"))), State.FAILURE, "cannot be written")


def checks(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    """Run the command; return its status, and the state of each check."""
    status = main(["doctor", "--json", *arguments])
    answer = json.loads(capsys.readouterr().out)
    assert answer["healthy"] == (status == 0)
    return status, {check["name"]: check["state"] for check in answer["checks"]}


@pytest.mark.usefixtures("clean")
async def test_all_is_well_where_a_server_runs(server, capsys, tmp_path) -> None:
    port = server.url.rpartition(":")[2]
    status, found = await asyncio.to_thread(checks, capsys, "--data", str(tmp_path), "--port", port)
    assert status == 0, found
    assert found["metrics (sqlite)"] == found["records (sqlite)"] == found["live connection"] == found["clock"] == "ok"
    assert found["mail"] == "skipped"


@pytest.mark.usefixtures("clean")
def test_a_failure_is_the_exit_status_and_settings_that_cannot_be_read_end_the_servers_checks(capsys) -> None:
    status, found = checks(capsys, "--port", "1")
    assert (status, found["server"]) == (1, "failure")
    status, found = checks(capsys, "--port", "many")
    assert (status, found["settings"], "server" in found) == (1, "failure", False)


def test_a_client_alone_is_looked_at_where_only_its_settings_are_found(clean, capsys) -> None:
    clean.setenv("ARGUS_URL", NO_SERVER)
    _, found = checks(capsys)
    assert (found["way to the server"], "server" in found) == ("failure", False)
    _, found = checks(capsys, "--port", "1")
    assert found["way to the server"] == found["server"] == "failure"
    _, found = checks(capsys, "--client", "--port", "1")
    assert "server" not in found


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_has_its_fix_and_colours_on_a_terminal_alone(clean, capsys) -> None:
    result = failure("disk", "full", "make room")
    assert command._line(result, colours=False) == "FAIL  disk                   full  →  make room"
    assert command._line(result, colours=True).startswith("\x1b[31mFAIL ")
    assert command._wants_colours(Terminal())
    assert not command._wants_colours(io.StringIO())
    clean.setenv("NO_COLOR", "1")
    assert not command._wants_colours(Terminal())
    assert main(["doctor", "--client"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("FAIL  client settings") and "→  set ARGUS_URL" in line for line in lines)
    assert lines[-1].endswith("to look after")

"""Handing mails to a real SMTP server: every way to reach one, every way it can refuse, and what is made of that."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace

import mail_server
import pytest
import trustme
from messages import fired

from argus.errors import ConfigError
from argus.server.notify import smtp
from argus.server.notify.mail import compose
from argus.server.notify.message import Message
from argus.server.notify.outcome import Outcome, Result
from argus.server.notify.smtp import Server, server_of

SENDER, RECIPIENT = "argus@example.org", "ops@example.org"


@pytest.fixture
def message() -> Message:
    """A message without a chart, which is looked at elsewhere."""
    return fired(points=())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def served(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def at(port: int, scheme: str = "smtp", login: str = "", query: str = "") -> Server:
    return replace(server_of(f"{scheme}://{login}127.0.0.1:{port}{query}"), wait=5.0)


async def deliver(server: Server, message: Message) -> Outcome:
    return await asyncio.to_thread(smtp.send, server, compose(message, SENDER, RECIPIENT), SENDER, RECIPIENT)


async def test_a_mail_is_handed_in_and_the_servers_answer_kept(message: Message) -> None:
    async with mail_server.running() as server:
        outcome = await deliver(at(server.port), message)
        assert outcome == Outcome(Result.SENT, "250 OK queued as 4711")
        assert server.recipients == [RECIPIENT]
        assert server.mails[0]["Subject"] == "Firing: CPU too high on shop (93.2 > 80)"


LOGIN = "argus:p%40ss%3Aw%2Frd@"


async def test_starttls_comes_before_the_login(
    message: Message, served: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with mail_server.running(starttls=served, login=True) as server:
        outcome = await deliver(replace(at(server.port, login=LOGIN, query="?starttls=1"), context=trusting), message)
        assert outcome.result is Result.SENT
        assert server.sessions[0].authenticated
        assert server.sessions[0].ssl is not None


async def test_a_mail_goes_over_tls_from_the_first_byte(
    message: Message, served: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with mail_server.running(tls=served) as server:
        outcome = await deliver(replace(at(server.port, "smtps"), context=trusting), message)
        assert outcome.result is Result.SENT


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
async def test_a_server_with_a_certificate_of_somebody_else_gets_nothing(
    message: Message, served: ssl.SSLContext, scheme: str
) -> None:
    tls, starttls = (served, None) if scheme == "smtps" else (None, served)
    async with mail_server.running(tls=tls, starttls=starttls) as server:
        outcome = await deliver(at(server.port, scheme, query="" if scheme == "smtps" else "?starttls=1"), message)
        assert outcome.result is Result.FAILED
        assert "certificate verify failed" in outcome.detail
        assert server.raw == []


async def test_a_server_without_starttls_gets_nothing_where_it_is_demanded(message: Message) -> None:
    async with mail_server.running() as server:
        outcome = await deliver(at(server.port, login=LOGIN, query="?starttls=1"), message)
        assert (outcome.result, server.raw) == (Result.FAILED, [])
        assert "STARTTLS" in outcome.detail


async def test_a_wrong_password_is_tried_again_later_and_never_shown(message: Message) -> None:
    async with mail_server.running(login=True) as server:
        outcome = await deliver(at(server.port, login="argus:hunter22@"), message)
        assert outcome.result is Result.FAILED
        assert outcome.detail.startswith("127.0.0.1 refused the login: 535")
        assert "hunter22" not in outcome.detail
        assert "hunter22" not in repr(at(server.port, login="argus:hunter22@"))


async def test_a_recipient_that_does_not_exist_is_given_up(message: Message) -> None:
    async with mail_server.running() as server:
        server.answers_to_recipients = ["550 5.1.1 no such user"]
        outcome = await deliver(at(server.port), message)
        assert outcome == Outcome(Result.REFUSED, "the recipient was refused: 550 5.1.1 no such user")


async def test_greylisting_is_a_matter_of_time(message: Message) -> None:
    async with mail_server.running() as server:
        server.answers_to_recipients = ["451 4.7.1 come back later"]
        assert (await deliver(at(server.port), message)).result is Result.FAILED
        assert (await deliver(at(server.port), message)).result is Result.SENT
        assert len(server.raw) == 1


async def test_a_refused_mail_is_given_up_and_a_full_disk_is_not(message: Message) -> None:
    async with mail_server.running() as server:
        server.answers_to_data = ["554 5.7.1 looks like spam", "452 4.3.1 no room"]
        assert (await deliver(at(server.port), message)).result is Result.REFUSED
        assert (await deliver(at(server.port), message)).result is Result.FAILED


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT"])
async def test_a_server_that_falls_silent_is_left(message: Message, command: str) -> None:
    async with mail_server.scripted({command: None}) as port:
        outcome = await deliver(replace(at(port), wait=0.05), message)
        assert (outcome.result, "timed out" in outcome.detail) == (Result.FAILED, True)


async def test_a_server_that_trickles_is_left_when_the_whole_takes_too_long(message: Message) -> None:
    async with mail_server.scripted({"MAIL": None}) as port:
        outcome = await deliver(replace(at(port), whole=0.05), message)
        assert outcome == Outcome(Result.FAILED, f"127.0.0.1:{port}: it took longer than 0.05 s")


async def test_a_connection_that_breaks_within_the_mail_is_tried_again(message: Message) -> None:
    async with mail_server.scripted({"DATA": "354 go on"}) as port:
        assert (await deliver(at(port), message)).result is Result.FAILED


async def test_a_server_that_refuses_data_before_the_mail_is_understood(message: Message) -> None:
    async with mail_server.scripted({"DATA": "554 5.5.1 no"}) as port:
        assert await deliver(at(port), message) == Outcome(Result.REFUSED, "the mail was refused: 554 5.5.1 no")


async def test_a_refused_sender_may_be_put_right_in_the_settings(message: Message) -> None:
    async with mail_server.scripted({"MAIL": "550 not from you"}) as port:
        outcome = await deliver(at(port), message)
        assert outcome == Outcome(Result.FAILED, f"the sender {SENDER} was refused: 550 not from you")


async def test_nobody_there_is_a_failure_with_the_place(message: Message) -> None:
    async with mail_server.running() as server:
        port = server.port
    outcome = await deliver(at(port), message)
    assert outcome.result is Result.FAILED
    assert outcome.detail.startswith(f"127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://mail.example.org", "begins with 'http'"),
        ("smtp://", "it must be like"),
        ("smtp://argus:secret@mail.example.org:587", "unencrypted"),
        ("smtps://mail.example.org?starttls=1", "not by both"),
        ("smtp://mail.example.org?tls=1", "one option"),
        ("smtp://mail.example.org?starttls=perhaps", "one option"),
        ("smtp://argus:sec/ret@mail.example.org:587", "%2F"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_its_password(url: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word) as refusal:
        server_of(url)
    assert "sec" not in str(refusal.value)


def test_the_parts_of_an_address_are_taken_apart() -> None:
    server = server_of("smtps://me%40example.org:p%3Aq@mail.example.org")
    assert (server.user, server.password, server.port, server.tls) == ("me@example.org", "p:q", 465, True)
    assert server_of("smtp://mail.example.org").port == 25

"""Other services by apprise: against a local endpoint that takes its JSON."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from hook_receiver import Receiver

from argus.errors import ConfigError
from argus.server.notify.message import Message
from argus.server.notify.outcome import Result
from argus.server.notify.services import Services

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own imports


@pytest.fixture
def by_apprise() -> Services:
    return Services()


def address(receiver: Receiver) -> str:
    return receiver.url.replace("http://", "json://user:hunter22@")


async def test_a_message_arrives(by_apprise: Services, receiver: Receiver, message: Message) -> None:
    await by_apprise.check(address(receiver))
    assert (await by_apprise.send(address(receiver), message)).result is Result.SENT
    told = json.loads(receiver.came[0][1])
    assert told["title"] == "Firing: CPU too high on shop (93.2 > 80)"
    assert told["type"] == "failure"
    assert told["message"].startswith("cpu_percent is 93.2; the threshold is 80\n\nValue: 93.2 (threshold 80)\n")


async def test_a_refusal_is_told_with_its_reason_and_without_the_token(
    by_apprise: Services, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 500, "text": "no, hunter22"}
    outcome = await by_apprise.send(address(receiver), message)
    assert outcome.result is Result.FAILED
    assert "500" in outcome.detail
    assert "hunter22" not in outcome.detail


async def test_two_messages_at_once_do_not_hear_each_other_s_reasons(
    by_apprise: Services, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 500}
    alone = await by_apprise.send(address(receiver), message)
    both = await asyncio.gather(*(by_apprise.send(address(receiver), message) for _ in range(2)))
    assert list(both) == [alone, alone]


async def test_an_unknown_service_is_refused_without_showing_its_address(by_apprise: Services) -> None:
    with pytest.raises(ConfigError, match="knows no such address") as refusal:
        await by_apprise.check("nonesuch://hunter22")
    assert "hunter22" not in str(refusal.value)


async def test_without_the_library_it_is_said_what_to_install(
    by_apprise: Services, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'argus-monitor\[notify\]'"):
        await by_apprise.check("slack://a/b/c")
    assert (await by_apprise.send("slack://a/b/c", message)).result is Result.FAILED


INSIDE = (
    "json://169.254.169.254/latest",
    "json://[fe80::1]/",
    "json://[::ffff:169.254.1.1]/",
    "json://[fd00:ec2::254]",
)


@pytest.mark.parametrize("url", INSIDE)
async def test_an_address_where_clouds_hand_out_credentials_is_refused(by_apprise: Services, url: str) -> None:
    with pytest.raises(ConfigError, match="link-local"):
        await by_apprise.check(url)


async def test_a_name_that_leads_there_is_not_asked(
    by_apprise: Services, receiver: Receiver, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    leads_to = {"inside.test": "127.0.0.1", "cloud.test": "169.254.169.254"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **how: real(leads_to[host], *more, **how))
    inside = address(receiver).replace("127.0.0.1", "inside.test")
    assert (await by_apprise.send(inside, message)).result is Result.SENT
    outcome = await by_apprise.send(inside.replace("inside.test", "cloud.test"), message)
    assert outcome.result is Result.FAILED
    assert outcome.detail.startswith("169.254.169.254 leads to a link-local address")


async def test_a_redirection_is_not_followed(by_apprise: Services, receiver: Receiver, message: Message) -> None:
    receiver.answer = {"status": 307, "headers": {"Location": receiver.url}}
    assert (await by_apprise.send(address(receiver), message)).result is Result.FAILED
    assert len(receiver.came) == 1


async def test_even_a_redirection_that_is_wanted_does_not_lead_there(
    by_apprise: Services, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 307, "headers": {"Location": "http://169.254.169.254/latest"}}
    outcome = await by_apprise.send(f"{address(receiver)}&redirect=yes", message)
    assert outcome.result is Result.FAILED
    assert "link-local" in outcome.detail
